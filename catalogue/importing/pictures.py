"""The pictures that rows of a file name: fetched after the rows are done, by an errand.

What one listing waits for is claimed in one transaction, fetched and rendered without any, and shown in another. Whoever
crashes in between leaves a claim that lapses; the same picture again changes nothing. Files take turns, so that one with
ten thousand pictures does not hold up another with twenty.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, func, select, update

from catalogue.importing.sources import is_address
from catalogue.importing.tables import ImportPictureRow, ImportRow
from catalogue.importing.zipped_pictures import Brought
from catalogue.pictures import pictures
from catalogue.pictures.images import FORMATS, PICTURE_BYTES_MAX
from catalogue.pictures.keeping import PictureKeeper
from catalogue.pictures.storage import UnknownPicture
from souk.clock import Clock
from souk.contracts.catalogue.imports import ImportFault
from souk.contracts.catalogue.pictures import PICTURES_MAX, PictureFile
from souk.database import AnySession, Database, Session
from souk.errors import InvalidInput, RuleBroken, Unavailable
from souk.http.outbound import DownloadFailed, Downloads
from souk.observability.logging import get_logger

LOOK_EVERY_S = 5.0
"""How soon after a row its pictures are begun, if nothing else waits."""

AT_ONCE = 4
"""Listings whose pictures one instance fetches at the same time."""

CLAIMED_FOR = timedelta(minutes=10)
"""After that another instance may begin anew; longer than all pictures of a listing may take."""

LATER = (timedelta(minutes=1), timedelta(minutes=15))
"""How long after a try that failed for the moment comes the next; then it is given up."""

FAULTS_SHOWN_MAX = 200

ACCEPTED = ",".join(f"image/{name.lower()}" for name in FORMATS)

_due = (
    select(ImportPictureRow.line)
    .where(ImportPictureRow.import_id == ImportRow.id, ImportPictureRow.due <= bindparam("now"))
    .order_by(ImportPictureRow.due, ImportPictureRow.line)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
    .lateral()
)
_TURN = (
    select(ImportRow.id, ImportRow.seller_id, ImportRow.files, _due.c.line)
    .join(_due, ImportRow.pictures_turn_at.is_not(None))
    .order_by(ImportRow.pictures_turn_at, ImportRow.id, _due.c.line)
    .limit(AT_ONCE)
    # Waits for nobody: whoever notes an outcome holds the file, and waits for the row.
    .with_for_update(of=ImportRow, skip_locked=True)
)
_WAITING = select(func.coalesce(func.sum(func.jsonb_array_length(ImportPictureRow.sources).cast(Integer)), 0)).where(
    ImportPictureRow.import_id == bindparam("import_id"), ImportPictureRow.due.is_not(None)
)


@dataclass(frozen=True)
class Claim:
    """What one listing waits for, and whose turn it is to fetch it."""

    import_id: UUID
    seller_id: UUID
    files: list[str]
    """The names in the ZIP."""
    line: int
    listing_id: UUID
    sources: list[str]
    tries: int
    """This one included."""


@dataclass
class Fetched:
    """What came of the pictures of one row."""

    files: list[PictureFile] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    """Sources that failed for the moment."""
    errors: list[str] = field(default_factory=list)

    def failed(self, source: str, why: str, *, again: bool = False) -> None:
        """It was not to be had; with `again` a later try may do better."""
        if again:
            self.later.append(source)
        else:
            self.errors.append(f"{source}: {why}")


class FetchPictures:
    """An errand: fetches the pictures of the file whose turn it is."""

    def __init__(self, clock: Clock, keeper: PictureKeeper, brought: Brought, downloads: Downloads) -> None:
        self._clock, self._keeper, self._brought, self._downloads = clock, keeper, brought, downloads
        self._log = get_logger("catalogue")

    async def __call__(self, database: Database) -> int:
        """Fetch what a few listings wait for; says how many."""
        claimed = await self._claim(database)
        await asyncio.gather(*(self._do(database, row) for row in claimed))
        return len(claimed)

    async def _claim(self, database: Database) -> list[Claim]:
        now, row = self._clock.now(), ImportPictureRow
        fields = (row.line, row.listing_id, row.sources, row.tries)
        claimed = list[Claim]()
        async with database.transaction(leaves_work=False) as session:
            turn = (await session.execute(_TURN, {"now": now})).all()
            for import_id, seller_id, files, line in turn:
                claim = update(row).where(row.import_id == import_id, row.line == line)
                claim = claim.values(tries=row.tries + 1, due=now + CLAIMED_FOR)
                found = (await session.execute(claim.returning(*fields))).one()
                claimed.append(Claim(import_id, seller_id, files, *found))
            if turn:
                turned = update(ImportRow).where(ImportRow.id.in_(sorted({each.id for each in turn})))
                await session.execute(turned.values(pictures_turn_at=now))
        return claimed

    async def _do(self, database: Database, row: Claim) -> None:
        last = row.tries > len(LATER)
        if row.tries > len(LATER) + 1:  # whoever had the last try died over it
            fetched = Fetched(errors=[f"{source}: it could not be read." for source in row.sources])
        else:
            fetched = await self._fetch(row, last=last)
        now = self._clock.now()
        async with database.transaction() as session:
            # The file before the listing, as where its rows are done.
            own = select(ImportRow).where(ImportRow.id == row.import_id).with_for_update()
            brought = await session.scalar(own)
            if brought is None or not await _still(session, row.import_id, row.line):
                return  # it was stopped, or is forgotten
            shown = await _show(session, row.seller_id, row.listing_id, fetched, now)
            brought.pictures_done += shown
            brought.pictures_failed += len(row.sources) - shown - len(fetched.later)
            due = now + LATER[row.tries - 1] if fetched.later else None
            await _note(session, row.import_id, row.line, fetched, due)
            if await session.scalar(_WAITING, {"import_id": row.import_id}) == 0:
                brought.pictures_turn_at = None
            await session.flush()

    async def _fetch(self, row: Claim, *, last: bool) -> Fetched:
        fetched = Fetched()
        for source in row.sources:
            try:
                fetched.files.append(await self._keeper.take(await self._content(row, source)))
            except DownloadFailed as failed:
                fetched.failed(source, str(failed), again=failed.again and not last)
            except UnknownPicture:
                fetched.failed(source, "it is not there any more. Bring the ZIP again.")
            except InvalidInput as unusable:
                fetched.failed(source, unusable.fields["errors"][0]["message"])
            except (Unavailable, OSError) as failure:  # many pictures are under way, or the store cannot be reached
                self._log.warning("a picture was not taken", import_id=str(row.import_id), error=repr(failure))
                fetched.failed(source, "try again later.", again=not last)
        return fetched

    async def _content(self, row: Claim, source: str) -> bytes:
        if is_address(source):
            return await self._downloads.get(source, accept=ACCEPTED, bytes_max=PICTURE_BYTES_MAX)
        return await self._brought.content(row.import_id, row.files, source)


async def _still(session: Session, import_id: UUID, line: int) -> bool:
    row = await session.get(ImportPictureRow, (import_id, line), populate_existing=True)
    return row is not None and row.due is not None


async def _show(session: Session, seller_id: UUID, listing_id: UUID, fetched: Fetched, now: datetime) -> int:
    """Show them behind those the listing has, as far as there is room; says how many it shows."""
    if not fetched.files:
        return 0
    try:
        shown = await pictures.add_fitting(session, seller_id, listing_id, fetched.files, now=now)
    except RuleBroken as refused:
        fetched.errors.append(refused.message)
        return 0
    if shown < len(fetched.files):
        fetched.errors.append(f"A listing may have {PICTURES_MAX} pictures. Take some off and bring the file again.")
    return shown


async def _note(session: Session, import_id: UUID, line: int, fetched: Fetched, due: datetime | None) -> None:
    this = (ImportPictureRow.import_id == import_id, ImportPictureRow.line == line)
    errors = ImportPictureRow.errors.concat(fetched.errors)
    left = update(ImportPictureRow).where(*this).values(sources=fetched.later, errors=errors, due=due)
    await session.execute(left)
    done = (ImportPictureRow.due.is_(None), ImportPictureRow.errors == [])
    await session.execute(delete(ImportPictureRow).where(*this, *done))


async def forget_waiting(session: Session, row: ImportRow) -> None:
    """Fetch no more pictures of a file whose record is locked."""
    waiting = ImportPictureRow.due.is_not(None)
    await session.execute(delete(ImportPictureRow).where(ImportPictureRow.import_id == row.id, waiting))
    row.pictures_turn_at = None


async def picture_faults(session: AnySession, import_id: UUID) -> list[ImportFault]:
    """Why pictures of the first rows could not be had."""
    query = (
        select(ImportPictureRow.line, ImportPictureRow.errors)
        .where(ImportPictureRow.import_id == import_id, ImportPictureRow.errors != [])
        .order_by(ImportPictureRow.line)
        .limit(FAULTS_SHOWN_MAX)
    )
    found = (await session.execute(query)).all()
    return [ImportFault(line=line, field="pictures", message=error) for line, errors in found for error in errors]
