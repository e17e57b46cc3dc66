"""Problems as their two sides and moderators see them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from souk.contracts.store.events import Side
from souk.contracts.store.problems import OrderProblem, ProblemStep
from souk.database import AnySession
from souk.money import Money
from store.database import among
from store.orders.tables import OrderRow
from store.problems.rules import allowed, judge
from store.problems.tables import ProblemRow, ProblemStepRow
from store.problems.transitions import GIVES_ALL, TRANSITIONS, Actor, roles
from store.user_replica.user_replica import names


def side_of(problem: ProblemRow, user_id: UUID) -> Side | None:
    """Whether the user bought or sold the order."""
    if user_id == problem.buyer_id:
        return "buyer"
    return "seller" if user_id == problem.seller_id else None


async def shown(
    session: AnySession, problems: Sequence[ProblemRow], user_id: UUID, *, judging: bool = False
) -> list[OrderProblem]:
    """Problems with all that happened; `judging`: as a moderator sees them."""
    known = await names(session, [person for one in problems for person in (one.buyer_id, one.seller_id)])
    steps = await _steps(session, problems)
    query = select(OrderRow).where(among(OrderRow.id, [one.order_id for one in problems]))
    orders = {order.id: order for order in await session.scalars(query)}
    found = []
    for one in problems:
        side = side_of(one, user_id)
        actors: tuple[Actor, ...] = roles(side, one.turn) if side else judge(one, user_id) if judging else ()
        found.append(_shown(one, orders[one.order_id], steps[one.id], known, actors))
    return found


async def _steps(session: AnySession, problems: Sequence[ProblemRow]) -> dict[UUID, list[ProblemStepRow]]:
    query = select(ProblemStepRow).where(among(ProblemStepRow.problem_id, [one.id for one in problems]))
    steps: dict[UUID, list[ProblemStepRow]] = defaultdict(list)
    for row in await session.scalars(query.order_by(ProblemStepRow.problem_id, ProblemStepRow.version)):
        steps[row.problem_id].append(row)
    return steps


def _shown(
    row: ProblemRow,
    order: OrderRow,
    steps: Sequence[ProblemStepRow],
    known: dict[UUID, str],
    actors: tuple[Actor, ...],
) -> OrderProblem:
    waits = TRANSITIONS.default(row.status, row.kind)
    silent = row.held if row.status in GIVES_ALL else row.amount
    ends = waits is not None and waits.after == "ended"
    return OrderProblem(
        id=row.id,
        order_id=row.order_id,
        number=order.number,
        title=order.title,
        buyer_id=row.buyer_id,
        buyer_name=known[row.buyer_id],
        seller_id=row.seller_id,
        seller_name=known[row.seller_id],
        kind=row.kind,
        text=row.words,
        status=row.status,
        turn=row.turn,
        amount=_money(row.amount, row.currency),
        held=Money(row.held, row.currency),
        ground=row.ground,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        deadline=row.deadline,
        silence=waits.after if waits else None,
        silence_amount=_money(silent, row.currency) if ends else None,
        steps=[_step(step, row.currency) for step in steps],
        version=row.version,
        actions=allowed(row, actors),
    )


def _step(row: ProblemStepRow, currency: str) -> ProblemStep:
    return ProblemStep(
        number=row.version,
        status=row.status,
        by=row.by,
        at=row.at,
        amount=_money(row.amount, currency),
        ground=row.ground,
        text=row.words,
    )


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
