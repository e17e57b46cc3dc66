"""Sentences for what the entrypoint itself refuses."""

from entrypoint.refusals.sentences import Phrased, Sentence
from entrypoint.web.marking import N_, NN_

_HELD = {
    "address": N_("your address"),
    "shop": N_("the shop's name"),
    "year": N_("a year"),
    "common": N_("a common password"),
}

SENTENCES: dict[str, Sentence] = {
    "told": N_("{told}"),
    # accounts
    "unknown-account": N_("There is no such account."),
    "unknown-user": N_("There is no such user."),
    "nobody-so-called": N_("Nobody has an account with the address or id {words}."),
    "not-an-address": N_("This is not an email address."),
    "address-taken": N_("There is an account with this address. Log in instead."),
    "new-address-unusable": N_("This is not an email address. Nothing was changed."),
    "address-already": N_("This is your address already. Nothing was changed."),
    "address-of-another": N_("There is another account with this address. Nothing was changed."),
    "address-not-asked-for": N_("The account has another address now, or has proved this one. Nothing was changed."),
    "change-taken-back": N_("The change was taken back already. Nothing was changed."),
    "unusable-name": N_("Use up to {most} visible characters, with two letters at least."),
    "reserved-name": N_("This name is the shop's own. Choose another one."),
    "country-from-list": N_("Choose a country from the list."),
    "unusable-character": N_("This has a character that cannot be used."),
    "registration-closed": N_("The operator of this market opens accounts by hand. Nothing was registered."),
    # passwords and logins
    "password-too-short": NN_(
        "Use at least {least} character. A few unrelated words work well.",
        "Use at least {least} characters. A few unrelated words work well.",
        by="least",
    ),
    "password-too-long": N_("Use at most {most} characters."),
    "password-holds": Phrased(
        {"holds": _HELD},
        N_("It contains {holds}, which is the first thing others try. A few unrelated words make a good one."),
    ),
    "password-weak": N_("This password is easy to guess. A few unrelated words make a good one."),
    "password-already": N_("This is your password already."),
    "not-your-password": N_("This is not your password now. Nothing was changed."),
    "password-changed-elsewhere": N_("Your password was changed elsewhere just now. Nothing was changed."),
    "wrong-credentials": N_("No account has this email address with this password. Check both and try again."),
    "many-logins": N_("Many people are logging in just now. Nothing was changed; try again in a moment."),
    "many-wrong-passwords": N_("There were many wrong passwords. Wait a little and try again."),
    "too-many-tries-in-a-time": N_("This was tried too often in a short time. Wait a little and try again."),
    "session-over": N_("This session has ended."),
    "session-not-yours": N_("You have no such session."),
    "log-in-to-see": N_("Log in to see this."),
    "log-in-to-watch": N_("Log in to watch it."),
    # suspensions
    "suspended": N_("Operators suspended this account: {reason}"),
    "not-suspended": N_("Your account is not suspended any more. Log in."),
    "suspension-appeal-needed": N_("Say what is wrong with it, in at most {most} characters."),
    "appealed-already": N_("The operators have your words and will look at them. Nothing was added."),
    "say-why-suspended": N_("Say why, in 1 to {most} characters. Nothing was changed."),
    # links and mail
    "link-not-good": N_("It was used already, is too old, or is not complete. Ask for a new one; nothing was changed."),
    "link-not-complete": N_("The link is not complete. Open it as it stands in the mail; nothing was changed."),
    "mail-switched-off": N_("This shop sends no mail, so there is nothing to set. Nothing was changed."),
    # forms and pages
    "no-such-page": N_("The address may be mistyped, or what was here is gone."),
    "form-of-another-site": N_("The request came from another site. Nothing was changed."),
    "form-too-old": N_("The page had been open for too long. Nothing was changed; go back, reload it and try again."),
    "form-unreadable": N_("It cannot be read. Nothing was changed."),
    "form-tampered-with": N_("The form was tampered with. Open it anew."),
    "draft-too-long": N_("It is too long to be kept. Shorten it."),
    "too-many-tries": N_("This form was sent too often. Nothing was charged; open your cart and check out again."),
    "not-open-yet": N_("The demo's past is still being told. Nothing was changed; try again in half a minute."),
    "no-live-updates": N_("Live updates are not available just now. Reload the page to see what is new."),
    "too-many-streams": N_("Close some of the shop's pages to see updates here."),
    "document-not-yours": N_("There is no such document among yours."),
    # operators' pages
    "own-admin-role": N_("Another admin has to take this role from you. Nothing was changed."),
    "own-suspension": N_("Another admin has to do that to you. Nothing was changed."),
    "unknown-service": N_("There is no such service."),
    # the public API
    "nothing-here": N_("There is nothing at this address."),
    "too-large": N_("At most {most} KB can be sent here. Nothing was changed."),
    "many-uploads": N_("Many pictures are being uploaded just now. Nothing was changed; try again in a moment."),
    "not-utf-8": N_("This is not valid UTF-8."),
    "service-not-described": N_("The {service} does not describe itself just now. Try again in a moment."),
    "description-unreadable": N_("The {service}'s description cannot be read."),
    "token-needed": N_("Send the header `Authorization: Bearer <token>` with a token of POST /api/v1/tokens."),
    "token-over": N_("This token is not valid (any more). Get a new one with POST /api/v1/tokens."),
    "token-not-yours": N_("You have no such token."),
    "token-name-too-long": N_("Use at most {most} characters."),
    "too-many-tokens": NN_(
        "You have {most} token. Revoke one that you do not need first.",
        "You have {most} tokens. Revoke one that you do not need first.",
        by="most",
    ),
}
