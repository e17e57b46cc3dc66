"""What marks a text that Python holds for translation. Nothing is translated here: a reader's `gettext` does that."""

from typing import NamedTuple


class Plural(NamedTuple):
    """A text in two forms, of which a number in it decides."""

    one: str
    many: str
    by: str
    """The number's name in the text."""


def N_(message: str) -> str:  # noqa: N802 - the name that message extraction knows
    """Marks a text."""
    return message


def NN_(one: str, many: str, by: str) -> Plural:  # noqa: N802 - N_ for two forms
    """Marks a text in two forms."""
    return Plural(one, many, by)
