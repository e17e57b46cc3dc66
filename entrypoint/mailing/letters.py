"""Mails about one's own account: what each says, and where its link leads."""

from dataclasses import dataclass

from entrypoint.web.marking import N_


@dataclass(frozen=True)
class Letter:
    """A mail of one paragraph, one link and a line in small. `{address}` is the account's, `{recipient}` where it goes."""

    subject: str
    text: str
    action: str
    """What the link is called."""
    path: str
    small: str


_NOT_YOU = N_(
    "If this was not you, choose a new password with “I forgot my password” on the login page: everybody is logged out"
    " then, and API tokens end."
)

LETTERS = {
    "confirmation": Letter(
        N_("Confirm your address"),
        N_(
            "Confirm that this address is yours, and the shop sends you news of your orders, of what you watch and of your"
            " saved searches. You choose which on your account's page."
        ),
        N_("Confirm this address"),
        "/mail/confirmation",
        N_("The link is good for three days. If you have no account here, do nothing: nothing more is sent to you."),
    ),
    "password": Letter(
        N_("Choose a new password"),
        N_(
            "Somebody, hopefully you, forgot the password of the account with this address. Open the page, choose a new one, and"
            " log in with it. Whoever is logged in now is not any more then, and API tokens end."
        ),
        N_("Choose a new password"),
        "/password/new",
        N_("The link is good for 30 minutes, and once. If you did not ask for it, do nothing: your password stays."),
    ),
    "new_address": Letter(
        N_("Is this your new address?"),
        N_("The account with the address {address} is to have this one, {recipient}, from now on. Is it yours?"),
        N_("Yes, use this address"),
        "/mail/confirmation",
        N_("The link is good for three days. If you have no account here, do nothing: then nothing changes."),
    ),
    "address_changed": Letter(
        N_("Your account has another address now"),
        N_(
            "Your account has the address {address} from now on, and no longer {recipient}. If this was you, there is nothing"
            " to do."
        ),
        N_("This was not me: take it back"),
        "/mail/undo",
        N_("The link is good for seven days. It logs everybody out, and lets you choose a new password."),
    ),
    "address_taken": Letter(
        N_("This is your account's address now"),
        N_("From now on you log in with {address}, and mail comes here."),
        N_("Your account"),
        "/account",
        N_("The address before was told too, and can take this back for seven days."),
    ),
    "address_undone": Letter(
        N_("Your account has its old address back"),
        N_("Whoever reads mail at the account's old address took the change to {recipient} back."),
        N_("The shop"),
        "/",
        N_("Nothing more about that account is sent to this address."),
    ),
    "suspended": Letter(
        N_("Your account is suspended"),
        N_(
            "The operators of this shop suspended your account: {reason} You cannot log in, and nothing of yours is on sale."
            " Orders that are under way go on to their end."
        ),
        N_("Log in to appeal"),
        "/login",
        N_("Log in as usual, and you can say what is wrong with it. It is read by the operators."),
    ),
    "restored": Letter(
        N_("Your account is open again"),
        N_("The operators of this shop took the suspension of your account back: {reason} Everything is as it was."),
        N_("Log in"),
        "/login",
        N_("What you had on sale is on sale again."),
    ),
    "claim": Letter(
        N_("Is this address yours alone?"),
        N_(
            "Somebody opened an account with this address, {recipient}, and never proved that it is theirs. If it is yours,"
            " take it: that account has no address then, and you can open your own."
        ),
        N_("It is mine: take it"),
        "/mail/claim",
        N_("The link is good for a day. If the account is yours, or you did not ask for this, do nothing."),
    ),
    "money": Letter(
        N_("{name} sent you {amount}"),
        N_(
            "{name} sent {amount} of this shop's virtual money to {recipient}. It waits for you: open an account with this"
            " address, or log in, and open the link that proves that it is yours."
        ),
        N_("Get it"),
        "/account",
        N_("It waits until {until}. Then it goes back. If you do nothing, nothing happens."),
    ),
    "device": Letter(
        N_("A login from a new browser"),
        N_(
            "Somebody logged in to your account {address} with a browser that it did not know: {browser}, from {place}."
        ),
        N_("See where you are logged in"),
        "/account#sessions",
        _NOT_YOU,
    ),
    "guessing": Letter(
        N_("Somebody tries passwords for your account"),
        N_(
            "Many wrong passwords were tried for your account {address}. None was right. From now on each further try has to"
            " wait, other than from browsers that you logged in with before."
        ),
        N_("Your account"),
        "/account",
        N_(
            "If it was you, “I forgot my password” on the login page lets you back in. Otherwise there is nothing to do."
        ),
    ),
    "token_made": Letter(
        N_("A new API token"),
        N_(
            "An API token was made for your account {address}: “{name}”. Whoever has it can do in your name what you can do."
        ),
        N_("See your API tokens"),
        "/account#tokens",
        _NOT_YOU,
    ),
    "token_revoked": Letter(
        N_("An API token ended"),
        N_("The API token “{name}” of your account {address} was revoked. Programs that use it stop working."),
        N_("See your API tokens"),
        "/account#tokens",
        _NOT_YOU,
    ),
    "logged_out": Letter(
        N_("You were logged out elsewhere"),
        N_("Your account {address} was logged out everywhere but where that was asked for, and its API tokens ended."),
        N_("See where you are logged in"),
        "/account#sessions",
        _NOT_YOU,
    ),
    "password_changed": Letter(
        N_("Your password was changed"),
        N_(
            "The password of your account {address} was changed just now. You are logged out everywhere else, and your API"
            " tokens ended."
        ),
        N_("Your account"),
        "/account",
        _NOT_YOU,
    ),
}
"""By a mail's kind, and of what is only told (`told`) by what it is about."""
