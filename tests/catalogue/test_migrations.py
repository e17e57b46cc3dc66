"""The migrations make exactly the tables that the code speaks of, and can be undone."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from catalogue.tables import metadata
from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for, upgrade
from souk.events import tables as event_tables
from tests.conftest import drop_database, fresh_database


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection)
    found: list[object] = compare_metadata(context, [metadata, event_tables.metadata])  # type: ignore[arg-type]
    return found


def _downgrade(connection: Connection) -> None:
    config = config_for("catalogue")
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_migrated_database_and_metadata_agree(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "catalogue")
    engine = create_async_engine(make_url(urls.owner).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        assert await connection.run_sync(_differences) == []
        await connection.run_sync(_downgrade)
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    assert await upgrade(urls.owner, "catalogue")
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
    await drop_database(postgres, urls)
