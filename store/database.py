"""The store's tables have one metadata, and every change of status goes through one guarded statement."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    ClauseElement,
    ColumnElement,
    Insert,
    Integer,
    Table,
    Uuid,
    any_,
    bindparam,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from souk.database import Statement, make_metadata

Step = Callable[[CTE], Insert]
"""Makes the statement that notes what happened to each of the changed rows."""


class Base(DeclarativeBase):
    """Base of the store's tables."""

    metadata = make_metadata()


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Iterable[UUID]
) -> ColumnElement[bool]:
    """`column` is one of `ids`; the statement is the same for any number of them, so it is prepared once."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def one_of(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], parameter: str = "ids"
) -> ColumnElement[bool]:
    """`column` is one of the ids that this parameter holds."""
    return column == any_(bindparam(parameter, type_=ARRAY(Uuid())))


class Which(NamedTuple):
    """Which rows are meant: conditions, built when their module is imported, and what their parameters are now."""

    where: tuple[ColumnElement[bool], ...]
    given: Mapping[str, Any]


class Change(NamedTuple):
    """A change of status as a statement and its parameters."""

    statement: Statement[Any]
    parameters: dict[str, Any]


def guarded_change(
    table: Table,
    which: Which,
    *,
    before: frozenset[str],
    values: Mapping[str, Any],
    due_max: int | None,
    step: Step | None = None,
) -> Change:
    """Change the status of rows that are still in one of the states `before`, noting a `step` with each if there is one;
    the rows as they are then, by id.

    They are locked in the order of their ids. With `due_max`, at most that many are taken, and rows that somebody else
    works on are left to them (sweepers). A value may be SQL that was built at import.
    """
    fixed = tuple((name, value) for name, value in values.items() if isinstance(value, ClauseElement))
    given = {f"new_{name}": value for name, value in values.items() if not isinstance(value, ClauseElement)}
    statement = _guarded_update(
        table,
        which=which.where,
        before=before,
        given=tuple(given),
        fixed=fixed,
        sweeping=due_max is not None,
        step=step,
    )
    limit = {} if due_max is None else {"due_max": due_max}
    return Change(statement, {**which.given, **given, **limit})


@cache
def _guarded_update(
    table: Table,
    *,
    which: tuple[ColumnElement[bool], ...],
    before: frozenset[str],
    given: tuple[str, ...],
    fixed: tuple[tuple[str, ClauseElement], ...],
    sweeping: bool,
    step: Step | None,
) -> Statement[Any]:
    chosen = select(table.c.id).where(*which, table.c.status.in_(sorted(before))).order_by(table.c.id)
    chosen = chosen.with_for_update(skip_locked=sweeping)
    if sweeping:
        chosen = chosen.limit(bindparam("due_max", type_=Integer()))
    names = {name: name.removeprefix("new_") for name in given}
    changes = {column: bindparam(name, type_=table.c[column].type) for name, column in names.items()}
    changed = update(table).where(table.c.id.in_(select(chosen.cte("chosen").c.id)))
    changed = changed.values({**changes, **dict(fixed), "version": table.c.version + 1})
    moved = changed.returning(*table.c).cte("moved")
    found = select(moved).order_by(moved.c.id)
    return Statement(found.add_cte(step(moved).cte("noted")) if step else found)
