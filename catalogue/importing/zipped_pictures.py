"""Pictures that came in a ZIP beside a file of listings: unpacked into the store, where they lie until they are shown."""

import asyncio
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import select

from catalogue.importing.sources import base_name
from catalogue.importing.tables import ImportRow
from catalogue.pictures.images import PICTURE_BYTES_MAX
from catalogue.pictures.storage import PictureStore, UnknownPicture
from souk.clock import Clock
from souk.database import Database
from souk.errors import InvalidInput
from souk.ids import made_at

ZIP_BYTES_MAX = 64 * 1024 * 1024
ZIP_FILES_MAX = 2_000
UNPACKED_BYTES_MAX = 2 * ZIP_BYTES_MAX
"""Pictures hardly shrink in a ZIP; what becomes much more than it was is no picture."""

SWEEP_EVERY_S = 3600.0

KEPT_FOR = timedelta(hours=1)
"""How long files without a record may stay: their import may just be about to be recorded."""

FIELD = "pictures"
FOLDER = "brought"


class Brought:
    """The files of ZIPs, by their import and name."""

    def __init__(self, store: PictureStore) -> None:
        self._store = store

    async def keep(self, import_id: UUID, archive: IO[bytes]) -> list[str]:
        """Unpack a ZIP for an import that is about to be recorded; the names in it. Raises InvalidInput naming `pictures`."""
        names = list[str]()
        entries = _entries(archive)
        # One after the other, so that memory holds one of them.
        while (entry := await asyncio.to_thread(next, entries, None)) is not None:
            name, content = entry
            await self._store.keep({_place(import_id, len(names)): content})
            names.append(name)
        return names

    async def content(self, import_id: UUID, names: Sequence[str], name: str) -> bytes:
        """A file by its name among those in the ZIP; raises UnknownPicture."""
        known = [base_name(each) for each in names]
        if base_name(name) not in known:
            raise UnknownPicture("There is no such file.", code="unknown-file")
        return await self._store.content(_place(import_id, known.index(base_name(name))))


class SweepBrought:
    """An errand: deletes files whose import is over, or never came to be."""

    def __init__(self, clock: Clock, store: PictureStore) -> None:
        self._clock, self._store = clock, store

    async def __call__(self, database: Database) -> int:
        places = await self._store.names(FOLDER)
        lying = {UUID(place.split("/")[1]) for place in places}
        lying = {import_id for import_id in lying if made_at(import_id) <= self._clock.now() - KEPT_FOR}
        if not lying:
            return 0
        needed = select(ImportRow.id).where(
            ImportRow.id.in_(lying),
            ImportRow.status.in_(("mapping", "waiting")) | ImportRow.pictures_turn_at.is_not(None),
        )
        async with database.reading() as session:
            over = lying - set(await session.scalars(needed))
        for import_id in sorted(over):
            await self._store.delete([place for place in places if place.startswith(f"{FOLDER}/{import_id}/")])
        return 0


def _place(import_id: UUID, number: int) -> str:
    return f"{FOLDER}/{import_id}/{number}"


def _entries(archive: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The pictures in a ZIP by name; whatever it says of itself, no more is unpacked than is allowed."""
    try:
        with zipfile.ZipFile(archive) as opened:
            found = [info for info in opened.infolist() if not info.is_dir() and not _hidden(info.filename)]
            if len(found) > ZIP_FILES_MAX:
                raise InvalidInput(
                    FIELD,
                    "A ZIP may hold at most {most} pictures. Cut it, and the file, in two.",
                    code="zip-too-many",
                    most=ZIP_FILES_MAX,
                )
            left = UNPACKED_BYTES_MAX
            for info in found:
                # One byte more than a picture may have is refused where it is used.
                with opened.open(info) as packed:
                    content = packed.read(PICTURE_BYTES_MAX + 1)
                left -= len(content)
                if left < 0:
                    raise InvalidInput(
                        FIELD,
                        "The pictures in the ZIP are too large together. Make them smaller.",
                        code="zip-too-large",
                    )
                yield info.filename, content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as wrong:
        raise InvalidInput(
            FIELD, "The ZIP cannot be read. Pack it again, without a password.", code="zip-unreadable"
        ) from wrong


def _hidden(name: str) -> bool:
    """What systems put beside one's files."""
    return name.startswith("__MACOSX/") or base_name(name).startswith(".") or base_name(name) == "thumbs.db"
