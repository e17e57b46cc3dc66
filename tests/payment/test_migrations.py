"""The migrations make exactly the tables that the code means, and can be taken back."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import payment.app  # noqa: F401 - every table is known once the service can be wired
from payment.database import Base
from souk.database import fixed_settings
from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for
from souk.events import tables
from tests.conftest import drop_database, fresh_database


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, [Base.metadata, tables.metadata, fixed_settings.metadata]))


def _downgrade(connection: Connection) -> None:
    config = config_for("payment")
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_the_database_is_what_the_code_means(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "payment")
    engine = create_async_engine(urls.owner.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        assert await connection.run_sync(_differences) == []
        await connection.run_sync(_downgrade)
        left = await connection.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        )
        shared = {"pinned", "pk_pinned", "alembic_version", "pk_alembic_version", "alembic_version_pkc"}
        assert {name for (name,) in left} <= shared
        functions = await connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        )
        assert functions == 0
    await engine.dispose()
    await drop_database(postgres, urls)
