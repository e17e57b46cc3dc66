"""Clothes, laid out flat or hung up."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, PAPER, STEEL, Look, drawing
from shop.demo.drawings.pen import Pen, Points, arc, box, clip, dark, light, mirrored, overlap, smooth


def _hanger(pen: Pen, look: Look, y: float, half: float) -> None:
    pen.line([*arc(0, y - 9, 3, 3, 150, 390, 14), (0, y - 4)], 0.9, STEEL)
    pen.line([(-half, y + 5), (0, y - 3), (half, y + 5)], 2, look.wood)


def _both(half: Points) -> list[tuple[float, float]]:
    """A symmetric outline from its right half, from top to bottom."""
    return [*half, *reversed(mirrored(half))]


@drawing(stands=False, hangs=True)
def shirt(pen: Pen, look: Look) -> None:
    _hanger(pen, look, -28, 15)
    with pen.at(0, -4):
        body = _both([(6, -25), (14, -23), (27, -13), (36, 3), (26, 10), (19, 1), (20, 34), (10, 36)])
        pen.poly(body, look.main, half=0.3)
        match look.one_of(0, 1, 2):
            case 0:
                for i in range(5):
                    pen.rect(-19, -2 + i * 7, 38.4, 3, look.second)
            case 1:
                pen.ellipse(0, 4, 9, None, look.second)
                pen.poly(
                    overlap([(-9, 14), (-9, 6), (-2, -1), (3, 5), (5, 3), (10, 14)], arc(0, 4, 9, 9, 0, 360)),
                    look.accent,
                )
            case _:
                pen.rect(6, -8, 8, 9, light(look.main, 0.22), r=1)
        for points in ([(36, 3), (26, 10), (25, 8.4), (34.8, 1.4)],):
            pen.poly(points, dark(look.main, 0.3))
            pen.poly(mirrored(points), dark(look.main, 0.3))
        pen.poly([*arc(0, -25, 7, 7, 0, 180)], dark(look.main, 0.5))
        pen.line(arc(0, -25, 7, 7, 0, 180), 1.6, light(look.main, 0.2))


@drawing(stands=False, hangs=True)
def dress(pen: Pen, look: Look) -> None:
    _hanger(pen, look, -29, 13)
    top = _both([(4, -18), (10, -30), (13, -29), (12, -18), (15, -10), (10, 2)])
    skirt_half = [(10, 2), (17, 14), (26, 34), (18, 36), (9, 35)]
    pen.poly(top, look.main, half=0.34)
    skirt = _both([(0, 2), *skirt_half, (0, 37)])
    pen.poly(smooth(skirt) if look.one_of(True, False) else skirt, look.main, half=0.34)
    for x in (-4, 5):
        pen.line([(x * 0.6, 4), (x * 2, 34)], 0.7, dark(look.main, 0.25))
    if look.one_of(True, False):
        for x, y in ((-6, 10), (5, 14), (-11, 22), (0, 24), (12, 27), (-4, 33), (-7, -12), (6, -8)):
            pen.ellipse(x, y, 1.7, None, light(look.second, 0.3))
    pen.rect(-11, 0, 22, 4, look.second, r=1)


@drawing(stands=False, hangs=True)
def jacket(pen: Pen, look: Look) -> None:
    _hanger(pen, look, -31, 14)
    with pen.at(0, -4):
        sleeve = smooth([(14, -22), (22, -18), (29, 2), (33, 27), (25, 30), (19, 8), (15, -4)])
        pen.poly(sleeve, dark(look.main, 0.16))
        pen.poly(mirrored(sleeve), dark(look.main, 0.06))
        for flip in (False, True):
            with pen.at(flip=flip):
                pen.poly([(24.5, 26), (33, 23.4), (33.6, 30), (25.4, 32)], dark(look.second, 0.1))
        body = _both([(6, -26), (17, -21), (20, 0), (21, 33)])
        pen.poly(body, look.main, half=0.36)
        pen.rect(-21, 31, 42, 5, dark(look.second, 0.1), r=1.5)
        pen.poly([(-6, -26), (6, -26), (0, -8)], light(look.second, 0.3))
        for flip in (False, True):
            with pen.at(flip=flip):
                pen.poly([(4, -29), (10, -25), (13, -14), (7, -12), (0, -4), (3, -20)], light(look.main, 0.2))
                pen.line([(9, 12), (16, 8)], 1.2, dark(look.main, 0.4))
        pen.line([(0, -5), (0, 33)], 0.8, BRASS)
        if look.one_of(True, False):
            for y in (2, 12, 22):
                pen.ellipse(-3.4, y, 1.3, None, BRASS)


@drawing(stands=False, hangs=True)
def sweater(pen: Pen, look: Look) -> None:
    sleeve = smooth([(13, -26), (21, -22), (29, 0), (34, 24), (26, 28), (19, 8), (14, -6)])
    for flip in (False, True):
        with pen.at(flip=flip):
            pen.poly(sleeve, dark(look.main, 0.1))
            pen.poly([(25.6, 24), (34, 20.6), (35, 27), (27, 30)], look.second)
    body = _both([(7, -28), (16, -24), (20, 0), (20, 30)])
    pen.poly(body, look.main, half=0.3)
    pen.rect(-20, 28, 40, 6, look.second, r=1.5)
    if look.one_of(True, False):
        for y in (-4.0, 6.0):
            for k in range(6):
                x = -16.5 + k * 6.6
                pen.poly([(x - 3, y), (x, y - 4), (x + 3, y), (x, y + 4)], light(look.second, 0.15))
        for y in (-10.4, 12.0):
            pen.rect(-19, y, 38, 1.4, light(look.accent, 0.1))
    else:
        for x in (-10, 0, 10):
            for k in range(6):
                pen.ellipse(x, -14 + k * 7, 2.4, 3.4, light(look.main, 0.22))
    pen.line(arc(0, -28, 8, 5, 0, 180), 3.4, look.second)


@drawing(stands=False, hangs=True)
def trousers(pen: Pen, look: Look) -> None:
    leg = [(-18, -32), (0, -32), (1, -14), (-3, 36), (-16, 36)]
    pen.poly(leg, look.main)
    pen.poly(mirrored(leg), dark(look.main, 0.14))
    for flip in (False, True):
        with pen.at(flip=flip):
            pen.rect(4, 32, 12.4, 4.4, light(look.main, 0.25))
            pen.line(arc(17, -29, 8, 9, 90, 180), 0.7, light(look.main, 0.35))
            pen.line([(14.6, -12), (13, 30)], 0.4, light(look.main, 0.3))
    pen.rect(-18.6, -35, 37.2, 5.4, dark(look.second, 0.2), r=1)
    for x in (-12, -1, 10):
        pen.rect(x, -36, 2, 7, look.main)
    pen.ellipse(0, -28, 1.3, None, BRASS)
    pen.line([(0, -26), (0, -15)], 0.6, dark(look.main, 0.4))


@drawing()
def shoe(pen: Pen, look: Look) -> None:
    pen.poly(box(-37, 20, 76, 10, 4.6), PAPER)
    upper = [
        (-34, 23),
        (-35, 8),
        (-33, -6),
        (-24, -4),
        (-14, -9),
        (-7, -12),
        (2, -1),
        (13, 7.4),
        (23, 10.5),
        (30, 12.4),
        (35, 16.6),
        (37, 23),
    ]
    pen.poly(upper[:1] + smooth(upper, closed=False), look.main)
    pen.poly(
        [
            *smooth([(-34, 23), (-35, 8), (-33, -6)], closed=False),
            *smooth([(-26, -4), (-22, 8), (-20, 23)], closed=False),
        ],
        look.second,
    )
    pen.poly(
        [
            *smooth([(23, 10.5), (30, 12.4), (35, 16.6), (37, 23)], closed=False),
            *smooth([(17, 23), (18, 15), (23, 10.5)], closed=False),
        ],
        look.second,
    )
    pen.line(smooth([(-20, 18), (-4, 17), (8, 6)], closed=False), 3, light(look.accent, 0.1))
    for i in range(4):
        x, y = -8 + i * 6, -7 + i * 5
        pen.line([(x - 5, y + 2), (x + 2.4, y - 2)], 1.5, PAPER)
    pen.poly(smooth([(-33, -6), (-24, -4), (-14, -9), (-18, -6), (-25, -1)]), dark(look.main, 0.5))
    pen.line([(-34, 26), (36, 26)], 1, look.accent)


@drawing()
def boots(pen: Pen, look: Look) -> None:
    for dx, dy, deep in ((20, -3, 0.2), (-16, 0, 0.0)):
        main = dark(look.main, deep)
        with pen.at(dx, dy):
            upper = [
                (-20, 24),
                (-20, -30),
                (4, -30),
                (4, -4),
                *smooth([(5, 0), (11, 6), (20, 9), (26, 15), (27, 24)], closed=False),
            ]
            pen.poly(upper, main)
            pen.poly(clip(upper, (12, 100), (12, -100)), dark(main, 0.14))
            pen.rect(-21, 23, 49, 4.6, dark(look.wood, 0.5), r=2)
            pen.rect(-21, 25, 14, 5, dark(look.wood, 0.5), r=1)
            pen.rect(-21, -33, 26.4, 7, light(look.second, 0.1), r=3)
            for i in range(4):
                pen.line([(-2, -20 + i * 7), (6 + i * 1.2, -22 + i * 7)], 1.3, BRASS)
            pen.rect(-17, -22, 3, 30, light(main, 0.22), r=1.5)


@drawing()
def heels(pen: Pen, look: Look) -> None:
    for dx, dy, deep in ((10, -5, 0.2), (-6, 0, 0.0)):
        main = dark(look.main, deep)
        with pen.at(dx, dy):
            pen.poly([(-30, 0), (-24, -2), (-24, 14), (-27, 30), (-29, 30)], dark(main, 0.25))
            pen.poly(
                smooth(
                    [
                        (-31, -4),
                        (-27, -8),
                        (-20, 0),
                        (-4, 14),
                        (14, 19),
                        (30, 24),
                        (35, 29),
                        (20, 30),
                        (6, 29),
                        (-8, 22),
                        (-22, 8),
                        (-30, 4),
                    ]
                ),
                main,
            )
            pen.poly(smooth([(-25, -4), (-20, 0), (-4, 14), (10, 18), (0, 20), (-14, 11)]), light(look.second, 0.3))
            pen.line(smooth([(-29, -6), (-18, -12), (-8, 0), (-10, 8)], closed=False), 1.5, main)
            pen.ellipse(20, 22, 2, None, look.accent)


@drawing(lean=3)
def hat(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.ellipse(0, 22, 42, 8, dark(look.main, 0.22))
        pen.ellipse(0, 20, 42, 7.4, look.main)
        pen.poly(
            [
                *smooth([(-22, 20), (-20, -4), (-12, -16), (0, -11), (12, -16), (20, -4), (22, 20)], closed=False),
                *arc(0, 20, 22, 4, 0, 180),
            ],
            look.main,
            half=0.34,
        )
        pen.poly(
            [(-22.4, 9), *arc(0, 10, 21.6, 4, 180, 0), (22.4, 19), *arc(0, 19.6, 22.3, 4, 0, 180), (-22.6, 18)],
            look.second,
        )
    else:
        pen.poly([*arc(0, 22, 28, 44, 180, 360)], look.main, half=0.34)
        for x in (-18, -9, 0, 9, 18):
            pen.line(smooth([(x * 0.4, -20), (x * 0.9, -4), (x * 1.1, 16)], closed=False), 0.7, dark(look.main, 0.25))
        pen.rect(-30, 12, 60, 17, look.second, r=5, half=0.3)
        for i in range(11):
            pen.line([(-26 + i * 5.2, 15), (-26 + i * 5.2, 26)], 0.7, dark(look.second, 0.25))
        pen.ellipse(0, -24, 9, None, light(look.accent, 0.2), shade=2)


@drawing(stands=False, lean=20)
def scarf(pen: Pen, look: Look) -> None:
    for dx, dy in ((4, 0), (-12, 4)):
        with pen.at(dx, dy, 8 if dx > 0 else -6):
            for i in range(6):
                pen.line([(-6 + i * 3.4, 28), (-6 + i * 3.4, 36)], 1.2, look.second)
            pen.rect(-8, -8, 20, 38, look.main if dx < 0 else dark(look.main, 0.14), r=1)
            for y in (8, 15, 22):
                pen.rect(-8, y, 20, 3.4, light(look.second, 0.15))
    pen.poly(smooth([(-30, -12), (-18, -28), (6, -32), (28, -22), (30, -6), (16, 2), (-10, 4), (-26, 0)]), look.main)
    pen.poly(smooth([(-20, -13), (-8, -21), (8, -22), (20, -15), (8, -9), (-10, -8)]), dark(look.main, 0.35))
    for x, y in ((-22, -8), (-8, -2), (8, -2), (22, -8)):
        pen.line([(x, y - 4), (x + 2, y + 4)], 2.4, light(look.second, 0.15))
