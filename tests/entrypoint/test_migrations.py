"""The migrated database is what the tables say, and can be taken back."""

from importlib import import_module

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from entrypoint.audit import CHECKS
from entrypoint.database import Base
from souk.database import Database, pins
from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for
from souk.events import tables as event_tables
from tests.conftest import drop_database, fresh_database

TABLES = ("accounts", "sessions", "tokens", "limits", "notifications", "drafts", "mailing")


@pytest.fixture(autouse=True)
def _all_tables() -> None:
    for name in TABLES:
        import_module(f"entrypoint.{name}.tables")


async def test_the_tables_are_what_the_code_says(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [Base.metadata, event_tables.metadata, pins.metadata]))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_it_can_be_taken_back(postgres: EmbeddedServer) -> None:
    def back(connection: Connection) -> None:
        config = config_for("entrypoint")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    urls = await fresh_database(postgres, "entrypoint")
    engine = create_async_engine(urls.owner.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(back)
        left = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert set(left) == {"alembic_version", "pinned"}
    await engine.dispose()
    await drop_database(postgres, urls)


async def test_every_audit_query_runs_and_finds_nothing_in_an_empty_shop(database: Database) -> None:
    async with database.reading() as reader:
        for check in CHECKS:
            assert (await reader.execute(text(check.sql))).all() == []
