"""How PostgreSQL answers what the catalogue asks: the statements of a search again, explained."""

from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from souk.database import AnySession, Database, Statement

Asking = Callable[[AsyncSession], Awaitable[Any]]


async def plans_of(database: Database, asking: Asking, *, analyze: bool = False) -> list[str]:
    """The plan of each statement over listings that `asking` sends, with the settings it had then."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append((statement, parameters))

    fetch = Statement._fetch

    async def heard(self: Statement[Any], session: AnySession, values: dict[str, Any]) -> Any:
        sent.append((self.sql, tuple(self._arguments(values))))
        return await fetch(self, session, values)

    event.listen(database.readers.sync_engine, "before_cursor_execute", note)
    try:
        with patch.object(Statement, "_fetch", heard):
            async with database.reading() as session:
                await asking(session)
    finally:
        event.remove(database.readers.sync_engine, "before_cursor_execute", note)
    plans = []
    async with database.reading() as session:
        connection = await session.connection()
        for statement, parameters in sent:
            if "set_config" in statement:
                await connection.exec_driver_sql(statement, parameters)
            elif "listing" in statement and not statement.startswith("EXPLAIN"):
                explain = "EXPLAIN (ANALYZE, COSTS OFF)" if analyze else "EXPLAIN (COSTS OFF)"
                lines = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
                plans.append("\n".join(line for (line,) in lines))
    return plans
