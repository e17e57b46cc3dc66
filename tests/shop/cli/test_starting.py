"""A first start that is killed, and the next one: `souk run` as people use it, with pictures and all listings."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import pytest

from shop.demo.drawing import NICENESS
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_S = 400


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SOUK_")}
    return kept | {"SOUK_DATA_DIR": str(folder), "SOUK_LOG_LEVEL": "WARNING", "SOUK_PASSWORD_MEMORY_KIB": "64"}


@contextmanager
def started(folder: Path) -> Iterator[tuple[psutil.Popen, httpx.Client]]:
    """`souk run`, answering; stopped at the end as Ctrl-C does, unless it was killed."""
    port = free_port()
    command = [sys.executable, "-m", "shop", "run", "--port", str(port)]
    with (folder.parent / "run.log").open("ab") as log:
        process = psutil.Popen(command, env=environment(folder), stdout=log, stderr=log)
    with httpx.Client(base_url=f"http://localhost:{port}", timeout=60) as http:
        try:
            wait_for(lambda: answers(http), process)
            yield process, http
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(30)


def command(folder: Path, *words: str, code: int) -> str:
    """What another `souk` command says; fails the test if it ends otherwise."""
    call = [sys.executable, "-m", "shop", *words]
    done = subprocess.run(call, env=environment(folder), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def answers(http: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return http.get("/").status_code == 200
    return False


def wait_for(what: Callable[[], bool], process: psutil.Popen | None = None) -> None:
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "it did not come to that"
        assert process is None or process.poll() is None, "the process ended"
        time.sleep(0.05)


def state(folder: Path) -> dict[str, Any]:
    file = folder / "demo.json"
    found: dict[str, Any] = msgspec.json.decode(file.read_bytes()) if file.exists() else {}
    return found


def drawing(process: psutil.Popen) -> list[psutil.Process]:
    return [child for child in process.children(recursive=True) if child.nice() == NICENESS]


def test_a_killed_first_start_is_completed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    with started(folder) as (process, http):
        assert "listings are still to come" in http.get("/").text
        wait_for(lambda: state(folder).get("scenes", 0) >= 20, process)
        drawers = drawing(process)
        assert drawers
        process.kill()
        process.wait(30)
    wait_for(lambda: not any(drawer.is_running() for drawer in drawers))
    logins = (folder / "demo-logins.txt").read_text()
    interrupted = state(folder)
    assert not interrupted["done"]
    with started(folder) as (process, http):
        assert "runs already" in command(folder, "demo", code=1)
        wait_for(lambda: state(folder)["done"], process)
        assert state(folder)["begun"] == interrupted["begun"]
        assert (folder / "demo-logins.txt").read_text() == logins
        assert http.get("/api/v1/listings").json()["total"] > 1_000  # it counts no further
        for email, password in re.findall(r"(\S+@example\.org)\s+(\S+)", logins):
            answer = http.post("/api/v1/tokens", json={"email": email, "password": password})
            assert answer.status_code == 201, email
        assert "still to come" not in http.get("/").text
    told = (tmp_path / "run.log").read_text()
    assert logins in told
    assert "The demo is complete" in told
    command(folder, "audit", "--chain", code=0)
