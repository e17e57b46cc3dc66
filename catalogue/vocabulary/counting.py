"""Counting the words that listings on sale are made of, again and again, so that words of listings that are gone go too."""

from datetime import datetime, timedelta

from sqlalchemy import select, text

from catalogue.vocabulary.tables import SearchVocabularyRow, SearchWordRow
from souk.clock import Clock
from souk.database import Session

LISTINGS_MAX = 100_000
"""About so many listings are looked at; of a larger shop, so many here and there."""

WORDS_MAX = 100_000
"""Words that are kept, the most used."""

COUNT_EVERY = timedelta(minutes=10)
COUNT_EMPTY_EVERY = timedelta(seconds=10)
"""While there are none."""

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
