"""The page of notices: those of one order together, with a picture, unfolded and read without scripts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.entrypoint.pages.test_watching import news
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import a_picture, logged_in


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def test_the_notices_of_an_order_stand_together_with_its_picture(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp, rug = await seller.sell("Brass lamp", 4200, picture=a_picture()), await seller.sell("Red rug", 1500)
    orders = []
    for listing in (lamp, rug):
        await buyer.put_in_cart(listing)
        orders += (await buyer.check_out())["orders"]
    await seller.ask("POST", f"/orders/{orders[0]['id']}/shipment", json={})
    assert len(await news(buyer, 3)) == 3
    browser = await logged_in(buyer, "/notifications")
    assert "Notifications, 2 unread" in browser.page
    newest, other = browser.page.parts("main li:has(> .picture)")
    assert newest.has(f"img[src='/pictures/{orders[0]['picture']}']") and "Brass lamp" in newest
    said = newest.text
    assert said.index("is on its way to you.") < said.index("1 earlier") < said.index("is held until it arrived.")
    assert newest.has("details") and "earlier" not in other
    assert "No picture" in other and "Red rug" in other
    await browser.press("Mark as read: Brass lamp")
    assert "Notifications, 1 unread" in browser.page
    assert "Red rug" in browser.page.text.partition("Unread: ")[2]
    await browser.forge("/notifications/read", {"next": "//evil.example"})
    assert (browser.path, "unread" in browser.page.main) == ("/notifications", False)
    [told] = (await seller.ask("GET", "/notifications", params={"limit": 1}))["items"]
    assert told["order_id"] == orders[1]["id"]
    for old in ("x", told["id"]):
        refused = await seller.send("GET", "/notifications", params={"before": old})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "before")
        assert (await logged_in(buyer, f"/notifications?before={old}")).status == 400
