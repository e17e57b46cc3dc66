"""What several use cases of accounts refuse alike."""

from souk.errors import InvalidInput


def refuse(*checks: tuple[str, str]) -> None:
    """Raise one InvalidInput with every message that is not empty."""
    wrong = [(field, message) for field, message in checks if message]
    if wrong:
        error = InvalidInput(*wrong[0])
        error.fields["errors"] = [{"field": field, "message": message} for field, message in wrong]
        raise error
