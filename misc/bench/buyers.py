"""Buyers who walk from the cart to paid over and over, against `souk run` in a process of its own: purchases a second, how
long the last step takes, and the processors' time that a purchase costs, by process."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any
from unittest.mock import patch

import httpx
import psutil

from misc.bench.figures import folder, percentile
from misc.bench.running import processors, running
from shop.databases import open_embedded
from tests.broker import HOW_TO_GET_BROKER, find_broker
from tests.journeys.conftest import process_world
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


Used = Callable[[], dict[str, float]]
"""The processors' time so far, by what took it."""


async def bench() -> dict[str, str]:
    """The embedded size, with durability on: in one process, and with as many workers as there are cores."""
    figures: dict[str, str] = {}
    for workers in sorted({1, os.cpu_count() or 1}):
        with folder() as data:
            async with running(data, SETTINGS, workers=workers) as (process, http):
                listings, _, people = await make_people(http)
                used = partial(processors, process, data, root_serves=workers == 1)
                for buyers in BUYERS:
                    found = await measure(used, people[:buyers], listings)
                    figures |= {f"{workers} workers, {what}": figure for what, figure in found.items()}
    return figures


async def bench_rabbitmq() -> dict[str, str]:
    """Four processes over RabbitMQ."""
    figures: dict[str, str] = {}
    with ExitStack() as stack:
        data = stack.enter_context(folder())
        broker = find_broker(data / "rabbitmq")
        assert broker, HOW_TO_GET_BROKER
        server, urls = await open_embedded(data)
        stack.enter_context(patch.dict(os.environ, SETTINGS))
        try:
            async with process_world(urls, data, broker.amqp_url) as (world, _):
                listings, _, people = await make_people(world.http)
                used = partial(processors, psutil.Process(), data, root_serves=False)
                for buyers in BUYERS:
                    figures |= await measure(used, people[:buyers], listings)
        finally:
            server.stop()
    return figures


async def make_people(http: httpx.AsyncClient) -> tuple[list[str], list[Person], list[Person]]:
    """Listings, their sellers, and buyers with money."""
    listings: list[str] = []
    sellers: list[Person] = []
    for number in range(SELLERS):
        seller = await Person(http, f"Seller {number}").register()
        sellers.append(seller)
        listings += [
            await seller.sell(f"Postcards {number}-{n}", 100, quantity=1000) for n in range(LISTINGS // SELLERS)
        ]
    people = []
    for number in range(max(BUYERS)):
        buyer = await Person(http, f"Buyer {number}").register()
        await buyer.add_money(MONEY)
        people.append(buyer)
    return listings, sellers, people


async def measure(used_by: Used, people: list[Person], listings: list[str]) -> dict[str, str]:
    """Let all of them buy at once, for a while."""
    started = time.perf_counter()
    begin, end = started + WARM_S, started + WARM_S + MEASURED_S
    took: list[float] = []
    used: dict[str, float] = {}

    async def buys(buyer: Person) -> None:
        while time.perf_counter() < end:
            last = await buy(buyer, random.choice(listings))
            if begin <= time.perf_counter() < end:
                took.append(last)

    async def watches() -> None:
        await asyncio.sleep(WARM_S)
        before = used_by()
        await asyncio.sleep(MEASURED_S)
        used.update({name: seconds - before.get(name, 0.0) for name, seconds in used_by().items()})

    await asyncio.gather(watches(), *(buys(buyer) for buyer in people))
    each = ", ".join(f"{name} {seconds * 1000 / len(took):.0f} ms" for name, seconds in sorted(used.items()))
    return {
        f"{len(people)} buyers, purchases a second": f"{len(took) / MEASURED_S:.1f}",
        f"{len(people)} buyers, from the click to paid": (
            f"p50 {percentile(took, 50) * 1000:.0f} ms   p99 {percentile(took, 99) * 1000:.0f} ms"
        ),
        f"{len(people)} buyers, processors' time of a purchase": each,
    }


async def buy(buyer: Person, listing: str) -> float:
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
