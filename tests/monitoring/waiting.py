"""Waiting for what a test needs, never for a fixed time."""

import time
from collections.abc import Callable

import httpx

READY_MAX_S = 60


def wait_until(comes: Callable[[], bool], what: str) -> None:
    """Wait for something; fails the test, naming what does not come, after a minute."""
    until = time.monotonic() + READY_MAX_S
    while True:
        try:
            if comes():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.1)
