"""Pictures that nothing shows, and files that no picture has: they go, in two steps.

First the record goes and its files are noted as garbage; an hour later a file goes, if still no picture has it. Two
uploads may have a file in common, and the same picture may be uploaded again at any moment: whoever needs a file that
is noted takes the note away, and whoever deletes the file holds the note meanwhile. So one waits for the other.
"""

from datetime import timedelta

from sqlalchemy import text

from catalogue.pictures.images import avif_name
from catalogue.pictures.storage import PictureStore
from souk.clock import Clock
from souk.database import Session

UNUSED_FOR = timedelta(days=31)
"""How long after its upload a picture that nothing shows stays: a form that was begun is kept for 30 days."""

GARBAGE_FOR = timedelta(hours=1)
"""How long a file without a picture stays: a page that shows it may just have been sent."""

PICTURES_AT_ONCE = 100
FILES_AT_ONCE = 20


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
    """Deletes files that no picture has.

    The store is called while the notes are locked, the one exception to the rule that nothing is waited for inside a
    transaction: the lock is what keeps an upload of the same content from losing its file.
    """

    def __init__(self, clock: Clock, store: PictureStore) -> None:
        self._clock, self._store = clock, store

    async def __call__(self, session: Session) -> int:
        noted = await session.execute(
            text("""
                SELECT name FROM picture_garbage WHERE since <= :before
                ORDER BY name LIMIT :most FOR UPDATE SKIP LOCKED
            """),
            {"before": self._clock.now() - GARBAGE_FOR, "most": FILES_AT_ONCE},
        )
        names = [name for (name,) in noted]
        if not names:
            return 0
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
        gone = [name for name in names if name not in needed]
        await self._store.delete([*gone, *map(avif_name, gone)])
        await session.execute(
            text("DELETE FROM picture_garbage WHERE name = ANY(CAST(:names AS text[]))"), {"names": names}
        )
        return len(names)
