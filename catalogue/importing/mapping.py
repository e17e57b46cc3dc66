"""What the columns of a seller's file are for: recognised, remembered, or said by the seller."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.categories.categories import CategoryTree
from catalogue.importing.headings import CHOSEN, FIELDS, NEEDED, SEVERAL, recognised
from catalogue.importing.shapes import Table
from catalogue.importing.tables import ImportMappingRow
from souk.contracts.catalogue.imports import ImportMapping, ImportNote
from souk.database import Session
from souk.errors import Choice, InvalidInput

MAPPINGS_MAX = 20
"""Kinds of files that are remembered of one seller."""

SAMPLES, SAMPLE_CHARS, SAMPLED_ROWS = 3, 60, 50
NAMES_MAX = 20
"""Columns or lines that a note names."""

NAMES: dict[str, str] = {field: field for field in FIELDS}
"""What a column holds, in words."""


def check(mapping: ImportMapping, headings: Sequence[str], tree: CategoryTree) -> None:
    """Raises InvalidInput unless the rows of a file with these columns can be done so."""
    unknown = sorted(mapping.columns.keys() - set(headings))
    if unknown:
        raise InvalidInput("columns", "The file has no column {column!r}.", code="unknown-column", column=unknown[0])
    single = [field for field in FIELDS if field not in SEVERAL]
    twice = [field for field in single if list(mapping.columns.values()).count(field) > 1]
    if twice:
        raise InvalidInput(
            "columns",
            "Two columns are for the {holds}. Choose one of them.",
            code="two-columns",
            holds=Choice(NAMES, twice[0]),
        )
    for field in NEEDED:
        if field not in mapping.columns.values():
            raise InvalidInput(
                "columns", "Say which column holds the {holds}.", code="column-needed", holds=Choice(NAMES, field)
            )
    if mapping.category:
        tree.require(mapping.category)
    for field in CHOSEN:
        if field not in mapping.columns.values() and not getattr(mapping, field):
            raise InvalidInput(
                field,
                "No column holds the {holds}: choose one for all rows.",
                code="choose-for-all",
                holds=Choice(NAMES, field),
            )


def complete(mapping: ImportMapping) -> bool:
    """Whether nothing has to be asked before a file's rows can be done."""
    fields = set(mapping.columns.values())
    chosen = all(field in fields or getattr(mapping, field) for field in CHOSEN)
    return chosen and all(field in fields for field in NEEDED)


async def mapping_of(session: Session, seller_id: UUID, table: Table) -> tuple[ImportMapping, list[ImportNote]]:
    """What the columns are for: as the seller said of such a file before, else by their headings."""
    key = {"seller_id": seller_id, "headings": _headings_hash(table.columns)}
    known = await session.get(ImportMappingRow, (key["seller_id"], key["headings"]))
    if known is not None:
        mapping = msgspec.convert(known.mapping, ImportMapping)
        return mapping, [ImportNote(kind="remembered"), *left_aside(table.columns, mapping)]
    mapping = ImportMapping(columns=recognised(table.columns, [cells for _, cells in table.rows]))
    return mapping, left_aside(table.columns, mapping)


def left_aside(columns: Sequence[str], mapping: ImportMapping) -> list[ImportNote]:
    """A note on the columns that are for nothing here."""
    names = [heading for heading in columns if heading not in mapping.columns]
    return [ImportNote(kind="ignored", count=len(names), names=names[:NAMES_MAX])] if names else []


def columns_of(table: Table) -> list[dict[str, Any]]:
    """The headings with the first values below each, as an import keeps them."""
    first = [cells for _, cells in table.rows[:SAMPLED_ROWS]]
    return [
        {
            "heading": heading,
            "samples": [cells[heading][:SAMPLE_CHARS] for cells in first if heading in cells][:SAMPLES],
        }
        for heading in table.columns
    ]


def _headings_hash(headings: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(headings)).encode()).hexdigest()


async def remember(
    session: Session, seller_id: UUID, headings: Iterable[str], mapping: dict[str, Any], now: datetime
) -> None:
    """Keep what a seller said of columns with these headings; the oldest of too many are forgotten."""
    row = {"seller_id": seller_id, "headings": _headings_hash(headings), "mapping": mapping, "used_at": now}
    known = insert(ImportMappingRow).values(row)
    keys = [ImportMappingRow.seller_id, ImportMappingRow.headings]
    await session.execute(known.on_conflict_do_update(index_elements=keys, set_={"mapping": mapping, "used_at": now}))
    latest = select(ImportMappingRow.headings).where(ImportMappingRow.seller_id == seller_id)
    latest = latest.order_by(ImportMappingRow.used_at.desc()).limit(MAPPINGS_MAX)
    mine = ImportMappingRow.seller_id == seller_id
    await session.execute(delete(ImportMappingRow).where(mine, ImportMappingRow.headings.not_in(latest)))


def with_lines(notes: Sequence[dict[str, Any]], more: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """A file's notes, and what was noted of these lines by its kind."""
    known = {note["kind"]: msgspec.convert(note, ImportNote) for note in notes}
    for kind, lines in more.items():
        before = known.get(kind, ImportNote(kind=kind))  # type: ignore[arg-type]
        names = [*before.names, *map(str, lines)][:NAMES_MAX]
        known[kind] = msgspec.structs.replace(before, count=before.count + len(lines), names=names)
    found: list[dict[str, Any]] = msgspec.to_builtins(list(known.values()))
    return found
