"""What people may type on one line."""

from souk.errors import InvalidInput


def line_of_text(field: str, text: str, *, required: bool = False) -> str:
    """One line, without blanks around it; raises InvalidInput for control characters, or if it is needed and empty."""
    clean = text.strip()
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in clean):
        raise InvalidInput(field, "may not contain line breaks or other control characters")
    if required and not clean:
        raise InvalidInput(field, "is needed")
    return clean
