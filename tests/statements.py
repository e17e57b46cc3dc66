"""What a service says to its database, statement by statement: for tests that count them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from souk.database import AnySession, Database, Statement


@contextmanager
def statements_of(*databases: Database) -> Iterator[list[str]]:
    """The text of every statement that these databases are sent from now on."""
    said: list[str] = []
    engines = [one.sync_engine for database in databases for one in (database.engine, database.readers)]
    fetch, once = Statement._fetch, Statement.once

    async def heard(self: Statement[Any], session: AnySession, values: dict[str, Any]) -> Any:
        if session.get_bind() in engines:
            said.append(self.sql)
        return await fetch(self, session, values)

    async def heard_once(self: Statement[Any], database: Database, **values: Any) -> Any:
        if database.engine.sync_engine in engines:
            said.append(self.sql)
        return await once(self, database, **values)

    def listener(*about: Any) -> None:
        said.append(about[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", listener)
    try:
        with patch.object(Statement, "_fetch", heard), patch.object(Statement, "once", heard_once):
            yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", listener)
