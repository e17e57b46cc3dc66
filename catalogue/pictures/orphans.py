"""Pictures that nothing shows, and files that no picture has: they go, in two steps.

First the record goes and its files are noted as garbage; an hour later a file goes, if still no picture has it. Two
uploads may have a file in common, and the same picture may be uploaded again at any moment: whoever needs a file that
is noted takes the note away, and whoever deletes the file claims the note meanwhile, which an upload waits for.
"""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from catalogue.pictures.images import avif_name
from catalogue.pictures.storage import PictureStore
from souk.clock import Clock
from souk.database import Database, Session

UNUSED_FOR = timedelta(days=31)
"""How long after its upload a picture that nothing shows stays: a form that was begun is kept for 30 days."""

GARBAGE_FOR = timedelta(hours=1)
"""How long a file without a picture stays: a page that shows it may just have been sent."""

PICTURES_AT_ONCE = 100
FILES_AT_ONCE = 20

DELETING_S_MAX = 30
"""Seconds in which the store must have deleted them."""

CLAIMED_FOR = timedelta(minutes=2)
"""How long files are claimed; longer than deleting them may take, so that no upload stores one that is then deleted."""


class SweepRecords:
    """Forgets pictures that nothing shows, and notes their files as garbage."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        now = self._clock.now()
        gone = await session.execute(
            text("""
                WITH unused AS (
                    SELECT id FROM picture_file WHERE NOT kept AND used_at <= :before
                        AND NOT EXISTS (SELECT FROM listing_picture WHERE file_id = picture_file.id)
                    ORDER BY used_at LIMIT :most FOR UPDATE SKIP LOCKED
                ), gone AS (
                    DELETE FROM picture_file USING unused WHERE picture_file.id = unused.id
                    RETURNING picture_file.id, small, medium, large
                ), noted AS (
                    INSERT INTO picture_garbage (name, since)
                    SELECT DISTINCT name, CAST(:now AS timestamptz)
                    FROM gone CROSS JOIN LATERAL (VALUES (small), (medium), (large)) AS file (name) ORDER BY name
                    ON CONFLICT DO NOTHING
                ) SELECT id FROM gone
            """),
            {"before": now - UNUSED_FOR, "now": now, "most": PICTURES_AT_ONCE},
        )
        return len(gone.all())


class SweepFiles:
    """Deletes files that no picture has, in three steps: claim their notes, delete the files, take the notes away.

    No transaction is open while the store is waited for. An upload that needs a claimed file waits for the claim's end,
    so it does not lose its file to a deletion under way; a claim whose owner died ends by itself, and what was left
    over is done again.
    """

    def __init__(self, clock: Clock, store: PictureStore) -> None:
        self._clock, self._store = clock, store

    async def __call__(self, database: Database) -> int:
        async with database.transaction(leaves_work=False) as session:
            claimed, needed = await self._claim(session)
        if claimed:
            async with asyncio.timeout(DELETING_S_MAX):
                await self._store.delete([*claimed, *map(avif_name, claimed)])
            async with database.transaction() as session:
                await session.execute(_FORGET, {"names": claimed})
        return len(claimed) + needed

    async def _claim(self, session: Session) -> tuple[list[str], int]:
        """The files to delete, and how many notes went because a picture has the file."""
        now = self._clock.now()
        noted = await session.execute(
            text("""
                UPDATE picture_garbage SET claimed_until = :until WHERE name IN (
                    SELECT name FROM picture_garbage
                    WHERE since <= :before AND (claimed_until IS NULL OR claimed_until <= :now)
                    ORDER BY name LIMIT :most FOR UPDATE SKIP LOCKED
                ) RETURNING name
            """),
            {"before": now - GARBAGE_FOR, "now": now, "until": now + CLAIMED_FOR, "most": FILES_AT_ONCE},
        )
        names = sorted(name for (name,) in noted)
        if not names:
            return [], 0
        # A statement of its own, so that it sees what was recorded while the lock was waited for.
        used = await session.execute(
            text("""
                SELECT name FROM unnest(CAST(:names AS text[])) AS name
                WHERE EXISTS (SELECT FROM picture_file WHERE small = name)
                    OR EXISTS (SELECT FROM picture_file WHERE medium = name)
                    OR EXISTS (SELECT FROM picture_file WHERE large = name)
            """),
            {"names": names},
        )
        needed = {name for (name,) in used}
        await session.execute(_FORGET, {"names": sorted(needed)})
        return [name for name in names if name not in needed], len(needed)


_FORGET = text("DELETE FROM picture_garbage WHERE name = ANY(CAST(:names AS text[]))")
