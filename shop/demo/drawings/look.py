"""The colours and the small choices that make one drawing differ from the next."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from shop.demo.drawings.pen import Colour, Pen
from shop.demo.spec import COLOURS

INK: Colour = (52, 48, 62)
STEEL: Colour = (176, 184, 194)
SILVER: Colour = (214, 218, 222)
BRASS: Colour = (216, 170, 84)
PAPER: Colour = (250, 243, 228)
GLASS: Colour = (176, 212, 220)
LEATHER: Colour = (158, 98, 62)
LEAF: Colour = (86, 138, 92)
WOODS: tuple[Colour, ...] = ((206, 156, 104), (178, 118, 72), (138, 88, 60), (224, 184, 134))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """`main` is the colour of the thing, `second` and `accent` go with it; `random` is for shapes only."""

    main: Colour
    second: Colour
    accent: Colour
    wood: Colour
    random: Random

    def one_of(self, *things: T) -> T:
        """One of the variants."""
        return things[int(self.random.random() * len(things))]

    def between(self, low: float, high: float) -> float:
        """A measure in a range."""
        return low + (high - low) * self.random.random()

    def colours(self, count: int) -> list[Colour]:
        """Several lively colours, for things that are many-coloured."""
        lively = [c for name, c in COLOURS.items() if name not in ("cream", "white", "charcoal")]
        return self.random.sample(lively, count)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How to draw one kind. `stands`: it stands on a table (else it lies flat and is seen from above);
    `lean`: the largest turn, in degrees, that still looks natural; `hangs`: it is on a wall."""

    paint: Callable[[Pen, Look], None]
    stands: bool
    lean: float
    hangs: bool = False


DRAWINGS: dict[str, Drawing] = {}

Paint = Callable[[Pen, Look], None]


def drawing(*, stands: bool = True, lean: float = 0, hangs: bool = False) -> Callable[[Paint], Paint]:
    """Registers the decorated function under its own name."""

    def register(paint: Paint) -> Paint:
        DRAWINGS[paint.__name__] = Drawing(paint, stands, lean, hangs)
        return paint

    return register
