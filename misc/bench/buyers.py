"""Buyers who walk from the cart to paid over and over, against `souk run` in a process of its own: purchases a second, how
long the last step takes, and the processors' time that a purchase costs, by process."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from misc.bench.figures import folder, percentile
from tests.journeys.people import ADDRESS, Person
from tests.ports import free_port

BUYERS = (1, 8, 32)
SELLERS = 8
LISTINGS = 40
WARM_S, MEASURED_S = 3.0, 15.0
START_MAX_S = 120.0
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
        async with _shop(data) as (process, http):
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
        before = _processors(process)
        await asyncio.sleep(MEASURED_S)
        used.update({name: seconds - before.get(name, 0.0) for name, seconds in _processors(process).items()})

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


def _processors(process: psutil.Process) -> dict[str, float]:
    """Seconds of the processors that the shop's processes have taken, by what they are."""
    used = {"serving": 0.0, "database": 0.0, "drawing": 0.0}
    folder = process.environ()["SOUK_DATA_DIR"]
    for each in psutil.process_iter(["name", "cmdline"]):
        if each.info["name"] == "postgres" and folder in " ".join(each.info["cmdline"]):
            used["database"] = sum(map(_seconds, [each, *each.children()]))
    used["serving"] = _seconds(process)
    used["drawing"] = sum(map(_seconds, process.children(recursive=True)))
    return used


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@asynccontextmanager
async def _shop(data: Path) -> AsyncIterator[tuple[psutil.Process, httpx.AsyncClient]]:
    port = free_port()
    environment = {**os.environ, **SETTINGS, "SOUK_PORT": str(port), "SOUK_DATA_DIR": str(data / "d")}
    command = [sys.executable, "-m", "shop", "run", "--no-demo", "--workers", "1"]
    with (data / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220 - this program
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            until = time.perf_counter() + START_MAX_S
            while True:
                try:
                    if (await http.get("/browse")).status_code == 200:
                        break
                except httpx.TransportError:
                    assert time.perf_counter() < until, (data / "log").read_text()[-2000:]
                await asyncio.sleep(0.1)
            yield psutil.Process(process.pid), http
    finally:
        process.terminate()
        process.wait(30)
