"""What of a listing's words a search found, as places in its texts; whoever shows them escapes and marks them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from catalogue.search.query import Stems
from catalogue.search.relaxation import Loosened
from catalogue.search.relaxed_query import Part, any_word
from catalogue.search.terms import COLUMNS
from souk.contracts.catalogue.listings import ListingCard
from souk.database import AnySession, Statement
from souk.recent import Recent

DESCRIPTION_CHARS_MAX = 1000
"""How much of a description is looked through."""

EXCERPT_CHARS = 150
BEFORE_CHARS = 40
"""What an excerpt shows before the first word found."""

_WORD = re.compile(r"\w+")

_TEXTS: Statement[Any] = Statement("""
    SELECT id, language, left(description, :chars) AS description FROM listing WHERE id = ANY(CAST(:ids AS uuid[]))
""")


def _finding(vector: str) -> Statement[Any]:
    """Which of some words the search is about: those whose vector matches."""
    return Statement(f"""
        SELECT language, word FROM unnest(CAST(:languages AS text[]), CAST(:words AS text[])) AS token (language, word)
        WHERE {vector} @@ CAST(:any_word AS tsquery)
    """)  # noqa: S608 - made of constants


_STEMS_FOUND = _finding("to_tsvector(search_config(language), fold_text(word))")
_FORMS_FOUND = _finding("listing_forms(word, '{}'::jsonb, language)")

Tokens = set[tuple[str, str]]
"""Words with the language they are in."""


async def mark(
    session: AnySession, cards: Sequence[ListingCard], stems: Stems, loosened: Loosened | None = None
) -> list[ListingCard]:
    """The cards with what was found in their titles; where that is nothing, with an excerpt of the description. If the search
    was loosened, with the words that they do not have."""
    sought = _Sought.of(stems, loosened)
    if loosened is not None:
        cards = await _missing(session, cards, loosened.parts)
    rows = await _TEXTS.all(session, ids=[card.id for card in cards], chars=DESCRIPTION_CHARS_MAX)
    texts = {row.id: (row.language, row.description) for row in rows}
    found = await _found(session, ((texts[card.id][0], card.title) for card in cards), sought)
    marked = [_titled(card, texts[card.id][0], found) for card in cards]
    rest = [texts[card.id] for card in marked if not card.found_in_title]
    found = await _found(session, rest, sought) if rest else set()
    return [card if card.found_in_title else _excerpted(card, *texts[card.id], found) for card in marked]


@dataclass(frozen=True)
class _Sought:
    """Any of these words (tsquery as text), and in which forms."""

    any_word: str | None
    formed: bool

    @classmethod
    def of(cls, stems: Stems, loosened: Loosened | None) -> "_Sought":
        if loosened is not None:
            return cls(any_word(loosened.parts), formed=True)
        return cls(None if stems.wanted is None else re.sub(r"&|<->|<\d+>", "|", stems.wanted), formed=False)


KNOWN_MAX = 20_000
"""Words of texts, with what was sought, of which it is kept in memory whether they are it: some 300 bytes each."""

_KNOWN = Recent[tuple[_Sought, str, str], bool](KNOWN_MAX)


async def _missing(session: AnySession, cards: Sequence[ListingCard], parts: Sequence[Part]) -> list[ListingCard]:
    query = select(COLUMNS.id, *(part.found(COLUMNS) for part in parts)).where(
        COLUMNS.id.in_([card.id for card in cards])
    )
    found = {row[0]: row[1:] for row in await session.execute(query)}
    return [
        msgspec.structs.replace(
            card, missing=[part.text for part, there in zip(parts, found[card.id], strict=True) if not there]
        )
        for card in cards
    ]


async def _found(session: AnySession, texts: Iterable[tuple[str, str]], sought: _Sought) -> Tokens:
    """Which of these texts' words the search is about. Many searches are the same, and titles have the same words: what is known
    of a word is not asked again."""
    if sought.any_word is None:
        return set()
    tokens = {(language, word.lower()) for language, text in texts for word in _WORD.findall(text)}
    known = {token: is_found for token in tokens if (is_found := _KNOWN.get((sought, *token))) is not None}
    asked = sorted(tokens - known.keys())
    if asked:
        statement = _FORMS_FOUND if sought.formed else _STEMS_FOUND
        languages, words = [language for language, _ in asked], [word for _, word in asked]
        rows = await statement.all(session, languages=languages, words=words, any_word=sought.any_word)
        found = {(row.language, row.word) for row in rows}
        for token in asked:
            _KNOWN.put((sought, *token), token in found)
        known |= dict.fromkeys(found, True)
    return {token for token, is_found in known.items() if is_found}


def _places(text: str, language: str, found: Tokens) -> list[list[int]]:
    words = _WORD.finditer(text)
    return [[word.start(), word.end()] for word in words if (language, word.group().lower()) in found]


def _titled(card: ListingCard, language: str, found: Tokens) -> ListingCard:
    return msgspec.structs.replace(card, found_in_title=_places(card.title, language, found))


def _excerpted(card: ListingCard, language: str, description: str, found: Tokens) -> ListingCard:
    """The surroundings of the first word found, cut between words."""
    flat = " ".join(description.split())
    places = _places(flat, language, found)
    if not places:
        return card
    first = places[0][0]
    start = flat.find(" ", first - BEFORE_CHARS) + 1 if first > BEFORE_CHARS else 0
    start = min(start, first)
    end = len(flat) if len(flat) <= start + EXCERPT_CHARS else max(flat.rfind(" ", start, start + EXCERPT_CHARS), 0)
    end = end if end > first else start + EXCERPT_CHARS
    shown = ("… " if start else "") + flat[start:end] + (" …" if end < len(flat) else "")
    return msgspec.structs.replace(card, excerpt=shown, found_in_excerpt=_places(shown, language, found))
