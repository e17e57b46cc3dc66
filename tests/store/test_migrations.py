"""The migrated database can be taken back."""

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for
from tests.conftest import drop_database, fresh_database


def _back(connection: Connection) -> None:
    config = config_for("store")
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_it_can_be_taken_back(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "store")
    engine = create_async_engine(urls.owner.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(_back)
        left = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert list(left) == ["alembic_version"]
    await engine.dispose()
    await drop_database(postgres, urls)
