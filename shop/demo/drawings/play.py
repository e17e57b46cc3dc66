"""Toys and things for small children."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import INK, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Colour, Pen, arc, box, dark, light, mix, smooth


@drawing()
def toy_car(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.poly(smooth([(-24, 6), (-17, -15), (-4, -20), (12, -16), (22, 4)]), look.second)
        pen.poly(smooth([(-18, 3), (-13, -11), (-4, -14), (-3, 3)]), (200, 228, 236))
        pen.poly(smooth([(1, 3), (1, -14), (10, -11), (16, 3)]), (180, 214, 226))
        pen.poly(
            smooth([(-40, 8), (-24, 2), (24, 2), (38, 8), (42, 20), (36, 24), (-38, 24), (-42, 18)]),
            look.main,
            half=0.2,
        )
        pen.rect(-40, 12, 80, 2.6, light(look.main, 0.5))
    else:
        pen.rect(-44, -12, 54, 34, look.second, r=3, half=0.2)
        pen.poly([(12, -6), (28, -6), (40, 8), (42, 23), (12, 23)], look.main, half=0.3)
        pen.poly([(17, -1), (26, -1), (34, 9), (17, 9)], (200, 228, 236))
        pen.rect(-44, 20, 86, 4, dark(look.main, 0.3), r=1.4)
        for i, c in enumerate(look.colours(3)):
            pen.rect(-39 + i * 15.6, -6, 12.6, 20, c, r=2)
    pen.ellipse(39, 14, 2.8, None, (255, 232, 150))
    for x in (-23, 23):
        pen.ellipse(x, 22, 8.4, None, INK)
        pen.ellipse(x, 22, 4.6, None, light(look.accent, 0.15), shade=1)


@drawing(lean=2)
def teddy(pen: Pen, look: Look) -> None:
    fur: Colour = mix((186, 128, 82), look.main, 0.6)
    pale = light(fur, 0.45)
    for x in (-14, 14):
        pen.ellipse(x, -29, 7.4, None, fur, shade=1.6)
        pen.ellipse(x, -28.4, 4.2, None, pale)
    for side in (-1, 1):
        with pen.at(side * 19, 6, side * -28):
            pen.ellipse(0, 2, 7, 13, dark(fur, 0.1), shade=1.8)
    pen.ellipse(0, 12, 19, 19, fur, shade=4)
    pen.ellipse(0, 14, 11, 12, pale)
    for side in (-1, 1):
        pen.ellipse(side * 17, 23, 10, 8.4, fur, shade=2)
        pen.ellipse(side * 18, 23, 5.6, 5, pale)
    pen.ellipse(0, -14, 20, 17.6, fur, shade=3.6)
    pen.ellipse(0, -8.6, 9.4, 7.4, pale)
    for x in (-8, 8):
        pen.ellipse(x, -17, 2.1, None, INK)
        pen.ellipse(x - 0.6, -17.7, 0.7, None, PAPER)
    pen.poly(smooth([(-3, -12.4), (3, -12.4), (0, -8.6)]), INK)
    pen.line(smooth([(-4, -5.6), (0, -4), (4, -5.6)], closed=False), 0.9, INK)
    bow = look.second
    pen.poly(smooth([(0, 3), (-9, -2), (-10, 8)]), bow)
    pen.poly(smooth([(0, 3), (9, -2), (10, 8)]), dark(bow, 0.15))
    pen.ellipse(0, 3, 2.4, None, dark(bow, 0.25))


@drawing()
def blocks(pen: Pen, look: Look) -> None:
    c = [look.main, *look.colours(6)]
    pen.rect(-34, 6, 24, 24, c[0], r=2, half=0.25)
    pen.rect(-8, 6, 24, 24, c[1], r=2, half=0.25)
    pen.poly([*arc(30, 30, 14, 24, 180, 360), (38, 30), *arc(30, 30, 7, 13, 360, 180)], c[2], half=0.35)
    pen.rect(-22, -18, 24, 24, c[3], r=2, half=0.25)
    pen.poly([(-22, -18), (2, -18), (-10, -37)], c[4], half=0.5)
    pen.poly(arc(-22, 18, 7, 7, 0, 360), PAPER)
    pen.poly([(4, 11), (11, 24), (-3, 24)], PAPER)
    for k in range(5):
        with pen.at(-10, -6, k * 72):
            pen.poly([(0, -8), (2.6, -2), (0, 1), (-2.6, -2)], PAPER)
    pen.ellipse(30, 0, 6.4, None, c[5], shade=1.8)


@drawing()
def pram(pen: Pen, look: Look) -> None:
    pen.line([(-20, 12), (22, 26)], 1.8, STEEL)
    pen.line([(22, 12), (-22, 26)], 1.8, STEEL)
    pen.line(smooth([(28, 2), (38, -14), (44, -20)], closed=False), 2.2, STEEL)
    pen.line([(40, -21.6), (47, -20)], 3, INK)
    pen.poly([(2, -4), *arc(2, -4, 33, 31, 180, 280)], look.main)
    for a in (205, 230, 255):
        pen.line([(2, -4), *arc(2, -4, 32, 30, a, a + 1, 1)], 0.9, dark(look.main, 0.3))
    pen.poly([(2, -4), *arc(2, -4, 33, 31, 255, 280)], dark(look.main, 0.2))
    pen.poly([*arc(0, -4, 31, 22, 0, 180)], look.second, half=0.3)
    pen.rect(-31, -6.4, 62, 4.4, light(look.second, 0.3), r=2)
    for x in (-23, 23):
        pen.ellipse(x, 22, 8, None, INK)
        pen.ellipse(x, 22, 6, None, PAPER)
        for k in range(3):
            with pen.at(x, 22, k * 60):
                pen.line([(0, -6), (0, 6)], 0.6, STEEL)
        pen.ellipse(x, 22, 1.9, None, look.accent)


@drawing()
def train(pen: Pen, look: Look) -> None:
    c = look.colours(4)
    pen.rect(-45, 30, 90, 1, look.wood)
    pen.rect(-44, 4, 30, 18, c[0], r=2, half=0.25)
    for x, k in ((-37, c[1]), (-29, c[2]), (-21, c[3])):
        pen.ellipse(x, 2, 5, None, k, shade=1.2)
    pen.rect(-44, 8, 30, 14, c[0], r=2, half=0.25)
    pen.rect(-14, 18, 8, 2.4, INK)
    pen.rect(-6, -18, 20, 40, look.main, r=2, half=0.25)
    pen.rect(-9, -22, 26, 5, look.second, r=2)
    pen.rect(-1, -12, 10, 11, (206, 230, 236), r=1.5)
    pen.rect(12, -2, 28, 24, light(look.main, 0.12), r=7, half=0.25)
    pen.poly([(26, -16), (36, -16), (33, -2), (29, -2)], look.second, half=0.4)
    for x, y, r in ((34, -25, 4), (40, -32, 5), (29, -34, 3.4)):
        pen.ellipse(x, y, r, None, PAPER, alpha=0.85)
    pen.ellipse(39, 8, 3, None, (255, 230, 140))
    pen.rect(-6, 20, 48, 3, dark(look.main, 0.4))
    for x, r in ((-37, 5), (-21, 5), (2, 7.4), (20, 5.4), (34, 5.4)):
        pen.ellipse(x, 30 - r, r, None, INK)
        pen.ellipse(x, 30 - r, r * 0.5, None, look.accent, shade=0.7)


@drawing(stands=False, lean=24)
def puzzle(pen: Pen, look: Look) -> None:
    colours = [look.main, look.second, look.accent, *look.colours(6)]
    for row in range(3):
        for column in range(3):
            if (row, column) == (0, 2):
                continue
            x, y = -33 + column * 22, -33 + row * 22
            pen.rect(x + 0.3, y + 0.3, 21.4, 21.4, colours[row * 3 + column], r=1)
    for row in range(3):
        for column in range(3):
            x, y, c = -33 + column * 22, -33 + row * 22, colours[row * 3 + column]
            if column < 2 and (row, column) not in ((0, 1), (0, 2)):
                pen.ellipse(x + 24.6, y + 11, 4.4, None, c)
            if row < 2 and (row, column) != (0, 2):
                pen.ellipse(x + 11, y + 24.6, 4.4, None, c)
    with pen.at(30, -30, 22):
        pen.rect(-11, -11, 22, 22, colours[2], r=1)
        pen.ellipse(0, 13.4, 4.4, None, colours[2])


@drawing(stands=False, lean=16)
def kite(pen: Pen, look: Look) -> None:
    tail = smooth([(0, 22), (-8, 30), (4, 36), (-6, 44), (6, 52)], closed=False)
    with pen.at(4, -4, 24):
        pen.line(tail, 0.8, INK)
        for i, (x, y) in enumerate(tail[5::7]):
            c = (look.second, look.accent, look.main)[i % 3]
            pen.poly([(x, y), (x - 6, y - 3), (x - 6, y + 3)], c)
            pen.poly([(x, y), (x + 6, y - 3), (x + 6, y + 3)], dark(c, 0.15))
        pen.poly([(0, -36), (0, -8), (-26, -8)], look.main)
        pen.poly([(0, -36), (26, -8), (0, -8)], light(look.second, 0.1))
        pen.poly([(-26, -8), (0, -8), (0, 24)], light(look.accent, 0.1))
        pen.poly([(26, -8), (0, 24), (0, -8)], dark(look.main, 0.18))
        pen.line([(0, -36), (0, 24)], 0.9, look.wood)
        pen.line([(-26, -8), (26, -8)], 0.9, look.wood)


@drawing()
def robot(pen: Pen, look: Look) -> None:
    metal = mix(SILVER, look.main, 0.55)
    pen.line([(0, -32), (0, -38)], 1.2, STEEL)
    pen.ellipse(0, -39, 2.4, None, look.accent)
    for side in (-1, 1):
        pen.line([(side * 16, 0), (side * 25, 4), (side * 25, 13)], 3.4, STEEL)
        pen.line(arc(side * 25, 16, 3.4, 3.4, -40, 220), 2, dark(metal, 0.3))
        pen.rect(side * 8 - 4, 18, 8, 9, STEEL)
        pen.rect(side * 9 - 7, 25, 14, 5, dark(metal, 0.3), r=2)
    pen.rect(-17, -7, 34, 27, metal, r=4, half=0.28)
    pen.rect(-11, -2, 22, 12, PAPER, r=2)
    pen.line([(-8, 5), (-3, 5), (-1, 1), (2, 8), (4, 4), (8, 4)], 0.9, look.accent)
    for i in range(3):
        pen.ellipse(-6 + i * 6, 15, 1.7, None, (look.second, look.accent, PAPER)[i])
    pen.rect(-4, -11, 8, 5, STEEL)
    pen.rect(-15, -32, 30, 22, metal, r=6, half=0.28)
    for x in (-7, 7):
        pen.ellipse(x, -22, 4.6, None, PAPER)
        pen.ellipse(x + 0.6, -21.6, 2.2, None, INK)
    pen.poly(box(-6, -15.4, 12, 2.6, 1.3), dark(metal, 0.5))


@drawing()
def rocking_horse(pen: Pen, look: Look) -> None:
    wood = look.wood
    pen.line(arc(0, -14, 44, 42, 32, 148, 30), 3.4, look.main)
    for x0, x1 in ((-14, -22), (14, 21)):
        pen.line([(x0, 6), (x1, 22)], 4.4, dark(wood, 0.15))
    pen.poly(
        smooth(
            [
                (-24, 2),
                (-20, -8),
                (-4, -4),
                (8, -8),
                (14, -26),
                (24, -33),
                (28, -25),
                (36, -17),
                (33, -12),
                (25, -13),
                (21, 4),
                (12, 10),
                (-16, 10),
            ]
        ),
        wood,
        half=0.25,
    )
    pen.poly(smooth([(8, -10), (11, -26), (20, -36), (24, -33), (16, -22), (13, -8)]), dark(look.second, 0.1))
    pen.line(smooth([(-23, -2), (-32, 2), (-33, 12)], closed=False), 4, dark(look.second, 0.1))
    pen.poly(smooth([(-12, -6), (-3, -8), (6, -7), (5, 3), (-11, 3)]), look.accent)
    pen.ellipse(24, -25, 1.3, None, INK)
    pen.line([(25, -14), (26, -24), (33, -19)], 0.9, look.main)
