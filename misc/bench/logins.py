"""Pages while many log in at once: passwords are hashed a few at a time, beside the event loop, and no page waits for them."""

import asyncio
import time

import httpx

from misc.bench.buyers import SETTINGS
from misc.bench.figures import folder, spread
from misc.bench.running import running
from tests.journeys.people import Person

QUEUED = 50
"""Logins that wait at any time."""

READERS = 4
MEASURED_S = 10.0
LISTINGS = 20


async def bench() -> dict[str, str]:
    """How long pages take, without logins and with so many of them queued, in a shop of one worker."""
    figures: dict[str, str] = {}
    limits = {"SOUK_LOGIN_TRIES_MAX": "100000000", "SOUK_PASSWORD_QUEUE_MAX": str(2 * QUEUED)}
    with folder() as data:
        async with running(data, SETTINGS | limits) as (_, http):
            seller = await Person(http, "Seller").register()
            pages = ["/", "/browse"]
            pages += [f"/listings/{await seller.sell(f'Postcards {n}', 100)}" for n in range(LISTINGS)]
            figures["pages, nobody logs in"] = spread(await _read(http, pages))
            queue = [asyncio.create_task(_log_in(http)) for _ in range(QUEUED)]
            await asyncio.sleep(1)
            figures[f"pages, {QUEUED} logins queued"] = spread(await _read(http, pages))
            for each in queue:
                each.cancel()
            answers = await asyncio.gather(*queue, return_exceptions=True)
            failed = [each for each in answers if not isinstance(each, asyncio.CancelledError)]
            assert not failed, failed
    return figures


async def _log_in(http: httpx.AsyncClient) -> None:
    """Try for ever; a wrong password takes as long as the right one, and makes no token."""
    nobody = {"email": "nobody@example.org", "password": "not the password of anybody"}
    while True:
        answer = await http.post("/api/v1/tokens", json=nobody)
        assert answer.status_code == 401, answer.text


async def _read(http: httpx.AsyncClient, pages: list[str]) -> list[float]:
    """The seconds of each page, for readers who read one after the other."""
    took: list[float] = []
    until = time.perf_counter() + MEASURED_S

    async def reader(first: int) -> None:
        number = first
        async with httpx.AsyncClient(base_url=http.base_url, follow_redirects=True, timeout=60) as own:
            while time.perf_counter() < until:
                started = time.perf_counter()
                answer = await own.get(pages[number % len(pages)])
                took.append(time.perf_counter() - started)
                assert answer.status_code == 200, answer.text
                number += 1

    await asyncio.gather(*(reader(first) for first in range(READERS)))
    return took
