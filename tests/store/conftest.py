"""A store on its own database."""

from collections.abc import AsyncIterator

import pytest

from souk.clock import ManualClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from tests.conftest import one_database
from tests.store.harness import Store


@pytest.fixture
async def database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    async for database in one_database(postgres, "store"):
        yield database


@pytest.fixture
async def store(database: Database, clock: ManualClock) -> AsyncIterator[Store]:
    store = Store(database, clock)
    yield store
    violations = await store.violations()
    await store.close()
    assert violations == []
