"""Statements that are built once, at import, and handed to the driver as they are.

SQLAlchemy builds and keys an expression at every use, which costs more than all the rest of a short query. A `Statement`
is compiled when its module is imported; a use is one call of the driver, in the session's own transaction.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import asyncpg
from sqlalchemy import ClauseElement, ColumnElement, Insert, bindparam, column, func, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from souk.database.engine import DIALECT, AnySession, Database, give_up, wrapped

Row = TypeVar("Row")
Convert = Callable[[Any], Any]


def insert_rows(
    table: Any, names: Sequence[str], prefix: str = "", *, where: ColumnElement[bool] | None = None
) -> Insert:
    """INSERT of any number of rows: a parameter for each of the columns, an array named `<prefix><column>`. None of them is
    inserted unless the condition is met."""
    columns = table.__table__.c
    arrays = [bindparam(prefix + name, type_=ARRAY(columns[name].type)) for name in names]
    rows = func.unnest(*arrays).table_valued(
        *(column(name, columns[name].type) for name in names), name=f"{prefix}rows"
    )
    query = select(rows.render_derived())
    return insert(table).from_select(list(names), query if where is None else query.where(where))


def as_columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str], prefix: str = "") -> dict[str, list[Any]]:
    """The parameters of `insert_rows`."""
    return {prefix + name: [row[name] for row in rows] for name in names}


class Statement(Generic[Row]):
    """SQL with named parameters. `Statement[OrderRow](select(...))` gives rows that have the columns as attributes, as
    that class has; they are plain tuples, no objects that a session knows.

    It takes what SQLAlchemy builds (`select(...)` with `bindparam("name")`) or text with `:name`. What varies in number
    is one array: `= ANY(:ids)`, `unnest(:ids)`.
    """

    def __init__(self, what: ClauseElement | str) -> None:
        compiled: Any = (text(what) if isinstance(what, str) else what).compile(dialect=DIALECT)
        if getattr(compiled, "insert_prefetch", ()) or getattr(compiled, "update_prefetch", ()):
            raise TypeError("a column's default is made by Python: give its value as a parameter")
        self._wanted = frozenset(name for name, bind in compiled.binds.items() if bind.required)
        whole = compiled.construct_expanded_state(dict.fromkeys(self._wanted))  # fixed lists are written out
        self.sql = whole.statement
        self._values = [
            (name, whole.parameters[name], whole.processors.get(name) or _encoder(compiled.binds.get(name)))
            for name in whole.positiontup or ()
        ]
        self._names = frozenset(name for name, _, _ in self._values)
        self._decode: list[Convert | None] = [
            each[3].dialect_impl(DIALECT).result_processor(DIALECT, None) for each in compiled._result_columns
        ]
        self._plain = not any(self._decode)
        self._make: Convert | None = None

    async def all(self, session: AnySession, **values: Any) -> list[Row]:
        """Every row."""
        return self._rows(await self._fetch(session, values))

    async def rows(self, where: AnySession | Database, **values: Any) -> list[Row]:
        """Every row: in a session's transaction, or by itself."""
        return await (self.once(where, **values) if isinstance(where, Database) else self.all(where, **values))

    async def one(self, where: AnySession | Database, **values: Any) -> Row | None:
        """The first of `rows`, if there is one."""
        return next(iter(await self.rows(where, **values)), None)

    async def scalars(self, session: AnySession, **values: Any) -> list[Any]:
        """The first column of every row."""
        decode = self._decode[0] if self._decode else None
        records = await self._fetch(session, values)
        return [decode(record[0]) for record in records] if decode else [record[0] for record in records]

    async def scalar(self, session: AnySession, **values: Any) -> Any:
        """The first column of the first row; None without a row."""
        found = await self.scalars(session, **values)
        return found[0] if found else None

    async def run(self, session: AnySession, **values: Any) -> None:
        """Do it; nothing is asked back."""
        await self._fetch(session, values)

    def _arguments(self, values: dict[str, Any]) -> list[Any]:
        if values.keys() != self._wanted and not self._wanted <= values.keys() <= self._names:
            raise TypeError(f"parameters are {sorted(self._wanted)}, not {sorted(values)}")
        arguments = []
        for name, fixed, encode in self._values:
            value = values.get(name, fixed)
            arguments.append(encode(value) if encode is not None else value)
        return arguments

    async def once(self, database: Database, **values: Any) -> list[Row]:
        """Every row of what is a transaction by itself, without BEGIN and COMMIT."""
        arguments = self._arguments(values)
        with wrapped(self.sql, None):
            connection = await database.engine.raw_connection()
        driver: Any = connection.driver_connection
        try:
            with wrapped(self.sql, driver):
                records: list[asyncpg.Record] = await driver.fetch(self.sql, *arguments)
        except BaseException as failure:
            if _is_spoilt(driver, failure):
                give_up(database.engine.pool, connection, failure)
            raise
        finally:
            connection.close()
        return self._rows(records)

    async def _fetch(self, session: AnySession, values: dict[str, Any]) -> list[asyncpg.Record]:
        arguments = self._arguments(values)
        driver = await session.driver()
        try:
            with wrapped(self.sql, driver):
                records: list[asyncpg.Record] = await driver.fetch(self.sql, *arguments)
        except BaseException as failure:
            if _is_spoilt(driver, failure):
                await session.give_up(failure)
            raise
        return records

    def _rows(self, records: list[asyncpg.Record]) -> list[Row]:
        if not records:
            return []
        make = self._make or self._learn(records[0])
        return [make(record) for record in records]

    def _learn(self, record: asyncpg.Record) -> Convert:
        """How a record of this statement becomes a row: known once the first has come."""
        row: Any = namedtuple("Row", record.keys(), rename=True)  # type: ignore[misc]
        if self._plain:
            self._make = row._make
        else:
            decode = self._decode
            self._make = lambda record: row._make(
                value if change is None or value is None else change(value)
                for change, value in zip(decode, record, strict=True)
            )
        return self._make


def _encoder(bind: Any) -> Convert | None:
    encode: Convert | None = bind.type.dialect_impl(DIALECT).bind_processor(DIALECT) if bind is not None else None
    return encode


def _is_spoilt(driver: asyncpg.Connection, failure: BaseException) -> bool:
    """Whether the connection is of no more use: it is gone, or it was left in the middle of something."""
    lost = getattr(failure, "connection_invalidated", False)
    return lost or driver.is_closed() or not isinstance(failure, Exception)
