"""The running catalogue with a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from catalogue.settings import CatalogueSettings
from shop.runtime import make_keys, running_app
from shop.services import create_app
from souk.clock import ManualClock
from souk.database.embedded import EmbeddedServer
from souk.events.embedded import EmbeddedTransport
from tests.catalogue.harness import Caller, Shop
from tests.conftest import drop_database, fresh_database


@pytest.fixture
async def shop(postgres: EmbeddedServer, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Shop]:
    urls = await fresh_database(postgres, "catalogue")
    private, public = make_keys()
    settings = CatalogueSettings(
        database_url=urls.app,
        database_pool_max=30,
        data_dir=tmp_path,
        identity_private_key=private["catalogue"],
        identity_public_keys=public,
        category_counts_age_max_s=0,
    )
    app = create_app(settings, transport=EmbeddedTransport(), clock=clock)
    async with (
        running_app(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://catalogue") as http,
    ):
        yield Shop(app.state.kernel, http, private, app.state.rules)
    await drop_database(postgres, urls)


@pytest.fixture
def seller(shop: Shop) -> Caller:
    return shop.user()


@pytest.fixture
def other(shop: Shop) -> Caller:
    return shop.user()


@pytest.fixture
def visitor(shop: Shop) -> Caller:
    return shop.service("entrypoint")
