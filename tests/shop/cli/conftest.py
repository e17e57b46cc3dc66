"""A shop that leaves nothing behind."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.shop.cli.running import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with TemporaryDirectory(prefix="souk-") as folder:
        made = Shop(Path(folder) / "data")
        try:
            yield made
            made.until_nothing_runs()
        finally:
            for process in made.processes():
                process.kill()
