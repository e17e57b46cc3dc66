"""A pen that records flat shapes in picture units, so that one drawing serves every size, angle and shadow.

Units: the picture is 100 high and 133 wide with (0, 0) in its middle and y growing downwards.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

Point = tuple[float, float]
Points = Sequence[Point]
Colour = tuple[int, int, int]
Matrix = tuple[float, float, float, float, float, float]

SHADE: Colour = (58, 30, 66)
LIGHT: Colour = (255, 250, 238)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled outline, or a round-ended line when `width` is above zero."""

    points: list[Point]
    colour: tuple[int, int, int, int]
    width: float = 0.0


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """`a` moved the share `t` (0–1) of the way to `b`."""
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def dark(colour: Colour, t: float = 0.25) -> Colour:
    """The colour in shade: moved to a warm violet, which stays livelier than grey."""
    return mix(colour, SHADE, t)


def light(colour: Colour, t: float = 0.3) -> Colour:
    """The colour where light falls on it."""
    return mix(colour, LIGHT, t)


def arc(  # noqa: PLR0917 (geometry in the usual order)
    cx: float, cy: float, rx: float, ry: float, start: float, end: float, steps: int = 28
) -> list[Point]:
    """Points along an ellipse; angles in degrees, 0 to the right, 90 downwards."""
    a, span = radians(start), radians(end - start) / steps
    return [(cx + rx * cos(a + span * i), cy + ry * sin(a + span * i)) for i in range(steps + 1)]


def ring(cx: float, cy: float, rx: float, ry: float | None = None) -> list[Point]:
    """A closed ellipse as points."""
    return arc(cx, cy, rx, rx if ry is None else ry, 0, 360, 56)[:-1]


def box(x: float, y: float, w: float, h: float, r: float = 0.0) -> list[Point]:
    """A rectangle with rounded corners, from its top left."""
    r = min(r, w / 2, h / 2)
    if r <= 0:
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    corners = ((x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90), (x + r, y + r, 180))
    return [p for cx, cy, a in corners for p in arc(cx, cy, r, r, a, a + 90, 9)]


def smooth(points: Points, *, closed: bool = True, steps: int = 7) -> list[Point]:
    """A Catmull-Rom curve through the points: organic outlines from few numbers."""
    n = len(points)
    out: list[Point] = []
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = points[i - 1], points[i], points[(i + 1) % n], points[(i + 2) % n]
        else:
            p0, p1, p2, p3 = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, n - 1)]
        for k in range(steps):
            t = k / steps
            a, b, c = 2 * t * t - t - t * t * t, 2 - 5 * t * t + 3 * t**3, t + 4 * t * t - 3 * t**3
            d = t**3 - t * t
            out.append(
                (
                    (a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0]) / 2,
                    (a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1]) / 2,
                )
            )
    if not closed:
        out.append(points[-1])
    return out


def shifted(points: Points, dx: float, dy: float) -> list[Point]:
    """The points moved."""
    return [(x + dx, y + dy) for x, y in points]


def mirrored(points: Points, axis: float = 0.0) -> list[Point]:
    """The points reflected left to right."""
    return [(2 * axis - x, y) for x, y in points]


def clip(points: Points, a: Point, b: Point) -> list[Point]:
    """The part of the outline on the right-hand side of the line from a to b (Sutherland-Hodgman)."""
    ex, ey = b[0] - a[0], b[1] - a[1]
    side = [ex * (y - a[1]) - ey * (x - a[0]) for x, y in points]
    out: list[Point] = []
    for i, p in enumerate(points):
        q, s, t = points[i - 1], side[i], side[i - 1]
        if (s >= 0) != (t >= 0):
            k = t / (t - s)
            out.append((q[0] + (p[0] - q[0]) * k, q[1] + (p[1] - q[1]) * k))
        if s >= 0:
            out.append(p)
    return out


def overlap(points: Points, convex: Points) -> list[Point]:
    """The part of the outline inside a convex outline."""
    area = sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(convex, [*convex[1:], convex[0]], strict=True))
    edge = list(convex) if area > 0 else list(reversed(convex))
    out = list(points)
    for i, p in enumerate(edge):
        if not out:
            break
        out = clip(out, edge[i - 1], p)
    return out


class Pen:
    """Records shapes; `at` moves, turns and scales what is drawn inside it."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self._matrix: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    @contextmanager
    def at(self, dx: float = 0, dy: float = 0, turn: float = 0, scale: float = 1, flip: bool = False) -> Iterator[None]:
        """Within: origin at (dx, dy), turned clockwise by `turn` degrees, scaled, mirrored if `flip`."""
        before = self._matrix
        a, b, c, d, e, f = before
        co, si = cos(turn * pi / 180) * scale, sin(turn * pi / 180) * scale
        sx = -1.0 if flip else 1.0
        m = (co * sx, -si, dx, si * sx, co, dy)
        self._matrix = (
            a * m[0] + b * m[3],
            a * m[1] + b * m[4],
            a * m[2] + b * m[5] + c,
            d * m[0] + e * m[3],
            d * m[1] + e * m[4],
            d * m[2] + e * m[5] + f,
        )
        yield
        self._matrix = before

    def _add(self, points: Points, colour: Colour, alpha: float = 1, width: float = 0) -> None:
        if len(points) < 2:
            return
        a, b, c, d, e, f = self._matrix
        placed = [(a * x + b * y + c, d * x + e * y + f) for x, y in points]
        self.shapes.append(Shape(placed, (*colour, round(alpha * 255)), width * hypot(a, d)))

    def add(self, shapes: list[Shape]) -> None:
        """Repeat what another pen recorded, here."""
        for shape in shapes:
            r, g, b, alpha = shape.colour
            self._add(shape.points, (r, g, b), alpha / 255, shape.width)

    def poly(
        self, points: Points, colour: Colour, *, shade: float = 0, half: float = 0, alpha: float = 1, tint: float = 0.2
    ) -> None:
        """Fill an outline. `shade`: width of a dark rim at lower right (convex outlines). `half`: share of the
        width, from the right, that lies in shade (any outline)."""
        if shade:
            self._add(points, dark(colour, tint), alpha)
            self._add(overlap(points, shifted(points, -shade, -shade * 0.6)), colour, alpha)
            return
        self._add(points, colour, alpha)
        if half:
            xs = [p[0] for p in points]
            x = max(xs) - (max(xs) - min(xs)) * half
            self._add(clip(points, (x, 100), (x, -100)), dark(colour, tint), alpha)

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float | None, colour: Colour, *, shade: float = 0, alpha: float = 1
    ) -> None:
        """Fill an ellipse (a circle when `ry` is None)."""
        self.poly(ring(cx, cy, rx, ry), colour, shade=shade, alpha=alpha)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: Colour,
        *,
        r: float = 0,
        shade: float = 0,
        half: float = 0,
        alpha: float = 1,
    ) -> None:
        """Fill a rectangle with rounded corners."""
        self.poly(box(x, y, w, h, r), colour, shade=shade, half=half, alpha=alpha)

    def line(self, points: Points, width: float, colour: Colour, alpha: float = 1) -> None:
        """A line with round ends and joints."""
        self._add(points, colour, alpha, width)
