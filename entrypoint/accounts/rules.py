"""What several use cases of accounts refuse alike."""

from entrypoint.accounts.passwords import Passwords
from souk.errors import InvalidInput


def refuse(*checks: tuple[str, str]) -> None:
    """Raise one InvalidInput with every message that is not empty."""
    wrong = [(field, message) for field, message in checks if message]
    if wrong:
        error = InvalidInput(*wrong[0])
        error.fields["errors"] = [{"field": field, "message": message} for field, message in wrong]
        raise error


async def weakness_of(passwords: Passwords, password: str, email: str, display_name: str) -> str:
    """Why a password cannot be used for this account, or nothing."""
    local, _, domain = email.partition("@")
    return await passwords.weakness(password, ["souk", local, domain, email, *display_name.split()])
