"""AVIF beside every WebP, made after the upload was answered.

A picture that waits is claimed for a while in one transaction, its files are made and stored without any, and that they
are there is recorded in another. Whoever crashes in between leaves a claim that lapses, and the next one makes the same
files under the same names. A file whose picture was forgotten meanwhile is deleted with its WebP, an hour later.
"""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, select, update

from catalogue.pictures.images import avif, avif_name
from catalogue.pictures.storage import PictureStore
from catalogue.pictures.tables import PictureFileRow
from souk.clock import Clock
from souk.database import Database
from souk.observability.logging import get_logger

LOOK_EVERY_S = 5.0
"""How soon after an upload its AVIF is begun, if nothing else waits."""

CLAIMED_FOR = timedelta(minutes=5)
"""After that another instance may begin anew; far less than the hour for which a file without a picture stays."""

TRIES_MAX = 3

NICENESS = 10
"""How far the encoder's thread stands back behind uploads and pages, where the system can (Linux)."""


class AvifMaker:
    """An errand: makes the AVIF files of one picture at a time, in a thread of its own."""

    def __init__(self, clock: Clock, store: PictureStore) -> None:
        self._clock, self._store = clock, store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="avif", initializer=_stand_back)
        self._log = get_logger("catalogue")

    async def __call__(self, database: Database) -> int:
        """Make the files of the picture that waits longest; says whether one waited. What fails is tried again later."""
        claimed = await self._claim(database)
        if claimed is None:
            return 0
        picture_id, names = claimed
        try:
            for name in names:
                content = await self._store.content(name)
                made = await asyncio.get_running_loop().run_in_executor(self._thread, avif, content)
                await self._store.keep({avif_name(name): made})
        except Exception as failure:  # the store, or an encoder that cannot; the WebP stays good
            self._log.warning("no AVIF was made", picture_id=str(picture_id), error=repr(failure))
            return 1
        async with database.transaction() as session:
            done = update(PictureFileRow).where(PictureFileRow.id == picture_id)
            await session.execute(done.values(avif=True, avif_due=None))
        return 1

    async def _claim(self, database: Database) -> tuple[UUID, set[str]] | None:
        now, row = self._clock.now(), PictureFileRow
        due = select(row.id).where(row.avif_due <= now, row.stored.is_(True)).order_by(row.avif_due).limit(1)
        again = case((row.avif_tries + 1 < TRIES_MAX, now + CLAIMED_FOR))
        claim = (
            update(row)
            .where(row.id == due.with_for_update(skip_locked=True).scalar_subquery())
            .values(avif_tries=row.avif_tries + 1, avif_due=again)
            .returning(row.id, row.small, row.medium, row.large)
        )
        async with database.transaction(leaves_work=False) as session:
            found = (await session.execute(claim)).one_or_none()
        return (found.id, {found.small, found.medium, found.large}) if found else None

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere this would slow the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
