"""Mails about one's own account: what each says, and where its link leads."""

from dataclasses import dataclass


def _(message: str) -> str:
    """Marks a text for translation."""
    return message


@dataclass(frozen=True)
class Letter:
    """A mail of one paragraph, one link and a line in small. `{address}` is the account's, `{recipient}` where it goes."""

    subject: str
    text: str
    action: str
    """What the link is called."""
    path: str
    small: str


_NOT_YOU = _(
    "If this was not you, choose a new password with “I forgot my password” on the login page: everybody is logged out"
    " then, and API tokens end."
)

LETTERS = {
    "confirmation": Letter(
        _("Confirm your address"),
        _(
            "Confirm that this address is yours, and the shop sends you news of your orders, of what you watch and of your"
            " saved searches. You choose which on your account's page."
        ),
        _("Confirm this address"),
        "/mail/confirmation",
        _("The link is good for three days. If you have no account here, do nothing: nothing more is sent to you."),
    ),
    "password": Letter(
        _("Choose a new password"),
        _(
            "Somebody, hopefully you, forgot the password of the account with this address. Open the page, choose a new one, and"
            " log in with it. Whoever is logged in now is not any more then, and API tokens end."
        ),
        _("Choose a new password"),
        "/password/new",
        _("The link is good for 30 minutes, and once. If you did not ask for it, do nothing: your password stays."),
    ),
    "new_address": Letter(
        _("Is this your new address?"),
        _("The account with the address {address} is to have this one, {recipient}, from now on. Is it yours?"),
        _("Yes, use this address"),
        "/mail/confirmation",
        _("The link is good for three days. If you have no account here, do nothing: then nothing changes."),
    ),
    "address_changed": Letter(
        _("Your account has another address now"),
        _(
            "Your account has the address {address} from now on, and no longer {recipient}. If this was you, there is nothing"
            " to do."
        ),
        _("This was not me: take it back"),
        "/mail/undo",
        _("The link is good for seven days. It logs everybody out, and lets you choose a new password."),
    ),
    "address_taken": Letter(
        _("This is your account's address now"),
        _("From now on you log in with {address}, and mail comes here."),
        _("Your account"),
        "/account",
        _("The address before was told too, and can take this back for seven days."),
    ),
    "address_undone": Letter(
        _("Your account has its old address back"),
        _("Whoever reads mail at the account's old address took the change to {recipient} back."),
        _("The shop"),
        "/",
        _("Nothing more about that account is sent to this address."),
    ),
    "suspended": Letter(
        _("Your account is suspended"),
        _(
            "The operators of this shop suspended your account: {reason} You cannot log in, and nothing of yours is on sale."
            " Orders that are under way go on to their end."
        ),
        _("Log in to appeal"),
        "/login",
        _("Log in as usual, and you can say what is wrong with it. It is read by the operators."),
    ),
    "restored": Letter(
        _("Your account is open again"),
        _("The operators of this shop took the suspension of your account back: {reason} Everything is as it was."),
        _("Log in"),
        "/login",
        _("What you had on sale is on sale again."),
    ),
    "claim": Letter(
        _("Is this address yours alone?"),
        _(
            "Somebody opened an account with this address, {recipient}, and never proved that it is theirs. If it is yours,"
            " take it: that account has no address then, and you can open your own."
        ),
        _("It is mine: take it"),
        "/mail/claim",
        _("The link is good for a day. If the account is yours, or you did not ask for this, do nothing."),
    ),
    "money": Letter(
        _("{name} sent you {amount}"),
        _(
            "{name} sent {amount} of this shop's virtual money to {recipient}. It waits for you: open an account with this"
            " address, or log in, and open the link that proves that it is yours."
        ),
        _("Get it"),
        "/account",
        _("It waits until {until}. Then it goes back. If you do nothing, nothing happens."),
    ),
    "device": Letter(
        _("A login from a new browser"),
        _("Somebody logged in to your account {address} with a browser that it did not know: {browser}, from {place}."),
        _("See where you are logged in"),
        "/account#sessions",
        _NOT_YOU,
    ),
    "guessing": Letter(
        _("Somebody tries passwords for your account"),
        _(
            "Many wrong passwords were tried for your account {address}. None was right. From now on each further try has to"
            " wait, other than from browsers that you logged in with before."
        ),
        _("Your account"),
        "/account",
        _(
            "If it was you, “I forgot my password” on the login page lets you back in. Otherwise there is nothing to do."
        ),
    ),
    "token_made": Letter(
        _("A new API token"),
        _(
            "An API token was made for your account {address}: “{name}”. Whoever has it can do in your name what you can do."
        ),
        _("See your API tokens"),
        "/account#tokens",
        _NOT_YOU,
    ),
    "token_revoked": Letter(
        _("An API token ended"),
        _("The API token “{name}” of your account {address} was revoked. Programs that use it stop working."),
        _("See your API tokens"),
        "/account#tokens",
        _NOT_YOU,
    ),
    "logged_out": Letter(
        _("You were logged out elsewhere"),
        _("Your account {address} was logged out everywhere but where that was asked for, and its API tokens ended."),
        _("See where you are logged in"),
        "/account#sessions",
        _NOT_YOU,
    ),
    "password_changed": Letter(
        _("Your password was changed"),
        _(
            "The password of your account {address} was changed just now. You are logged out everywhere else, and your API"
            " tokens ended."
        ),
        _("Your account"),
        "/account",
        _NOT_YOU,
    ),
}
"""By a mail's kind, and of what is only told (`told`) by what it is about."""
