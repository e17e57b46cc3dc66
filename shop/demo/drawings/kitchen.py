"""Things to cook with, eat from and drink from."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import GLASS, INK, LEAF, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Colour, Pen, arc, box, dark, light, mix, smooth

_COFFEE: Colour = (98, 62, 48)


def _steam(pen: Pen, x: float, y: float) -> None:
    for dx in (-5, 1, 7):
        pen.line(
            smooth([(x + dx, y), (x + dx - 2, y - 5), (x + dx + 2, y - 10), (x + dx, y - 15)], closed=False),
            1.2,
            PAPER,
            0.6,
        )


@drawing()
def mug(pen: Pen, look: Look) -> None:
    pen.line(arc(19, 8, 11, 12, -90, 90), 4.4, dark(look.main, 0.16))
    pen.poly(
        [(-20, -14), (20, -14), (20, 22), *arc(12, 22, 8, 8, 0, 90), *arc(-12, 22, 8, 8, 90, 180)], look.main, half=0.32
    )
    match look.one_of(0, 1, 2):
        case 0:
            for y in (0, 6, 12):
                pen.rect(-20, y, 40, 2.6, look.second)
        case 1:
            pen.poly(smooth([(-1, 18), (-12, 7), (-11, -1), (-4, -2), (-1, 3), (2, -2), (9, -1), (10, 7)]), look.second)
        case _:
            pen.rect(-20, 10, 40, 20, look.second, r=8, half=0.32)
    pen.ellipse(0, -14, 20, 4.4, light(look.main, 0.3))
    pen.ellipse(0, -13.6, 17.6, 3.4, _COFFEE)
    pen.poly(arc(0, -13, 14, 2.4, 200, 330), mix(_COFFEE, PAPER, 0.3))
    _steam(pen, 0, -20)


@drawing()
def teapot(pen: Pen, look: Look) -> None:
    pen.line(smooth([(20, 0), (33, -6), (34, 12), (20, 20)], closed=False), 3.6, dark(look.main, 0.2))
    pen.poly(smooth([(-20, 16), (-30, 2), (-40, -8), (-34, -10), (-26, -4), (-18, 2)]), dark(look.main, 0.06))
    pen.ellipse(0, 9, 25, 21, look.main, shade=5)
    pen.poly(smooth([(-16, -2), (-12, -7), (-16, 8), (-19, 6)]), light(look.main, 0.45))
    pen.rect(-14, 27, 28, 3, dark(look.main, 0.25), r=1.4)
    pen.poly(arc(0, -9, 14, 7, 180, 360), light(look.main, 0.14), half=0.35)
    pen.ellipse(0, -18, 3.4, None, look.second, shade=1)
    for k in range(5):
        with pen.at(2, 10, k * 72):
            pen.ellipse(0, -5, 2.6, 3.8, light(look.second, 0.2))
    pen.ellipse(2, 10, 2.4, None, look.accent)


@drawing()
def coffee_maker(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.rect(-24, -34, 48, 18, look.main, r=4, half=0.3)
        pen.rect(-24, 22, 48, 8, look.main, r=2.5, half=0.3)
        pen.rect(8, -22, 14, 46, dark(look.main, 0.2))
        pen.rect(-24, -19, 48, 4, dark(look.main, 0.3))
        pen.poly([(-12, -15), (2, -15), (0, -9), (-10, -9)], INK)
        pen.poly([(-19, -3), (7, -3), (8, 20), (-20, 20)], GLASS, alpha=0.85)
        pen.poly([(-19.6, 7), (7.6, 7), (8, 20), (-20, 20)], _COFFEE, half=0.3)
        pen.rect(-18, -7, 24, 4.4, INK, r=1)
        pen.line([(-19, 0), (-26, 2), (-25, 13), (-20, 14)], 2, INK)
        pen.ellipse(14, -26, 3.6, None, SILVER, shade=1)
        pen.ellipse(-16, -26, 1.5, None, look.accent)
        pen.ellipse(-11, -26, 1.5, None, PAPER)
    else:
        pen.line([(16, -12), (26, -8), (25, 8)], 4, INK)
        pen.poly([(-13, 2), (13, 2), (18, 30), (-18, 30)], look.main, half=0.36)
        pen.poly([(-17, -24), (17, -24), (12, -2), (-12, -2)], light(look.main, 0.1), half=0.36)
        pen.poly([(-17, -24), (-23, -22), (-15, -14)], look.main)
        pen.rect(-14, -3, 28, 6, dark(look.main, 0.3), r=1.4)
        pen.poly([(-16, -24), (0, -31), (16, -24)], light(look.main, 0.25), half=0.4)
        pen.ellipse(0, -32, 2.8, None, INK)
        _steam(pen, -26, -26)


@drawing(stands=False, lean=30)
def pan(pen: Pen, look: Look) -> None:
    pen.poly(box(20, -4, 38, 8, 4), look.wood, half=0.3)
    pen.rect(22, -3, 9, 6, STEEL, r=1)
    pen.ellipse(52, 0, 1.6, None, dark(look.wood, 0.5))
    pen.ellipse(-8, 0, 33, None, look.main, shade=2.4)
    pen.ellipse(-8, 0, 28.5, None, dark((70, 70, 82), 0.1))
    pen.ellipse(-7.4, 0.6, 28, None, (84, 84, 96))
    if look.one_of(True, True, False):
        pen.poly(smooth([(-22, -4), (-16, -15), (-3, -14), (9, -9), (8, 4), (2, 14), (-11, 12), (-22, 9)]), PAPER)
        pen.ellipse(-7, -1, 6.6, None, (244, 182, 62), shade=1.6)
        pen.ellipse(-9, -3, 1.8, None, (255, 226, 150))


@drawing(lean=1)
def pot(pen: Pen, look: Look) -> None:
    pen.rect(-38, -2, 76, 6, dark(look.main, 0.3), r=3)
    pen.rect(-30, -6, 60, 36, look.main, r=7, half=0.3)
    pen.rect(-25, 2, 3, 20, light(look.main, 0.4), r=1.5)
    pen.poly([*arc(0, -6, 31, 14, 180, 360)], light(look.main, 0.12), half=0.32)
    pen.rect(-32, -8.5, 64, 4, dark(look.main, 0.16), r=2)
    pen.ellipse(0, -22.5, 4.4, 3.4, look.second, shade=1)
    _steam(pen, 20, -24)


@drawing()
def plates(pen: Pen, look: Look) -> None:
    for i in range(4):
        y = 27 - i * 4
        pen.poly([(-28, y - 3), (28, y - 3), (16, y + 3), (-16, y + 3)], dark((look.main, PAPER)[i % 2], 0.18))
        pen.ellipse(0, y - 3, 29, 3, light((look.main, PAPER)[i % 2], 0.06))
    pen.poly([*arc(0, -4, 20, 17, 0, 180)], look.second, half=0.34)
    pen.ellipse(0, -4, 20, 4, light(look.second, 0.3))
    pen.ellipse(0, -3.6, 17, 3, dark(look.second, 0.25))
    for x, r, c in ((-7, 7, look.accent), (6, 8, (222, 104, 76)), (0, 6.6, LEAF)):
        pen.poly(arc(x, -4, r, r * 1.3, 180, 360), c, half=0.4)


@drawing()
def bottle(pen: Pen, look: Look) -> None:
    pen.rect(-10, -16, 20, 46, look.main, r=5, half=0.36)
    pen.poly([(-10, -11), (-6, -22), (6, -22), (10, -11)], look.main, half=0.36)
    pen.rect(-6.6, -34, 13.2, 11, look.second, r=2, half=0.36)
    pen.line(arc(0, -34, 5, 5, 180, 360), 1.6, dark(look.second, 0.2))
    pen.rect(-10, 0, 20, 3, light(look.main, 0.4))
    pen.rect(-10, 5, 20, 1.4, light(look.main, 0.4))
    pen.rect(-6.6, -9, 2, 34, light(look.main, 0.4), r=1)
    pen.poly([(16, 12), (32, 12), (30, 30), (18, 30)], look.accent, half=0.36)
    pen.ellipse(24, 12, 8, 1.8, light(look.accent, 0.3))


@drawing()
def toaster(pen: Pen, look: Look) -> None:
    for x in (-11, 7):
        pen.poly(
            smooth([(x - 9, -8), (x - 10, -20), (x - 6, -26), (x, -24), (x + 6, -26), (x + 10, -20), (x + 9, -8)]),
            (224, 170, 104),
        )
        pen.poly(
            smooth([(x - 7, -8), (x - 7.6, -19), (x - 4, -23), (x, -21.6), (x + 4, -23), (x + 7.6, -19), (x + 7, -8)]),
            (246, 214, 150),
        )
    pen.rect(-31, -12, 62, 40, look.main, r=10, half=0.28)
    pen.rect(-24, -12.6, 46, 2.4, dark(look.main, 0.45), r=1.2)
    pen.rect(-25, -4, 3.4, 18, light(look.main, 0.45), r=1.7)
    pen.rect(29, -2, 5, 4, INK, r=1)
    pen.ellipse(18, 17, 4, None, SILVER, shade=1)
    pen.line([(18, 17), (20, 14.4)], 0.8, INK)
    for x in (-22, 15):
        pen.rect(x, 27, 8, 3, INK, r=1)


@drawing()
def mixer(pen: Pen, look: Look) -> None:
    pen.rect(-26, 24, 56, 6, look.main, r=3, half=0.2)
    pen.poly([(14, -18), (28, -18), (30, 26), (12, 26)], look.main, half=0.3)
    pen.poly(box(-30, -34, 60, 20, 10), light(look.main, 0.08), half=0.25)
    pen.rect(-30, -26, 60, 2.4, SILVER)
    pen.ellipse(23, -24, 3, None, look.accent, shade=0.8)
    pen.rect(-16, -15, 6, 12, STEEL)
    pen.poly([(-30, -6), (4, -6), (0, 16), *arc(-13, 15, 12, 9, 0, 180), (-26, 16)], SILVER, half=0.34)
    pen.rect(-32, -8, 38, 3, light(SILVER, 0.5), r=1.4)
