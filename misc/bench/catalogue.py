"""Finding among a million listings, over HTTP, one client at a time: pages, words, facets, suggestions; and the import.

The data is the demo's. `SOUK_BENCH_DATA` keeps it in a folder from one run to the next (a million listings take a
quarter of an hour to fill in), `SOUK_BENCH_LISTINGS` makes it smaller.
"""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from textwrap import indent
from urllib.parse import urlencode

from catalogue.categories.categories import read_tree
from catalogue.search.filters import Filters
from catalogue.search.pages import search
from catalogue.search.query import Words
from misc.bench.figures import folder, percentile, settle, spread
from shop.databases import open_embedded
from shop.demo.listings import listing
from shop.demo.products import BRANDS, PRODUCTS
from souk.clock import SystemClock
from souk.contracts.catalogue.search import Sort
from souk.database import Database
from tests.catalogue.plans import plans_of
from tests.ports import free_port

LISTINGS = int(os.environ.get("SOUK_BENCH_LISTINGS", "1000000"))
SMALL = 10_000
"""What a large shop is compared with."""

WARM_UP = 40
REQUESTS = 300
SEED = 20

ROUNDS = {"just started": 7, "running": 8}
"""Everything is asked twice, with other dice: first of a server that has nothing in its memory yet. Most listings that a
question is the first to look at are then read from the file cache, which takes five times as long."""

Pairs = list[tuple[str, str]]
COMMON = ("lamp", "jacket", "table", "vase", "colour", "farbe", "teal", "oak", "silla", "chaise", "blouson", "taza")
"""Words of many listings; in a title, or only in what describes them."""

CONDITIONS = ("like_new", "good", "fair", "new")


def _category(dice: Random) -> str:
    return dice.choice(PRODUCTS).category


def _root(dice: Random) -> str:
    return dice.choice(PRODUCTS).family


def _filtered(dice: Random) -> Pairs:
    """Two to four filters, and an order."""
    product = dice.choice(PRODUCTS)
    asked: Pairs = [("category", dice.choice((product.category, product.family)))]
    if dice.random() < 0.5:
        asked.append(("condition", dice.choice(CONDITIONS)))
    if dice.random() < 0.5:
        low = dice.randrange(500, 30_000)
        asked += [("price_min", str(low)), ("price_max", str(low * 3))]
    if dice.random() < 0.5:
        asked.append(("attribute", f"brand:{dice.choice(BRANDS[product.family])}"))
    if dice.random() < 0.3:
        asked.append(("language", dice.choice(("en", "de", "fr"))))
    return [*asked, ("sort", dice.choice(("newest", "price_up", "price_down")))]


def _trusted(dice: Random) -> Pairs:
    """Of well-rated sellers who take offers, in a main category or anywhere."""
    where: Pairs = [("category", _root(dice))] if dice.random() < 0.7 else []
    asked = [
        ("accepts_offers", "true"),
        *([("rating_min", dice.choice(("3", "4", "4.5")))] if dice.random() < 0.5 else []),
    ]
    return [*where, *asked, ("sort", dice.choice(("newest", "price_up", "price_down")))]


def _rare(dice: Random) -> Pairs:
    """A title of one listing, as somebody looks for it again."""
    words = listing(SEED, dice.randrange(SMALL)).title.replace(",", " ").split()
    return [("q", " ".join(dice.sample(words, min(3, len(words))))), ("sort", "relevance")]


def _common(dice: Random) -> Pairs:
    return [("q", dice.choice(COMMON)), ("sort", "relevance")]


def _by_price(dice: Random) -> Pairs:
    """The cheapest or the dearest with a word: far from where listings with it are on the average."""
    return [("q", dice.choice(COMMON)), ("sort", dice.choice(("price_up", "price_down")))]


def _typed(dice: Random) -> Pairs:
    noun = dice.choice(dice.choice(PRODUCTS).nouns)
    return [("q", noun[: dice.randint(1, max(2, len(noun) - 1))])]


ASKED: dict[str, tuple[str, Callable[[Random], Pairs], float]] = {
    "newest in a category": ("/listings", lambda dice: [("category", _category(dice))], 50),
    "a main category by price": ("/listings", lambda dice: [("category", _root(dice)), ("sort", "price_up")], 50),
    "filtered and sorted": ("/listings", _filtered, 50),
    "by rating and offers": ("/listings", _trusted, 50),
    "a common word": ("/listings", _common, 80),
    "words of one listing": ("/listings", _rare, 80),
    "a common word in a category": ("/listings", lambda dice: [*_common(dice), ("category", _root(dice))], 80),
    "a common word by price": ("/listings", _by_price, 80),
    "facets of filters": ("/listings/facets", lambda dice: _filtered(dice)[:-1], 150),
    "facets of a common word": ("/listings/facets", lambda dice: _common(dice)[:1], 150),
    "facets of everything": ("/listings/facets", lambda dice: [], 150),
    "suggestions": ("/suggestions", _typed, 30),
}
"""What is asked: the route, the question, and the most that 99 of 100 may take, in ms."""


async def bench() -> dict[str, str]:
    """Both shops in turn, each in its own process, asked over loopback."""
    figures: dict[str, str] = {}
    medians: dict[int, dict[str, float]] = {}
    with ExitStack() as stack:
        kept = os.environ.get("SOUK_BENCH_DATA", "")
        place = Path(kept) if kept else stack.enter_context(folder())
        for count in (SMALL, LISTINGS):
            data = place / str(count)
            figures |= await _fill(data, count)
            asked = await asyncio.to_thread(_ask, data)
            medians[count] = {what: percentile(took, 50) for (state, what), took in asked.items() if state == "running"}
            for (state, what), took in asked.items():
                limit = "" if count == SMALL else f"   (p99 at most {ASKED[what][2]:.0f} ms)"
                figures[f"{count}, {state}: {what}"] = spread(took) + limit
        for what, median in medians[LISTINGS].items():
            figures[f"p50 at {LISTINGS} : at {SMALL}, {what}"] = f"{median / medians[SMALL][what]:.1f}"
        figures |= await _plans(place / str(LISTINGS))
    return figures


async def _fill(data: Path, count: int) -> dict[str, str]:
    """The demo's import, unless it was done before."""
    if (data / "postgres").exists():
        return {}
    command = [sys.executable, "-m", "shop", "demo", "--listings", str(count), "--no-pictures"]
    started = time.perf_counter()
    await asyncio.to_thread(subprocess.run, command, env=_environment(data), check=True, capture_output=True)
    took = time.perf_counter() - started
    server, _ = await open_embedded(data)
    admin = await server.admin("souk_catalogue")
    await settle(admin)
    await admin.close()
    server.stop()
    return {f"importing {count} listings": f"{took:.0f} s, {count / took:.0f} a second"}


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {
        "SOUK_DATA_DIR": str(data),
        "SOUK_LOG_LEVEL": "WARNING",
        "SOUK_API_REQUESTS_PER_MINUTE": "1000000",
    }  # nobody else asks


def _ask(data: Path) -> dict[tuple[str, str], list[float]]:
    port = free_port()
    with (data / "bench.log").open("ab") as log:
        command = [sys.executable, "-m", "shop", "run", "--port", str(port)]
        process = subprocess.Popen(command, env=_environment(data), stdout=log, stderr=log)
    try:
        _open(port)
        return {
            (state, what): _take(port, path, question, Random(seed))
            for state, seed in ROUNDS.items()
            for what, (path, question, _) in ASKED.items()
        }
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _take(port: int, path: str, question: Callable[[Random], Pairs], dice: Random) -> list[float]:
    """Seconds per answer, over one connection, by the leanest client there is: it should measure the shop."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(WARM_UP + REQUESTS):
        address = f"/api/v1{path}?{urlencode(question(dice))}"
        started = time.perf_counter()
        connection.request("GET", address)
        response = connection.getresponse()
        body = response.read()
        if number >= WARM_UP:
            took.append(time.perf_counter() - started)
        assert response.status == 200, (address, body)
    connection.close()
    return took


def _open(port: int) -> None:
    """Wait until the shop answers, and knows its words."""
    until = time.perf_counter() + 180
    while time.perf_counter() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/api/v1/suggestions?q=l")
            if json.loads(connection.getresponse().read()):
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.5)
    raise TimeoutError("the shop did not open")


HOT: dict[str, tuple[Filters, Sort]] = {
    "newest in a category": (Filters(category="lighting"), "newest"),
    "filtered by price": (Filters(category="lighting", attributes=(("brand", ("Fjellbo",)),)), "price_up"),
    "a common word": (Filters(words=Words(("lamp",))), "relevance"),
    "words of one listing": (Filters(words=Words(("fjellbo", "wingback", "teal"))), "relevance"),
}


async def _plans(data: Path) -> dict[str, str]:
    """How PostgreSQL answers the hot queries of the large shop."""
    server, urls = await open_embedded(data)
    database = Database(urls["catalogue"].app, service="catalogue", pool_max=2)
    figures = {}
    try:
        async with database.reading() as session:
            tree = await read_tree(session)
        now = SystemClock().now()
        for what, (filters, sort) in HOT.items():
            page = partial(search, filters=filters, sort=sort, cursor=None, limit=24, tree=tree, now=now)
            for number, plan in enumerate(await plans_of(database, page, analyze=True), start=1):
                print(f"\n  plan of {what}, statement {number}\n{indent(plan, '    ')}", flush=True)
                figures[f"plan of {what}, statement {number}"] = plan
    finally:
        await database.close()
        server.stop()
    return figures
