"""The words that listings are made of: to complete what is typed, and to guess what was meant.

They are counted again and again in the background, so that words of listings that are gone go too. Each instance keeps
them in memory.
"""

import asyncio
import re
import time
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from catalogue.categories.categories import CategoryTree
from catalogue.finding.filters import Filters, narrowed
from catalogue.finding.words import Words, stems_of
from catalogue.listings.search import count
from catalogue.vocabulary.tables import SearchVocabularyRow, SearchWordRow
from souk.clock import Clock
from souk.contracts.catalogue import Suggestion
from souk.database import Database, Session

LISTINGS_MAX = 100_000
"""About so many listings are looked at; of a larger shop, so many here and there."""

WORDS_MAX = 100_000
"""Words that are kept, the most used."""

COUNT_EVERY = timedelta(minutes=10)
COUNT_EMPTY_EVERY = timedelta(seconds=10)
"""While there are none."""

SWEEP_EVERY_S = 5.0
READ_EVERY_S = 5.0
"""How often an instance looks whether the words were counted anew."""

SUGGESTIONS_MAX = 8
CATEGORIES_MAX = 2
SELLERS_MAX = 2
"""Of the suggestions, so many at the most are categories and sellers."""

TYPO_CHARS_MIN = 4
"""Shorter words are too much like many others to guess."""

COUNT_WORDS = r"""
    WITH looked_at AS MATERIALIZED (
        SELECT id, title, attribute_text(attributes) AS attributes, seller_id, seller_name
        FROM listing TABLESAMPLE SYSTEM (CAST(:percent AS real)) WHERE on_sale
    ), said AS (
        SELECT word, lead(word) OVER (PARTITION BY id ORDER BY place) AS following
        FROM looked_at, regexp_split_to_table(title, '[^[\:alnum\:]]+') WITH ORDINALITY AS part (word, place)
        WHERE word <> ''
        UNION ALL
        SELECT word, NULL FROM looked_at, regexp_split_to_table(attributes, '[^[\:alnum\:]]+') AS part (word)
        WHERE word <> ''
    ), used AS (
        SELECT lower(word) AS shown, count(*) AS uses FROM said WHERE word ~ '[[\:alpha\:]]{2}' GROUP BY 1
        UNION ALL
        SELECT lower(word || ' ' || following), count(*) FROM said
        WHERE word ~ '[[\:alpha\:]]{2}' AND following ~ '[[\:alpha\:]]{3}' GROUP BY 1 HAVING count(*) > 1
    ), counted AS (
        SELECT trim(fold_text(shown)) AS word, (array_agg(shown ORDER BY uses DESC))[1] AS shown, sum(uses) AS uses
        FROM used GROUP BY 1 ORDER BY 3 DESC LIMIT :most
    )
    INSERT INTO search_word (kind, word, value, shown, uses)
    SELECT 'words', word, '', shown, uses FROM counted WHERE word <> ''
    UNION ALL
    SELECT 'seller', trim(fold_text(seller_name)), CAST(seller_id AS text), min(seller_name), count(*)
    FROM looked_at WHERE trim(fold_text(seller_name)) <> '' GROUP BY 2, 3
"""

_BETWEEN = re.compile(r"[\W_]+")
_LATIN = dict(zip("øłđðħıŧßæœ", ("o", "l", "d", "d", "h", "i", "t", "ss", "ae", "oe"), strict=True))


class CountWords:
    """A sweeper: counts the words again when it is time; one instance does it for all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        now = self._clock.now()
        row = await self._due(session, now)
        if row is None:
            return 0
        row.built_at = now
        return await count_words(session)

    async def _due(self, session: Session, now: datetime) -> SearchVocabularyRow | None:
        locking = select(SearchVocabularyRow).with_for_update(skip_locked=True)
        row = (await session.scalars(locking)).one_or_none()
        if row is None:
            return None
        empty = await session.scalar(select(SearchWordRow.word).limit(1)) is None
        return row if now - row.built_at >= (COUNT_EMPTY_EVERY if empty else COUNT_EVERY) else None


async def count_words(session: Session) -> int:
    """Count the words of listings on sale anew; returns how many there are."""
    await session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))  # people search meanwhile
    rows = await session.scalar(text("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = 'listing'::regclass"))
    await session.execute(text("DELETE FROM search_word"))
    counting = {"percent": min(100.0, 100.0 * LISTINGS_MAX / (rows or 1)), "most": WORDS_MAX}
    await session.execute(text(COUNT_WORDS), counting)
    return int(await session.scalar(text("SELECT count(*) FROM search_word")) or 0)


@dataclass(frozen=True)
class Known:
    """The words at one moment: sorted, with how people write them and how often they do."""

    built_at: datetime | None = None
    words: list[str] = field(default_factory=list)
    entries: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(kind, value, shown, uses), beside `words`."""
    single: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Words by themselves: how they are written, and how often."""

    def beginning(self, prefix: str, kind: str, most: int) -> list[tuple[str, str]]:
        """What begins so: (value, shown), the most used first."""
        low, high = bisect_left(self.words, prefix), bisect_left(self.words, prefix + "\U0010ffff")
        found = nlargest(most, (one for one in self.entries[low:high] if one[0] == kind), key=lambda one: one[3])
        return [(value, shown) for _, value, shown, _ in found]

    def nearest(self, word: str) -> str:
        """The word that was probably meant; the same if it is known, or like no other."""
        plain = folded(word)
        if plain in self.single or len(plain) < TYPO_CHARS_MIN:
            return word
        typos = 1 if len(plain) < 2 * TYPO_CHARS_MIN - 2 else 2
        like = process.extract(plain, self.single.keys(), scorer=OSA.distance, score_cutoff=typos, limit=20)
        if not like:
            return word
        best = min(like, key=lambda found: (found[1], -self.single[found[0]][1]))
        return self.single[best[0]][0]


class Vocabulary:
    """What an instance knows of the words; looks now and then whether they were counted anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Known | None = None
        self._reading = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self._look_at = 0.0

    async def known(self) -> Known:
        """The words; only who asks first waits for them. Ask before the request's transaction begins."""
        if self._known is None:
            await self._read()
        elif time.monotonic() >= self._look_at and not self._reading.locked():
            self._refreshing = asyncio.create_task(self._read())
        assert self._known is not None
        return self._known

    async def suggest(self, typed: str, tree: CategoryTree) -> list[Suggestion]:
        """How what is typed may go on: words first, then categories and sellers."""
        prefix = folded(typed).lstrip()
        if not prefix:
            return []
        known = await self.known()
        words = [shown for _, shown in known.beginning(prefix, "words", SUGGESTIONS_MAX)]
        before, _, last = prefix.rpartition(" ")
        if not words and before and last:
            words = [f"{before} {shown}" for _, shown in known.beginning(last, "words", SUGGESTIONS_MAX)]
        named = (one for one in tree.all() if _begins(folded(one.name), prefix) and one.listings)
        categories = nlargest(CATEGORIES_MAX, named, key=lambda one: one.listings)
        sellers = known.beginning(prefix, "seller", SELLERS_MAX)
        words = words[: SUGGESTIONS_MAX - len(categories) - len(sellers)]
        return [
            *(Suggestion(kind="words", text=word) for word in words),
            *(Suggestion(kind="category", text=one.name, value=one.slug) for one in categories),
            *(Suggestion(kind="seller", text=name, value=seller) for seller, name in sellers),
        ]

    async def _read(self) -> None:
        async with self._reading:
            async with self._database.reading() as session:
                built_at = await session.scalar(select(SearchVocabularyRow.built_at))
                if self._known is None or built_at != self._known.built_at:
                    self._known = await read_known(session, built_at)
            self._look_at = time.monotonic() + READ_EVERY_S


async def read_known(session: AsyncSession, built_at: datetime | None) -> Known:
    """The words as they were counted last."""
    columns = (SearchWordRow.word, SearchWordRow.kind, SearchWordRow.value, SearchWordRow.shown, SearchWordRow.uses)
    rows = (await session.execute(select(*columns))).tuples().all()
    return await asyncio.to_thread(_arranged, rows, built_at)  # nobody's search waits for tens of thousands of words


def _arranged(rows: Sequence[tuple[str, str, str, str, int]], built_at: datetime | None) -> Known:
    rows = sorted(rows)
    return Known(
        built_at=built_at,
        words=[row[0] for row in rows],
        entries=[row[1:] for row in rows],
        single={row[0]: (row[3], row[4]) for row in rows if row[1] == "words" and " " not in row[0]},
    )


def folded(typed: str) -> str:
    """As the database's `fold_text` has it; a blank at the end stays, for there a new word begins."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", typed.lower()) if not "\u0300" <= each <= "\u036f")
    for letter, latin in _LATIN.items():
        plain = plain.replace(letter, latin)
    return _BETWEEN.sub(" ", plain)


def _begins(name: str, prefix: str) -> bool:
    return f" {name}".find(f" {prefix}") >= 0


async def meant(session: AsyncSession, words: Words, known: Known, tree: CategoryTree, now: datetime) -> str:
    """The same search without typing errors, if anything on sale has these words; else empty."""
    parts = [" ".join(known.nearest(word) for word in part.split()) for part in words.wanted]
    if parts == list(words.wanted):
        return ""
    better = Words(tuple(parts), words.unwanted)
    stems = await stems_of(session, better, tree.languages)
    if not await count(session, narrowed(Filters(words=better), stems, tree, now)):
        return ""
    quoted = [f'"{part}"' if " " in part else part for part in parts]
    avoided = [f'-"{part}"' if " " in part else f"-{part}" for part in words.unwanted]
    return " ".join([*quoted, *avoided])
