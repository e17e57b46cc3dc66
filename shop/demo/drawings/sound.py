"""Instruments and everything that plays music."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, INK, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Colour, Pen, arc, box, dark, light, mix, smooth

_BLACK: Colour = (48, 46, 56)


@drawing()
def headphones(pen: Pen, look: Look) -> None:
    pen.line(arc(0, -2, 26, 29, 180, 360), 5, look.main)
    pen.line(arc(0, -2, 23.4, 26.4, 200, 340), 2.4, dark(look.main, 0.3))
    for side in (-1, 1):
        with pen.at(side * 25, 10, 0, 1, side < 0):
            pen.rect(-2, -18, 4, 12, STEEL, r=1.5)
            pen.poly(box(-11, -14, 10, 32, 5), light(look.second, 0.1), half=0.4)
            pen.poly(box(-4, -16, 14, 36, 7), look.main, shade=2.4)
            pen.rect(0, -9, 2.4, 18, light(look.main, 0.35), r=1.2)


@drawing()
def speaker(pen: Pen, look: Look) -> None:
    cone = mix(_BLACK, look.main, 0.15)
    if look.one_of(True, False):
        pen.rect(-20, -36, 40, 66, look.wood, r=3, half=0.14)
        pen.rect(-17, -33, 34, 60, look.main, r=2)
        for y, r in ((-20, 8.6), (8, 14.6)):
            pen.ellipse(0, y, r, None, SILVER, shade=1)
            pen.ellipse(0, y, r * 0.86, None, cone)
            pen.ellipse(0, y, r * 0.62, None, light(cone, 0.16))
            pen.ellipse(0, y, r * 0.28, None, look.accent, shade=0.8)
    else:
        pen.line(arc(0, -6, 26, 20, 200, 340), 3, dark(look.main, 0.3))
        pen.rect(-40, -12, 80, 40, look.main, r=14, half=0.22)
        for x in (-19, 19):
            pen.ellipse(x, 8, 14, None, dark(look.main, 0.35))
            pen.ellipse(x, 8, 12, None, cone)
            pen.ellipse(x, 8, 8, None, light(cone, 0.2))
            pen.ellipse(x, 8, 3.4, None, look.second, shade=0.9)
        for x in (-4, 0, 4):
            pen.ellipse(x, -6, 1.2, None, PAPER)


@drawing(stands=False, lean=20)
def vinyl(pen: Pen, look: Look) -> None:
    pen.ellipse(16, 0, 30, None, _BLACK)
    for r in (27, 24, 21, 18, 15):
        pen.line(arc(16, 0, r, r, 0, 360, 60), 0.35, (84, 82, 96))
    pen.poly([(16, 0), *arc(16, 0, 29, 29, -62, -38, 8)], PAPER, alpha=0.16)
    pen.poly([(16, 0), *arc(16, 0, 29, 29, 118, 142, 8)], PAPER, alpha=0.16)
    pen.ellipse(16, 0, 11, None, look.accent)
    pen.ellipse(16, 0, 1.4, None, PAPER)
    pen.rect(-45, -31, 60, 62, look.main, r=1, half=0.04)
    match look.one_of(0, 1, 2):
        case 0:
            pen.ellipse(-15, 0, 20, None, look.second)
            pen.poly(arc(-15, 0, 20, 20, 0, 180), look.accent)
        case 1:
            for i in range(5):
                r = 10 + i * 10
                band = [*arc(-45, 31, r, r, 270, 360), *arc(-45, 31, r + 5, r + 5, 360, 270)]
                pen.poly(band, (look.second, look.accent, PAPER)[i % 3])
        case _:
            pen.poly([(-38, 24), (-22, -14), (-6, 24)], look.second)
            pen.poly([(-20, 24), (-6, -4), (8, 24)], look.accent)
            pen.ellipse(0, -18, 7, None, PAPER)


@drawing(lean=1)
def record_player(pen: Pen, look: Look) -> None:
    pen.poly([(-36, -2), (36, -2), (44, 14), (-44, 14)], look.main)
    pen.ellipse(-8, 6, 27, 6.4, _BLACK)
    pen.ellipse(-8, 6, 19, 4.4, (70, 68, 82))
    pen.ellipse(-8, 6, 9, 2.2, look.accent)
    pen.ellipse(-8, 6, 1.2, 0.5, PAPER)
    pen.line([(31, 1), (30, 9), (12, 8)], 1.4, SILVER)
    pen.ellipse(31, 1.6, 4, 1.8, STEEL)
    pen.rect(-44, 14, 88, 13, look.wood, r=2, half=0.25)
    pen.ellipse(34, 20.4, 3, None, BRASS, shade=0.8)
    pen.ellipse(25, 20.4, 2, None, PAPER)
    for x in (-36, 30):
        pen.rect(x, 26, 7, 4, INK, r=1)
    pen.poly([(-36, -2), (36, -2), (38, -36), (-38, -36)], (220, 236, 240), alpha=0.4)
    pen.poly([(-26, -4), (-16, -4), (-4, -34), (-14, -34)], PAPER, alpha=0.4)


def _strings(pen: Pen, x: float, top: float, bottom: float, count: int) -> None:
    for i in range(count):
        dx = (i - (count - 1) / 2) * x
        pen.line([(dx, top), (dx, bottom)], 0.28, PAPER)


@drawing(stands=False, lean=24)
def guitar(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, 52), pen.at(0, -6):
        pen.rect(-2.6, -46, 5.2, 50, dark(look.wood, 0.42))
        for i in range(9):
            pen.rect(-2.6, -44 + i * 4.2, 5.2, 0.5, BRASS)
        pen.poly([(-3, -45), (3, -45), (4.6, -58), (-4.6, -58)], dark(look.wood, 0.3))
        for y in (-55, -51.5, -48):
            pen.rect(-7, y, 2.4, 1.7, SILVER, r=0.7)
            pen.rect(4.6, y, 2.4, 1.7, SILVER, r=0.7)
        if look.one_of(True, False):
            body = smooth(
                [
                    (0, -8),
                    (11, -9),
                    (17, -1),
                    (13, 10),
                    (19, 22),
                    (19, 36),
                    (9, 45),
                    (0, 46),
                    (-9, 45),
                    (-19, 36),
                    (-19, 22),
                    (-13, 10),
                    (-17, -1),
                    (-11, -9),
                ]
            )
            pen.poly(body, dark(look.main, 0.3))
            with pen.at(0, 19, 0, 0.93), pen.at(0, -19):
                pen.poly(body, look.main, half=0.3)
            pen.ellipse(0, 12, 7.4, None, BRASS)
            pen.ellipse(0, 12, 6.2, None, _BLACK)
            pen.rect(-8, 31, 16, 3, dark(look.wood, 0.5), r=1)
        else:
            body = smooth(
                [
                    (-5, 2),
                    (-14, -10),
                    (-18, -6),
                    (-13, 9),
                    (-19, 24),
                    (-17, 38),
                    (0, 44),
                    (17, 38),
                    (18, 24),
                    (12, 10),
                    (18, -2),
                    (14, -6),
                    (5, 2),
                ]
            )
            pen.poly(body, look.main, half=0.3)
            pen.poly(smooth([(-6, 6), (8, 5), (10, 16), (14, 28), (6, 32), (-8, 26)]), PAPER)
            for y in (12, 19):
                pen.rect(-5, y, 10, 3, _BLACK, r=1)
            pen.rect(-5, 30, 10, 4, SILVER, r=1)
            for x, y in ((11, 30), (13, 35)):
                pen.ellipse(x, y, 1.6, None, BRASS)
        pen.rect(-2.6, -10, 5.2, 16, dark(look.wood, 0.42))
        _strings(pen, 0.8, -46, 32, 6)


@drawing(stands=False, lean=24)
def violin(pen: Pen, look: Look) -> None:
    wood = mix((168, 84, 44), look.main, 0.18)
    with pen.at(-4, 0, 44):
        pen.poly(
            smooth(
                [
                    (0, -14),
                    (10, -12),
                    (13, -5),
                    (9, 3),
                    (8, 9),
                    (14, 16),
                    (14, 27),
                    (0, 33),
                    (-14, 27),
                    (-14, 16),
                    (-8, 9),
                    (-9, 3),
                    (-13, -5),
                    (-10, -12),
                ]
            ),
            wood,
            half=0.35,
        )
        pen.rect(-1.8, -44, 3.6, 54, _BLACK, r=1)
        pen.ellipse(0, -45, 3.2, None, wood, shade=1)
        for y in (-42, -38):
            pen.line([(-5, y), (5, y)], 1.1, _BLACK)
        pen.poly([(-2, 18), (2, 18), (3, 30), (-3, 30)], _BLACK)
        pen.rect(-5, 13, 10, 1.6, PAPER)
        for side in (-1, 1):
            pen.line(
                smooth([(side * 6, 7), (side * 4.6, 10), (side * 6.6, 14), (side * 5.4, 17)], closed=False), 0.9, _BLACK
            )
        _strings(pen, 0.8, -38, 20, 4)
    with pen.at(24, 0, 52):
        pen.line([(0, -42), (0, 38)], 0.7, PAPER)
        pen.line(smooth([(0, -42), (-2.4, 0), (-2, 38)], closed=False), 1.3, dark(look.wood, 0.35))
        pen.rect(-3, 32, 4, 7, _BLACK, r=1)


@drawing()
def piano(pen: Pen, look: Look) -> None:
    for x in (-1, 1):
        pen.line([(x * 26, 4), (x * -22, 29)], 2.6, INK)
    pen.rect(-47, -14, 94, 22, look.main, r=3, half=0.12)
    pen.rect(-44, -11, 34, 5, dark(look.main, 0.4), r=1)
    for i in range(5):
        pen.ellipse(6 + i * 7, -8.6, 2, None, (look.second, look.accent, PAPER)[i % 3], shade=0.6)
    pen.rect(-44, -4, 88, 10.4, PAPER)
    for i in range(1, 24):
        pen.rect(-44 + i * 88 / 24, -4, 0.4, 10.4, STEEL)
        if i % 7 not in (0, 3):
            pen.rect(-45.2 + i * 88 / 24, -4, 2.3, 6.4, _BLACK, r=0.4)


@drawing()
def drum(pen: Pen, look: Look) -> None:
    pen.poly([(-30, -8), (30, -8), (30, 22), *arc(0, 22, 30, 7, 0, 180), (-30, 22)], look.main, half=0.3)
    for i in range(6):
        x = -25 + i * 10
        k = 6 * (1 - (x / 32) ** 2) ** 0.5
        pen.line([(x, -5 + k), (x, 19 + k)], 1.2, SILVER)
        pen.rect(x - 1.5, 3 + k, 3, 7, BRASS, r=1)
    pen.line(arc(0, 22, 30, 7, 0, 180), 2.6, BRASS)
    pen.ellipse(0, -8, 31, 8, BRASS)
    pen.ellipse(0, -9, 28.6, 6.6, PAPER)
    pen.ellipse(-5, -10, 18, 3.6, light(PAPER, 0.8))
    for turn in (62, -52):
        with pen.at(2, -16, turn):
            pen.line([(0, -24), (0, 24)], 1.8, look.wood)
            pen.ellipse(0, -25, 1.9, 2.8, light(look.wood, 0.3))


@drawing()
def microphone(pen: Pen, look: Look) -> None:
    pen.ellipse(0, 27.6, 17, 2.6, dark(STEEL, 0.3))
    pen.rect(-17, 25.4, 34, 2.6, STEEL, r=1.3)
    pen.rect(-1.4, 6, 2.8, 20, STEEL)
    pen.line(arc(0, -10, 17, 19, 0, 180), 2.4, STEEL)
    pen.rect(-13, -37, 26, 42, SILVER, r=13, half=0.36)
    for i in range(5):
        pen.rect(-12, -31 + i * 4.4, 24, 2, dark(SILVER, 0.36), r=1)
    pen.rect(-13.6, -11, 27.2, 5, look.main, r=1)
    pen.rect(-13, -5, 26, 10, dark(look.main, 0.2), r=9)


@drawing()
def radio(pen: Pen, look: Look) -> None:
    pen.line([(20, -16), (38, -40)], 1.1, STEEL)
    pen.ellipse(38, -40, 1.5, None, SILVER)
    pen.line(arc(-4, -14, 24, 13, 180, 360), 3, look.wood)
    pen.rect(-38, -16, 76, 44, look.main, r=7, half=0.16)
    pen.rect(-33, -11, 34, 34, PAPER, r=4)
    for i in range(6):
        for j in range(6):
            pen.ellipse(-29.5 + i * 5.4, -7.5 + j * 5.4, 1.4, None, dark(look.main, 0.3))
    pen.rect(5, -11, 28, 11, (250, 226, 170), r=2)
    for i in range(6):
        pen.rect(8 + i * 4.2, -8, 0.6, 4, INK)
    pen.rect(17, -10.4, 0.9, 9.6, (206, 60, 50))
    for x, r in ((11, 5), (26, 7)):
        pen.ellipse(x, 12, r, None, look.wood, shade=1.4)
        pen.line([(x, 12), (x, 12 - r * 0.7)], 0.9, PAPER)
    for x in (-30, 22):
        pen.rect(x, 27, 8, 3, INK, r=1)


@drawing(stands=False, lean=20)
def trumpet(pen: Pen, look: Look) -> None:
    gold = mix(BRASS, look.main, 0.1)
    with pen.at(0, 0, -14):
        pen.poly([(24, -4), (34, -8), (44, -17), (46, -17), (46, 13), (44, 13), (34, 4), (24, 1)], gold, half=0.12)
        pen.line([(-46, -1.6), (28, -1.6)], 3, gold)
        pen.poly([(-50, -4), (-46, -2.6), (-46, -0.4), (-50, 1)], SILVER)
        pen.line(
            [(-20, -1), (-28, 5), (-28, 9), (-20, 14), (16, 14), (24, 9), (24, 5), (16, -1)], 2.6, dark(gold, 0.16)
        )
        for x in (-10, -2, 6):
            pen.rect(x, -10, 6, 28, light(gold, 0.16), r=2, half=0.4)
            pen.rect(x + 2, -15, 2, 6, SILVER)
            pen.ellipse(x + 3, -16, 3, 1.6, PAPER)


@drawing(stands=False, lean=24)
def cassette(pen: Pen, look: Look) -> None:
    pen.rect(-38, -24, 76, 48, look.main, r=4, half=0.06)
    pen.rect(-32, -19, 64, 28, PAPER, r=3)
    for i, c in enumerate((look.second, look.accent, dark(look.second, 0.2))):
        pen.rect(-32, 1 + i * 2.7, 64, 2.7, c)
    pen.line([(-27, -14), (27, -14)], 0.7, STEEL)
    pen.rect(-23, -8, 46, 13, _BLACK, r=6.5)
    for x in (-15, 15):
        pen.ellipse(x, -1.5, 5, None, PAPER)
        for k in range(6):
            with pen.at(x, -1.5, k * 60):
                pen.rect(-0.8, -4.6, 1.6, 2, _BLACK)
    pen.rect(-6, -5, 12, 7, (110, 84, 74))
    pen.poly([(-24, 24), (-20, 13), (20, 13), (24, 24)], dark(look.main, 0.25))
    for x in (-15, 0, 15):
        pen.ellipse(x, 19, 1.7, None, _BLACK)
