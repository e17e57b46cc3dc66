"""Books, art and what people collect."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, INK, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Colour, Pen, arc, box, dark, light, mix, overlap, smooth
from shop.demo.drawings.pen import ring as circle


@drawing()
def books(pen: Pen, look: Look) -> None:
    colours = [look.main, look.second, look.accent, *look.colours(4)]
    if look.one_of(True, False):
        y = 30.0
        for i in range(look.one_of(3, 4, 5)):
            h, w, dx = look.between(7, 11), look.between(46, 62), look.between(-5, 5)
            c = colours[i]
            pen.rect(dx - w / 2, y - h, w, h, c, r=1.6, half=0.1)
            pen.rect(dx + w / 2 - 9, y - h + 1.6, 9, h - 3.2, PAPER)
            pen.rect(dx - w / 2 + 5, y - h, 3, h, light(c, 0.4))
            pen.rect(dx - w / 2 + 14, y - h / 2 - 1, w * 0.36, 2, light(c, 0.5), r=1)
            y -= h
        pen.poly(smooth([(-7, y - 14), (7, y - 14), (9, y - 7), (4, y), (-4, y), (-9, y - 7)]), colours[5], half=0.36)
        pen.line(arc(9, y - 8, 4, 4, -90, 90), 1.6, dark(colours[5], 0.2))
    else:
        x = -34.0
        for i in range(5):
            w, h = look.between(9, 13), look.between(44, 60)
            c = colours[i]
            pen.rect(x, 30 - h, w, h, c, r=1, half=0.26)
            pen.rect(x, 30 - h + 6, w, 2.4, light(c, 0.4))
            pen.rect(x, 20, w, 1.6, light(c, 0.4))
            pen.rect(x + w / 2 - 1, 30 - h + 14, 2, 16, light(c, 0.55), r=1)
            x += w + 0.3
        with pen.at(x, 30, 17), pen.at(3.4, 1.6):
            pen.rect(-2, -50, 10, 48, colours[5], r=1, half=0.26)
            pen.rect(-2, -44, 10, 2.4, light(colours[5], 0.4))


@drawing(lean=4)
def novel(pen: Pen, look: Look) -> None:
    pen.poly([(-22, -36), (22, -36), (26, -33), (26, 30), (-18, 30)], PAPER, half=0.08)
    pen.rect(-24, -37, 46, 66, look.main, r=1.4)
    pen.rect(-24, -37, 4.6, 66, dark(look.main, 0.22))
    match look.one_of(0, 1, 2):
        case 0:
            pen.ellipse(1, 0, 15, None, look.second)
            pen.poly(smooth([(-13, 6), (-4, -2), (4, 5), (15, 2), (9, 12), (-6, 13)]), look.accent)
        case 1:
            for i, c in enumerate((look.second, light(look.second, 0.35), look.accent)):
                pen.poly(arc(1, 18, 17 - i * 5, 32 - i * 9, 180, 360), c)
        case _:
            pen.poly([(1, -18), (17, 18), (-15, 18)], look.second, half=0.5)
            pen.ellipse(9, -11, 5, None, light(look.accent, 0.2))
    pen.rect(-11, -31, 24, 3, light(look.main, 0.6), r=1)
    pen.rect(-7, -26, 16, 2, light(look.main, 0.6), r=1)
    pen.rect(-7, 23, 16, 1.8, light(look.main, 0.45), r=0.9)


def _art(pen: Pen, look: Look, x: float, y: float, w: float, h: float) -> None:  # noqa: PLR0917 (a place in the usual order)
    frame = box(x, y, w, h)
    pen.poly(frame, light(look.second, 0.45))
    match look.one_of(0, 1, 2):
        case 0:
            pen.poly(overlap(circle(x + w * 0.65, y + h * 0.35, h * 0.17), frame), light(look.accent, 0.1))
            pen.poly(
                overlap(
                    smooth(
                        [
                            (x - 9, y + h * 0.8),
                            (x + w * 0.3, y + h * 0.45),
                            (x + w * 0.6, y + h * 0.7),
                            (x + w + 9, y + h * 0.5),
                            (x + w + 9, y + h + 20),
                            (x - 9, y + h + 20),
                        ]
                    ),
                    frame,
                ),
                look.main,
            )
            pen.poly(
                overlap(
                    smooth(
                        [
                            (x - 9, y + h * 0.95),
                            (x + w * 0.5, y + h * 0.72),
                            (x + w + 9, y + h * 0.85),
                            (x + w + 9, y + h + 20),
                            (x - 9, y + h + 20),
                        ]
                    ),
                    frame,
                ),
                dark(look.main, 0.35),
            )
        case 1:
            for i, c in enumerate((look.main, look.accent, look.second, dark(look.main, 0.3))):
                cx, cy = x + w * look.between(0.2, 0.8), y + h * look.between(0.25, 0.75)
                if i % 2:
                    pen.poly(overlap(circle(cx, cy, h * 0.22), frame), c, alpha=0.9)
                else:
                    pen.poly(overlap(box(cx - w * 0.2, cy - h * 0.25, w * 0.4, h * 0.5), frame), c, alpha=0.9)
        case _:
            cx, base = x + w / 2, y + h * 0.86
            pen.rect(x, base, w, y + h - base, look.accent)
            for turn in (-26, 0, 26):
                with pen.at(cx, base - h * 0.3, turn):
                    pen.line([(0, 0), (0, -h * 0.3)], 0.9, (86, 130, 92))
                    pen.ellipse(0, -h * 0.34, h * 0.09, None, look.main, shade=1)
            pen.poly(
                smooth(
                    [
                        (cx - 4, base - h * 0.32),
                        (cx + 4, base - h * 0.32),
                        (cx + 8, base - h * 0.12),
                        (cx + 4, base),
                        (cx - 4, base),
                        (cx - 8, base - h * 0.12),
                    ]
                ),
                look.second,
                half=0.4,
            )


@drawing(stands=False, hangs=True)
def painting(pen: Pen, look: Look) -> None:
    w, h = look.one_of((66, 50), (46, 62), (56, 56))
    x, y = -w / 2, -3 - h / 2
    wood = look.one_of(look.wood, BRASS, INK, PAPER)
    pen.rect(x, y, w, h, wood, shade=1)
    pen.rect(x + 3, y + 3, w - 6, h - 6, dark(wood, 0.3))
    pen.rect(x + 3.8, y + 3.8, w - 7.6, h - 7.6, PAPER)
    _art(pen, look, x + 8, y + 8, w - 16, h - 16)


@drawing()
def easel(pen: Pen, look: Look) -> None:
    pen.line([(0, -34), (2, 26)], 2.2, dark(look.wood, 0.35))
    for x in (-1, 1):
        pen.line([(x * 3, -37), (x * 26, 29)], 2.6, look.wood)
    pen.rect(-27, -26, 54, 38, PAPER, half=0.03)
    _art(pen, look, -25, -24, 50, 34)
    pen.rect(-30, 11.4, 60, 4, light(look.wood, 0.2), r=1)


@drawing(stands=False, lean=24)
def paints(pen: Pen, look: Look) -> None:
    pen.poly(
        smooth(
            [
                (-36, 4),
                (-30, -20),
                (-6, -29),
                (20, -26),
                (36, -8),
                (34, 14),
                (20, 16),
                (14, 10),
                (4, 14),
                (6, 26),
                (-12, 29),
                (-30, 20),
            ]
        ),
        look.wood,
    )
    for (x, y), c in zip(
        ((-24, -8), (-15, -19), (-1, -22), (13, -19), (24, -8), (-25, 8), (-14, 18)),
        [look.main, *look.colours(6)],
        strict=True,
    ):
        pen.poly(smooth([(x - 5, y), (x, y - 5), (x + 5.6, y - 1), (x + 3, y + 5), (x - 3, y + 4.4)]), c)
        pen.ellipse(x - 1.4, y - 1.6, 1.2, None, light(c, 0.5))
    for dx, c in ((0, look.second), (9, look.accent)):
        with pen.at(4 + dx, 4, 38 + dx):
            pen.line([(0, 36), (0, -4)], 2.2, c)
            pen.rect(-1.7, -10, 3.4, 8, SILVER)
            pen.poly(smooth([(-1.7, -10), (1.7, -10), (2.4, -15), (0, -21), (-2.4, -15)]), dark(look.main, 0.15))


@drawing(stands=False, lean=30)
def coin(pen: Pen, look: Look) -> None:
    metals: tuple[Colour, ...] = (BRASS, mix(STEEL, PAPER, 0.25), (196, 122, 78))
    for i, (x, y, r) in enumerate(((22, -12, 18), (20, 20, 14), (-14, 2, 25))):
        metal = metals[(i + look.one_of(0, 1, 2)) % 3]
        pen.ellipse(x, y, r, None, dark(metal, 0.2))
        pen.ellipse(x - 0.5, y - 0.6, r - 0.4, None, metal)
        for k in range(30):
            with pen.at(x, y, k * 12):
                pen.ellipse(0, -r * 0.9, r * 0.028, None, light(metal, 0.5))
        pen.ellipse(x, y, r * 0.78, None, dark(metal, 0.1))
        pen.ellipse(x + 0.6, y + 0.6, r * 0.76, None, light(metal, 0.1))
        if i == 2:
            pen.poly(
                smooth(
                    [
                        (x - 3, y - 15),
                        (x + 6, y - 14),
                        (x + 9, y - 5),
                        (x + 12, y + 1),
                        (x + 8, y + 3),
                        (x + 8, y + 9),
                        (x + 2, y + 9),
                        (x + 4, y + 17),
                        (x - 10, y + 17),
                        (x - 7, y + 7),
                        (x - 11, y - 4),
                    ]
                ),
                dark(metal, 0.3),
            )
        else:
            for k in range(6):
                with pen.at(x, y, k * 60):
                    pen.ellipse(0, -r * 0.36, r * 0.14, r * 0.26, dark(metal, 0.3))


@drawing(stands=False, lean=14)
def stamp(pen: Pen, look: Look) -> None:
    def one(w: float, h: float, colour: Colour) -> None:
        pen.rect(-w / 2, -h / 2, w, h, PAPER)
        for side in (-1, 1):
            for k in range(int(h // 4)):
                pen.ellipse(side * w / 2, -h / 2 + 2.4 + k * 4, 1.5, None, PAPER)
            for k in range(int(w // 4)):
                pen.ellipse(-w / 2 + 2.4 + k * 4, side * h / 2, 1.5, None, PAPER)
        pen.rect(-w / 2 + 3, -h / 2 + 3, w - 6, h - 6, colour)

    with pen.at(20, -6, 11):
        one(34, 42, light(look.second, 0.2))
        pen.poly([(-12, 12), (0, -12), (12, 12)], light(look.accent, 0.1), half=0.5)
    with pen.at(-17, 4, -7):
        one(40, 48, look.main)
        bird = light(look.main, 0.7)
        pen.poly(smooth([(-12, 2), (-4, -8), (6, -9), (12, -5), (8, -1), (4, 8), (-6, 10), (-14, 9)]), bird)
        pen.poly(smooth([(-6, 0), (2, -2), (4, 3), (-6, 7), (-16, 13)]), look.accent)
        pen.poly([(11, -7), (16, -4.6), (11, -3.4)], BRASS)
        pen.ellipse(7, -5.6, 1, None, INK)
        pen.line([(-12, 16), (12, 16)], 1.4, bird)


@drawing()
def globe(pen: Pen, look: Look) -> None:
    pen.line(arc(0, -6, 29, 29, -70, 110, 40), 2.2, BRASS)
    pen.rect(-1.6, 22, 3.2, 6, BRASS)
    pen.rect(-16, 26, 32, 4, look.wood, r=2, half=0.35)
    sea = circle(0, -6, 25)
    pen.poly(sea, look.main)
    land = light(look.second, 0.12)
    for outline in (
        [(-20, -22), (-6, -28), (2, -20), (-4, -10), (-10, -4), (-18, -10)],
        [(-8, -2), (2, 2), (0, 12), (-6, 17), (-11, 6)],
        [(8, -22), (22, -20), (26, -4), (16, -2), (12, -10)],
        [(12, 4), (22, 2), (18, 13), (11, 11)],
    ):
        pen.poly(overlap(smooth(outline), sea), land)
    dim = [*arc(0, -6, 25, 25, -60, 120), *arc(-6, -10, 25, 25, 106, -46)]
    pen.poly(dim, (58, 30, 66), alpha=0.2)
    pen.ellipse(-11, -17, 4, None, PAPER, alpha=0.3)


@drawing()
def ship(pen: Pen, look: Look) -> None:
    pen.rect(-20, 26, 40, 4, look.wood, r=1)
    for x in (-13, 10):
        pen.rect(x, 20, 3, 7, dark(look.wood, 0.2))
    pen.line([(-6, 10), (-6, -38)], 1.4, dark(look.wood, 0.3))
    pen.line([(14, 10), (14, -28)], 1.2, dark(look.wood, 0.3))
    pen.poly(smooth([(-34, 6), (0, 9), (34, 4), (42, 2), (32, 21), (-26, 21)]), look.main, half=0.2)
    pen.rect(-31, 12, 60, 2, light(look.main, 0.5))
    sail = light(look.second, 0.5)
    for x, y, w, h in ((-6, -35, 11, 14), (-6, -19, 15, 20), (14, -25, 9, 12), (14, -11, 12, 14)):
        pen.poly(
            smooth([(x - w, y), (x + w, y), (x + w + 2, y + h / 2), (x + w, y + h), (x, y + h - 2), (x - w, y + h)]),
            sail,
            half=0.35,
        )
    pen.poly([(-8, -20), (-26, 8), (-8, 4)], light(look.accent, 0.3))
    pen.poly([(-6, -42), (-6, -37), (4, -39.5)], look.accent)


@drawing(stands=False, lean=18)
def cards(pen: Pen, look: Look) -> None:
    for i, turn in enumerate((-30, -10, 10, 30)):
        c = (look.second, look.accent, light(look.main, 0.2), look.main)[i]
        with pen.at(0, 34, turn):
            pen.rect(-14, -66, 28, 40, dark(PAPER, 0.18), r=3)
            pen.rect(-13.7, -65.7, 27.2, 39.2, PAPER, r=2.8)
            pen.rect(-11, -63, 22, 20, light(c, 0.25), r=1.6)
            if i % 2:
                pen.poly([(0, -61), (7, -53), (0, -45), (-7, -53)], c, half=0.5)
            else:
                pen.ellipse(0, -53, 7, None, c, shade=2)
            for y in (-39, -35, -31):
                pen.line([(-9, y), (9 if y < -32 else 2, y)], 1.1, dark(PAPER, 0.25))
