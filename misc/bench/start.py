"""How long `souk run` takes: the first time, to a page and to a shop that is full, and to the first page again; what it
then weighs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from misc.bench.figures import folder
from tests.ports import free_port

REQUESTS = 1000
LOOK_EVERY_S = 0.25
PATHS = (
    "/",
    "/browse",
    "/browse?q=lamp",
    "/browse?sort=price_up",
    "/login",
    "/help",
    "/api/v1/listings",
    "/api/v1/categories",
)


@dataclass(frozen=True)
class Started:
    """A shop that has just shown its first page."""

    http: httpx.AsyncClient
    process: psutil.Process
    begun: float
    seconds: float
    """To the first page."""

    @property
    def since(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.begun


async def bench() -> dict[str, str]:
    """A first start in an empty data folder, three more over the same one, and the memory after 1,000 requests."""
    with folder() as data:
        figures = await _first(data)
        starts, memory = [], 0.0
        for _ in range(3):
            async with _started(data) as shop:
                starts.append(shop.seconds)
                for number in range(REQUESTS):
                    response = await shop.http.get(PATHS[number % len(PATHS)])
                    assert response.status_code == 200, response.url
                family = (shop.process, *shop.process.children(recursive=True))
                memory = max(one.memory_info().rss for one in family) / 1_000_000
    return figures | {
        "start to first page (three times)": ", ".join(f"{seconds:.2f} s" for seconds in starts),
        f"resident memory of the largest process after {REQUESTS} requests": f"{memory:.0f} MB",
    }


async def _first(data: Path) -> dict[str, str]:
    async with _started(data) as shop:
        told, processors = 0.0, {}
        while True:
            processors |= _processors(shop.process)
            page = (await shop.http.get("/")).text
            if not told and "Buying and selling open" not in page:
                told = shop.since
            if told and "still to come" not in page:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        return {
            "first start to first page": f"{shop.seconds:.1f} s",
            "first start until people can buy": f"{told:.1f} s",
            "first start until all is there": f"{shop.since:.1f} s",
            "first start, processor time without PostgreSQL's": f"{sum(processors.values()):.0f} s",
        }


def _processors(process: psutil.Process) -> dict[int, float]:
    """Processor time by process id, of the shop and of those that draw."""
    found = {}
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[one.pid] = times.user + times.system
    return found


@asynccontextmanager
async def _started(data: Path) -> AsyncIterator[Started]:
    environment = os.environ | {"SOUK_DATA_DIR": str(data / "data"), "SOUK_LOG_LEVEL": "WARNING"}
    port, begun = free_port(), time.perf_counter()
    command = [sys.executable, "-m", "shop", "run", "--port", str(port)]
    with (data / "bench.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            while True:
                try:
                    if (await http.get("/")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.005)
            yield Started(http, psutil.Process(process.pid), begun, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
