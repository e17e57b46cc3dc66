"""What of a listing's words a search found, as places in its texts; whoever shows them escapes and marks them."""

import re
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ARRAY, TEXT, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from catalogue.finding.words import Stems
from catalogue.listings.tables import ListingRow
from souk.contracts.catalogue import ListingCard

DESCRIPTION_CHARS_MAX = 1000
"""How much of a description is looked through."""

EXCERPT_CHARS = 150
BEFORE_CHARS = 40
"""What an excerpt shows before the first word found."""

_WORD = re.compile(r"\w+")

Tokens = set[tuple[str, str]]
"""Words with the language they are in."""


async def mark(session: AsyncSession, cards: Sequence[ListingCard], stems: Stems) -> list[ListingCard]:
    """The cards with what was found in their titles; where that is nothing, with an excerpt of the description."""
    query = select(ListingRow.id, ListingRow.language, func.left(ListingRow.description, DESCRIPTION_CHARS_MAX))
    rows = await session.execute(query.where(ListingRow.id.in_([card.id for card in cards])))
    texts = {row[0]: (row[1], row[2]) for row in rows}
    found = await _found(session, ((texts[card.id][0], card.title) for card in cards), stems)
    marked = [_titled(card, texts[card.id][0], found) for card in cards]
    rest = [texts[card.id] for card in marked if not card.found_in_title]
    found = await _found(session, rest, stems) if rest else set()
    return [card if card.found_in_title else _excerpted(card, *texts[card.id], found) for card in marked]


async def _found(session: AsyncSession, texts: Iterable[tuple[str, str]], stems: Stems) -> Tokens:
    """Which of these texts' words the search is about."""
    tokens = sorted({(language, word.lower()) for language, text in texts for word in _WORD.findall(text)})
    if not tokens or stems.wanted is None:
        return set()
    any_word = re.sub(r"&|<->|<\d+>", "|", stems.wanted)
    lists = (literal([token[place] for token in tokens], ARRAY(TEXT)) for place in (0, 1))
    table = func.unnest(*lists).table_valued(column("language", TEXT), column("word", TEXT), name="token")
    said = table.render_derived()
    vector = func.to_tsvector(func.search_config(said.c.language), func.fold_text(said.c.word))
    query = select(said.c.language, said.c.word).where(vector.bool_op("@@")(cast(literal(any_word, TEXT), TSQUERY)))
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
