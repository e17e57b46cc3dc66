"""What moderators decide about problems that the two did not settle. Nobody decides twice: an appeal is another's."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from souk import paging
from souk.contracts.store.problems import ProblemCase, ProblemDecision, ProblemPage
from souk.database import AnySession, ReadSession, Session
from souk.errors import NotFound
from souk.events import Sequenced
from souk.money import Money
from souk.paging import KeyPlace
from store.orders.tables import OrderRow
from store.orders.views import lines_of
from store.problems.problems import Doing, Problems, Seen, done_before
from store.problems.rules import AnotherModerator, OwnProblem, check_amount, check_step, check_words, judge
from store.problems.tables import ProblemRow
from store.problems.views import shown

WAITING = ("escalated", "appealed")


class UnknownProblem(NotFound):
    """Nobody said that, or the two have not asked for a moderator."""


async def decide(
    session: Session, problems: Problems, moderator_id: UUID, problem_id: UUID, decision: ProblemDecision
) -> list[Sequenced]:
    """Decide what goes back; the first time the two may appeal, the second time it is done at once. What to tell.

    Raises UnknownProblem, OwnProblem, AnotherModerator, ProblemNotNow, ProblemMovedOn and InvalidInput.
    """
    words = check_words(decision.text)
    problem = await session.get(ProblemRow, problem_id, with_for_update=True, populate_existing=True)
    if problem is None:
        raise UnknownProblem("There is no such case.", code="unknown-case")
    actors = judge(problem, moderator_id)
    if not actors:
        raise OwnProblem("Another moderator has to decide about an order of yours.")
    amount = check_amount(decision.amount, problem)
    doing = Doing("moderator", moderator_id, amount=amount, ground=decision.ground, words=words)
    if await done_before(session, problem, Seen("decide", decision.version), doing):
        return []
    if problem.status == "appealed" and "another_moderator" not in actors:
        raise AnotherModerator("You decided this before. Another moderator has to decide the appeal.")
    step = check_step(problem, actors, decision.version, "decide")
    values: dict[str, Any] = {"amount": amount, "ground": decision.ground}
    if step.after == "decided":
        values["decided_by"] = moderator_id
    return await problems.take(session, problem, step, doing, **values)


async def queue(session: ReadSession, moderator_id: UUID, *, cursor: str | None, limit: int) -> ProblemPage:
    """What waits for a moderator, the longest first. Raises BadCursor."""
    listed = paging.checksum("problems that wait")
    place = paging.place_of(cursor, KeyPlace, listed)
    behind: list[Any] = paging.behind(place, ProblemRow.id, ProblemRow.changed_at, up=True)
    query = select(ProblemRow).where(ProblemRow.status.in_(WAITING), *behind)
    rows = (await session.scalars(query.order_by(ProblemRow.changed_at, ProblemRow.id).limit(limit + 1))).all()
    following = paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.changed_at))
    items = await shown(session, rows[:limit], moderator_id, judging=True)
    return ProblemPage(items=items, next_cursor=following)


async def case(session: AnySession, moderator_id: UUID, problem_id: UUID) -> ProblemCase:
    """All there is to decide on; raises UnknownProblem for what never waited for a moderator."""
    problem = await session.get(ProblemRow, problem_id)
    if problem is None:
        raise UnknownProblem("There is no such case.", code="unknown-case")
    [seen] = await shown(session, [problem], moderator_id, judging=True)
    if not any(step.status in WAITING for step in seen.steps):
        raise UnknownProblem("There is no such case.", code="unknown-case")
    order = await session.get_one(OrderRow, problem.order_id)
    lines = await lines_of(session, [order.id])
    return ProblemCase(
        problem=seen,
        lines=lines[order.id],
        paid=Money(order.amount, order.currency),
        refunded=Money(order.refunded, order.currency),
    )
