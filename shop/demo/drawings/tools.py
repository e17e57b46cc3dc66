"""Tools for house, garden and car."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, INK, LEAF, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Pen, arc, box, clip, dark, light, smooth


@drawing()
def drill(pen: Pen, look: Look) -> None:
    pen.rect(26, -19.6, 22, 3.2, STEEL, r=1)
    for i in range(5):
        pen.line([(29 + i * 4, -16.6), (31 + i * 4, -19.4)], 0.8, dark(STEEL, 0.4))
    pen.poly([(16, -25), (27, -22), (27, -14), (16, -11)], INK)
    pen.poly([(-18, -8), (-2, -8), (-4, 20), (-22, 20)], dark(look.main, 0.25))
    pen.rect(-14, -2, 8, 18, INK, r=3)
    pen.rect(-34, -30, 51, 24, look.main, r=8, half=0.24)
    pen.rect(-28, -24, 20, 12, light(look.main, 0.3), r=3)
    for i in range(4):
        pen.rect(-25 + i * 4.4, -22, 2, 8, INK, r=1)
    pen.rect(-1, -8, 4, 8, look.accent, r=1.5)
    pen.rect(-32, 19, 36, 11, INK, r=3)
    pen.rect(-28, 22, 22, 4, look.main, r=1.5)


@drawing(stands=False, lean=24)
def hammer(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, 40):
        pen.rect(-2.8, -28, 5.6, 70, look.wood, r=2.4, half=0.4)
        pen.rect(-3.6, 14, 7.2, 28, look.main, r=3, half=0.4)
        for y in (20, 26, 32):
            pen.rect(-3.6, y, 7.2, 1.2, dark(look.main, 0.35))
        pen.poly(smooth([(-4, -36), (-16, -38), (-25, -28), (-27, -22), (-16, -27), (-4, -25)]), STEEL)
        pen.rect(-6, -37, 14, 13, STEEL, r=1)
        pen.rect(7, -38.4, 13, 16, dark(STEEL, 0.2), r=2)
        pen.rect(-6, -36, 22, 2.4, light(STEEL, 0.6), r=1)


@drawing(stands=False, lean=16)
def wrench(pen: Pen, look: Look) -> None:
    for x, turn, s, c in ((-20, 26, 0.86, look.main), (2, 34, 1.0, STEEL), (24, 42, 0.8, look.second)):
        with pen.at(x, 0, turn, s):
            pen.rect(-4, -24, 8, 50, c, r=2, half=0.4)
            pen.rect(-1.4, -16, 2.8, 34, dark(c, 0.22), r=1.4)
            pen.poly(
                [(-3.6, -40), (-3.6, -31), (0, -28), (3.6, -31), (3.6, -40), *arc(0, -30, 11, 11, -66, 246, 30)], c
            )
            pen.line(arc(0, 31, 7, 7, 0, 360, 36), 4.4, c)
            pen.line(arc(0, 31, 8, 8, 180, 280, 14), 1, light(c, 0.5))


@drawing()
def toolbox(pen: Pen, look: Look) -> None:
    pen.line([(-14, -2), (-14, -14), (14, -14), (14, -2)], 3.4, INK)
    for x, c in ((-27, look.second), (24, look.accent)):
        pen.rect(x, -18, 5, 18, c, r=2, half=0.4)
        pen.rect(x + 1.5, -28, 2, 11, STEEL)
    pen.rect(-40, -4, 80, 11, light(look.main, 0.12), r=2.4, half=0.2)
    pen.rect(-38, 6, 76, 24, look.main, r=2.4, half=0.2)
    pen.rect(-38, 6, 76, 2, dark(look.main, 0.4))
    for x in (-25, 17):
        pen.rect(x, 2, 8, 10, SILVER, r=1.4, shade=0.8)
    pen.rect(-10, 14, 20, 8, PAPER, r=1.4)


@drawing(stands=False, lean=16)
def saw(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, -18):
        teeth = [p for i in range(22) for p in ((-16 + i * 2.9, 12 - i * 0.12), (-14.6 + i * 2.9, 14.6 - i * 0.12))]
        pen.poly([(-16, -12), (46, -2), (48, 9.4), *reversed(teeth)], SILVER)
        pen.poly([(-16, -12), (46, -2), (46.4, 0), (-16, -8)], light(SILVER, 0.6))
        pen.poly(
            smooth([(-14, -14), (-26, -18), (-44, -14), (-48, 2), (-46, 16), (-38, 18), (-26, 15), (-12, 15)]),
            look.main,
            half=0.2,
        )
        pen.poly(smooth([(-26, -9), (-38, -7), (-40, 4), (-36, 9), (-26, 7)]), dark(look.main, 0.6))
        for y in (-8, 9):
            pen.ellipse(-17, y, 1.7, None, BRASS)


@drawing()
def watering_can(pen: Pen, look: Look) -> None:
    pen.line(arc(18, 4, 18, 16, -100, 100), 3.2, dark(look.main, 0.25))
    pen.line(arc(2, -12, 14, 14, 180, 350), 2.8, dark(look.main, 0.15))
    pen.poly([(-14, 22), (-14, 12), (-38, -14), (-43, -11)], dark(look.main, 0.12))
    with pen.at(-41, -13, -46):
        pen.poly([(-3, 2), (3, 2), (9, -6), (-9, -6)], look.main)
        pen.ellipse(0, -6, 9, 2.4, light(look.main, 0.4))
    pen.poly([(-17, -8), (21, -8), (24, 30), (-20, 30)], look.main, half=0.34)
    pen.ellipse(2, -8, 19, 3.4, dark(look.main, 0.4))
    pen.rect(-19, 16, 42, 3.4, light(look.main, 0.35))
    for x, y in ((-50, -8), (-47, 0), (-54, 1), (-51, 9)):
        pen.poly(smooth([(x, y - 2.6), (x + 1.5, y + 0.4), (x, y + 2), (x - 1.5, y + 0.4)]), (150, 200, 222))


@drawing(stands=False, lean=20)
def spade(pen: Pen, look: Look) -> None:
    with pen.at(-12, 0, 32):
        pen.rect(-2, -36, 4, 48, look.wood, r=1.6, half=0.4)
        pen.rect(-8, -42, 16, 5, look.main, r=2.4)
        pen.poly(smooth([(-10, 10), (10, 10), (11, 26), (0, 42), (-11, 26)]), STEEL, half=0.5)
        pen.rect(-2.6, 6, 5.2, 12, dark(STEEL, 0.3), r=1)
    with pen.at(20, 2, -18):
        pen.rect(-2.6, 0, 5.2, 34, look.wood, r=2.4, half=0.4)
        pen.rect(-1.4, -12, 2.8, 14, STEEL)
        pen.rect(-9, -14, 18, 4, look.second, r=1.5)
        for x in (-7.6, -0.0, 7.6):
            pen.line([(x, -12), (x, -34)], 2, STEEL)


@drawing()
def garden_pots(pen: Pen, look: Look) -> None:
    for x, s, c in ((-28, 0.74, look.second), (26, 0.84, look.accent), (-2, 1.1, look.main)):
        with pen.at(x, 30, 0, s):
            for k, turn in enumerate((-40, -14, 14, 40)):
                with pen.at(0, -24, turn):
                    pen.line([(0, 0), (0, -14)], 1, LEAF)
                    pen.ellipse(0, -17, 4, 6.4, light(LEAF, 0.1 * k))
            pen.poly([(-13, -24), (13, -24), (9, 0), (-9, 0)], c, half=0.34)
            pen.rect(-15, -28, 30, 6.4, light(c, 0.16), r=1.4, half=0.32)


@drawing()
def mower(pen: Pen, look: Look) -> None:
    pen.line([(-10, 6), (-38, -30), (-46, -28)], 2.2, INK)
    pen.poly(smooth([(-24, 8), (-10, 4), (24, 4), (36, 12), (38, 22), (-28, 22)]), look.main, half=0.24)
    pen.rect(-8, -10, 28, 16, dark(look.main, 0.5), r=4)
    pen.rect(-4, -6, 14, 3, STEEL, r=1)
    pen.ellipse(6, -11, 7, 2.4, look.accent)
    pen.poly([(-46, 2), (-24, 0), (-24, 22), (-40, 22)], look.second, half=0.3)
    for x, r in ((-18, 9), (28, 7.4)):
        pen.ellipse(x, 30 - r, r, None, INK)
        pen.ellipse(x, 30 - r, r * 0.55, None, PAPER, shade=1)
        pen.ellipse(x, 30 - r, r * 0.2, None, look.accent)


@drawing()
def car_battery(pen: Pen, look: Look) -> None:
    for x, c in ((-24, (206, 66, 58)), (16, (60, 84, 130))):
        pen.rect(x, -18, 9, 9, STEEL, r=1.5)
        pen.rect(x - 1.6, -15, 12, 7, c, r=1.5)
    pen.rect(-36, -10, 72, 10, light(look.main, 0.16), r=2, half=0.25)
    pen.rect(-34, -1, 68, 31, look.main, r=2, half=0.25)
    pen.rect(-28, 5, 44, 18, PAPER, r=2)
    pen.poly([(-6, 7), (-13, 15), (-7, 15), (-10, 22), (-1, 12.6), (-7, 12.6), (-3, 7)], look.accent)
    for x in (-15, -3, 9):
        pen.ellipse(x, -10, 3, 1.6, dark(look.main, 0.35))


@drawing()
def engine_oil(pen: Pen, look: Look) -> None:
    pen.rect(-18, -34, 12, 9, look.second, r=1.6, half=0.4)
    pen.poly(
        [(-20, -26), (6, -26), (22, -14), (23, 26), (20, 30), (-20, 30), (-23, 26), (-23, -20)], look.main, half=0.3
    )
    pen.poly(box(9, -8, 7, 22, 3.4), dark(look.main, 0.6))
    pen.rect(-19, -6, 24, 26, PAPER, r=2)
    pen.poly(smooth([(-7, -2), (-1, 8), (-3, 14), (-11, 14), (-13, 8)]), look.accent)


@drawing()
def chest(pen: Pen, look: Look) -> None:
    pen.poly([*arc(0, -4, 36, 26, 180, 360)], look.wood, half=0.3)
    pen.rect(-36, -4, 72, 34, dark(look.wood, 0.08), half=0.3)
    pen.rect(-36, -6, 72, 4, dark(look.wood, 0.45))
    for x in (-28, 20):
        lid = clip(clip(arc(0, -4, 36, 26, 180, 360), (x, 100), (x, -100)), (x + 8, -100), (x + 8, 100))
        pen.poly(lid, BRASS, half=0.3)
        pen.rect(x, -4, 8, 34, BRASS, half=0.3)
    pen.rect(-6, -8, 12, 13, look.main, r=2)
    pen.ellipse(0, -3, 1.8, None, INK)
    pen.rect(-0.8, -2, 1.6, 5, INK)
