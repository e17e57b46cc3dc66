"""A shop on a port of loopback, and a Chromium that walks it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright

from souk.database.embedded import ServiceUrls
from souk.runtime import Shop
from tests.journeys.conftest import World, embedded_world
from tests.ports import free_port


class OpenShop:
    """The shop's address, and the way around the browser."""

    def __init__(self, address: str, world: World, services: Shop) -> None:
        self.address = address
        self.world = world
        self.services = services


@pytest.fixture
async def shop(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[OpenShop]:
    """The embedded shop behind a real server; ends with a clean audit."""
    async with open_shop(urls, tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def open_shop(urls: dict[str, ServiceUrls], folder: Path, **settings: Any) -> AsyncIterator[OpenShop]:
    """The embedded shop with these settings behind a real server; ends with a clean audit."""
    port = free_port()
    address = f"http://localhost:{port}"
    async with embedded_world(urls, folder, public_url=address, **settings) as (world, services):
        config = uvicorn.Config(
            services.entrypoint,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]  # pytest's, not ours
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.01)
        yield OpenShop(address, world, services)
        services.entrypoint.state.parts.live.close()
        server.should_exit = True
        await serving
        await world.audit()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A headless Chromium that calls nobody but the shop."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=chromium, args=[*quiet, "--disable-sync", "--no-first-run"]
        )
        yield made
        await made.close()
