"""The store's tables have one metadata, and every change of status goes through one guarded statement."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Update, Uuid, any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from souk.database import make_metadata


class Base(DeclarativeBase):
    """Base of the store's tables."""

    metadata = make_metadata()


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Iterable[UUID]
) -> ColumnElement[bool]:
    """`column` is one of `ids`; the statement is the same for any number of them, so it is prepared once."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def guarded_update(
    table: Table,
    which: Sequence[ColumnElement[bool]],
    before: Iterable[str],
    values: dict[str, Any],
    due_max: int | None,
) -> Update:
    """Change the status of rows that are still in one of the states `before`; returns the changed rows.

    The rows are locked in the order of their ids. With `due_max`, at most that many are taken, and rows that
    somebody else works on are left to them (sweepers).
    """
    chosen = select(table.c.id).where(*which, table.c.status.in_(sorted(before))).order_by(table.c.id)
    chosen = chosen.with_for_update(skip_locked=due_max is not None).limit(due_max)
    ids = select(chosen.cte("chosen").c.id)
    changes = values | {"version": table.c.version + 1}
    return update(table).where(table.c.id.in_(ids)).values(changes).returning(*table.c)
