"""What a page costs: calls between services and statements, counted, so that a growing number is seen.

Of pages that were looked at before, for what is kept is asked for once. Times are the benchmarks' (`misc/bench/pages.py`).
"""

from pathlib import Path

import httpx
import pytest

from souk.database.embedded import ServiceUrls
from tests.calls import calls_made
from tests.journeys.conftest import embedded_world
from tests.journeys.people import log_in
from tests.statements import statements_of

VISITOR = {
    "/": (1, 3),
    "/browse?price_min=5&sort=price_up": (1, 4),
    "/browse?q=celadon": (1, 11),
    "/listings/{pot}": (1, 1),
    "/sellers/{seller}": (2, 8),
}
"""The most calls and statements of a visitor's pages; BEGIN and the end of a transaction do not count."""

MEMBER = {
    "/": (8, 17),
    "/browse?price_min=5&sort=price_up": (3, 9),
    "/listings/{pot}": (4, 10),
    "/cart": (3, 6),
    "/checkout": (5, 10),
    "/orders": (4, 11),
    "/wallet": (5, 12),
}
"""The same of somebody who is logged in and has something in the cart. Two calls and four statements are the frame's: who
asks, and the numbers beside their name."""

TRIES = 8
"""The cheapest counts: relays and what is read anew every few seconds come in between."""

FORGOTTEN = "souk_seen"
"""The cookie of what was looked at, which would make the next page another one."""


@pytest.mark.usefixtures("at_rest")
async def test_what_pages_ask_for(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, shop):
        seller, buyer = await world.person("Sela"), await world.person("Ana", 100_000)
        pots = [await seller.sell(f"Celadon tea pot {number}", 1_234, 5) for number in range(3)]
        await buyer.put_in_cart(pots[0])
        transport = httpx.ASGITransport(shop.entrypoint)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", timeout=30) as browser:
            found = {}
            for who, pages in (("visitor", VISITOR), ("member", MEMBER)):
                if who == "member":
                    await log_in(browser, buyer)
                for path in pages:
                    where = path.format(pot=f"{pots[0]}-celadon-tea-pot-0", seller=seller.id)
                    tries = []
                    for _ in range(TRIES):
                        with calls_made() as calls, statements_of(*shop.databases.values()) as said:
                            assert (await browser.get(where)).status_code == 200, where
                        browser.cookies.pop(FORGOTTEN, None)
                        tries.append((calls, said))
                    found[who, path] = min(tries, key=lambda one: len(one[0]) + len(one[1]))
        for (who, path), (calls, said) in found.items():
            calls_max, statements_max = (VISITOR if who == "visitor" else MEMBER)[path]
            assert len(calls) <= calls_max, (who, path, calls)
            assert len(said) <= statements_max, (who, path, "\n".join(said))
