"""`souk run` in a process of its own, and what it takes of the processors."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from tests.ports import free_port

START_MAX_S = 120.0


def processors(root: psutil.Process, data: Path, *, root_serves: bool = True) -> dict[str, float]:
    """Seconds of the processors that a shop over this folder has taken, by what took them.

    Those who serve are `root` itself, or its children if it does not (`souk run` with several workers, or the four
    services that a benchmark started); whom they started draw documents.
    """
    used = {"serving": 0.0, "drawing": 0.0, "database": 0.0, "broker": 0.0}
    if root_serves:
        used["serving"] = _seconds(root)
        used["drawing"] = sum(map(_seconds, root.children(recursive=True)))
    else:
        for child in root.children():
            if child.name() != "postgres":
                used["serving"] += _seconds(child)
                used["drawing"] += sum(map(_seconds, child.children(recursive=True)))
    for each in psutil.process_iter(["name", "cmdline"]):
        if str(data) in " ".join(each.info["cmdline"] or ()):
            if each.info["name"] == "postgres":
                used["database"] = sum(map(_seconds, [each, *each.children()]))
            elif each.info["name"] == "beam.smp":
                used["broker"] = _seconds(each)
    return used


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


@asynccontextmanager
async def running(
    data: Path, settings: Mapping[str, str], *, workers: int = 1
) -> AsyncIterator[tuple[psutil.Process, httpx.AsyncClient]]:
    """The shop over what is in the folder, once it answers."""
    port = free_port()
    environment = {**os.environ, **settings, "SOUK_PORT": str(port), "SOUK_DATA_DIR": str(data / "d")}
    command = [sys.executable, "-m", "shop", "run", "--no-demo", "--workers", str(workers)]
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
