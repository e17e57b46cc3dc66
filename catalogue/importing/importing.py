"""Bringing many listings at once from a file. Each function runs inside the caller's transaction.

A file is read when it arrives and its rows are kept; a sweeper does them in portions, each in a transaction of its own.
So a file goes on after a crash where it stood, and several instances do several files side by side. What new rows make
is named by the file's content and the line: the same file again makes nothing twice.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from catalogue.categories.categories import read_tree
from catalogue.house_rules import HouseRules
from catalogue.importing import files
from catalogue.importing.batches import Portion, do_portion
from catalogue.importing.headings import field_of
from catalogue.importing.mapping import check, columns_of, complete, left_aside, mapping_of, remember, with_lines
from catalogue.importing.pictures import FAULTS_SHOWN_MAX, forget_waiting, picture_faults
from catalogue.importing.shapes import Table
from catalogue.importing.tables import ImportLineRow, ImportRow
from catalogue.listings.tables import ListingRow
from catalogue.listings.views import public_status
from souk.clock import Clock
from souk.contracts.catalogue.imports import Import, ImportColumn, ImportFault, ImportMapping, ImportNote
from souk.database import AnySession, Database, Session
from souk.database.forgetting import forget_due
from souk.errors import NotFound, RuleBroken
from souk.events import Outbox
from souk.ids import new_id
from souk.money import Money, exponent

PORTION = 200
"""Rows that are done in one transaction."""

IMPORTS_WAITING_MAX = 3
"""Files of one seller that may be under way."""

IMPORTS_SHOWN_MAX = 20
FAULTS_KEPT = timedelta(days=30)
"""How long an import and its faults can be looked at."""

SWEEP_MAX = 5
"""Imports that are forgotten at once; each takes its lines and faults along."""

EXPORT_PORTION = 500
LINES_AT_ONCE = 1000


class ImportsWait(RuleBroken):
    """A seller's files are done one after the other, and only so many wait."""

    title = "Other files are under way"


class NoMappingWanted(RuleBroken):
    """What a file's columns are for is said before its rows are done."""

    title = "The file is under way already"


class UnknownImport(NotFound):
    """There is no such import, or it is another seller's."""


async def begin(
    session: Session,
    seller_id: UUID,
    table: Table,
    content_hash: str,
    *,
    dry_run: bool,
    now: datetime,
    import_id: UUID | None = None,
    files: Sequence[str] = (),
) -> UUID:
    """Take a file, and the names of pictures that are in the store for it; its rows are done soon after, or once it is said what its columns are for. Raises ImportsWait."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"import {seller_id}", 0))))
    mapping, notes = await mapping_of(session, seller_id, table)
    await session.execute(
        update(ImportRow)  # whoever brings another file has given the earlier one up
        .where(ImportRow.seller_id == seller_id, ImportRow.status == "mapping")
        .values(status="cancelled", finished_at=now)
    )
    waiting = select(func.count()).where(ImportRow.seller_id == seller_id, ImportRow.status == "waiting")
    if (await session.scalar(waiting) or 0) >= IMPORTS_WAITING_MAX:
        raise ImportsWait("Wait until one of your files is done, or stop it. This one was not taken.")
    import_id = import_id or new_id()
    rows = table.rows
    counted = {"rows": len(rows), "done": 0, "made": 0, "changed": 0, "failed": 0}
    status = "waiting" if complete(mapping) else "mapping"
    row = {"id": import_id, "seller_id": seller_id, "dry_run": dry_run, "status": status} | counted
    row |= {"content_hash": content_hash, "created_at": now, "turn_at": now, "columns": columns_of(table)}
    row |= {"mapping": msgspec.to_builtins(mapping), "notes": msgspec.to_builtins([*table.notes, *notes])}
    row |= {"files": list(files), "pictures": 0, "pictures_done": 0, "pictures_failed": 0}
    await session.execute(insert(ImportRow).values(row))
    for start in range(0, len(rows), LINES_AT_ONCE):
        lines = [
            {"import_id": import_id, "line": line, "entries": entries}
            for line, entries in rows[start : start + LINES_AT_ONCE]
        ]
        await session.execute(insert(ImportLineRow), lines)
    return import_id


async def say_mapping(
    session: Session, seller_id: UUID, import_id: UUID, mapping: ImportMapping, *, now: datetime
) -> None:
    """Say what the columns of a file are for, and have its rows done; it is remembered for files with the same columns.

    Raises UnknownImport, NoMappingWanted and InvalidInput.
    """
    row = await session.get(ImportRow, import_id, with_for_update=True)
    if row is None or row.seller_id != seller_id:
        raise UnknownImport("You have no such import.")
    if row.status != "mapping":
        raise NoMappingWanted("This file is under way or done already. Bring it again to read it in another way.")
    headings = [column["heading"] for column in row.columns]
    check(mapping, headings, await read_tree(session))
    row.mapping, row.status, row.turn_at = msgspec.to_builtins(mapping), "waiting", now
    kept = [note for note in row.notes if note["kind"] not in ("ignored", "remembered")]
    row.notes = [*kept, *msgspec.to_builtins(left_aside(headings, mapping))]
    await remember(session, seller_id, headings, row.mapping, now)
    await session.flush()


async def cancel(session: Session, seller_id: UUID, import_id: UUID, *, now: datetime) -> None:
    """Stop it: rows and pictures that were done stay so. Raises UnknownImport."""
    row = await session.get(ImportRow, import_id, with_for_update=True)
    if row is None or row.seller_id != seller_id:
        raise UnknownImport("You have no such import.")
    if row.status in ("waiting", "mapping"):
        row.status, row.finished_at = "cancelled", now
    if row.pictures_turn_at is not None:
        await forget_waiting(session, row)
    await session.flush()


async def one(session: AnySession, seller_id: UUID, import_id: UUID, *, after_line: int = 0) -> Import:
    """How far one is, with the faults of its first faulty rows after a line; raises UnknownImport."""
    row = await session.get(ImportRow, import_id, populate_existing=True)
    if row is None or row.seller_id != seller_id:
        raise UnknownImport("You have no such import.")
    faulty = (
        select(ImportLineRow.line, ImportLineRow.errors)
        .where(ImportLineRow.import_id == import_id, ImportLineRow.errors.is_not(None))
        .where(ImportLineRow.line > after_line)
        .order_by(ImportLineRow.line)
        .limit(FAULTS_SHOWN_MAX)
    )
    faults = [ImportFault(line=line, **fault) for line, errors in await session.execute(faulty) for fault in errors]
    return _told(row, faults, await picture_faults(session, import_id))


async def list_of(session: AnySession, seller_id: UUID) -> list[Import]:
    """A seller's latest imports, without their faults."""
    query = select(ImportRow).where(ImportRow.seller_id == seller_id).order_by(ImportRow.id.desc())
    return [_told(row) for row in await session.scalars(query.limit(IMPORTS_SHOWN_MAX))]


async def export(database: Database, seller_id: UUID) -> AsyncIterator[str]:
    """All of a seller's listings as CSV, portion by portion, each in a short transaction of its own."""
    yield files.write([], heading=True)
    after: UUID | None = None
    while True:
        query = select(ListingRow).where(ListingRow.seller_id == seller_id).order_by(ListingRow.id)
        if after is not None:
            query = query.where(ListingRow.id > after)
        async with database.reading() as session:
            rows = list(await session.scalars(query.limit(EXPORT_PORTION)))
        if rows:
            yield files.write([_exported(row) for row in rows], heading=False)
        if len(rows) < EXPORT_PORTION:
            return
        after = rows[-1].id


def _exported(row: ListingRow) -> dict[str, Any]:
    names = ("id", "title", "description", "category", "condition", "quantity", "language")
    price = Money(row.price, row.currency).decimal()
    return {name: getattr(row, name) for name in names} | {
        "attributes": "; ".join(f"{key}: {value}" for key, value in row.attributes.items()),
        "accepts_offers": "yes" if row.accepts_offers else "no",
        "price": f"{price:.{exponent(row.currency)}f}",
        "status": public_status(row.status, row.available, suspended=False),
    }


class Work:
    """The sweeper: does the next portion of the oldest file that nobody else is at."""

    def __init__(self, clock: Clock, outbox: Outbox, rules: HouseRules, currency: str) -> None:
        self._clock, self._outbox, self._rules, self._currency = clock, outbox, rules, currency

    async def __call__(self, session: Session) -> int:
        earlier = aliased(ImportRow)
        # A seller's files come one after the other, so that no two instances change the same listings.
        first = ~exists().where(
            earlier.seller_id == ImportRow.seller_id, earlier.status == "waiting", earlier.id < ImportRow.id
        )
        waiting = select(ImportRow).where(ImportRow.status == "waiting", first)
        waiting = waiting.order_by(ImportRow.turn_at, ImportRow.id).limit(1)
        row = await session.scalar(waiting.with_for_update(skip_locked=True))
        if row is None:
            return 0
        import_id = row.id
        lines = list(
            await session.scalars(
                select(ImportLineRow)
                .where(ImportLineRow.import_id == row.id, ImportLineRow.errors.is_(None))
                .order_by(ImportLineRow.line)
                .limit(PORTION)
            )
        )
        now, tree = self._clock.now(), await read_tree(session)
        count = len(lines)
        if lines:
            mapping, notes = msgspec.convert(row.mapping, ImportMapping), row.notes
            portion = Portion(
                row.id,
                row.seller_id,
                row.content_hash,
                self._currency,
                row.dry_run,
                mapping,
                columns=[column["heading"] for column in row.columns],
                files=row.files,
            )
            outcome = await do_portion(session, portion, lines, tree=tree, rules=self._rules, now=now)
            self._outbox.emit(session, *outcome.news)
            counted = {
                name: getattr(ImportRow, name) + getattr(outcome, name)
                for name in ("made", "changed", "failed", "pictures")
            }
            if outcome.pictures and not portion.dry_run:
                counted["pictures_turn_at"] = func.coalesce(ImportRow.pictures_turn_at, now)
            own = update(ImportRow).where(ImportRow.id == import_id)
            noted = with_lines(notes, outcome.noted)
            await session.execute(own.values(done=ImportRow.done + count, turn_at=now, notes=noted, **counted))
        if count < PORTION:
            await session.execute(
                update(ImportRow).where(ImportRow.id == import_id).values(status="done", finished_at=now)
            )
        return max(1, count)


class Sweep:
    """Forgets imports of long ago, with their faults."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        due = and_(ImportRow.created_at <= self._clock.now() - FAULTS_KEPT, ImportRow.status != "waiting")
        return await forget_due(session, ImportRow, due, most=SWEEP_MAX)


def _told(row: ImportRow, faults: Sequence[ImportFault] = (), picture_faults: Sequence[ImportFault] = ()) -> Import:
    return Import(
        id=row.id,
        dry_run=row.dry_run,
        status=row.status,
        rows=row.rows,
        done=row.done,
        made=row.made,
        changed=row.changed,
        failed=row.failed,
        faults=list(faults),
        created_at=row.created_at,
        finished_at=row.finished_at,
        notes=msgspec.convert(row.notes, list[ImportNote]),
        columns=[_column(column) for column in row.columns] if row.status == "mapping" else [],
        mapping=msgspec.convert(row.mapping, ImportMapping | None),
        pictures=row.pictures,
        pictures_done=row.pictures_done,
        pictures_failed=row.pictures_failed,
        picture_faults=list(picture_faults),
    )


def _column(column: dict[str, Any]) -> ImportColumn:
    return ImportColumn(**column, field=field_of(column["heading"]))
