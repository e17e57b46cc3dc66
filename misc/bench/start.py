"""How long `souk run` takes to the first page with everything in place, and what it then weighs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from misc.bench.figures import folder
from tests.ports import free_port

LISTINGS = 2000
REQUESTS = 1000
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


async def bench() -> dict[str, str]:
    """Three starts over the same data folder; memory after 1,000 requests."""
    with folder() as data:
        environment = os.environ | {"SOUK_DATA_DIR": str(data), "SOUK_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "souk", "demo", "--listings", str(LISTINGS), "--no-pictures"]
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: ASYNC221
        starts, memory = [], 0.0
        for _ in range(3):
            seconds, memory = await _start(data, environment)
            starts.append(seconds)
    shown = ", ".join(f"{seconds:.2f} s" for seconds in starts)
    return {
        "start to first page (three times)": shown,
        f"resident memory after {REQUESTS} requests": f"{memory:.0f} MB",
    }


async def _start(data: Path, environment: dict[str, str]) -> tuple[float, float]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    command = [sys.executable, "-m", "souk", "run", "--port", str(port)]
    with (data / "bench.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
    try:
        async with httpx.AsyncClient(base_url=base, timeout=30) as http:
            while True:
                try:
                    if (await http.get("/")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.005)
            seconds = time.perf_counter() - started
            for number in range(REQUESTS):
                response = await http.get(PATHS[number % len(PATHS)])
                assert response.status_code == 200, response.url
        memory = psutil.Process(process.pid).memory_info().rss / 1_000_000
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    return seconds, memory
