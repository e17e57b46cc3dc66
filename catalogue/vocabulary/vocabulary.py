"""The words that listings are made of: to complete what is typed, and to guess what was meant.

They are looked up where they were counted. Nothing of them is kept in memory: rebuilding tens of thousands of words there
made everybody's search wait, and each instance knew others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalogue.categories.categories import CategoryTree
from catalogue.finding.filters import Filters, narrowed
from catalogue.finding.words import Words, folded, stems_of
from catalogue.listings.asking import count
from catalogue.vocabulary.tables import SearchWordRow
from souk.contracts.catalogue import Suggestion

SUGGESTIONS_MAX = 8
CATEGORIES_MAX = 2
SELLERS_MAX = 2
"""Of the suggestions, so many at the most are categories and sellers."""

TYPO_CHARS_MIN = 4
"""Shorter words are too much like many others to guess."""

CORRECTED_MAX = 4
"""Unknown words that are guessed at once; where nothing of what was typed is known, nobody can tell what was meant."""

LIKE_MAX = 50
"""Words that are nearly the same, of which the most used is chosen."""

LAST_CHARACTER = "\U0010ffff"


async def suggest(session: AsyncSession, typed: str, tree: CategoryTree) -> list[Suggestion]:
    """How what is typed may go on: words first, then categories and sellers."""
    prefix = folded(typed).lstrip()
    if not prefix:
        return []
    words = [shown for _, shown in await _beginning(session, prefix, "words", SUGGESTIONS_MAX)]
    before, _, last = prefix.rpartition(" ")
    if not words and before and last:
        words = [f"{before} {shown}" for _, shown in await _beginning(session, last, "words", SUGGESTIONS_MAX)]
    named = (one for one in tree.all() if _begins(folded(one.name), prefix) and one.listings)
    categories = nlargest(CATEGORIES_MAX, named, key=lambda one: one.listings)
    sellers = await _beginning(session, prefix, "seller", SELLERS_MAX)
    words = words[: SUGGESTIONS_MAX - len(categories) - len(sellers)]
    return [
        *(Suggestion(kind="words", text=word) for word in words),
        *(Suggestion(kind="category", text=one.name, value=one.slug) for one in categories),
        *(Suggestion(kind="seller", text=name, value=seller) for seller, name in sellers),
    ]


async def _beginning(session: AsyncSession, prefix: str, kind: str, most: int) -> list[tuple[str, str]]:
    """What begins so: (value, shown), the most used first."""
    row = SearchWordRow
    begins = (row.kind == kind, row.word >= prefix, row.word < prefix + LAST_CHARACTER)
    query = select(row.value, row.shown).where(*begins).order_by(row.uses.desc(), row.word).limit(most)
    return [*(await session.execute(query)).tuples()]


async def meant(session: AsyncSession, words: Words, tree: CategoryTree, now: datetime) -> str:
    """The same search without typing errors, if anything on sale has these words; else empty."""
    unknown = await _unknown(session, words)
    nearest = await _nearest(session, unknown) if 0 < len(unknown) <= CORRECTED_MAX else {}
    parts = tuple(" ".join(nearest.get(word, word) for word in part.split()) for part in words.wanted)
    if parts == words.wanted:
        return ""
    better = Words(parts, words.unwanted)
    stems = await stems_of(session, better, tree.languages)
    if not await count(session, narrowed(Filters(words=better), stems, tree, now)):
        return ""
    quoted = [f'"{part}"' if " " in part else part for part in parts]
    avoided = [f'-"{part}"' if " " in part else f"-{part}" for part in words.unwanted]
    return " ".join([*quoted, *avoided])


async def _unknown(session: AsyncSession, words: Words) -> dict[str, str]:
    """Words that nothing on sale has, and that are long enough to guess: as they were typed, and folded."""
    typed = {word: folded(word).strip() for part in words.wanted for word in part.split()}
    known = set(await session.scalars(_single().where(SearchWordRow.word.in_(typed.values()))))
    return {word: plain for word, plain in typed.items() if plain not in known and len(plain) >= TYPO_CHARS_MIN}


async def _nearest(session: AsyncSession, unknown: Mapping[str, str]) -> dict[str, str]:
    """For each word the one that was probably meant, as people write it, if there is any."""
    lengths = [len(plain) for plain in unknown.values()]
    chars = func.length(SearchWordRow.word)
    near = _single().where(chars.between(min(lengths) - 2, max(lengths) + 2)).subquery()
    # As one text: making tens of thousands of rows takes longer than comparing that many words.
    candidates = (await session.scalar(select(func.string_agg(near.c.word, " "))) or "").split()
    like = {word: _like(plain, candidates) for word, plain in unknown.items()}
    found = {each for distances in like.values() for each in distances}
    row = SearchWordRow
    query = select(row.word, row.shown, row.uses).where(row.kind == "words", row.word.in_(found))
    rows = (await session.execute(query)).all()
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
