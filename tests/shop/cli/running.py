"""A shop of its own for a test, as `souk run` in processes."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.ports import free_port


class Shop:
    """One shop's data folder, and `souk run` over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SOUK_")} | {
            "SOUK_DATA_DIR": str(folder),
            "SOUK_PORT": str(self.port),
            "SOUK_SELF_DEPOSIT": "true",
        }

    def start(self, *, wait: bool = True, workers: int | None = None) -> "Running":
        running = Running(self, workers)
        if wait:
            running.until_open()
        return running

    def processes(self) -> list[psutil.Process]:
        """Everything that runs over this folder: the shop, its server, its heirs, its drawing processes."""
        mark = f"SOUK_DATA_DIR={self.folder}"
        return [process for process in psutil.process_iter() if self._is_ours(process, mark)]

    def _is_ours(self, process: psutil.Process, mark: str) -> bool:
        try:
            return f"{self.folder}/" in " ".join(process.cmdline()) or mark in [
                f"{name}={value}" for name, value in process.environ().items()
            ]
        except psutil.Error:
            return False

    def audit(self) -> None:
        command = [sys.executable, "-m", "shop", "audit"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert "Everything adds up." in done.stdout, done.stdout + done.stderr

    def until_nothing_runs(self) -> None:
        until(lambda: not self.processes(), lambda: f"left behind: {self.processes()}")


class Running:
    """A shop that runs."""

    def __init__(self, shop: Shop, workers: int | None = None) -> None:
        self.shop = shop
        self.said = shop.folder.parent / f"said-{time.monotonic_ns()}"
        with self.said.open("wb") as said:
            command = [sys.executable, "-m", "shop", "run", "--no-demo"]
            command += [] if workers is None else ["--workers", str(workers)]
            self.process = subprocess.Popen(
                command, env=shop.environment, stdout=said, stderr=said, start_new_session=True
            )

    def ask(self, path: str) -> int:
        """The status of an answer; 0 if nobody answers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.shop.port}{path}", timeout=20).status_code
        except httpx.HTTPError:
            return 0

    def until_open(self) -> None:
        until(lambda: self.ask("/health/ready") == 200, lambda: self.said.read_text()[-3000:])

    def spawned(self) -> list[psutil.Process]:
        """Workers, or what a lone process draws with."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it ends just now
                if "spawn_main" in str(child.cmdline()):
                    found.append(child)
        return found

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


def until(condition: Callable[[], bool], failure: Callable[[], str], seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure()
        time.sleep(0.05)


def register(http: httpx.Client, email: str = "anna@example.org") -> str:
    """An account; its token."""
    body = {"email": email, "password": "correct-horse-battery-staple-9", "country": "FR"}
    http.post("/users", json=body | {"display_name": "Anna"}).raise_for_status()
    token: str = http.post("/tokens", json={key: body[key] for key in ("email", "password")}).json()["token"]
    return token
