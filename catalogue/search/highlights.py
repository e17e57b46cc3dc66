"""What of a listing's words a search found, as places in its texts; whoever shows them escapes and marks them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ARRAY, TEXT, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from catalogue.listings.tables import ListingRow
from catalogue.search.query import Stems
from catalogue.search.relaxation import Loosened
from catalogue.search.relaxed_query import Part, any_word
from catalogue.search.terms import COLUMNS
from souk.contracts.catalogue.listings import ListingCard
from souk.database import AnySession

DESCRIPTION_CHARS_MAX = 1000
"""How much of a description is looked through."""

EXCERPT_CHARS = 150
BEFORE_CHARS = 40
"""What an excerpt shows before the first word found."""

_WORD = re.compile(r"\w+")

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
    query = select(ListingRow.id, ListingRow.language, func.left(ListingRow.description, DESCRIPTION_CHARS_MAX))
    rows = await session.execute(query.where(ListingRow.id.in_([card.id for card in cards])))
    texts = {row[0]: (row[1], row[2]) for row in rows}
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
    """Which of these texts' words the search is about."""
    tokens = sorted({(language, word.lower()) for language, text in texts for word in _WORD.findall(text)})
    if not tokens or sought.any_word is None:
        return set()
    lists = (literal([token[place] for token in tokens], ARRAY(TEXT)) for place in (0, 1))
    table = func.unnest(*lists).table_valued(column("language", TEXT), column("word", TEXT), name="token")
    said = table.render_derived()
    vector = func.to_tsvector(func.search_config(said.c.language), func.fold_text(said.c.word))
    if sought.formed:
        vector = func.listing_forms(said.c.word, literal({}, JSONB), said.c.language)
    query = select(said.c.language, said.c.word)
    query = query.where(vector.bool_op("@@")(cast(literal(sought.any_word, TEXT), TSQUERY)))
    return {(row[0], row[1]) for row in await session.execute(query)}


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
