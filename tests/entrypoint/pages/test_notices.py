"""The page of notices: those of one order together, with a picture, unfolded and read without scripts."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.entrypoint.pages.test_offers import window
from tests.entrypoint.pages.test_watching import news
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import a_picture


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
    browser = await window(world, buyer, "/notifications")
    assert 'aria-label="Notifications, 2 unread"' in browser.page
    groups = re.findall(
        r'(?s)<li>\s*<span class="picture.*?(?=<li>\s*<span class="picture|</ul>\s*</div>)', browser.page
    )
    assert len(groups) == 2
    newest = groups[0]
    assert f'src="/pictures/{orders[0]["picture"]}"' in newest and "Brass lamp" in newest
    assert newest.index("is on its way to you.") < newest.index("1 earlier") < newest.index("is held until it arrived.")
    assert "<details>" in newest and "earlier" not in groups[1]
    assert 'aria-label="No picture"' in groups[1] and "Red rug" in groups[1]
    up_to = re.search(r'name="up_to" value="([^"]+)"><input type="hidden" name="order"', newest)
    assert up_to
    sent = {"up_to": up_to[1], "order": orders[0]["id"], "next": "/notifications"}
    await browser.send("/notifications/read", sent)
    assert 'aria-label="Notifications, 1 unread"' in browser.page
    assert "Red rug" in browser.page.partition("Unread: ")[2]
    await browser.send("/notifications/read", {"next": "//evil.example"})
    assert (browser.path, "unread" in browser.page.partition("<main")[2]) == ("/notifications", False)
    [told] = (await seller.ask("GET", "/notifications", params={"limit": 1}))["items"]
    assert told["order_id"] == orders[1]["id"]
    for old in ("x", told["id"]):
        refused = await seller.send("GET", "/notifications", params={"before": old})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "before")
        assert (await window(world, buyer, f"/notifications?before={old}")).status == 400
