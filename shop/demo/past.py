"""A clock that can be turned back for those who tell the demo's past, and for nobody else.

While a past is told, what the story does and what follows from it (events, sweepers, all work in the background) live
at the story's time. Visitors live in the present, and may only look: see `entrypoint.context.filling`. The story's time
never runs back, so what is booked later is also dated later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from souk.clock import SystemClock

_telling: ContextVar[bool] = ContextVar("telling", default=False)


@contextmanager
def telling() -> Iterator[None]:
    """What runs in here, and every task begun in here, lives at the story's time."""
    token = _telling.set(True)
    try:
        yield
    finally:
        _telling.reset(token)


class PastClock(SystemClock):
    """The machine's clock, which shows the story's time within `telling`."""

    def __init__(self) -> None:
        self._back: timedelta | None = None

    def now(self) -> datetime:
        now = super().now()
        return now - self._back if self._back is not None and _telling.get() else now

    @property
    def turned_back(self) -> bool:
        """Whether a past is being told."""
        return self._back is not None

    def turn_to(self, moment: datetime) -> None:
        """Let the story's time go on from here; a moment that it has passed changes nothing."""
        back = max(super().now() - moment, timedelta())
        self._back = back if self._back is None else min(self._back, back)

    def return_to_present(self) -> None:
        """The past is told: from now on there is one time for everybody."""
        self._back = None
