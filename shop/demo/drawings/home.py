"""Furniture and things about the house."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, INK, LEAF, PAPER, STEEL, Look, drawing
from shop.demo.drawings.pen import Pen, arc, box, dark, light, mirrored, mix, ring, shifted, smooth


@drawing()
def lamp(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.poly([(-10, -10), (-16, 30), (16, 30), (10, -10)], (255, 240, 190), alpha=0.35)
        pen.rect(-1.2, -12, 2.4, 38, BRASS)
        pen.ellipse(0, 28, 12, 2.6, dark(BRASS, 0.2))
        pen.rect(-12, 26, 24, 2.4, BRASS, r=1.2, half=0.3)
    else:
        pen.poly(
            smooth([(-5, -10), (5, -10), (6, 0), (14, 14), (10, 27), (0, 30), (-10, 27), (-14, 14), (-6, 0)]),
            look.second,
        )
        pen.poly(
            smooth([(0, -10), (5, -10), (6, 0), (14, 14), (10, 27), (0, 30), (6, 16), (2, 2)]), dark(look.second, 0.2)
        )
        pen.rect(-8, 27.4, 16, 2.6, BRASS, r=1)
    top = look.between(10, 15)
    pen.ellipse(0, -9, 23, 3.4, (255, 236, 176))
    pen.poly([(-top, -34), (top, -34), (23, -9), *arc(0, -9, 23, 3, 0, 180), (-23, -9)], look.main, half=0.36)
    pen.poly([(-top + 3, -34), (-top + 6, -34), (-12, -7), (-17, -7)], light(look.main, 0.3))
    pen.line([(-top, -34), (top, -34)], 1, dark(look.main, 0.2))


@drawing()
def desk_lamp(pen: Pen, look: Look) -> None:
    pen.poly(arc(-10, 30, 14, 6, 180, 360), look.main, half=0.4)
    pen.line([(-10, 26), (-18, 2), (4, -22)], 2.2, STEEL)
    pen.ellipse(-18, 2, 2.6, None, dark(look.main, 0.3))
    pen.poly([(12, -14), (34, 30), (-2, 30)], (255, 240, 180), alpha=0.3)
    with pen.at(6, -23, -34):
        pen.ellipse(0, 13, 13, 3.4, (255, 238, 170))
        pen.poly([(-4, -6), (4, -6), (13, 13), *arc(0, 13, 13, 2.8, 0, 180), (-13, 13)], look.main, half=0.35)
        pen.rect(-4, -10, 8, 5, dark(look.main, 0.3), r=2)


@drawing()
def chair(pen: Pen, look: Look) -> None:
    wood = look.wood
    for x in (-13, 12):
        pen.line([(x * 0.9, 6), (x * 1.1, 26)], 2.2, dark(wood, 0.3))
    if look.one_of(True, False):
        pen.line([(-16, 6), (-13, -34)], 2.6, wood)
        pen.line([(16, 6), (13, -34)], 2.6, dark(wood, 0.12))
        for y in (-31, -22, -13):
            pen.rect(-14, y, 28, 5, light(wood, 0.15), r=2, half=0.3)
    else:
        pen.poly(
            smooth([(-15, 2), (-17, -20), (-12, -34), (0, -36), (12, -34), (17, -20), (15, 2), (0, 5)]),
            look.main,
            half=0.35,
        )
        pen.line([(0, -30), (0, -4)], 0.7, dark(look.main, 0.25))
    pen.line([(-17, 7), (-20, 29)], 2.8, wood)
    pen.line([(17, 7), (20, 29)], 2.8, dark(wood, 0.15))
    pen.poly(box(-20, 1, 40, 8, 3.6), look.main, half=0.3)
    pen.poly(box(-18, 1.6, 26, 2, 1), light(look.main, 0.3))


@drawing()
def armchair(pen: Pen, look: Look) -> None:
    for x in (-20, 20):
        pen.poly([(x - 2, 22), (x + 2, 22), (x * 1.1 + 1, 30), (x * 1.1 - 1, 30)], look.wood)
    pen.poly(box(-23, -30, 46, 48, 15), look.main, half=0.34)
    for x, y in ((-9, -18), (0, -18), (9, -18), (-5, -9), (5, -9)):
        pen.ellipse(x, y, 0.9, None, dark(look.main, 0.35))
    pen.poly(box(-20, 2, 40, 13, 5), light(look.main, 0.16), half=0.3)
    pen.rect(-24, 14, 48, 10, dark(look.main, 0.15), r=3)
    pen.poly(box(-33, -6, 14, 31, 7), look.main, shade=2.4)
    pen.poly(box(19, -6, 14, 31, 7), dark(look.main, 0.12), shade=2.4)
    with pen.at(-8, -4, -12):
        pen.poly(box(-8, -8, 16, 15, 3.6), look.second, shade=2)


@drawing()
def sofa(pen: Pen, look: Look) -> None:
    for x in (-34.0, 34.0):
        pen.poly([(x - 2, 24), (x + 2, 24), (x * 1.05 + 1, 30), (x * 1.05 - 1, 30)], look.wood)
    pen.poly(box(-38, -14, 76, 34, 8), dark(look.main, 0.1))
    for x in (-35.0, 0.6):
        pen.poly(box(x, -12, 34.4, 22, 5), look.main, shade=2)
        pen.poly(box(x, 6, 34.4, 12, 4), light(look.main, 0.16), shade=2)
    pen.rect(-40, 16, 80, 10, dark(look.main, 0.18), r=3)
    pen.poly(box(-45, -4, 12, 30, 6), look.main, shade=2)
    pen.poly(box(33, -4, 12, 30, 6), dark(look.main, 0.1), shade=2)
    with pen.at(-24, 0, 10):
        pen.poly(box(-7, -7, 14, 14, 3), look.second, shade=1.6)
    with pen.at(22, 0, -12):
        pen.poly(box(-7, -7, 14, 14, 3), look.accent, shade=1.6)


@drawing()
def table(pen: Pen, look: Look) -> None:
    wood = mix(look.wood, look.main, 0.25)
    if look.one_of(True, False):
        for x in (-24, 22):
            pen.line([(x * 0.85, 0), (x, 25)], 2.4, dark(wood, 0.35))
        for x in (-33, 33):
            pen.line([(x * 0.9, 0), (x, 29)], 3, dark(wood, 0.1))
        pen.rect(-32, -4, 64, 6, dark(wood, 0.2))
        pen.rect(-40, -8, 80, 5, wood, r=2, half=0.3)
        pen.rect(-38, -7.4, 44, 1.3, light(wood, 0.35), r=0.6)
    else:
        pen.poly([(-3, -4), (3, -4), (4, 18), (16, 29), (-16, 29), (-4, 18)], dark(wood, 0.2), half=0.4)
        pen.ellipse(0, -4, 38, 5, dark(wood, 0.25))
        pen.ellipse(0, -6, 38, 5, wood)
        pen.poly(arc(-4, -6.6, 31, 3.2, 150, 300), light(wood, 0.2))
    pen.poly(smooth([(6, -22), (10, -22), (14, -14), (11, -7), (5, -7), (2, -14)]), look.second, half=0.4)
    for turn in (-24, 4, 30):
        with pen.at(8, -21, turn):
            pen.line([(0, 0), (0, -9)], 0.6, LEAF)
            pen.ellipse(0, -11, 2.4, None, look.accent, shade=0.8)


@drawing()
def bookshelf(pen: Pen, look: Look) -> None:
    wood = look.wood
    pen.rect(-24, -36, 48, 66, wood, r=1, half=0.08)
    for row in range(3):
        y = -33 + row * 21
        pen.rect(-21, y, 42, 18, dark(wood, 0.42))
        x, colours = -20.0, look.colours(8)
        for i in range(look.one_of(5, 6, 7)):
            w, h = look.between(2.6, 4.6), look.between(11, 16)
            pen.rect(x, y + 18 - h, w, h, colours[i], half=0.3)
            x += w + 0.2
        if x < 10:
            pen.ellipse(14, y + 13, 4.6, None, colours[7], shade=1.4)
    pen.rect(-24, 28, 48, 2, dark(wood, 0.25))


@drawing()
def dresser(pen: Pen, look: Look) -> None:
    for x in (-26, 23):
        pen.poly([(x, 22), (x + 3, 22), (x + 2.4, 30), (x + 0.6, 30)], dark(look.wood, 0.2))
    pen.rect(-30, -16, 60, 39, look.wood, r=2, half=0.06)
    for row in range(3):
        for x in (-27, 1):
            pen.rect(x, -12 + row * 11.4, 26, 9.6, look.main if row != 1 else light(look.main, 0.2), r=1, half=0.25)
            pen.ellipse(x + 13, -7.2 + row * 11.4, 1.3, None, BRASS, shade=0.4)
    pen.rect(-32, -19, 64, 4, light(look.wood, 0.15), r=1.4)
    pen.rect(-22, -24, 16, 5, look.second, half=0.3)
    pen.poly(smooth([(12, -34), (18, -34), (20, -24), (18, -19), (12, -19), (10, -24)]), look.accent, half=0.4)


@drawing()
def vase(pen: Pen, look: Look) -> None:
    for turn, n in ((-22, 0), (2, 1), (24, 2)):
        with pen.at(0, -8, turn):
            pen.line([(0, 0), (1, -14), (0, -24)], 0.8, LEAF)
            pen.poly(smooth([(1, -8), (6, -13), (4, -17), (1, -13)]), LEAF)
            petal = (look.second, look.accent, light(look.second, 0.3))[n]
            for k in range(6):
                with pen.at(0, -26, k * 60):
                    pen.ellipse(0, -4, 2.4, 3.6, petal if k % 2 else light(petal, 0.18))
            pen.ellipse(0, -26, 2, None, BRASS)
    body = look.one_of(
        [(-5, -10), (5, -10), (5, -4), (15, 9), (13, 24), (7, 30), (-7, 30), (-13, 24), (-15, 9), (-5, -4)],
        [(-8, -10), (8, -10), (6, -2), (12, 6), (14, 16), (9, 29), (-9, 29), (-14, 16), (-12, 6), (-6, -2)],
        [(-9, -10), (9, -10), (11, 4), (9, 20), (6, 30), (-6, 30), (-9, 20), (-11, 4)],
    )
    pen.poly(smooth(body), look.main, half=0.36)
    pen.poly(smooth([(-9, 8), (-7, 5), (-7, 20), (-10, 16)]), light(look.main, 0.4))
    pen.ellipse(0, -10, 6, 1.2, dark(look.main, 0.4))


@drawing()
def plant(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        for i, turn in enumerate((-66, -42, -18, 8, 32, 58, -30, 20)):
            leaf = mix(LEAF, (42, 104, 84), (i % 3) / 3)
            with pen.at(0, 6, turn, 1.0 if i < 6 else 0.75):
                pen.line([(0, 0), (0, -20)], 0.9, dark(leaf, 0.2))
                pen.poly(smooth([(0, -16), (7, -24), (6, -33), (0, -40), (-6, -33), (-7, -24)]), leaf, half=0.5)
    else:
        for i, turn in enumerate((-34, -20, -8, 6, 18, 32)):
            leaf = mix(LEAF, (120, 160, 90), (i % 3) / 3)
            h = look.between(30, 42)
            with pen.at(0, 8, turn):
                pen.poly(smooth([(-2.4, 0), (-3.6, -h / 2), (0, -h), (3.6, -h / 2), (2.4, 0)]), leaf, half=0.5)
    pen.poly([(-14, 6), (14, 6), (10, 30), (-10, 30)], look.main, half=0.34)
    pen.rect(-16, 4, 32, 6, light(look.main, 0.14), r=1.5, half=0.32)


@drawing(stands=False, hangs=True)
def clock(pen: Pen, look: Look) -> None:
    pen.ellipse(0, -4, 29, None, look.main, shade=2)
    pen.ellipse(0, -4, 24.5, None, dark(PAPER, 0.1))
    pen.ellipse(0.6, -3.4, 24, None, PAPER)
    for k in range(12):
        with pen.at(0, -4, k * 30):
            pen.line([(0, -21.5), (0, -18.5 if k % 3 == 0 else -20)], 1.5 if k % 3 == 0 else 0.8, INK)
    with pen.at(0, -4, look.between(0, 360)):
        pen.line([(0, 2), (0, -11)], 2, INK)
    with pen.at(0, -4, look.between(0, 360)):
        pen.line([(0, 3), (0, -17)], 1.4, INK)
    with pen.at(0, -4, look.between(0, 360)):
        pen.line([(0, 5), (0, -19)], 0.6, look.accent)
    pen.ellipse(0, -4, 1.8, None, look.accent)


@drawing(stands=False, lean=14)
def rug(pen: Pen, look: Look) -> None:
    for i in range(27):
        y = -28 + i * 56 / 26
        pen.line([(-47, y), (47, y)], 0.7, PAPER)
    pen.rect(-43, -30, 86, 60, look.main)
    pen.rect(-39.5, -26.5, 79, 53, light(look.second, 0.25))
    pen.rect(-37.5, -24.5, 75, 49, look.main)
    if look.one_of(True, False):
        for k, colour in enumerate((light(look.second, 0.25), look.accent, PAPER, look.main)):
            s = 1 - k * 0.24
            pen.poly([(-33 * s, 0), (0, -22 * s), (33 * s, 0), (0, 22 * s)], colour)
        for x in (-30.0, 30.0):
            for y in (-18, 18):
                pen.poly([(x - 5, y), (x, y - 4), (x + 5, y), (x, y + 4)], look.accent)
    else:
        for i in range(6):
            colour = (look.second, look.accent, PAPER)[i % 3]
            x = -34 + i * 12.4
            pen.poly([(x, -22), (x + 6, -22), (x + 9, 0), (x + 6, 22), (x, 22), (x + 3, 0)], light(colour, 0.1))


@drawing(lean=5)
def cushion(pen: Pen, look: Look) -> None:
    outline = smooth(
        [
            (-27, -25),
            (-10, -22),
            (10, -22),
            (27, -25),
            (24, -4),
            (24, 12),
            (28, 29),
            (8, 27),
            (-8, 27),
            (-28, 29),
            (-24, 12),
            (-24, -4),
        ]
    )
    pen.poly(outline, look.main)
    if look.one_of(True, False):
        for i in range(4):
            pen.poly(shifted(box(-21 + i * 11.4, -20, 5, 46, 1), 0, 0), light(look.second, 0.15))
    else:
        for x in (-14, 0, 14):
            for y in (-12, 2, 16):
                pen.poly([(x - 5, y), (x, y - 5), (x + 5, y), (x, y + 5)], look.second)
                pen.ellipse(x, y, 1.5, None, look.accent)
    pen.poly(
        smooth(
            [
                (28, 29),
                (8, 27),
                (-8, 27),
                (-28, 29),
                (-6, 23),
                (14, 20),
                (21, 8),
                (21, -16),
                (27, -25),
                (24, -4),
                (24, 12),
            ]
        ),
        dark(look.main, 0.35),
        alpha=0.4,
    )


@drawing(stands=False, hangs=True)
def mirror(pen: Pen, look: Look) -> None:
    outline = look.one_of(box(-20, -36, 40, 70, 20), ring(0, -3, 29), box(-24, -36, 48, 66, 4))
    pen.poly(outline, look.wood, shade=1.2)
    with pen.at(0, -2, 0, 0.91), pen.at(0, 2):
        pen.poly(outline, (186, 214, 220))
        pen.poly([(x, y) for x, y in outline if x - y * 0.6 < 6], (206, 228, 230))
    pen.line([(-8, 8), (8, -14)], 1.6, (240, 248, 248))
    pen.line([(-3, 12), (6, -1)], 1, (240, 248, 248))


@drawing()
def candle(pen: Pen, look: Look) -> None:
    for x, h, c in ((-17, 26, look.second), (15, 18, look.accent), (0, 40, look.main)):
        pen.ellipse(x, 23 - h - 8, 9, None, (255, 236, 170), alpha=0.3)
        pen.rect(x - 6, 26 - h, 12, h, light(c, 0.15), r=1.6, half=0.35)
        pen.line([(x, 26 - h), (x, 23.6 - h)], 0.7, INK)
        pen.poly(smooth([(x, 14 - h), (x + 2.6, 20 - h), (x, 24 - h), (x - 2.6, 20 - h)]), (246, 170, 60))
        pen.poly(smooth([(x, 18 - h), (x + 1.3, 21 - h), (x, 23.4 - h), (x - 1.3, 21 - h)]), (255, 236, 160))
        pen.poly([*arc(x, 26, 9.5, 4, 0, 180), (x - 9.5, 26)], BRASS, half=0.4)


@drawing(lean=1)
def basket(pen: Pen, look: Look) -> None:
    straw = look.wood
    pen.line(arc(0, -4, 20, 28, 180, 360), 2.6, dark(straw, 0.2))
    pen.poly(smooth([(-22, -2), (-14, -12), (0, -8), (12, -13), (22, -2)]), look.main)
    pen.poly([(-28, -4), (28, -4), (22, 30), (-22, 30)], straw, half=0.32)
    for row in range(5):
        y = 1 + row * 6
        for k in range(9):
            x = -24 + k * 5.6 + (row % 2) * 2.8
            if abs(x + 1.5) < 22 - row * 0.8:
                pen.rect(x, y, 3.8, 2.4, dark(straw, 0.24), r=1)
    pen.rect(-30, -7, 60, 5.4, light(straw, 0.2), r=2.6, half=0.3)
    pen.poly(mirrored(smooth([(-26, -6), (-12, -8), (-10, 4), (-18, 10), (-22, 2)])), light(look.main, 0.2))
