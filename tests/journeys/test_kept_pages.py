"""Visitors' pages are kept as they were rendered: what differs from one reader to the next is never another's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from souk.database.embedded import ServiceUrls
from souk.database.engine import POOL_TIMEOUT_S
from tests.form import TOKEN
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import log_in
from tests.page import Page


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


def _browser(world: World) -> httpx.AsyncClient:
    """Another one beside that of the world."""
    return httpx.AsyncClient(transport=world.http._transport, base_url=world.http.base_url)


async def test_each_visitor_gets_a_token_of_their_own(world: World) -> None:
    seller = await world.person("Sela")
    pot = await seller.sell("Celadon tea pot", 1_234)
    where = (await world.http.get(f"/listings/{pot}")).headers["location"]
    async with _browser(world) as one, _browser(world) as other:
        for path in ("/browse", where):
            pages = [(browser, (await browser.get(path)).text) for browser in (one, other, one)]
            tokens = [Page(page).token for _, page in pages]
            assert len(set(tokens)) == 3, "each page has its own"
            assert len({page.replace(token, "") for (_, page), token in zip(pages[:2], tokens, strict=False)}) == 1
            for (browser, _), token in zip(pages, tokens, strict=True):
                assert (await browser.post("/theme", data={TOKEN: token, "theme": "system"})).status_code == 303
            stolen = {TOKEN: tokens[0], "theme": "system"}
            assert (await other.post("/theme", data=stolen)).status_code == 403


async def test_nobody_gets_a_members_page(world: World) -> None:
    seller, member = await world.person("Sela"), await world.person("Marigold", 5_000)
    pot = await seller.sell("Celadon tea pot", 1_234)
    where = (await world.http.get(f"/listings/{pot}")).headers["location"]
    async with _browser(world) as browser, _browser(world) as visitor:
        await log_in(browser, member)
        for path in ("/", "/browse", where):
            for _ in range(2):
                own, others = await browser.get(path), await visitor.get(path)
                assert "Marigold" in own.text and "€50.00" in own.text
                assert "etag" not in own.headers and own.headers["cache-control"] == "private, no-store"
                assert "Marigold" not in others.text and "/login" in Page(others.text).leads_to


async def test_many_pages_at_once_do_not_wait_for_each_others_connections(
    urls: dict[str, ServiceUrls], tmp_path: Path
) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        seller, member = await world.person("Sela"), await world.person("Marigold")
        await seller.sell("Celadon tea pot", 1_234)
        async with _browser(world) as browser:
            await log_in(browser, member)
            paths = [f"/browse?seller={seller.id}&price_max={price}" for price in range(20, 60)]
            async with asyncio.timeout(POOL_TIMEOUT_S):
                pages = await asyncio.gather(*(browser.get(path) for path in paths))
            assert all("Celadon" in page.text for page in pages)


async def test_a_page_follows_its_reader(world: World) -> None:
    await (await world.person("Sela")).sell("Celadon tea pot", 123_456)
    plain = (await world.http.get("/browse")).text
    assert "€1,234.56" in Page(plain) and not Page(plain).has("[data-theme]")
    assert "1.234,56" in (await world.http.get("/browse", headers={"accept-language": "en-DE"})).text
    await world.http.post("/theme", data={TOKEN: Page(plain).token, "theme": "dark", "next": "/browse"})
    assert Page((await world.http.get("/browse")).text).has("html[data-theme=dark]")
    async with _browser(world) as other:
        assert not Page((await other.get("/browse")).text).has("[data-theme]")


async def test_a_browser_that_has_the_page_is_told_so(world: World) -> None:
    seller = await world.person("Sela")
    pot = await seller.sell("Celadon tea pot", 1_234)
    where = (await world.http.get(f"/listings/{pot}")).headers["location"]
    for path in ("/", "/browse", where):
        async with _browser(world) as browser, _browser(world) as other:
            first = await browser.get(path)
            known = {"if-none-match": first.headers["etag"]}
            assert first.headers["cache-control"] == "private, no-cache"
            assert first.headers["etag"].startswith('W/"') and "cookie" in first.headers["vary"].lower()
            again = await browser.get(path, headers=known)
            assert (again.status_code, again.content) == (304, b"")
            assert (again.headers["etag"], again.headers["vary"]) == (first.headers["etag"], "Cookie, Accept-Language")
            assert (await other.get(path, headers=known)).status_code == 200, "its forms carry another token"
            await seller.ask("PATCH", f"/listings/{pot}", json={"price": seller.money(4_321)})
            assert (await browser.get(path, headers=known)).status_code == 200
            await seller.ask("PATCH", f"/listings/{pot}", json={"price": seller.money(1_234)})


async def test_what_a_visitor_looked_at_is_kept_nowhere(world: World) -> None:
    seller = await world.person("Sela")
    pots = [await seller.sell(f"Celadon tea pot {number}", 1_234) for number in range(2)]
    async with _browser(world) as browser:
        for pot in pots:
            last = await browser.get(f"/listings/{pot}", follow_redirects=True)
        for page in (last, await browser.get("/")):
            assert "You looked at" in page.text
            assert "etag" not in page.headers and page.headers["cache-control"] == "private, no-store"
    async with _browser(world) as other:
        assert "You looked at" not in (await other.get(last.url.path)).text


async def test_public_answers_of_the_api_can_be_asked_for_again(world: World) -> None:
    seller = await world.person("Sela")
    pot = await seller.sell("Celadon tea pot", 1_234)
    for path in (f"/api/v1/listings/{pot}", "/api/v1/listings?limit=5"):
        first = await world.http.get(path)
        known = {"if-none-match": first.headers["etag"]}
        assert first.headers["cache-control"] == "no-cache" and "Authorization" in first.headers["vary"]
        assert (await world.http.get(path, headers=known)).status_code == 304
        own = await world.http.get(path, headers=known | seller.headers)
        assert own.status_code == 200 and "etag" not in own.headers and own.headers["cache-control"] == "no-store"
        await seller.ask("PATCH", f"/listings/{pot}", json={"price": seller.money(int(path[-1] == "5") + 99)})
        changed = await world.http.get(path, headers=known)
        assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]
