"""Names of countries, languages and months in the reader's language."""

from datetime import datetime

from babel import Locale
from babel.dates import format_skeleton

from entrypoint.web.reader import Reader

_CODES = (
    "ar bg bn ca cs da de el en es et fa fi fr ga he hi hr hu id is it ja ko lt lv mt ms nb nl pl pt ro ru sk sl sq sr sv "
    "sw ta th tr uk ur vi zh"
)
LISTING_LANGUAGES = frozenset(_CODES.split())
"""ISO 639 codes to choose from when somebody sells."""


def country_name(reader: Reader, code: str) -> str:
    """A country's name; empty if it is not known."""
    return str(Locale.parse(reader.formats).territories.get(code, "")) if code else ""


def language_name(reader: Reader, code: str) -> str:
    """A language's name, its code if it has none here."""
    return str(Locale.parse(reader.formats).languages.get(code, code))


def languages(reader: Reader, also: str = "") -> list[dict[str, str]]:
    """The languages to choose from, by name; `also` is one that must be among them."""
    codes = LISTING_LANGUAGES | {also}
    named = [{"value": code, "label": language_name(reader, code)} for code in codes if code]
    return sorted(named, key=lambda item: item["label"].casefold())


def month_text(reader: Reader, moment: datetime) -> str:
    """November 2026; empty for a time that nobody told."""
    if moment.year <= 1970:
        return ""
    return str(format_skeleton("yMMMM", moment, locale=reader.formats))
