"""Which language somebody reads, for what is written once and kept: documents."""

import re
from collections.abc import Iterator

from babel import Locale, UnknownLocaleError

DOCUMENT_LANGUAGES = ("en", "de", "fr", "es", "pl")
"""The languages that documents are written in (ISO 639-1)."""

UNKNOWN = "en-GB"
"""How documents are written for whoever reads none of them, or never said."""

TAGS_MAX = 10
"""Languages of a header that are looked at."""

_TAG = re.compile(r"([a-z]{2})(?:-[a-z]{4})?(?:-([a-z]{2}))?(?:-.*)?", re.IGNORECASE)


def document_language(accept_language: str) -> str:
    """The language of documents for who sends this header (RFC 9110, section 12.5.4), with the region whose dates and numbers
    they are used to: `de-AT` (BCP 47). Empty if they read none of DOCUMENT_LANGUAGES.
    """
    for language, region in _wanted(accept_language):
        if language in DOCUMENT_LANGUAGES:
            # Browsers often name the language alone first, and with its region after it.
            regions = (also for known, also in _wanted(accept_language) if known == language and also)
            return f"{language}-{found}" if (found := region or next(regions, "")) else _plain(language)
    return ""


def _plain(language: str) -> str:
    """Without a region English is written as in Europe: a month by its name after the day cannot be misread."""
    return UNKNOWN if language == "en" else language


def _wanted(header: str) -> Iterator[tuple[str, str]]:
    """Language and region, the most wanted one first; a region that CLDR does not know with the language is left out."""
    ranked = []
    for place, item in enumerate(header.split(",")[:TAGS_MAX]):
        tag, _, quality = item.partition(";")
        found = _TAG.fullmatch(tag.strip())
        weight = _weight(quality)
        if found is not None and weight > 0:
            language, region = found[1].lower(), (found[2] or "").upper()
            ranked.append((-weight, place, language, region if _exists(language, region) else ""))
    for _, _, language, region in sorted(ranked):
        yield language, region


def _weight(quality: str) -> float:
    try:
        return float(quality.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def _exists(language: str, region: str) -> bool:
    try:
        Locale(language, region or None)
    except UnknownLocaleError:
        return False
    return True
