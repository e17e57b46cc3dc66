"""The words that listings are made of: to complete what is typed, and to guess what was meant.

They are looked up where they were counted. Nothing of them is kept in memory: rebuilding tens of thousands of words there
made everybody's search wait, and each instance knew others.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import ARRAY, TEXT, Select, column, func, literal, select

from catalogue.categories.categories import CategoryTree
from catalogue.listings.tables import ListingRow
from catalogue.search.conditions import narrowed
from catalogue.search.filters import Filters
from catalogue.search.planner import count, plan
from catalogue.search.query import Words, folded, spoken
from catalogue.search.relaxed_query import all_of, read_parts, read_unwanted
from catalogue.vocabulary.tables import SearchVocabularyRow, SearchWordRow
from souk.contracts.catalogue.search import Suggestion
from souk.database import AnySession

SUGGESTIONS_MAX = 8
CATEGORIES_MAX = 2
SELLERS_MAX = 2
"""Of the suggestions, so many at the most are categories and sellers."""

SURE_USES = 20
"""A word that was used so often a moment ago leads somewhere."""

NEW_TITLES_MAX = 500
"""Titles looked through for words that are not counted yet."""

TYPO_CHARS_MIN = 4
"""Shorter words are too much like many others to guess."""

CORRECTED_MAX = 4
"""Unknown words that are guessed at once; where nothing of what was typed is known, nobody can tell what was meant."""

LIKE_MAX = 50
"""Words that are nearly the same, of which the most used is chosen."""

_BETWEEN = re.compile(r"[\W_]+")
LAST_CHARACTER = "\U0010ffff"


async def suggest(session: AnySession, typed: str, tree: CategoryTree) -> list[Suggestion]:
    """How what is typed may go on, if that leads anywhere: words first, then categories and sellers."""
    prefix = folded(typed).lstrip()
    if not prefix:
        return []
    words = await _beginning(session, prefix, "words", SUGGESTIONS_MAX)
    before, _, last = prefix.rpartition(" ")
    if not words and before and last:
        alone = await _beginning(session, last, "words", SUGGESTIONS_MAX)
        said = set(before.split())
        words = [_Word("", f"{before} {word.shown}", 0) for word in alone if not said & set(word.shown.split())]
    words = await _leading_somewhere(session, words, tree)
    named = (one for one in tree.all() if _begins(folded(one.name), prefix) and one.listings)
    categories = nlargest(CATEGORIES_MAX, named, key=lambda one: one.listings)
    sellers = await _selling(session, await _beginning(session, prefix, "seller", SELLERS_MAX))
    words = words[: SUGGESTIONS_MAX - len(categories) - len(sellers)]
    return [
        *(Suggestion(kind="words", text=word.shown) for word in words),
        *(Suggestion(kind="category", text=one.name, value=one.slug) for one in categories),
        *(Suggestion(kind="seller", text=seller.shown, value=seller.value) for seller in sellers),
    ]


class _Word(NamedTuple):
    value: str
    shown: str
    uses: int


async def _beginning(session: AnySession, prefix: str, kind: str, most: int) -> list[_Word]:
    """What begins so, the most used first."""
    row = SearchWordRow
    begins = (row.kind == kind, row.word >= prefix, row.word < prefix + LAST_CHARACTER)
    query = select(row.value, row.shown, row.uses).where(*begins).order_by(row.uses.desc(), row.word).limit(most)
    return [_Word(*found) for found in await session.execute(query)]


async def _leading_somewhere(session: AnySession, words: list[_Word], tree: CategoryTree) -> list[_Word]:
    """Those that something on sale has. What many had when it was counted is not looked up."""
    rare = [word.shown for word in words if word.uses < SURE_USES]
    if not rare:
        return words
    await plan(session, "find")
    typed = func.unnest(literal(rare, ARRAY(TEXT))).table_valued(column("words", TEXT), name="typed").render_derived()
    parts = func.string_to_array(typed.c.words, " ")
    query = func.search_query(parts, literal([], ARRAY(TEXT)), spoken(tree.languages))
    found = select(literal(1)).where(ListingRow.on_sale, ListingRow.words.bool_op("@@")(query))
    there = set(await session.scalars(select(typed.c.words).where(found.correlate(typed).exists())))
    return [word for word in words if word.uses >= SURE_USES or word.shown in there]


async def _selling(session: AnySession, sellers: list[_Word]) -> list[_Word]:
    """Those who have something on sale."""
    if not sellers:
        return []
    on_sale = select(literal(1)).select_from(ListingRow).where(ListingRow.on_sale)
    there = (on_sale.where(ListingRow.seller_id == UUID(seller.value)).exists() for seller in sellers)
    row = (await session.execute(select(*there))).one()
    return [seller for seller, sells in zip(sellers, row, strict=True) if sells]


async def meant(session: AnySession, words: Words, tree: CategoryTree, now: datetime) -> str:
    """The same search without typing errors, if anything on sale has these words; else empty."""
    unknown = await _unknown(session, words)
    nearest = await _nearest(session, unknown) if 0 < len(unknown) <= CORRECTED_MAX else {}
    parts = tuple(" ".join(nearest.get(word, word) for word in part.split()) for part in words.wanted)
    if parts == words.wanted:
        return ""
    better = Words(parts, words.unwanted)
    corrected = await read_parts(session, better, tree.languages)
    loose = all_of(corrected, await read_unwanted(session, better, tree.languages), begun=False)
    if not await count(session, narrowed(Filters(words=better), None, tree, now, loose=loose.check)):
        return ""
    quoted = [f'"{part}"' if " " in part else part for part in parts]
    avoided = [f'-"{part}"' if " " in part else f"-{part}" for part in words.unwanted]
    return " ".join([*quoted, *avoided])


async def _unknown(session: AnySession, words: Words) -> dict[str, str]:
    """Words that nothing on sale has, and that are long enough to guess: as they were typed, and folded."""
    typed = {word: folded(word).strip() for part in words.wanted for word in part.split()}
    known = set(await session.scalars(_single().where(SearchWordRow.word.in_(typed.values()))))
    return {word: plain for word, plain in typed.items() if plain not in known and len(plain) >= TYPO_CHARS_MIN}


async def _nearest(session: AnySession, unknown: Mapping[str, str]) -> dict[str, str]:
    """For each word the one that was probably meant, as people write it, if there is any."""
    lengths = [len(plain) for plain in unknown.values()]
    chars = func.length(SearchWordRow.word)
    near = _single().where(chars.between(min(lengths) - 2, max(lengths) + 2)).subquery()
    # As one text: making tens of thousands of rows takes longer than comparing that many words.
    candidates = (await session.scalar(select(func.string_agg(near.c.word, " "))) or "").split()
    new = await _new_words(session)
    like = {word: _like(plain, [*candidates, *new]) for word, plain in unknown.items()}
    found = {each for distances in like.values() for each in distances}
    row = SearchWordRow
    query = select(row.word, row.shown, row.uses).where(row.kind == "words", row.word.in_(found))
    counted = [_Known(*known) for known in await session.execute(query)]
    rows = [*counted, *(_Known(word, shown, 0) for word, shown in new.items() if word in found)]
    nearest: dict[str, str] = {}
    for word, distances in like.items():
        best = min(
            (each for each in rows if each.word in distances),
            key=lambda each: (distances[each.word], -each.uses),
            default=None,
        )
        if best is not None:
            nearest[word] = best.shown
    return nearest


class _Known(NamedTuple):
    word: str
    shown: str
    uses: int


async def _new_words(session: AnySession) -> dict[str, str]:
    """Words of the newest titles, published since words were counted: as search compares them, and as people write them."""
    row = ListingRow
    counted_at = select(SearchVocabularyRow.built_at).scalar_subquery()
    newest = select(row.title).where(row.on_sale, row.published_at > counted_at).order_by(row.published_at.desc())
    await plan(session, "walk")
    titles = await session.scalars(newest.limit(NEW_TITLES_MAX))
    words = (word.lower() for title in titles for word in _BETWEEN.split(title))
    return {folded(word): word for word in words if len(word) >= TYPO_CHARS_MIN - 1}


def _like(plain: str, candidates: Sequence[str]) -> dict[str, float]:
    """Those that are a typing error or two away, with how many."""
    typos = 1 if len(plain) < 2 * TYPO_CHARS_MIN - 2 else 2
    found = process.extract(plain, candidates, scorer=OSA.distance, score_cutoff=typos, limit=LIKE_MAX)
    return {word: distance for word, distance, _ in found}


def _single() -> Select[str]:
    """Words by themselves, not those that follow each other."""
    return select(SearchWordRow.word).where(SearchWordRow.kind == "words", func.strpos(SearchWordRow.word, " ") == 0)


def _begins(name: str, prefix: str) -> bool:
    return f" {name}".find(f" {prefix}") >= 0
