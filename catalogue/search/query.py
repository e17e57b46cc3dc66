"""What people type into the search box: words, "quoted phrases", and -words that must not be there."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, TEXT, ColumnElement, literal

from catalogue.texts import plain_text
from souk.database import AnySession, Statement
from souk.errors import InvalidInput
from souk.recent import Recent

WORDS_CHARS_MAX = 200
ALWAYS = ("de", "en", "es", "fr", "")
"""Languages that words are always stemmed in: those of the pages, for the first thing may just have been described in one. The
last stands for any other that nothing was described in a moment ago: its words are found as they are written."""

PARTS_MAX = 20
"""Words and phrases that one search takes; what stands behind them is ignored."""

_BETWEEN = re.compile(r"[\W_]+")
_LATIN = dict(zip("øłđðħıŧßæœ", ("o", "l", "d", "d", "h", "i", "t", "ss", "ae", "oe"), strict=True))
_PART = re.compile(r'(?<!\S)(-?)"([^"]*)"?|(-?)(\S+)')


@dataclass(frozen=True)
class Words:
    """A search, read. A part is a word, or a phrase of several."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stems:
    """The same as PostgreSQL compares it (tsquery as text); None finds nothing."""

    all: str | None
    """Everything wanted, nothing unwanted."""
    wanted: str | None
    """Everything wanted."""
    begins: str
    """A title that is what was typed, or begins with it: over `listing_forms`."""


def read_words(text: str) -> Words:
    """Read what was typed; raises InvalidInput if nothing is wanted, or for characters that nobody can type."""
    plain_text("q", text)
    parts = [(minus or dash, phrase or word) for minus, phrase, dash, word in _PART.findall(text)][:PARTS_MAX]
    wanted = tuple(part for sign, part in parts if not sign)
    unwanted = tuple(part for sign, part in parts if sign)
    if unwanted and not wanted:
        raise InvalidInput(
            "q", "Say also what you are looking for: a word without a minus before it.", code="only-excluded"
        )
    return Words(wanted, unwanted)


def spoken(languages: Sequence[str]) -> ColumnElement[Any]:
    """The languages that words are stemmed in, where these are spoken, for PostgreSQL."""
    return literal(_spoken(languages), ARRAY(TEXT))


def _spoken(languages: Sequence[str]) -> list[str]:
    return sorted({*languages, *ALWAYS})


_STEMS: Statement[Any] = Statement("""
    SELECT CAST(search_query(:wanted, :unwanted, :languages) AS text) AS whole,
        CAST(search_query(:wanted, CAST('{}' AS text[]), :languages) AS text) AS wanted, title_start(:title) AS start
""")


STEMMED_MAX = 5000
"""Searches whose stems are kept in memory."""

_STEMMED = Recent[tuple[Words, tuple[str, ...]], Stems](STEMMED_MAX)


async def stems_of(session: AnySession, words: Words, languages: list[str]) -> Stems:
    """The words as they stand in listings of these languages, stemmed once for all that is asked with them."""
    key = words, tuple(_spoken(languages))
    stems = _STEMMED.get(key)
    if stems is None:
        stems = await _stemmed(session, words, list(key[1]))
        _STEMMED.put(key, stems)
    return stems


async def _stemmed(session: AnySession, words: Words, languages: list[str]) -> Stems:
    row = await _STEMS.one(
        session,
        wanted=list(words.wanted),
        unwanted=list(words.unwanted),
        languages=languages,
        title=" ".join(words.wanted),
    )
    assert row is not None
    return Stems(row.whole, row.wanted, f"'{row.start}':*")


def folded(typed: str) -> str:
    """As the database's `fold_text` has it; a blank at the end stays, for there a new word begins."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", typed.lower()) if not "\u0300" <= each <= "\u036f")
    for letter, latin in _LATIN.items():
        plain = plain.replace(letter, latin)
    return _BETWEEN.sub(" ", plain)
