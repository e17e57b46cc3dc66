"""What one wears or carries: bags, jewellery, watches, glasses."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, GLASS, INK, LEATHER, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Pen, arc, box, dark, light, mirrored, mix, smooth


@drawing(stands=False, lean=24)
def watch(pen: Pen, look: Look) -> None:
    strap = look.main
    for flip in (1, -1):
        pen.poly([(-9, 14 * flip), (9, 14 * flip), (7, 44 * flip), (-7, 44 * flip)], strap, half=0.35)
        pen.line([(-6, 18 * flip), (-5, 41 * flip)], 0.5, light(strap, 0.4))
        pen.line([(6, 18 * flip), (5, 41 * flip)], 0.5, light(strap, 0.4))
    for y in (30, 35, 40):
        pen.ellipse(0, y, 0.9, None, dark(strap, 0.6))
    metal = look.one_of(BRASS, SILVER, STEEL)
    pen.rect(17, -3, 6, 6, dark(metal, 0.2), r=1.5)
    pen.ellipse(0, 0, 20, None, metal, shade=1.8)
    pen.ellipse(0, 0, 16.4, None, look.one_of(PAPER, dark(look.second, 0.3), PAPER))
    for k in range(12):
        with pen.at(0, 0, k * 30):
            pen.line([(0, -14.6), (0, -12.6)], 0.9, metal)
    pen.ellipse(0, 7, 4, None, light(look.second, 0.3))
    with pen.at(0, 0, look.between(0, 360)):
        pen.line([(0, 2), (0, -8)], 1.5, INK)
    with pen.at(0, 0, look.between(0, 360)):
        pen.line([(0, 2), (0, -12)], 1.1, INK)
    with pen.at(0, 0, look.between(0, 360)):
        pen.line([(0, 4), (0, -13)], 0.5, look.accent)
    pen.ellipse(0, 0, 1.3, None, INK)
    pen.poly(arc(0, 0, 15, 15, 200, 250), PAPER, alpha=0.3)


@drawing(lean=2)
def necklace(pen: Pen, look: Look) -> None:
    bust = dark(look.second, 0.1)
    pen.poly(
        smooth(
            [(-7, -36), (7, -36), (7, -20), (22, -10), (26, 8), (16, 27), (-16, 27), (-26, 8), (-22, -10), (-7, -20)]
        ),
        bust,
        half=0.36,
    )
    pen.rect(-14, 26, 28, 4, look.wood, r=1.4)
    chain = smooth([(-9, -20), (-12, -8), (-8, 4), (0, 10), (8, 4), (12, -8), (9, -20)], closed=False)
    if look.one_of(True, False):
        pen.line(chain, 1.1, BRASS)
        pen.poly([(0, 9), (5, 15), (0, 23), (-5, 15)], look.main, half=0.5)
        pen.poly([(0, 9), (5, 15), (-5, 15)], light(look.main, 0.4))
    else:
        for i, (x, y) in enumerate(chain[::3]):
            pen.ellipse(x, y, 2.3, None, light(look.main, 0.1 if i % 2 else 0.45), shade=0.7)


@drawing(lean=2)
def ring(pen: Pen, look: Look) -> None:
    metal = look.one_of(BRASS, SILVER, mix(BRASS, (214, 120, 100), 0.4))
    pen.line(arc(0, 11, 17, 17, 0, 360, 60), 4, metal)
    pen.line(arc(0, 11, 17, 17, 150, 250, 20), 1.4, light(metal, 0.6))
    pen.line(arc(0, 11, 17, 17, 0, 80, 20), 1.6, dark(metal, 0.25))
    pen.poly([(-7, -10), (7, -10), (4, -4), (-4, -4)], metal)
    gem = look.main
    pen.poly([(-14, -20), (-8, -28), (8, -28), (14, -20), (0, -5)], gem)
    pen.poly([(-14, -20), (-8, -28), (-5, -20)], light(gem, 0.4))
    pen.poly([(-8, -28), (0, -28), (-5, -20)], light(gem, 0.2))
    pen.poly([(0, -28), (8, -28), (5, -20), (-5, -20)], light(gem, 0.55))
    pen.poly([(5, -20), (14, -20), (0, -5)], dark(gem, 0.3))
    pen.poly([(-5, -20), (5, -20), (0, -5)], dark(gem, 0.1))
    for x, y in ((22, -32), (-24, -24)):
        pen.poly(
            [
                (x, y - 5),
                (x + 1, y - 1),
                (x + 5, y),
                (x + 1, y + 1),
                (x, y + 5),
                (x - 1, y + 1),
                (x - 5, y),
                (x - 1, y - 1),
            ],
            PAPER,
        )


@drawing(stands=False, lean=18)
def sunglasses(pen: Pen, look: Look) -> None:
    round_ones = look.one_of(True, False)
    for flip in (False, True):
        with pen.at(flip=flip):
            pen.line(smooth([(33, -7), (41, -20), (34, -34)], closed=False), 2.6, dark(look.main, 0.3))
            lens = (
                arc(20, 2, 16, 16, 0, 360, 50)
                if round_ones
                else smooth([(5, -8), (20, -12), (37, -10), (36, 6), (25, 15), (11, 13), (5, 3)])
            )
            pen.poly(lens, dark(look.second, 0.72))
            pen.line([*lens, lens[0]], 3.4, look.main)
    for x in (-27, 13):
        pen.poly([(x, 8), (x + 9, -8), (x + 13, -8), (x + 4, 8)], PAPER, alpha=0.35)
    pen.line(arc(0, 0, 6, 5, 200, 340), 3, look.main)


@drawing()
def backpack(pen: Pen, look: Look) -> None:
    pen.line(arc(0, -30, 6, 7, 180, 360), 2.6, dark(look.main, 0.4))
    for flip in (False, True):
        with pen.at(flip=flip):
            pen.poly(smooth([(21, -4), (29, 2), (30, 24), (20, 26)]), dark(look.main, 0.26))
    pen.rect(-24, -33, 48, 62, look.main, r=16, half=0.3)
    pen.poly(
        [*arc(0, -17, 24, 16, 180, 360), (24, -6), *arc(0, -6, 24, 5, 0, 180), (-24, -6)],
        light(look.main, 0.16),
        half=0.3,
    )
    for x in (-12, 9):
        pen.rect(x, -12, 3.4, 22, LEATHER, r=1)
        pen.rect(x - 0.8, -2, 5, 4, BRASS, r=0.8)
    pen.rect(-18, 6, 36, 20, look.second, r=5, half=0.3)
    pen.rect(-18, 6, 36, 5, light(look.second, 0.2), r=2.4)
    pen.line([(-13, 11.5), (13, 11.5)], 0.6, dark(look.second, 0.4))


@drawing()
def suitcase(pen: Pen, look: Look) -> None:
    if look.one_of(True, False):
        pen.rect(-10, -38, 3, 20, STEEL)
        pen.rect(7, -38, 3, 20, STEEL)
        pen.rect(-12, -39, 24, 4, INK, r=2)
        pen.rect(-24, -22, 48, 49, look.main, r=6, half=0.28)
        for x in (-16, -8, 0, 8, 16):
            pen.rect(x - 0.8, -19, 1.6, 43, dark(look.main, 0.22), r=0.8)
        pen.rect(-26, -4, 3, 12, INK, r=1)
        pen.ellipse(-10, 8, 5.4, None, look.second)
        pen.poly([(6, -12), (14, -12), (10, -5)], look.accent)
        for x in (-18, 18):
            pen.ellipse(x, 27, 3, None, INK)
    else:
        pen.line(arc(0, -10, 11, 10, 180, 360), 3, dark(LEATHER, 0.3))
        pen.rect(-40, -11, 80, 40, look.main, r=5, half=0.2)
        pen.rect(-40, 6, 80, 1, dark(look.main, 0.4))
        for x in (-28, 21):
            pen.rect(x, -11, 7, 40, LEATHER)
            pen.rect(x - 0.6, 2, 8.2, 7, BRASS, r=1)
        pen.ellipse(-4, 18, 6, None, look.second)
        pen.rect(4, -6, 13, 8, look.accent, r=1)
        for x in (-40, 33):
            pen.rect(x, 22, 7, 7, LEATHER, r=2)


@drawing()
def handbag(pen: Pen, look: Look) -> None:
    pen.line(arc(0, -6, 17, 26, 180, 360), 3, dark(look.main, 0.26))
    pen.poly(
        smooth([(-24, -8), (0, -10), (24, -8), (33, 12), (32, 27), (0, 30), (-32, 27), (-33, 12)]), look.main, half=0.32
    )
    pen.poly(smooth([(-24, -8), (0, -10), (24, -8), (28, 4), (0, 13), (-28, 4)]), light(look.main, 0.14))
    pen.rect(-4, 6, 8, 9, BRASS, r=2)
    pen.ellipse(0, 10.4, 1.5, None, dark(BRASS, 0.5))
    for x in (-17, 17):
        pen.ellipse(x, -7, 2.4, None, BRASS)
    pen.line([(20, 2), (24, 14)], 1, look.second)
    pen.poly([(21, 14), (27, 14), (28, 25), (21, 25)], look.second, half=0.4)


@drawing()
def umbrella(pen: Pen, look: Look) -> None:
    pen.line([(0, -34), (0, 24), *arc(5, 24, 5, 5, 180, 0, 14)], 1.7, look.wood)
    for i in range(5):
        left, right = -40 + i * 16, -24 + i * 16
        rise = arc(0, -2, left, 32, 0, -90, 16)
        fall = arc(0, -2, right, 32, -90, 0, 16)
        panel = [*rise, *fall, *arc((left + right) / 2, -2, 8, 4, 0, -180, 12)]
        colour = (look.main, light(look.second, 0.12))[i % 2]
        pen.poly(panel, dark(colour, 0.06 * max(0, i - 1)))
    pen.ellipse(0, -35, 1.5, 2.4, BRASS)


@drawing()
def perfume(pen: Pen, look: Look) -> None:
    pen.rect(-19, -8, 38, 38, light(look.main, 0.35), r=6, half=0.3)
    pen.poly(box(-15, 4, 30, 22, 4), look.main, half=0.32)
    pen.rect(-15, -4, 2.4, 28, PAPER, r=1.2)
    pen.rect(-5, -15, 10, 8, BRASS)
    pen.rect(-9, -33, 18, 19, look.second, r=3, half=0.36)
    pen.rect(-9, 8, 18, 11, PAPER, r=1)
    pen.line([(-5, 12), (5, 12)], 0.8, BRASS)
    pen.line([(-3, 15), (3, 15)], 0.6, BRASS)
    pen.ellipse(30, 24, 6, None, GLASS, shade=1.6)
    pen.poly(mirrored(smooth([(-28, 18), (-33, 10), (-25, 6), (-22, 14)])), look.accent)
