"""Draws the pictures of demo listings: flat still lifes in warm light, the same for the same spec everywhere."""

from io import BytesIO
from itertools import pairwise
from math import hypot
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shop.demo.drawings import DRAWINGS
from shop.demo.drawings.look import WOODS, Drawing, Look
from shop.demo.drawings.pen import Colour, Pen, Shape, dark
from shop.demo.drawings.scene import BACKDROPS, GROUND, Backdrop, dress, stage
from shop.demo.spec import COLOURS, PictureSpec

KINDS: tuple[str, ...] = tuple(sorted(DRAWINGS))
"""Every kind that `draw` knows."""

_QUALITY = 84
_SHADOW_SCALE = 4  # shadows are blurred at a quarter of the size: they are soft anyway


def _distance(a: Colour, b: Colour) -> float:
    return hypot(0.9 * (a[0] - b[0]), 1.3 * (a[1] - b[1]), 0.8 * (a[2] - b[2]))


def _look(spec: PictureSpec) -> Look:
    random = Random(f"{spec.kind}/{spec.seed}")
    names = list(COLOURS)
    main = COLOURS[spec.colour] if spec.colour else COLOURS[random.choice(names)]
    others = [c for c in COLOURS.values() if _distance(c, main) > 110]
    second, accent = random.sample(others, 2)
    return Look(main, second, accent, random.choice(WOODS), random)


def _backdrop(spec: PictureSpec, look: Look, random: Random) -> Backdrop:
    """A backdrop the object stands out from."""
    clear = [b for b in BACKDROPS if min(_distance(b.wall, look.main), _distance(b.table, look.main)) > 78]
    return random.choice(clear or list(BACKDROPS))


def _placed(shapes: list[Shape], scale: float, dx: float, dy: float) -> list[Shape]:
    return [Shape([(x * scale + dx, y * scale + dy) for x, y in s.points], s.colour, s.width * scale) for s in shapes]


def _paint(image: Image.Image, shapes: list[Shape], colour: int | None = None) -> None:
    """Paints the shapes, all in one colour if that is given; only see-through ones pay for blending."""
    solid = ImageDraw.Draw(image)
    blended = solid if colour is not None else ImageDraw.Draw(image, "RGBA")
    for s in shapes:
        draw = solid if s.colour[3] == 255 else blended
        fill = s.colour if colour is None else colour
        if s.width:
            _line(draw, s, fill)
        else:
            draw.polygon(s.points, fill=fill)


def _line(draw: ImageDraw.ImageDraw, shape: Shape, fill: tuple[int, int, int, int] | int) -> None:
    width, r = max(1, round(shape.width)), shape.width / 2
    for p, q in pairwise(shape.points):
        draw.line([p, q], fill=fill, width=width)
    if r >= 1:
        for x, y in shape.points:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _shadow(shapes: list[Shape], kind: Drawing, ground: float) -> list[Shape]:
    """Where the light is kept away: thrown over the table by what stands, beside what lies or hangs."""
    if not kind.stands:
        d = 1.6 if kind.hangs else 2.2
        return [Shape([(x + d, y + d * 1.3) for x, y in s.points], s.colour, s.width) for s in shapes]
    return [
        Shape([(x + (ground - y) * 0.42, ground + (y - ground) * 0.1) for x, y in s.points], s.colour, s.width * 0.4)
        for s in shapes
    ]


def _object(spec: PictureSpec, kind: Drawing, look: Look, random: Random) -> tuple[list[Shape], float]:
    """The object's shapes in picture units, and the height of the ground that it stands on."""
    plain = Pen()
    kind.paint(plain, look)
    left, top, right, bottom = _bounds(plain.shapes)
    tall, wide = (73, 96) if kind.stands else (82, 102)
    fit = min(tall / (bottom - top), wide / (right - left), 1.4) * random.uniform(0.93, 1.0)
    turn, dx, dy = random.uniform(-kind.lean, kind.lean), random.uniform(-4, 4), 0.0
    if spec.view == 1:
        fit, dx, dy = fit * random.uniform(1.5, 1.75), random.uniform(-16, 16), random.uniform(4, 12)
        turn += 0 if kind.stands else random.uniform(-6, 6)
    elif spec.view == 2:
        fit, turn = fit * 0.82, -turn
    x, y = (left + right) / 2, GROUND if kind.stands else (top + bottom) / 2
    pen = Pen()
    place_y = dy + GROUND if kind.stands else dy - (3 if kind.hangs else 0)
    with pen.at(dx, place_y, turn, fit, spec.view == 2), pen.at(-x, -y):
        pen.add(plain.shapes)
    return pen.shapes, dy + GROUND


def _room(shapes: list[Shape]) -> bool:
    """Whether the object leaves space at its sides for something small."""
    left, _, right, _ = _bounds(shapes)
    return left > -43 and right < 43


def _bounds(shapes: list[Shape]) -> tuple[float, float, float, float]:
    xs = [x for s in shapes for x, _ in s.points]
    ys = [y for s in shapes for _, y in s.points]
    return min(xs), min(ys), max(xs), max(ys)


def draw(spec: PictureSpec, *, size: tuple[int, int] = (1200, 900)) -> bytes:
    """The picture as JPEG bytes of that size in pixels.

    The object is painted at twice the size and reduced, which is the antialiasing; the soft backdrop and
    shadows need none. Raises KeyError for an unknown kind.
    """
    kind = DRAWINGS[spec.kind]
    look = _look(spec)
    random = Random(f"{spec.kind}/{spec.seed}/{spec.view}/scene")
    backdrop = _backdrop(spec, look, random)
    shapes, ground = _object(spec, kind, look, random)
    width, height = size
    unit = max(width / 133.34, height / 100)
    image = stage(backdrop, kind, size, random)
    behind, front = dress(backdrop, kind, look, random, ground=ground, room=_room(shapes))
    _layer(image, behind, unit)
    _cast(image, [*_shadow(shapes, kind, ground), *_shadow(front, kind, ground)], unit, dark(backdrop.table, 0.75))
    _layer(image, [*front, *shapes], unit)
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _cast(image: Image.Image, shadow: list[Shape], unit: float, colour: Colour) -> None:
    width, height = (max(1, n // _SHADOW_SCALE) for n in image.size)
    small = unit / _SHADOW_SCALE
    mask = Image.new("L", (width, height), 0)
    _paint(mask, _placed(shadow, small, width / 2, height / 2), 255)
    wide = mask.filter(ImageFilter.GaussianBlur(small * 2.6)).point([v * 26 // 100 for v in range(256)])
    near = mask.filter(ImageFilter.GaussianBlur(small * 0.8)).point([v * 24 // 100 for v in range(256)])
    both = ImageChops.screen(wide, near)
    image.paste(colour, (0, 0), both.resize(image.size, Image.Resampling.BILINEAR))


def _layer(image: Image.Image, shapes: list[Shape], unit: float) -> None:
    """Paints shapes over the image, antialiased, touching only the part that they cover."""
    if not shapes:
        return
    width, height = image.size
    placed = _placed(shapes, unit, width / 2, height / 2)
    pad = [s.width / 2 + 2 for s in placed]
    left = max(0, int(min(x - p for s, p in zip(placed, pad, strict=True) for x, _ in s.points)))
    top = max(0, int(min(y - p for s, p in zip(placed, pad, strict=True) for _, y in s.points)))
    right = min(width, int(max(x + p for s, p in zip(placed, pad, strict=True) for x, _ in s.points)) + 1)
    bottom = min(height, int(max(y + p for s, p in zip(placed, pad, strict=True) for _, y in s.points)) + 1)
    if left >= right or top >= bottom:
        return
    w, h = right - left, bottom - top
    part = image.crop((left, top, right, bottom)).resize((w * 2, h * 2), Image.Resampling.NEAREST)
    _paint(part, _placed(placed, 2, -2 * left, -2 * top))
    image.paste(part.reduce(2), (left, top))
