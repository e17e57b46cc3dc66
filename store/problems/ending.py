"""How a problem stops its order's clock, and lets it go on: with the money divided, or as if nothing had been.

Only here an order comes under a problem or out of it; its row is locked while that is done, after the problem's.
"""

from datetime import datetime, timedelta
from uuid import UUID

from souk.database import Session
from souk.events import Sequenced
from souk.ids import derived_id
from store.orders.orders import delivered_news
from store.orders.refunds import left_of, note_refund
from store.orders.shares import part_of
from store.orders.status_updates import Mover, these
from store.orders.tables import OrderRow
from store.problems.tables import ProblemRow

LEFT_MIN = timedelta(days=3)
"""After a problem was withdrawn, its order waits for the receipt at least so long."""


async def lock_order(session: Session, order_id: UUID) -> OrderRow:
    """The order as it is now; nobody else changes it before this transaction is over."""
    return await session.get_one(OrderRow, order_id, with_for_update=True, populate_existing=True)


async def freeze(session: Session, order: OrderRow, problem_id: UUID) -> None:
    """Stop the locked order's clock: from here on nothing settles it but this problem's end."""
    order.problem_id, order.under_problem, order.deadline = problem_id, True, None
    await session.flush()


async def thaw(session: Session, problem: ProblemRow, now: datetime) -> None:
    """The problem was withdrawn: the order's clock goes on with what it had left, at least for some days."""
    order = await lock_order(session, problem.order_id)
    order.under_problem, order.deadline = False, now + max(timedelta(seconds=problem.left_s), LEFT_MIN)
    await session.flush()


async def settle(
    session: Session, mover: Mover, problem: ProblemRow, *, by: UUID | None, now: datetime
) -> list[Sequenced]:
    """Give back what the ended problem says, and let the rest go to the seller as if the goods had arrived; what to tell.

    One refund under an id that the problem has, so it cannot be asked for twice.
    """
    order = await lock_order(session, problem.order_id)
    assert problem.amount is not None and order.under_problem
    news = []
    if problem.amount:
        lines, left = await left_of(session, [order.id])
        asked = {
            "id": derived_id("problem-refund", problem.id),
            "request_hash": problem.request_hash,
            "by": "problem",
            "requested_by": by or problem.buyer_id,
            "requested_at": now,
            "reason": "",
        }
        # Goods first: the postage goes back with what is more than all of them.
        goods = min(problem.amount, sum(left[line.id].amount for line in lines[order.id]))
        parts = part_of(goods, lines[order.id], left)
        news = [await note_refund(session, order, parts, problem.amount - goods, asked)]
    rest = order.amount - order.refunded
    moved = await mover.move(
        session,
        these([order.id]),
        after="delivered" if rest else "refunded",
        by="system",
        at=now,
        under_problem=False,
    )
    await session.refresh(order)
    return [*news, *(delivered_news(moved) if rest else [])]
