"""The migrated database is what the tables say, and can be taken back."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from entrypoint.audit import CHECKS
from entrypoint.database import Base
from souk.database import Database, fixed_settings
from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for
from souk.events import tables as event_tables
from tests.conftest import drop_database, fresh_database
from tests.laws import drift, law_files

TABLES = ("accounts", "devices", "sessions", "tokens", "limits", "notifications", "drafts", "mailing")


@pytest.fixture(autouse=True)
def _all_tables() -> None:
    for name in TABLES:
        import_module(f"entrypoint.{name}.tables")


async def test_the_tables_are_what_the_code_says(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [Base.metadata, event_tables.metadata, fixed_settings.metadata]))

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


async def test_addresses_are_compared_anew_and_the_proved_one_of_two_keeps_its_own(postgres: EmbeddedServer) -> None:
    def to(revision: str) -> Callable[[Connection], None]:
        def move(connection: Connection) -> None:
            config = config_for("entrypoint")
            config.attributes["connection"] = connection
            (command.upgrade if revision == "head" else command.downgrade)(config, revision)

        return move

    urls = await fresh_database(postgres, "entrypoint")
    engine = create_async_engine(urls.owner.replace("postgresql://", "postgresql+asyncpg://"))
    keys = {"x@bücher.example": "x@bücher.example", "x@xn--bcher-kva.example": "x@xn--bcher-kva.example"}
    keys |= {"Straße@Example.org": "strasse@example.org"}
    async with engine.begin() as connection:
        await connection.run_sync(to("0004"))
        for number, (email, key) in enumerate(keys.items()):
            user = {"id": UUID(int=number), "email": email, "key": key, "at": datetime(2026, 1, 1, number, tzinfo=UTC)}
            await connection.execute(text(USER), user)
        box = {"id": UUID(int=1), "at": datetime(2026, 2, 1, tzinfo=UTC)}
        await connection.execute(text(BOX), box)
        await connection.run_sync(to("head"))
        found = await connection.execute(text('SELECT email, email_key, proved_at IS NOT NULL FROM "user" ORDER BY id'))
        rows = [tuple(row) for row in found]
    await engine.dispose()
    await drop_database(postgres, urls)
    assert rows == [
        ("x@bücher.example", f"x@xn--bcher-kva.example {UUID(int=0)}", False),
        ("x@xn--bcher-kva.example", "x@xn--bcher-kva.example", True),
        ("Straße@Example.org", "straße@example.org", False),
    ]


USER = """INSERT INTO "user" (id, email, email_key, display_name, country, password_hash, version, created_at)
          VALUES (:id, :email, :key, 'A', 'GB', '', 1, :at)"""
BOX = """INSERT INTO mailbox (user_id, confirmed_at, orders, watching, searches, locale, next_at)
         VALUES (:id, :at, true, true, true, 'en', :at)"""


async def test_every_audit_query_runs_and_finds_nothing_in_an_empty_shop(database: Database) -> None:
    async with database.reading() as reader:
        for check in CHECKS:
            assert (await reader.execute(text(check.sql))).all() == []


async def test_the_laws_in_force_are_those_of_the_files(postgres: EmbeddedServer) -> None:
    assert await drift(postgres, "entrypoint", law_files("entrypoint")) == []
