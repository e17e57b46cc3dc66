"""How long a page of 24 listings takes at 100,000, over HTTP, for one client."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from misc.bench.figures import folder, spread
from tests.ports import free_port

LISTINGS = 100_000
WARM_UP = 30
REQUESTS = 200
ASKED = {
    "API, newest": "/api/v1/listings?limit=24",
    "API, category by price": "/api/v1/listings?limit=24&category=home&sort=price_up",
    "API, a common word": "/api/v1/listings?limit=24&q=lamp",
    "page, newest": "/browse",
    "page, category by price": "/browse?category=home&sort=price_up",
    "page, a common word": "/browse?q=lamp",
}


async def bench() -> dict[str, str]:
    """The shop in its own process, asked over loopback."""
    with folder() as data:
        environment = os.environ | {"SOUK_DATA_DIR": str(data), "SOUK_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "shop", "demo", "--listings", str(LISTINGS), "--no-pictures"]
        started = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: ASYNC221
        filled = time.perf_counter() - started
        figures = {f"filling {LISTINGS} listings": f"{filled:.0f} s, {LISTINGS / filled:.0f} a second"}
        return figures | await _ask(data, environment)


async def _ask(data: Path, environment: dict[str, str]) -> dict[str, str]:
    port = free_port()
    command = [sys.executable, "-m", "shop", "run", "--port", str(port)]
    with (data / "bench.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
    figures = {}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as asking:
            await _open(asking)
        for what, path in ASKED.items():
            took = _take(port, path)
            figures[what] = spread(took)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    return figures


def _take(port: int, path: str) -> list[float]:
    """Seconds per answer, over one connection, by the leanest client there is: it should measure the shop."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(WARM_UP + REQUESTS):
        started = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        if number >= WARM_UP:
            took.append(time.perf_counter() - started)
        assert response.status == 200, body
    connection.close()
    return took


async def _open(asking: httpx.AsyncClient) -> None:
    until = time.perf_counter() + 60
    while time.perf_counter() < until:
        try:
            await asking.get("/health/live")
            return
        except httpx.TransportError:
            time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs here
    raise TimeoutError("the shop did not open")
