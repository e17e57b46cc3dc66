"""A shop on a port of loopback, a Chromium that walks it, and a seller in front of it."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from shop.demo.pictures import draw
from shop.demo.spec import PictureSpec
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, Person
from tests.ports import free_port

HERE = Path(__file__).parent

DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}


class OpenShop:
    """The shop's address, and the way around the browser."""

    def __init__(self, address: str, world: World, services: Shop) -> None:
        self.address = address
        self.world = world
        self.services = services


@pytest_asyncio.fixture(loop_scope="session")
async def shop(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[OpenShop]:
    """The embedded shop behind a real server; ends with a clean audit."""
    async with open_shop(urls, tmp_path, category_counts_age_max_s=0) as made:
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests run in one event loop, for the Chromium that they share lives in it."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_chromium(chromium: str) -> AsyncIterator[Browser]:
    """A headless Chromium for all tests of a worker; it calls nobody but the shop."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=chromium, args=[*quiet, "--disable-sync", "--no-first-run"]
        )
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(one_chromium: Browser) -> AsyncIterator[Browser]:
    """A Chromium that knows nothing of the tests before: each window has a profile of its own, and none stays."""
    yield one_chromium
    for window in one_chromium.contexts:
        await window.close()


class Stall:
    """A seller in front of the selling form."""

    def __init__(self, page: Page, shop: OpenShop, seller: Person) -> None:
        self.page, self.shop, self.seller = page, shop, seller
        self.main = page.get_by_role("main")
        self.pictures = page.locator("[data-picture]")
        self.complaints: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def go(self, path: str) -> None:
        response = await self.page.goto(self.shop.address + path)
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"

    async def log_in(self, after: str) -> None:
        await self.go(f"/login?next={after}")
        await self.page.get_by_label("Email").fill(self.seller.email)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.main.get_by_role("button", name="Log in").click()
        await expect(self.page).to_have_url(re.compile(re.escape(after)))

    async def choose(self, *files: Path) -> None:
        await self.page.locator("#pictures").set_input_files(files)

    async def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            control = self.page.locator(f"#{name}")
            if name == "condition":
                await self.page.locator(f"[name=condition][value={text}]").check()
            elif name in ("category", "language"):
                await control.select_option(text)
            else:
                await control.fill(text)

    async def press(self, name: str) -> None:
        await self.main.get_by_role("button", name=name, exact=True).first.click()

    async def alts(self) -> list[str]:
        return [await one.input_value() for one in await self.page.locator("[name^=alt-]").all()]

    async def kept(self) -> None:
        """Wait until the form has kept itself."""
        await expect(self.page.locator("[data-autosave-note]")).to_contain_text(re.compile("Saved by itself|Kept for"))

    async def look(self) -> None:
        """Nothing sticks out, and assistive technology finds its way."""
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0
        results = await Axe().run(self.page)
        assert results.violations_count == 0, results.generate_report()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def size(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest_asyncio.fixture(loop_scope="session")
async def stall(shop: OpenShop, browser: Browser, size: Any) -> AsyncIterator[Stall]:
    seller = await shop.world.person("Anna")
    scheme: Any = "light" if size == DESK else "dark"
    window = await browser.new_context(viewport=size, color_scheme=scheme)
    made = Stall(await window.new_page(), shop, seller)
    yield made
    assert made.complaints == []
    await window.close()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"photo-{number}.jpg" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(draw(PictureSpec("lamp", number, colour="mustard"), size=(400 + 10 * number, 300)))
    return files
