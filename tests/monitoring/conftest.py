"""The watched shop, once for all tests of this folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring.seen import HOW_TO_GET_PROMETHEUS, Seen, find_prometheus, watched_shop


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus' own checker; with it all of Prometheus is here."""
    if not find_prometheus():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Prometheus is not to be had here: {HOW_TO_GET_PROMETHEUS}")
        pytest.skip(f"Prometheus is not to be had here: {HOW_TO_GET_PROMETHEUS}")
    return str(shutil.which("promtool"))


@pytest.fixture(scope="session")
def seen(promtool: str) -> Iterator[Seen]:
    """A shop that has been used a little, and its Prometheus."""
    folder = Path(tempfile.mkdtemp(prefix="souk"))
    try:
        with watched_shop(folder) as shop:
            yield shop
    finally:
        shutil.rmtree(folder, ignore_errors=True)
