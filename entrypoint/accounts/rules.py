"""What several use cases of accounts refuse alike."""

from souk.errors import InvalidInput


def refuse(*found: InvalidInput | None) -> None:
    """Raise the first that was found, with what is wrong with the other fields besides."""
    wrong = [one for one in found if one is not None]
    if wrong:
        wrong[0].fields["errors"] = [error for one in wrong for error in one.fields["errors"]]
        raise wrong[0]
