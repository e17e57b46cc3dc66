"""What a name and a country must look like."""

import re
import unicodedata
from functools import cache

from babel import Locale

from souk.texts import has_letter, shown_line

NAME_LENGTH_MIN = 1
NAME_LENGTH_MAX = 60

_NOT_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}

RESERVED = (
    "souk", "support", "admin", "administrator", "moderator", "helpdesk", "help", "service", "customer", "security",
    "official", "operator", "system", "root", "postmaster", "webmaster", "payments", "payment", "billing", "escrow",
    "noreply", "info", "marketplace",
)  # fmt: skip
"""Words that the shop itself is known by."""

_BESIDE = (
    "team",
    "staff",
    "care",
    "desk",
    "account",
    "accounts",
    "department",
    "the",
    "of",
    "for",
    "by",
    "your",
    "our",
)
"""Words that make no name of a reserved one: Souk Support Team."""

_ANY = "|".join((*RESERVED, *_BESIDE))
_OURS = re.compile(rf"(?:{_ANY})*(?:{'|'.join(RESERVED)})(?:{_ANY})*")

_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0501\u0442\u043c\u043d\u0432\u043a"
    "\u03ba\u03bf\u03b1\u03c1\u03c5\u03b9\u03bd013457$@!|",
    "aeopcyxisdtmhbkkoapuivoieastsail",
)
"""Letters of other alphabets, digits and signs that look like a letter of ours."""


def clean_name(text: str) -> str | None:
    """The name with single spaces, or None if it has no letter, is too long, or has characters that do not show.

    One letter is enough where letters have no case, as in 李.
    """
    name = shown_line(text)
    if name is None or not has_letter(name) or len(name) > NAME_LENGTH_MAX:
        return None
    return name if len(name) > 1 or unicodedata.category(name) == "Lo" else None


def is_reserved(name: str) -> bool:
    """Whether others might take who is called so for the shop itself."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKS)
    return bool(_OURS.fullmatch("".join(char for char in plain if char.isalnum())))


@cache
def countries(locale: str = "en") -> dict[str, str]:
    """Every ISO 3166-1 alpha-2 code with its name in a language, sorted by name; for forms and for checking."""
    names = Locale.parse(locale).territories
    known = {code: name for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)}
    return dict(sorted((item for item in known.items() if item[0] not in _NOT_COUNTRIES), key=lambda item: item[1]))


def initials(name: str) -> str:
    """Two letters for the round sign beside a name."""
    return "".join(word[0] for word in name.split()[:2]).upper()
