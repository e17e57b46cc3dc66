"""Buyers who walk from the cart to paid over and over, against `souk run` in a process of its own: purchases a second, how
long the last step takes, and the processors' time that a purchase costs, by process."""

import asyncio
import random
import time
from typing import Any

import httpx
import psutil

from misc.bench.figures import folder, percentile
from misc.bench.running import processors, running
from tests.journeys.people import ADDRESS, Person

BUYERS = (1, 8, 32)
SELLERS = 8
LISTINGS = 40
WARM_S, MEASURED_S = 3.0, 15.0
MONEY = 9_000_000

SETTINGS = {
    "SOUK_LOG_LEVEL": "INFO",
    "SOUK_NEW_SELLER_LISTINGS_MAX": "0",
    "SOUK_DEPOSIT_DAILY_LIMIT": "100000000000",
    "SOUK_API_REQUESTS_PER_MINUTE": "100000000",
    "SOUK_REGISTRATIONS_PER_PLACE_MAX": "100000",
    "SOUK_LOGIN_TRIES_PER_PLACE_MAX": "100000",
}
"""As it comes, but for limits that one machine's many people would run into."""


async def bench() -> dict[str, str]:
    """The embedded size, with durability on."""
    with folder() as data:
        async with running(data, SETTINGS) as (process, http):
            listings, people = await _people(http)
            figures: dict[str, str] = {}
            for buyers in BUYERS:
                figures |= await _measure(process, http, people[:buyers], listings)
            return figures


async def _people(http: httpx.AsyncClient) -> tuple[list[str], list[Person]]:
    """Sellers' listings, and buyers with money."""
    listings: list[str] = []
    for number in range(SELLERS):
        seller = await Person(http, f"Seller {number}").register()
        listings += [
            await seller.sell(f"Postcards {number}-{n}", 100, quantity=1000) for n in range(LISTINGS // SELLERS)
        ]
    people = []
    for number in range(max(BUYERS)):
        buyer = await Person(http, f"Buyer {number}").register()
        await buyer.add_money(MONEY)
        people.append(buyer)
    return listings, people


async def _measure(
    process: psutil.Process, http: httpx.AsyncClient, people: list[Person], listings: list[str]
) -> dict[str, str]:
    started = time.perf_counter()
    begin, end = started + WARM_S, started + WARM_S + MEASURED_S
    took: list[float] = []
    used: dict[str, float] = {}

    async def buys(buyer: Person) -> None:
        while time.perf_counter() < end:
            last = await _buy(buyer, random.choice(listings))
            if begin <= time.perf_counter() < end:
                took.append(last)

    async def watches() -> None:
        await asyncio.sleep(WARM_S)
        before = processors(process)
        await asyncio.sleep(MEASURED_S)
        used.update({name: seconds - before.get(name, 0.0) for name, seconds in processors(process).items()})

    await asyncio.gather(watches(), *(buys(buyer) for buyer in people))
    each = ", ".join(f"{name} {seconds * 1000 / len(took):.0f} ms" for name, seconds in sorted(used.items()))
    return {
        f"{len(people)} buyers, purchases a second": f"{len(took) / MEASURED_S:.1f}",
        f"{len(people)} buyers, from the click to paid": (
            f"p50 {percentile(took, 50) * 1000:.0f} ms   p99 {percentile(took, 99) * 1000:.0f} ms"
        ),
        f"{len(people)} buyers, processors' time of a purchase": each,
    }


async def _buy(buyer: Person, listing: str) -> float:
    """Buy one; the seconds of the last step."""
    await buyer.ask("PUT", f"/cart/lines/{listing}", json={"quantity": 1})
    cart = await buyer.ask("GET", "/cart")
    body = {"address": ADDRESS, "total": cart["total"]}
    started = time.perf_counter()
    key = {"idempotency-key": f"{buyer.id}-{started}"}
    purchase: dict[str, Any] = await buyer.ask("POST", "/purchases", json=body, headers=key)
    while purchase["status"] in ("placed", "awaiting_payment"):
        purchase = await buyer.ask("GET", f"/purchases/{purchase['id']}", params={"wait_ms": 2000})
    assert purchase["status"] == "paid", purchase
    return time.perf_counter() - started
