"""The migrations can be undone, and done again."""

from alembic import command
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for, upgrade
from tests.conftest import drop_database, fresh_database
from tests.laws import drift, law_files


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _downgrade(connection: Connection) -> None:
    config = config_for("store")
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_what_was_migrated_can_be_undone_and_done_again(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "store")
    engine = create_async_engine(make_url(urls.owner).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        before = await connection.run_sync(_tables)
        await connection.run_sync(_downgrade)
        assert await connection.run_sync(_tables) == {"alembic_version", "pinned"}
    assert await upgrade(urls.owner, "store")
    async with engine.connect() as connection:
        assert await connection.run_sync(_tables) == before
    await engine.dispose()
    await drop_database(postgres, urls)


async def test_the_laws_in_force_are_those_of_the_files(postgres: EmbeddedServer) -> None:
    assert await drift(postgres, "store", law_files("store")) == []
