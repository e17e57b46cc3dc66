"""The calls that services make of each other: for tests that count them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from souk.http.client import ServiceClient


@contextmanager
def calls_made() -> Iterator[list[str]]:
    """Every call from now on, as `GET catalogue /listings`."""
    made: list[str] = []
    send = ServiceClient.send

    async def noted(self: ServiceClient, method: str, path: str, **more: Any) -> Any:
        made.append(f"{method} {self.service} {path}")
        return await send(self, method, path, **more)

    with patch.object(ServiceClient, "send", noted):
        yield made
