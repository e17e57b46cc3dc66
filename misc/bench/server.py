"""uvicorn and granian beside each other: the same app, the same requests, in one run."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from misc.bench.figures import folder, percentile
from shop.databases import open_embedded
from shop.runtime import make_keys
from souk.http.identity import Signer
from tests.ports import free_port

SECONDS = 5
CLIENTS = 16
PATHS = {"a small answer": "/health/live", "categories from the database": "/categories"}


async def bench() -> dict[str, str]:
    """Requests a second and memory of one worker of the catalogue under each server."""
    figures: dict[str, str] = {}
    with folder() as data:
        server, urls = await open_embedded(data)
        private, public = make_keys()
        try:
            for name in ("uvicorn", "granian"):
                environment = os.environ | {
                    "SOUK_SERVE_SERVICE": "catalogue",
                    "SOUK_DATABASE_URL": urls["catalogue"].app,
                    "SOUK_IDENTITY_PRIVATE_KEY": private["catalogue"],
                    "SOUK_IDENTITY_PUBLIC_KEYS": f'{{"entrypoint": {_quoted(public["entrypoint"])}}}',
                    "SOUK_DATA_DIR": str(data),
                    "SOUK_LOG_LEVEL": "WARNING",
                }
                figures |= await _one(name, environment, data, private["entrypoint"])
        finally:
            server.stop()
    return figures


def _quoted(pem: str) -> str:
    return '"' + pem.replace("\n", "\\n") + '"'


async def _one(name: str, environment: dict[str, str], data: Path, key: str) -> dict[str, str]:
    port = free_port()
    target = "shop.cli.serve:app_from_environment"
    commands = {
        "uvicorn": ["-m", "uvicorn", target, "--factory", "--port", str(port), "--no-access-log", "--loop", "uvloop"],
        "granian": ["-m", "granian", target, "--factory", "--port", str(port), "--interface", "asgi", "--no-access-log",
                    "--loop", "uvloop"],
    }  # fmt: skip
    with (data / f"{name}.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, *commands[name]], env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
    headers = {"authorization": f"Bearer {Signer('entrypoint', key).token('catalogue')}"}
    figures = {}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            until = time.perf_counter() + 60
            while True:
                try:
                    await http.get("/health/live")
                    break
                except httpx.TransportError:
                    assert time.perf_counter() < until, (data / f"{name}.log").read_text()[-2000:]
                    await asyncio.sleep(0.05)
            for what, path in PATHS.items():
                figures[f"{name}, {what}"] = await _drive(port, path, headers)
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            figures[f"{name}, resident memory"] = f"{sum(p.memory_info().rss for p in family) / 1_000_000:.0f} MB"
    finally:
        process.terminate()
        process.wait(20)
    return figures


async def _drive(port: int, path: str, headers: dict[str, str]) -> str:
    """With wrk if it is there (a Python client is slower than the servers), else with httpx."""
    url = f"http://127.0.0.1:{port}{path}"
    wrk = shutil.which("wrk")
    if wrk:
        sent = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = [wrk, "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *sent, url]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        out = (await process.communicate())[0].decode()
        lines = {line.split()[0]: line.split()[1] for line in out.splitlines() if len(line.split()) == 2}
        return f"{lines['Requests/sec:']} requests/s   p50 {lines['50%']}   p99 {lines['99%']}"
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    async def client() -> None:
        async with httpx.AsyncClient(headers=headers) as http:
            while time.perf_counter() < until:
                started = time.perf_counter()
                await http.get(url)
                took.append(time.perf_counter() - started)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return f"{len(took) / SECONDS:.0f} requests/s   p50 {percentile(took, 50) * 1000:.1f} ms   p99 {percentile(took, 99) * 1000:.1f} ms"
