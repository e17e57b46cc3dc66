"""Screens, keys and lenses."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import INK, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Colour, Pen, Points, arc, box, dark, light, mix, overlap, smooth

_SLATE: Colour = (62, 64, 78)


def _picture(pen: Pen, look: Look, x: float, y: float, w: float, h: float) -> None:  # noqa: PLR0917 (a place in the usual order)
    """A little landscape, for screens."""
    frame = box(x, y, w, h)
    sky = light(look.second, 0.35)
    pen.poly(frame, sky)

    def inside(points: Points, colour: Colour) -> None:
        pen.poly(overlap(points, frame), colour)

    inside(arc(x + w * look.between(0.25, 0.75), y + h * 0.4, h * 0.17, h * 0.17, 0, 360), light(look.accent, 0.35))
    hills = [
        (x - w * 0.2, y + h * 1.3),
        (x, y + h * 0.75),
        (x + w * 0.3, y + h * 0.5),
        (x + w * 0.65, y + h * 0.8),
        (x + w * 1.2, y + h * 1.3),
    ]
    inside(smooth(hills), mix(look.accent, look.second, 0.35))
    near = [
        (x - w * 0.2, y + h * 1.5),
        (x + w * 0.3, y + h * 0.92),
        (x + w * 0.75, y + h * 0.62),
        (x + w * 1.1, y + h * 0.85),
        (x + w * 1.3, y + h * 1.5),
    ]
    inside(smooth(near), dark(look.accent, 0.25))


@drawing()
def camera(pen: Pen, look: Look) -> None:
    dx = look.between(-6, 4)
    pen.poly([(-13 + dx, -14), (-9 + dx, -23), (11 + dx, -23), (15 + dx, -14)], dark(SILVER, 0.12), half=0.3)
    pen.rect(-32, -18, 11, 5, STEEL, r=1.5)
    pen.rect(20, -19, 8, 6, look.accent, r=1.5)
    pen.rect(-38, -15, 76, 44, SILVER, r=5, half=0.08)
    pen.rect(-38, -6, 76, 26, look.main, half=0.2)
    pen.rect(-34, -5, 6, 24, light(look.main, 0.18), r=2)
    pen.rect(21, -12.6, 11, 5, (120, 160, 176), r=1)
    pen.ellipse(dx, 7, 20, None, dark(SILVER, 0.2), shade=2)
    pen.ellipse(dx, 7, 17, None, INK)
    pen.ellipse(dx, 7, 12.4, None, (44, 60, 92), shade=3)
    pen.ellipse(dx, 7, 7, None, (74, 110, 150))
    pen.ellipse(dx - 4, 3, 3, None, (206, 228, 240))
    pen.ellipse(dx + 4, 11, 1.5, None, (160, 190, 214))


@drawing()
def laptop(pen: Pen, look: Look) -> None:
    body = mix(SILVER, look.main, 0.4)
    pen.rect(-33, -26, 66, 46, _SLATE, r=3)
    _picture(pen, look, -30, -23, 60, 39)
    pen.poly([(-30, 16), (-30, -23), (-6, -23), (-24, 16)], PAPER, alpha=0.16)
    pen.poly([(-33, 19), (33, 19), (44, 27), (-44, 27)], body)
    for row in range(3):
        w = 27 + row * 3.1
        pen.poly(
            [(-w, 20.3 + row * 1.9), (w, 20.3 + row * 1.9), (w + 1.5, 21.7 + row * 1.9), (-w - 1.5, 21.7 + row * 1.9)],
            dark(body, 0.5),
        )
    pen.poly(box(-44, 27, 88, 3, 1.5), dark(body, 0.22))


@drawing(lean=6)
def phone(pen: Pen, look: Look) -> None:
    pen.rect(-2, -32, 33, 62, look.main, r=5, half=0.3)
    pen.rect(15, -29, 13, 17, dark(look.main, 0.2), r=3.6)
    for x, y in ((19, -25), (24.4, -20), (19, -16)):
        pen.ellipse(x, y, 2.3, None, INK)
        pen.ellipse(x - 0.6, y - 0.6, 0.8, None, (140, 170, 196))
    pen.rect(-29, -30, 33, 60, INK, r=5)
    _picture(pen, look, -27, -26, 29, 52)
    for i in range(4):
        for j in range(2):
            c = (look.main, look.second, look.accent, PAPER)[(i + j) % 4]
            pen.rect(-24.6 + i * 6.4, 9 + j * 7, 4.8, 4.8, light(c, 0.1), r=1.3)
    pen.rect(-17, -29, 9, 1.6, (30, 30, 38), r=0.8)


@drawing(lean=5)
def tablet(pen: Pen, look: Look) -> None:
    pen.rect(-37, -24, 74, 54, look.main, r=4, half=0.05)
    pen.rect(-35, -22, 70, 50, INK, r=3)
    _picture(pen, look, -31.5, -19, 63, 44)
    pen.poly([(-31.5, 25), (-31.5, -19), (-12, -19), (-28, 25)], PAPER, alpha=0.16)
    with pen.at(44, 2, 12):
        pen.rect(-1.6, -24, 3.2, 46, PAPER, r=1.6, half=0.4)
        pen.poly([(-1.6, 22), (1.6, 22), (0, 27)], INK)


@drawing()
def monitor(pen: Pen, look: Look) -> None:
    pen.poly([(-5, 12), (5, 12), (7, 27), (-7, 27)], STEEL, half=0.4)
    pen.rect(-17, 26, 34, 4, dark(mix(SILVER, look.main, 0.5), 0.15), r=2)
    pen.rect(-42, -34, 84, 50, mix(_SLATE, look.main, 0.35), r=3)
    _picture(pen, look, -39.5, -31.5, 79, 42)
    pen.poly([(-39.5, 10.5), (-39.5, -31.5), (-12, -31.5), (-32, 10.5)], PAPER, alpha=0.14)
    pen.ellipse(0, 13.2, 0.9, None, look.accent)


@drawing(stands=False, lean=16)
def keyboard(pen: Pen, look: Look) -> None:
    pen.rect(-46, -18, 92, 36, look.main, r=4)
    pen.rect(-44.4, -16.4, 88.8, 32.8, dark(look.main, 0.22), r=3)
    for row in range(4):
        keys, w = 13 - row % 2, 6.0
        start = -43 + (row % 2) * 3
        for k in range(keys + (row % 2)):
            x = start + k * 6.7
            if x > 38.4:
                continue
            c = look.accent if (row, k) in ((0, 0), (2, 12)) else PAPER if 0 < k < 11 else light(look.second, 0.2)
            pen.rect(x, -14.4 + row * 6.1, w, 5.4, dark(c, 0.25), r=1)
            pen.rect(x + 0.3, -14.6 + row * 6.1, w - 0.6, 4.5, c, r=0.9)
    for x, w, c in ((-43, 12, look.second), (-30, 50, PAPER), (21, 11, look.second), (33, 11, look.accent)):
        pen.rect(x, 10, w, 5.4, dark(c, 0.25), r=1)
        pen.rect(x + 0.3, 9.8, w - 0.6, 4.5, light(c, 0.1), r=0.9)


@drawing(stands=False, lean=12)
def gamepad(pen: Pen, look: Look) -> None:
    outline = smooth(
        [
            (-22, -18),
            (0, -15),
            (22, -18),
            (35, -8),
            (42, 16),
            (37, 25),
            (28, 20),
            (18, 9),
            (0, 10),
            (-18, 9),
            (-28, 20),
            (-37, 25),
            (-42, 16),
            (-35, -8),
        ]
    )
    for x in (-26.0, 12.0):
        pen.rect(x, -22, 14, 8, dark(look.main, 0.4), r=3)
    pen.poly(outline, look.main, half=0.3)
    pen.poly(smooth([(-20, -15), (0, -12), (20, -15), (14, 4), (0, 7), (-14, 4)]), light(look.main, 0.2))
    pen.rect(-30, -7, 13, 4.2, INK, r=1)
    pen.rect(-25.6, -11.4, 4.2, 13, INK, r=1)
    for (x, y), c in zip(
        ((24.0, -11.0), (29.6, -5.4), (24, 0.2), (18.4, -5.4)),
        (look.second, look.accent, PAPER, (236, 176, 64)),
        strict=True,
    ):
        pen.ellipse(x, y, 2.7, None, c, shade=0.8)
    for x in (-12, 12):
        pen.ellipse(x, 5, 6.2, None, dark(look.main, 0.45))
        pen.ellipse(x, 4.4, 4.6, None, _SLATE, shade=1.3)
    pen.ellipse(0, -6, 2.4, None, look.accent)


@drawing()
def console(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.rect(-40, 8, 80, 19, look.main, r=3, half=0.25)
        pen.rect(-40, 8, 80, 5, light(look.main, 0.25), r=2)
        pen.rect(-32, 16, 30, 2.4, INK, r=1)
        for x in (14, 24):
            pen.ellipse(x, 19, 3, None, dark(look.main, 0.4))
            pen.ellipse(x, 18.6, 2, None, look.accent)
        pen.rect(-34, 27, 68, 3, INK, r=1)
        pen.poly([(-18, -16), (18, -16), (18, 8), (-18, 8)], look.second, half=0.3)
        pen.rect(-13, -12, 26, 15, PAPER, r=1.4)
        pen.poly([(-9, 1), (-2, -8), (3, -2), (6, -6), (11, 1)], look.accent)
    else:
        pen.rect(-46, -18, 92, 44, INK, r=9)
        pen.poly(box(-46, -18, 22, 44, 9), look.main, half=0.3)
        pen.poly(box(24, -18, 22, 44, 9), look.second, half=0.3)
        _picture(pen, look, -24, -14, 48, 36)
        pen.ellipse(-35, -6, 5, None, INK)
        pen.ellipse(-35.4, -6.6, 3.6, None, _SLATE)
        pen.rect(-40, 8, 10, 3.2, INK, r=1)
        pen.rect(-36.6, 4.6, 3.2, 10, INK, r=1)
        pen.ellipse(35, 10, 5, None, INK)
        pen.ellipse(34.6, 9.4, 3.6, None, _SLATE)
        for x, y in ((35, -10), (39, -6), (35, -2), (31, -6)):
            pen.ellipse(x, y, 1.8, None, PAPER)
        pen.rect(-44, 25, 88, 5, dark(look.main, 0.4), r=2)


@drawing()
def printer(pen: Pen, look: Look) -> None:
    pen.poly([(-20, -30), (20, -30), (22, -4), (-22, -4)], PAPER, half=0.2)
    pen.rect(-36, -10, 72, 32, look.main, r=5, half=0.25)
    pen.rect(-36, -10, 72, 9, light(look.main, 0.25), r=4)
    pen.rect(-26, 6, 52, 5, INK, r=2)
    pen.poly([(-22, 9), (22, 9), (26, 30), (-26, 30)], PAPER)
    _picture(pen, look, -16, 13, 32, 13)
    pen.ellipse(28, -5.6, 1.8, None, look.accent)
    pen.ellipse(22, -5.6, 1.8, None, look.second)
