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
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, aggregate_order_by
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from souk.database import Statement, make_metadata

Step = Callable[[CTE], Insert]
"""Makes the statement that notes what happened to each of the changed rows."""

Beside = Callable[[CTE], ColumnElement[Any]]
"""Makes a column that is given with each of the changed rows."""


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


def as_json(**parts: ColumnElement[Any]) -> ColumnElement[Any]:
    """An object of JSON with these members."""
    return func.json_build_object(
        *(part for name, value in parts.items() for part in (literal_column(f"'{name}'"), value))
    )


def money_as_json(amount: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[Any]:
    """As `souk.money.Money` reads it."""
    return as_json(amount=amount, currency=currency)


def list_as_json(
    name: str, what: ColumnElement[Any], *, by: ColumnElement[Any], where: ColumnElement[bool]
) -> ColumnElement[Any]:
    """A column with a list of JSON: of `what` there is for a row of the outer query, in an order."""
    listed = func.json_agg(aggregate_order_by(what, by), type_=JSON())
    return (
        select(func.coalesce(listed, literal_column("'[]'::json"), type_=JSON()))
        .where(where)
        .scalar_subquery()
        .label(name)
    )


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
    beside: Beside | None = None,
) -> Change:
    """Change the status of rows that are still in one of the states `before`, noting a `step` with each if there is one;
    the rows as they are then, by id, and what is to be known `beside` each.

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
        beside=beside,
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
    beside: Beside | None,
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
    found = select(moved, *([beside(moved)] if beside else [])).order_by(moved.c.id)
    return Statement(found.add_cte(step(moved).cte("noted")) if step else found)
