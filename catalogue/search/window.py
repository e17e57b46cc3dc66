"""A part of an order that holds about as many listings as are worth looking at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from catalogue.search.bands import place
from catalogue.search.conditions import Conditions
from catalogue.search.orders import Order
from catalogue.search.planner import plan
from catalogue.search.statements import branches
from catalogue.search.terms import COLUMNS, ON_SALE, Term
from souk.database import AnySession

WINDOW_MAX = 40_000
"""The widest window."""


@dataclass(frozen=True)
class Window:
    """What is wanted from one place in an order to another."""

    wanted: Conditions
    first: int = 0
    last: int = 0
    """The places, as the order goes: `last` is below `first` if it goes down."""
    whole: bool = True
    """Whether nothing is beyond."""


async def window(
    session: AnySession, wanted: Conditions, order: Order, size: int, behind: Sequence[Term] = ()
) -> Window:
    """What is wanted among about the first `size` listings in order, before any checks. Without an end, if they are too many.

    Of each category the same number is read, and the one that goes through it soonest says where the window ends.
    """
    if size > WINDOW_MAX:
        return Window(wanted)
    await plan(session, "walk")
    share = 2 * size // len(wanted.categories) + 1 if wanted.categories else size
    slugs = literal(wanted.categories, ARRAY(TEXT)) if wanted.categories else None
    conditions = [each.over(COLUMNS) for each in (ON_SALE, *wanted.plain, *behind)]
    table, columns = branches(slugs, order, share, conditions)
    key = columns[order.key]
    ends = select(func.min(key).label("low"), func.max(key).label("high"), func.count().label("held"))
    read = (await session.execute(ends.select_from(table).group_by(columns.branch))).all()
    if not read:
        return Window(wanted)
    low, high = min(branch.low for branch in read), max(branch.high for branch in read)
    cut = [branch for branch in read if branch.held == share]
    if cut and order.descending:
        low = max(branch.low for branch in cut)
    elif cut:
        high = min(branch.high for branch in cut)
    bottom, top = place(order.key, low), place(order.key, high)
    first, last = (top, bottom) if order.descending else (bottom, top)
    return Window(wanted.near(order.key, bottom, top), first, last, whole=not cut)
