"""The setting of a picture: wall and table, light, and a few quiet things that keep the object company."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from shop.demo.drawings.look import LEAF, Drawing, Look
from shop.demo.drawings.pen import Colour, Pen, Shape, arc, box, dark, light, mix, ring, smooth

GROUND = 30.0
"""Where things stand, in picture units below the middle."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """Wall and table colours that go together."""

    wall: Colour
    table: Colour


BACKDROPS: tuple[Backdrop, ...] = (
    Backdrop((250, 228, 196), (236, 196, 150)),
    Backdrop((252, 214, 184), (240, 178, 140)),
    Backdrop((246, 206, 196), (230, 168, 156)),
    Backdrop((250, 236, 214), (222, 196, 164)),
    Backdrop((252, 226, 158), (240, 196, 110)),
    Backdrop((214, 224, 200), (178, 196, 160)),
    Backdrop((206, 226, 226), (164, 198, 200)),
    Backdrop((226, 214, 232), (196, 178, 208)),
    Backdrop((238, 156, 116), (214, 122, 88)),
    Backdrop((70, 122, 122), (50, 98, 102)),
    Backdrop((240, 186, 92), (222, 158, 68)),
    Backdrop((198, 214, 232), (158, 182, 210)),
    Backdrop((222, 138, 128), (196, 104, 100)),
    Backdrop((86, 92, 132), (66, 70, 108)),
    Backdrop((248, 240, 228), (238, 214, 196)),
    Backdrop((160, 188, 160), (124, 158, 132)),
)

_RADIAL = Image.radial_gradient("L")
"""256 pixels square, black in the middle: how far from the light a place is."""


def stage(backdrop: Backdrop, kind: Drawing, size: tuple[int, int], random: Random) -> Image.Image:
    """The backdrop's own colour, lighter where the light falls."""
    base = backdrop.wall if kind.stands or kind.hangs else random.choice((backdrop.wall, backdrop.table))
    wide, tall = 150, 112
    x, y = 128 - wide * random.uniform(0.2, 0.5), 128 - tall * random.uniform(0.1, 0.4)
    away = _RADIAL.resize(size, Image.Resampling.BILINEAR, box=(x, y, x + wide, y + tall))
    image = Image.new("RGB", size, light(base, 0.42))
    image.paste(dark(base, 0.14), (0, 0), away)
    return image


def _table(pen: Pen, backdrop: Backdrop, edge: float) -> None:
    """The table in a few bands that grow lighter towards the viewer."""
    pen.rect(-70, edge, 140, 60, backdrop.table)
    pen.rect(-70, edge, 140, 0.7, light(backdrop.table, 0.45))
    pen.rect(-70, edge + 15, 140, 60, light(backdrop.table, 0.1))


def _window(pen: Pen, random: Random) -> None:
    """Sun through a window, on the wall."""
    x, w, h, lean = random.uniform(-50, -8), random.uniform(13, 17), 19.0, 0.34
    for i in range(2):
        for j in range(2):
            left, top = x + i * (w + 2), -46 + j * (h + 2)
            corners = ((left, top), (left + w, top), (left + w, top + h), (left, top + h))
            pen.poly([(px - (py + 46) * lean, py) for px, py in corners], (255, 252, 236), alpha=0.26)


def _sprig(pen: Pen, x: float, y: float, turn: float, colour: Colour) -> None:
    with pen.at(x, y, turn):
        pen.line([(0, 0), (1, -10), (0, -22)], 0.7, dark(colour, 0.3))
        for i in range(5):
            side = 1 if i % 2 else -1
            with pen.at(0.8, -5 - i * 3.6, 52 * side):
                pen.poly(smooth([(0, 0), (2.3, -4), (0, -9), (-2.3, -4)]), light(colour, 0.06 * i), half=0.5)
        pen.poly(smooth([(0, -19), (2, -23), (0, -28), (-2, -23)]), light(colour, 0.3), half=0.5)


def _beside(pen: Pen, look: Look, ground: float, random: Random) -> None:
    """A small thing at the edge of the picture."""
    side = random.choice((-1, 1))
    x = side * random.uniform(47, 55)
    y = ground + random.uniform(-2, 1)
    colour = light(look.second, 0.15)
    match random.randrange(5):
        case 0:
            pen.ellipse(x, y - 6, 6, None, colour, shade=2.2)
        case 1:
            _sprig(pen, x, y - 12, random.uniform(-14, 14), LEAF)
            _sprig(pen, x, y - 12, random.uniform(16, 34), mix(LEAF, colour, 0.25))
            pen.poly(
                smooth([(x - 2, y - 14), (x + 2, y - 14), (x + 5, y - 5), (x + 3, y), (x - 3, y), (x - 5, y - 5)]),
                colour,
                half=0.35,
            )
        case 2:
            pen.rect(x - 6, y - 9, 12, 9, colour, r=0.8, half=0.35)
            pen.ellipse(x + 1, y - 13, 4, None, light(look.accent, 0.1), shade=1.5)
        case 3:
            pen.poly([(x - 7, y), (x, y - 15), (x + 7, y)], colour, half=0.45)
        case _:
            pen.poly(arc(x, y, 9, 10, 180, 360), colour, half=0.4)
            pen.poly(arc(x, y, 4.5, 5, 180, 360), light(look.accent, 0.1))


def _standing(behind: Pen, front: Pen, backdrop: Backdrop, look: Look, random: Random, *, ground: float) -> None:
    wall = backdrop.wall
    x = random.uniform(-8, 8)
    shape = random.randrange(6)
    if shape == 0:
        behind.ellipse(x, -6, 34, None, light(wall, 0.4), alpha=0.75)
    elif shape == 1:
        w = random.uniform(28, 34)
        behind.poly([*arc(x, -8, w, w, 180, 360), (x + w, 60), (x - w, 60)], mix(wall, backdrop.table, 0.7), alpha=0.75)
    elif shape == 2:
        _window(behind, random)
    elif shape == 3:
        behind.ellipse(x - 24, -18, 16, None, light(mix(wall, look.second, 0.35), 0.25), alpha=0.9)
    elif shape == 4:
        for i in range(3):
            behind.poly(ring(x, 26, 52 - i * 13), light(wall, 0.14 + 0.12 * i), alpha=0.6)
    _table(behind, backdrop, ground - random.uniform(7, 10))
    if random.random() < 0.55:
        _beside(front, look, ground - 3, random)


def _flat(behind: Pen, backdrop: Backdrop, look: Look, random: Random) -> None:
    other = mix(backdrop.table, backdrop.wall, 0.3)
    shape = random.randrange(5)
    if shape == 0:
        behind.ellipse(random.uniform(-10, 10), 0, 42, None, light(other, 0.25), alpha=0.55)
    elif shape == 1:
        k = random.uniform(-25, 15)
        behind.poly([(k, -60), (80, -60), (80, 60), (k - 30, 60)], other, alpha=0.8)
    elif shape == 2:
        with behind.at(0, 0, random.uniform(-12, 12)):
            behind.poly(box(-46, -38, 92, 76, 3), light(other, 0.35), alpha=0.7)
            behind.poly(box(-43, -35, 86, 70, 2), light(other, 0.2), alpha=0.7)
    elif shape == 3:
        for i in range(7):
            behind.rect(-70 + i * 22, -60, 11, 120, light(other, 0.25), alpha=0.4)
    if random.random() < 0.6:
        side = random.choice((-1, 1))
        _sprig(behind, side * 62, random.uniform(30, 44), -side * random.uniform(20, 50), LEAF)


def _hanging(behind: Pen, front: Pen, backdrop: Backdrop, look: Look, random: Random) -> None:
    if random.random() < 0.5:
        _window(behind, random)
    behind.rect(-70, 41, 140, 20, backdrop.table)
    behind.rect(-70, 41, 140, 0.8, light(backdrop.table, 0.5))
    if random.random() < 0.6:
        _beside(front, look, 43, random)


def dress(
    backdrop: Backdrop, kind: Drawing, look: Look, random: Random, *, ground: float, room: bool
) -> tuple[list[Shape], list[Shape]]:
    """What is behind the object and casts no shadow, and what stands beside it where there is room."""
    behind, front = Pen(), Pen()
    if kind.stands:
        _standing(behind, front, backdrop, look, random, ground=ground)
    elif kind.hangs:
        _hanging(behind, front, backdrop, look, random)
    else:
        _flat(behind, backdrop, look, random)
    return behind.shapes, front.shapes if room else []
