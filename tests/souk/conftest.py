"""A database with nothing but the tables that all services have, for tests of what every service stands on."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from souk.database import Database, fixed_settings
from souk.database.embedded import EmbeddedServer
from souk.events import tables


@pytest.fixture
async def event_database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    name = f"t_events_{uuid4().hex[:12]}"
    admin = await postgres.admin()
    await admin.execute(f"CREATE DATABASE {name}")
    engine = create_async_engine(postgres.url(name).replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
        await connection.run_sync(fixed_settings.metadata.create_all)
        await connection.exec_driver_sql("CREATE TABLE effect (event_id uuid, note text)")
    await engine.dispose()
    database = Database(postgres.url(name), service="store", pool_max=20)
    yield database
    await database.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
