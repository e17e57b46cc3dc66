"""Counting the words that listings on sale are made of, again and again, so that words of listings that are gone go too."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from catalogue.listings.tables import ListingRow
from catalogue.vocabulary.tables import SearchVocabularyRow, SearchWordRow
from souk.clock import Clock
from souk.database import Session

LISTINGS_MAX = 100_000
"""About so many listings are looked at; of a larger shop, so many here and there."""

WORDS_MAX = 100_000
"""Words that are kept, the most used."""

COUNT_EVERY = timedelta(minutes=10)
COUNT_SOON = timedelta(seconds=5)
"""While there are none, or few and something new was published."""

FEW_WORDS = 5_000
"""Counting so few is soon done."""

SWEEP_EVERY_S = 5.0

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
        age = now - row.built_at
        soon = age >= COUNT_SOON and await self._incomplete(session, row.built_at)
        return row if soon or age >= COUNT_EVERY else None

    async def _incomplete(self, session: Session, built_at: datetime) -> bool:
        some = select(SearchWordRow.word).limit(FEW_WORDS).subquery()
        words = int(await session.scalar(select(func.count()).select_from(some)) or 0)
        news = select(ListingRow.id).where(ListingRow.on_sale, ListingRow.published_at > built_at).limit(1)
        return words == 0 or (words < FEW_WORDS and await session.scalar(news) is not None)


async def count_words(session: Session) -> int:
    """Count the words of listings on sale anew; returns how many there are."""
    await session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))  # people search meanwhile
    rows = await session.scalar(text("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = 'listing'::regclass"))
    await session.execute(text("DELETE FROM search_word"))
    counting = {"percent": min(100.0, 100.0 * LISTINGS_MAX / (rows or 1)), "most": WORDS_MAX}
    await session.execute(text(COUNT_WORDS), counting)
    return int(await session.scalar(text("SELECT count(*) FROM search_word")) or 0)
