"""What an address, a name and a country must look like."""

import re
import unicodedata
from functools import cache

from babel import Locale

EMAIL_LENGTH_MAX = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""

NAME_LENGTH_MIN = 2
NAME_LENGTH_MAX = 60

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f]{1,64}@[^\s@.<>()\[\],;:\\\"]+(\.[^\s@.<>()\[\],;:\\\"]+)+")
_NOT_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}


def clean_email(text: str) -> str | None:
    """The address without space around it, or None if it cannot be one. Only mail itself could prove it."""
    email = unicodedata.normalize("NFC", text.strip())
    fits = len(email) <= EMAIL_LENGTH_MAX and email.isprintable()
    return email if fits and _EMAIL.fullmatch(email) else None


def email_key(email: str) -> str:
    """What two spellings of one address have in common."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def clean_name(text: str) -> str | None:
    """The name with single spaces, or None if it is too short, too long, or has characters that do not show."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    hidden = any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs") for char in name)
    return None if hidden or not NAME_LENGTH_MIN <= len(name) <= NAME_LENGTH_MAX else name


@cache
def countries(locale: str = "en") -> dict[str, str]:
    """Every ISO 3166-1 alpha-2 code with its name in a language, sorted by name; for forms and for checking."""
    names = Locale.parse(locale).territories
    known = {code: name for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)}
    return dict(sorted((item for item in known.items() if item[0] not in _NOT_COUNTRIES), key=lambda item: item[1]))
