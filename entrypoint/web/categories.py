"""What pages ask other services for and can do without."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from souk.contracts.catalogue.categories import Category
from souk.errors import RuleBroken
from souk.http.client import ServiceClient
from souk.observability.logging import get_logger

NUMBERS_WAIT_S = 1.0
"""How long a page waits for the numbers of its frame; without them it is shown all the same."""

CATEGORIES_KEPT_S = 30.0
RETRY_S = 2.0
"""How long a page does without categories before it asks again, if they could not be had."""

T = TypeVar("T")


class Categories:
    """The category tree, asked for at most every 30 seconds; an old answer is better than none."""

    def __init__(self, catalogue: ServiceClient) -> None:
        self._catalogue = catalogue
        self._until = 0.0
        self.all: list[Category] = []

    @property
    def roots(self) -> list[Category]:
        """Those without a parent: what the frame shows."""
        return [category for category in self.all if category.parent is None]

    async def fresh(self) -> list[Category]:
        """The tree as it is, or as it last was."""
        if time.monotonic() >= self._until:
            found = await tolerated("categories", self._catalogue.get("/categories", list[Category]), None)
            self._until = time.monotonic() + (RETRY_S if found is None else CATEGORIES_KEPT_S)
            self.all = self.all if found is None else found
        return self.all

    def forget(self) -> None:
        """The tree was changed here: ask anew."""
        self._until = 0.0


async def tolerated(name: str, asked: Awaitable[T], default: T | None) -> T | None:
    """What was asked for, or the default if it does not come in time or is refused."""
    try:
        async with asyncio.timeout(NUMBERS_WAIT_S):
            return await asked
    except (RuleBroken, TimeoutError, msgspec.MsgspecError) as failure:
        get_logger("entrypoint").warning("frame without a number", number=name, error=repr(failure)[:300])
        return default
