"""Things that roll, fly or are worn out of doors."""

# fmt: off (an outline is easier to see as one row of points)

from shop.demo.drawings.look import BRASS, INK, PAPER, SILVER, STEEL, Look, drawing
from shop.demo.drawings.pen import Pen, arc, box, clip, dark, light, overlap, smooth
from shop.demo.drawings.pen import ring as circle


def _wheel(pen: Pen, x: float, y: float, r: float, rim: tuple[int, int, int]) -> None:
    for k in range(10):
        with pen.at(x, y, k * 18):
            pen.line([(0, -r), (0, r)], 0.3, SILVER)
    pen.line(arc(x, y, r, r, 0, 360, 60), 2, INK)
    pen.line(arc(x, y, r - 2, r - 2, 0, 360, 60), 0.9, rim)
    pen.ellipse(x, y, 1.8, None, STEEL)


@drawing()
def bicycle(pen: Pen, look: Look) -> None:
    rim = light(look.second, 0.3)
    _wheel(pen, -27, 14, 15.5, rim)
    _wheel(pen, 27, 14, 15.5, rim)
    crank, seat, head = (-3, 14), (-11, -10), (19, -12)
    if look.one_of(True, False):
        pen.line([crank, seat, head, crank], 2.6, look.main)
    else:
        pen.line(smooth([(20, -8), (6, 4), crank], closed=False), 2.6, look.main)
        pen.line([crank, seat], 2.6, look.main)
    pen.line([(-27, 14), crank], 2, dark(look.main, 0.2))
    pen.line([(-27, 14), seat], 2, dark(look.main, 0.1))
    pen.line([(27, 14), (18, -17)], 2.4, look.main)
    pen.line([(18, -17), (17, -22), (24, -24), (28, -20)], 1.8, INK)
    pen.line([seat, (-12.6, -16)], 1.6, STEEL)
    pen.poly(smooth([(-20, -18), (-10, -18.5), (-4, -16.5), (-11, -14.5), (-19, -14.6)]), look.accent)
    pen.ellipse(*crank, 4, None, STEEL)
    pen.ellipse(*crank, 2.2, None, INK)
    pen.line([crank, (-1, 22)], 1.4, INK)
    pen.rect(-4, 21.4, 7, 1.8, INK, r=0.8)
    if look.one_of(True, False):
        pen.poly([(22, -17), (38, -17), (36, -5), (24, -5)], look.wood, half=0.3)
        for y in (-13, -9):
            pen.line([(23.4, y), (36.4, y)], 0.7, dark(look.wood, 0.35))


@drawing()
def scooter(pen: Pen, look: Look) -> None:
    pen.line([(24, 21), (15, -30)], 2.8, look.main)
    pen.line([(7, -28.4), (22, -31.4)], 2.6, INK)
    pen.ellipse(15, -30, 2, None, look.accent)
    pen.poly(smooth([(-36, 16), (10, 16), (22, 6), (26, 10), (14, 21), (-36, 21)]), look.main, half=0.2)
    pen.rect(-30, 14.6, 38, 2.4, INK, r=1)
    for x in (-28, 26):
        pen.ellipse(x, 22, 8, None, INK)
        pen.ellipse(x, 22, 5.4, None, look.second, shade=1)
        pen.ellipse(x, 22, 1.6, None, PAPER)


@drawing(stands=False, lean=30)
def skateboard(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, -20):
        for x in (-26, 19):
            for y in (-14.6, 9):
                pen.rect(x, y, 8, 5.6, PAPER, r=2, half=0.3)
        deck = box(-47, -11, 94, 22, 11)
        pen.poly(deck, look.main)
        match look.one_of(0, 1, 2):
            case 0:
                for i, c in enumerate((look.second, look.accent, PAPER)):
                    pen.poly(
                        overlap([(-24 + i * 14, -20), (-14 + i * 14, -20), (2 + i * 14, 20), (-8 + i * 14, 20)], deck),
                        c,
                    )
            case 1:
                pen.poly(overlap(circle(-6, 0, 15), deck), look.second)
                pen.poly(overlap(circle(16, 0, 15), deck), look.accent)
                pen.poly(overlap(overlap(circle(-6, 0, 15), circle(16, 0, 15)), deck), PAPER)
            case _:
                pen.poly(
                    overlap(
                        smooth([(-50, 14), (-30, -4), (-10, 6), (12, -8), (30, 4), (50, -6), (50, 20), (-50, 20)]), deck
                    ),
                    look.second,
                )
                pen.ellipse(24, -5, 3.4, None, look.accent)
        for x in (-24, 22):
            for dx, dy in ((0, -3), (0, 3), (4, -3), (4, 3)):
                pen.ellipse(x + dx, dy, 0.9, None, SILVER)


@drawing()
def ball(pen: Pen, look: Look) -> None:
    r, cy = 27, 3
    outline = circle(0, cy, r)
    match look.one_of(0, 1, 2):
        case 0:
            pen.poly(outline, PAPER)
            for k in range(5):
                with pen.at(0, cy, k * 72 + 8):
                    pen.line([(0, -9), (0, -19)], 0.9, dark(PAPER, 0.5))
                    far = [(-7, -29), (7, -29), (7, -22), (0, -18), (-7, -22)]
                    pen.poly(overlap(far, circle(0, 0, r)), look.main)
                    pen.line([(6.6, -22), (14, -18)], 0.9, dark(PAPER, 0.5))
            with pen.at(0, cy, 8):
                pen.poly([(0, -9.6), (9, -3), (5.6, 7.8), (-5.6, 7.8), (-9, -3)], look.main)
        case 1:
            colour = (222, 120, 62)
            pen.poly(outline, colour)
            pen.line([(-26, cy), (26, cy)], 1.1, INK)
            pen.line([(0, cy - 26), (0, cy + 26)], 1.1, INK)
            for x in (-34, 34):
                points = [p for p in arc(x, cy, 22, 24, 0, 360, 60) if p[0] ** 2 + (p[1] - cy) ** 2 < 26.4**2]
                pen.line(sorted(points, key=lambda p: p[1]), 1.1, INK)
        case _:
            for k in range(6):
                c = (look.main, PAPER, look.second, PAPER, look.accent, PAPER)[k]
                pen.poly([(-4, cy - 5), *arc(0, cy, r, r, k * 60, k * 60 + 60, 14)], c)
            pen.ellipse(-4, cy - 5, 4, None, PAPER)
    inner = circle(-7, cy - 5, r)
    rim = [p for p in outline if (p[0] + 7) ** 2 + (p[1] - cy + 5) ** 2 > r * r]
    edge = [p for p in inner if p[0] ** 2 + (p[1] - cy) ** 2 < r * r and (p[0] + p[1] - cy) > -14]
    rim.sort(key=lambda p: p[0] - p[1])
    edge.sort(key=lambda p: p[1] - p[0])
    pen.poly([*rim, *edge], (58, 30, 66), alpha=0.2)


@drawing(stands=False, lean=20)
def racket(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, 38):
        pen.line([(-7, 4), (0, 15), (7, 4)], 2.6, look.main)
        frame = circle(0, -16, 17, 22)
        pen.poly(frame, PAPER, alpha=0.3)
        for i in range(-4, 5):
            pen.line(
                [(i * 3.4, -16 - 22 * (1 - (i / 5) ** 2) ** 0.5), (i * 3.4, -16 + 22 * (1 - (i / 5) ** 2) ** 0.5)],
                0.4,
                PAPER,
            )
        for i in range(-5, 6):
            pen.line(
                [(-17 * (1 - (i / 6) ** 2) ** 0.5, -16 + i * 3.6), (17 * (1 - (i / 6) ** 2) ** 0.5, -16 + i * 3.6)],
                0.4,
                PAPER,
            )
        pen.line([*frame, frame[0]], 3.4, look.main)
        pen.line(arc(0, -16, 17, 22, 190, 260), 1, light(look.main, 0.5))
        pen.rect(-2, 14, 4, 10, look.main)
        pen.rect(-2.8, 20, 5.6, 24, look.second, r=2, half=0.4)
        for y in (25, 30, 35):
            pen.line([(-2.8, y + 2), (2.8, y)], 0.6, dark(look.second, 0.4))
    pen.ellipse(-30, 18, 8, None, (214, 222, 92), shade=2)
    pen.line(arc(-38, 20, 8, 8, -50, 30, 10), 0.9, PAPER)


@drawing(stands=False, lean=24)
def dumbbell(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, -18):
        pen.rect(-24, -3, 48, 6, STEEL, r=2)
        pen.rect(-12, -3.4, 24, 6.8, dark(STEEL, 0.35), r=1)
        for flip in (False, True):
            with pen.at(flip=flip):
                pen.rect(38, -3, 6, 6, SILVER, r=2)
                pen.rect(29, -15, 9, 30, dark(look.main, 0.12), r=3, shade=1.6)
                pen.rect(18, -21, 11, 42, look.main, r=3.6, shade=2)
                pen.rect(20, -15, 2, 26, light(look.main, 0.35), r=1)


@drawing()
def tent(pen: Pen, look: Look) -> None:
    pen.line([(-44, 28), (-50, 30)], 0.8, BRASS)
    pen.poly([(2, -28), (26, -22), (46, 29), (30, 29)], dark(look.main, 0.3))
    pen.poly([(2, -28), (-38, 29), (32, 29)], look.main)
    pen.poly([(2, -28), (-38, 29), (-26, 29)], light(look.main, 0.16))
    pen.poly([(1, -10), (-13, 29), (17, 29)], dark(look.second, 0.6))
    pen.poly(smooth([(1, -10), (-8, 10), (-22, 29), (-13, 29), (-6, 14)]), light(look.second, 0.2))
    pen.line([(2, -28), (27, -22)], 1.2, look.accent)
    pen.line([(2, -31), (2, -27)], 1.2, look.wood)
    pen.poly([(2, -38), (2, -31), (11, -34.5)], look.accent)
    pen.line([(27, -22), (54, 29)], 0.5, PAPER)


@drawing(stands=False, lean=14)
def surfboard(pen: Pen, look: Look) -> None:
    with pen.at(0, 0, 64):
        board = smooth(
            [(0, -56), (8, -38), (12, -10), (11, 22), (5, 46), (0, 49), (-5, 46), (-11, 22), (-12, -10), (-8, -38)]
        )
        pen.poly(board, light(look.main, 0.1))
        pen.poly(clip(clip(board, (-20, -24), (20, -24)), (20, -10), (-20, -10)), look.second)
        pen.poly(clip(clip(board, (-20, -7), (20, -7)), (20, 0), (-20, 0)), look.accent)
        pen.poly(clip(board, (-20, 30), (20, 30)), look.second)
        pen.line([(0, -52), (0, 46)], 0.7, look.wood)
        pen.poly(clip(board, (3, 100), (3, -100)), (58, 30, 66), alpha=0.14)


@drawing(lean=3)
def helmet(pen: Pen, look: Look) -> None:
    pen.line([(-16, 12), (-4, 28), (12, 29), (20, 12)], 1.8, INK)
    pen.rect(-4, 26, 10, 4, INK, r=1.5)
    shell = smooth([(-34, 12), (-33, -8), (-18, -26), (4, -28), (26, -18), (36, 4), (38, 11), (10, 13)])
    pen.poly(shell, look.main, half=0.25)
    for x in (-20, -3, 14):
        pen.poly(smooth([(x - 3, -2), (x, -17), (x + 7, -19), (x + 8, -5), (x + 4, 4)]), dark(look.main, 0.55))
    pen.line(smooth([(-34, 8), (0, 9), (37, 8)], closed=False), 3.4, look.second)


@drawing(stands=False, lean=12)
def skis(pen: Pen, look: Look) -> None:
    for x, turn in ((-12, -7), (12, 7)):
        with pen.at(x, 0, turn):
            pen.poly(
                smooth(
                    [(0, -46), (4.6, -38), (4, -10), (4, 30), (4.4, 43), (-4.4, 43), (-4, 30), (-4, -10), (-4.6, -38)]
                ),
                look.main,
                half=0.35,
            )
            pen.rect(-4, -30, 8, 7, light(look.second, 0.1))
            pen.rect(-4, -21, 8, 2.4, look.accent)
            pen.rect(-3.4, -2, 6.8, 18, INK, r=2)
            pen.rect(-2.2, 0, 4.4, 5, STEEL, r=1)
            pen.rect(-4, 26, 8, 5, look.accent)
    for x, turn in ((-33, 6), (33, -6)):
        with pen.at(x, 2, turn):
            pen.line([(0, -38), (0, 40)], 1.2, STEEL)
            pen.rect(-1.9, -40, 3.8, 14, INK, r=1.9)
            pen.ellipse(0, 34, 4.4, None, look.second)


@drawing(stands=False, lean=30)
def wheel(pen: Pen, look: Look) -> None:
    pen.ellipse(0, 0, 36, None, (58, 58, 68), shade=3)
    for k in range(32):
        with pen.at(0, 0, k * 11.25):
            pen.line([(0, -35.4), (1.6, -31.5)], 1, (88, 88, 98))
    pen.ellipse(0, 0, 26, None, (38, 38, 46))
    pen.ellipse(0, 0, 24.6, None, SILVER, shade=2)
    count = look.one_of(5, 6, 7)
    for k in range(count):
        with pen.at(0, 0, k * 360 / count):
            pen.poly(smooth([(-5.6, -20), (5.6, -20), (2.2, -9), (-2.2, -9)]), (54, 54, 66))
    pen.ellipse(0, 0, 7.4, None, look.main, shade=1.2)
    for k in range(5):
        with pen.at(0, 0, k * 72):
            pen.ellipse(0, -5, 0.9, None, PAPER)
