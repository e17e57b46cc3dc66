"""What a page costs: of a visitor and of somebody who is logged in, at 1 and at 8 clients, against `souk run` in a process of
its own; and, counted in a second shop over the same data, the statements and the calls between services behind it.

`SOUK_BENCH_LISTINGS` makes the shop larger (100,000 is the full form), `SOUK_BENCH_DATA` keeps it from one run to the next.
"""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from misc.bench.figures import folder
from misc.bench.running import processors, running
from shop.demo.products import PRODUCTS
from shop.embedded import open_shop
from souk.http import app
from tests.calls import calls_made
from tests.journeys.people import Person, log_in
from tests.statements import statements_of

LISTINGS = int(os.environ.get("SOUK_BENCH_LISTINGS", "2000"))
CLIENTS = (1, 8)
WARM_UP = 200
MEASURED_S = 2.0
COUNTED = 20
"""Requests whose statements are counted."""

SEED = 12
VARIANTS = 200
"""Different requests of one kind, so that no answer is simply that of the last one."""

SETTINGS = {"SOUK_LOG_LEVEL": "INFO", "SOUK_API_REQUESTS_PER_MINUTE": "100000000"}
WORDS = ("lamp", "jacket", "table", "vase", "oak", "teal", "chair", "colour", "silver", "glass")

Headers = Mapping[str, str]


async def bench() -> dict[str, str]:
    """The embedded size, as it comes."""
    with ExitStack() as stack:
        kept = os.environ.get("SOUK_BENCH_DATA")
        data = Path(kept) if kept else stack.enter_context(folder())
        if not (data / "d").exists():
            environment = os.environ | {"SOUK_DATA_DIR": str(data / "d"), "SOUK_LOG_LEVEL": "WARNING"}
            command = [sys.executable, "-m", "shop", "demo", "--listings", str(LISTINGS), "--no-pictures"]
            subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: ASYNC221
        figures: dict[str, str] = {"listings": str(LISTINGS)}
        async with running(data, SETTINGS) as (process, http):
            paths, people = await _paths(http), await _people(http)
            for who, headers in people.items():
                for what, asked in paths.items():
                    figures[f"{what}, {who}"] = await _measure(
                        partial(processors, process, data), str(http.base_url), asked, headers(what)
                    )
        counted = await _count(data, paths, people)
    return {what: f"{figure}   {counted.get(what, '')}".rstrip() for what, figure in figures.items()}


async def _paths(http: httpx.AsyncClient) -> dict[str, list[str]]:
    """What is asked for, each kind in many variants."""
    dice = random.Random(SEED)
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while len(items) < VARIANTS:
        page = (await http.get("/api/v1/listings", params={"limit": 100, **cursor})).json()
        items, cursor = items + page["items"], {"cursor": page["next_cursor"]}
        if not page["next_cursor"]:
            break
    roots = sorted({product.family for product in PRODUCTS})
    ranges = [(dice.choice(roots), dice.randrange(5, 90)) for _ in range(VARIANTS)]
    return {
        "home": ["/"],
        "results": [f"/browse?category={c}&price_min={low}&price_max={low + 60}&sort=price_up" for c, low in ranges],
        "text search": [f"/browse?q={word}" for word in WORDS],
        "listing": [f"/listings/{each['id']}-{each['slug']}" for each in items],
        "results, JSON": [
            f"/api/v1/listings?category={c}&price_min={low}00&price_max={low + 60}00&sort=price_up" for c, low in ranges
        ],
        "text search, JSON": [f"/api/v1/listings?sort=relevance&q={word}" for word in WORDS],
        "listing, JSON": [f"/api/v1/listings/{each['id']}" for each in items],
    }


async def _people(http: httpx.AsyncClient) -> dict[str, Callable[[str], Headers]]:
    """The headers of a visitor's requests and of a member's: the session's cookie for pages, the token for the API."""
    member = await Person(http, "Nora").register()
    await log_in(http, member)
    cookie = {"cookie": f"souk_session={http.cookies['souk_session']}"}
    return {"visitor": lambda _: {}, "member": lambda what: member.headers if what.endswith("JSON") else cookie}


async def _measure(used_by: Callable[[], dict[str, float]], url: str, paths: list[str], headers: Headers) -> str:
    """Requests a second at 1 and 8 clients, and the processors' time of one at 8."""
    place = httpx.URL(url)
    sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = [
        f"GET {path} HTTP/1.1\r\nhost: {place.netloc.decode()}\r\naccept-encoding: gzip\r\n{sent}\r\n".encode()
        for path in paths
    ]
    await _drive(place, requests, 1, count_max=WARM_UP)
    rates, each = [], ""
    for clients in CLIENTS:
        before = used_by()
        done = await _drive(place, requests, clients, seconds=MEASURED_S)
        used = {name: (seconds - before[name]) * 1000 / done for name, seconds in used_by().items()}
        rates.append(f"{done / MEASURED_S:5.0f}/s")
        each = f"{used['serving']:5.1f} + {used['database']:4.1f} ms"
    return f"{each}   {' '.join(rates)}"


async def _drive(
    place: httpx.URL, requests: list[bytes], clients: int, *, seconds: float = 60.0, count_max: int = sys.maxsize
) -> int:
    """Ask in turn over so many connections, by the leanest client there is: it should measure the shop. How many came."""
    numbers, until, done = count(), time.perf_counter() + seconds, 0

    async def client() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(place.host, place.port)
        while time.perf_counter() < until and (number := next(numbers)) < count_max:
            writer.write(requests[number % len(requests)])
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            length = re.search(rb"\r\ncontent-length: (\d+)", head)
            assert length is not None, head
            await reader.readexactly(int(length[1]))
            done += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return done


async def _count(
    data: Path, paths: Mapping[str, list[str]], people: Mapping[str, Callable[[str], Headers]]
) -> dict[str, str]:
    """Statements, and calls between services, behind one request. Sweepers, which come whenever they come, rest."""

    async def rest(*_: Any) -> None:
        await asyncio.Event().wait()

    figures = {}
    with patch.object(app, "run_sweepers", rest), patch.dict(os.environ, SETTINGS | {"SOUK_LOG_LEVEL": "ERROR"}):
        async with open_shop(data / "d") as shop:
            transport = httpx.ASGITransport(shop.entrypoint)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                for who, headers in people.items():
                    for what, asked in paths.items():
                        kinds = asked[:COUNTED] if len(asked) >= COUNTED else asked * (COUNTED // len(asked))
                        for path in kinds:  # what was just asked for is kept
                            await http.get(path, headers=headers(what))
                        with statements_of(*shop.databases.values()) as said, calls_made() as called:
                            for path in kinds:
                                await http.get(path, headers=headers(what))
                        each = len(said) / len(kinds), len(called) / len(kinds)
                        figures[f"{what}, {who}"] = "{:4.1f} statements {:4.1f} calls".format(*each)
    return figures
