"""Key figures of the last hour, as this instance counts them with the other workers of its machine: for a shop without Grafana.

Embedded, all services count here; elsewhere only the entrypoint's own figures are here.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from prometheus_client import REGISTRY
from prometheus_client.samples import Sample

from entrypoint.web.marking import N_
from souk.money import exponent
from souk.observability import metrics

EVERY_S = 10.0
SAMPLES_MAX = 360
"""An hour."""

WIDTH, HEIGHT = 240, 48
"""Of a plot, in its own units."""

REQUESTS = "souk_public_requests_total"

Labels = Mapping[str, str]


class Figure(NamedTuple):
    """Something that is plotted: the sum of a metric's samples, or how fast that grows."""

    title: str
    unit: str
    sample: str
    wanted: Callable[[Labels], bool]
    per_s: float = 0.0
    """Seconds of the unit in which growth is told (60: per minute); 0 for a value that is not a counter."""
    is_money: bool = False
    """The sample counts minor units, and the figure tells units."""


def _any(_: Labels) -> bool:
    return True


FIGURES = (
    Figure(N_("Requests"), "/s", REQUESTS, _any, per_s=1),
    Figure(
        N_("Failed requests"),
        "/min",
        REQUESTS,
        lambda labels: labels["outcome"] == "failed",
        per_s=60,
    ),
    Figure(
        N_("Purchases paid"),
        "/min",
        "souk_purchases_total",
        lambda labels: labels["outcome"] == "paid",
        per_s=60,
    ),
    Figure(N_("Money in escrow"), "", "souk_escrow_minor_units", _any, is_money=True),
    Figure(N_("Events waiting"), "", "souk_outbox_pending", _any),
    Figure(N_("Users here"), "", "souk_active_users", _any),
)


class Plot(NamedTuple):
    """A figure's course, ready to draw."""

    title: str
    latest: float
    greatest: float
    unit: str
    points: str
    """An SVG polyline's, in a box of WIDTH times HEIGHT."""


class KeyFigures:
    """Remembers the figures' values."""

    def __init__(self, currency: str) -> None:
        self._minor_units = 10 ** exponent(currency)
        self._known: deque[list[float | None]] = deque(maxlen=SAMPLES_MAX + 1)

    async def watch(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Take a sample of every figure."""
        found = metrics.samples({figure.sample for figure in FIGURES}, REGISTRY)
        self._known.append([_value(figure, found) for figure in FIGURES])

    def plots(self) -> list[Plot]:
        """Every figure that is counted here and that there are at least two values of."""
        courses = [(figure, self._course(number, figure)) for number, figure in enumerate(FIGURES)]
        return [_plot(figure, course) for figure, course in courses if len(course) > 1]

    def _course(self, number: int, figure: Figure) -> list[float]:
        values = [row[number] for row in self._known]
        known = [value / (self._minor_units if figure.is_money else 1) for value in values if value is not None]
        if not figure.per_s:
            return known
        return [max(0.0, after - before) / EVERY_S * figure.per_s for before, after in pairwise(known)]


def _value(figure: Figure, found: Sequence[Sample]) -> float | None:
    """The figure now; None if nobody counts it here."""
    own = [sample for sample in found if sample.name == figure.sample]
    return sum(sample.value for sample in own if figure.wanted(sample.labels)) if own else None


def _plot(figure: Figure, course: Sequence[float]) -> Plot:
    greatest = max(course)
    step = WIDTH / max(1, len(course) - 1)
    heights = [HEIGHT - 2 - (HEIGHT - 4) * (value / greatest if greatest else 0) for value in course]
    points = " ".join(f"{number * step:.1f},{height:.1f}" for number, height in enumerate(heights))
    return Plot(figure.title, course[-1], greatest, figure.unit, points)
