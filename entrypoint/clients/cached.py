"""Answers that change rarely, and that many pages show."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from entrypoint.clients.fallbacks import tolerated

T = TypeVar("T")

RETRY_S = 2.0
"""How long pages do without an answer, or with the old one, before it is asked for again, if it did not come."""


class Cached(Generic[T]):
    """One answer, asked for at most every `kept_s` seconds; an old one is better than none."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]], kept_s: float) -> None:
        self._name, self._ask, self._kept_s = name, ask, kept_s
        self._until = 0.0
        self._changes = 0
        self.last: T | None = None

    async def fresh(self) -> T | None:
        """The answer as it is, or as it last was; None if it was never had and does not come now."""
        if time.monotonic() >= self._until:
            known = self._changes
            self._keep(await tolerated(self._name, self._ask(), None), known)
        return self.last

    async def needed(self) -> T:
        """The same for a page that has nothing to offer without it; raises Unavailable if it was never had nor comes."""
        if self.last is None:
            known = self._changes
            self._keep(await self._ask(), known)
        answer = await self.fresh()
        assert answer is not None
        return answer

    def forget(self) -> None:
        """It was changed: ask anew."""
        self._until = 0.0
        self._changes += 1

    def _keep(self, answer: T | None, known: int) -> None:
        kept_s = RETRY_S if answer is None else self._kept_s
        self._until = time.monotonic() + kept_s if known == self._changes else 0.0  # changed while it was asked for
        self.last = self.last if answer is None else answer
