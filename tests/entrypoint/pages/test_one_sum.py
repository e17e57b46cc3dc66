"""One sum an event for buyers, what they paid or got back; gross, fee and net for sellers alone."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person, logged_in


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def look(browser: Browser, *paths: str) -> str:
    """What stands in the pages' main parts, as text."""
    return " ".join([(await browser.open(path)).main for path in paths])


async def told(person: Person, kind: str) -> str:
    """The notification of this kind, once it is there."""
    for _ in range(200):
        for item in (await person.ask("GET", "/notifications"))["items"]:
            if item["kind"] == kind:
                return str(item["text"])
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {kind}")


async def test_the_fee_is_between_the_seller_and_the_marketplace(world: World) -> None:
    """42.00, of which 2.10 are the fee; and of 10.00 that are given back later, 0.50."""
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Brass lamp", 4200))
    purchase = await buyer.check_out()
    [order] = purchase["orders"]
    await seller.ask("POST", f"/orders/{order['id']}/shipment", json={})
    await buyer.ask("POST", f"/orders/{order['id']}/receipt")
    full = await seller.order_when(order["id"], "completed")
    number, page = full["number"], f"/orders/{order['id']}"
    settled = await told(seller, "completed")
    assert settled == f"€42.00 for order {number}, less the fee of €2.10: €39.90 is in your wallet."
    lines = [{"line_id": full["lines"][0]["id"], "quantity": 0, "amount": seller.money(1000)}]
    await seller.ask(
        "POST", f"{page}/refunds", json={"lines": lines, "reason": "A dent."}, headers={"idempotency-key": "one"}
    )
    given = await told(seller, "refund_given")
    assert given == f"€10.00 of order {number} went back to the buyer: €9.50 of your wallet, and €0.50 of the fee."
    assert await told(buyer, "refunded") == f"€10.00 of order {number} is back in your wallet."

    browser = await logged_in(buyer, "/offers")
    pages = (page, f"/purchases/{purchase['id']}", "/notifications", "/wallet", "/wallet/statement", "/orders")
    seen = await look(browser, *pages)
    sellers = {"€2.10", "€39.90", "€0.50", "€9.50", "€37.80"}
    assert not sellers & set(re.findall("€[0-9.,]+[0-9]", seen))
    assert "€42.00 went to the seller" in seen and "€42.00 went to Sela after it arrived" in seen
    assert " fee" not in seen.lower()

    browser = await logged_in(seller, "/offers")
    seen = await look(browser, page)
    assert "€42.00 less the fee of €2.10: €39.90 for you" in seen
    for path in ("/wallet", "/wallet/statement"):
        seen = await look(browser, path)
        assert "€42.00 less €2.10 fee" in seen and "+€39.90" in seen, path
        assert "€10.00 to the buyer; €0.50 of the fee came back" in seen and "−€9.50" in seen, path
