"""Problems of orders: what buyers, sellers and the clock do. Moderators are in `judging`.

Each use case locks the problem, then its order if that changes; a repeated request does nothing again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select

from souk.clock import Clock
from souk.contracts.store.events import Side
from souk.contracts.store.problems import (
    NewProblem,
    OrderProblem,
    ProblemAction,
    ProblemActor,
    ProblemAnswer,
    ProblemProposal,
)
from souk.database import AnySession, ReadSession, Session
from souk.errors import Forbidden, KeyReused, NotFound
from souk.events import Sequenced
from souk.http import Identity
from souk.ids import derived_id
from store.log_fields import noted
from store.orders.orders import OVERSEERS
from store.orders.rules import not_possible
from store.orders.status_updates import Mover
from store.orders.tables import OrderRow
from store.problems import events
from store.problems.ending import freeze, settle, thaw
from store.problems.rules import PER_ORDER_MAX, ProblemOpen, TooManyProblems, check_amount, check_step, check_words
from store.problems.tables import ProblemRow, ProblemStepRow
from store.problems.transitions import GIVES_ALL, TRANSITIONS, ProblemTransition, move, move_due, roles
from store.problems.views import shown, side_of
from store.settings import StoreSettings
from store.texts import paragraph

DUE_MAX = 50
"""Problems that one sweep moves with each row of the table."""

ProblemAndNews = tuple[OrderProblem, list[Sequenced]]
"""The problem as the caller sees it, and what others must know."""


@dataclass(frozen=True)
class Doing:
    """Somebody's step with a problem, as it stands in the problem's history."""

    by: ProblemActor
    actor_id: UUID | None
    amount: int | None = None
    ground: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Seen:
    """What somebody wants to do, and the version of the problem that they saw."""

    action: ProblemAction
    version: int


class Problems:
    """Every change goes through the table of transitions, and returns what others must know of it."""

    def __init__(self, clock: Clock, settings: StoreSettings, mover: Mover) -> None:
        self._clock = clock
        self._settings = settings
        self._mover = mover

    async def of_order(self, session: ReadSession, identity: Identity, order_id: UUID) -> list[OrderProblem]:
        """The problems that an order had, the newest first; raises NotFound if it is not the caller's to see."""
        user_id = identity.user()
        judging = bool(identity.roles & OVERSEERS)
        order = await session.get(OrderRow, order_id)
        if order is None or not (judging or user_id in (order.buyer_id, order.seller_id)):
            raise NotFound("There is no such order among yours.", code="order-not-yours")
        noted([order])
        query = select(ProblemRow).where(ProblemRow.order_id == order_id).order_by(ProblemRow.opened_at.desc())
        return await shown(session, list(await session.scalars(query)), user_id, judging=judging)

    async def open(
        self, session: Session, identity: Identity, order_id: UUID, key: str, new: NewProblem
    ) -> ProblemAndNews:
        """The buyer says that something is wrong with an order on its way: it rests. The same key again does nothing.

        Raises NotFound, Forbidden, NotPossibleNow, ProblemOpen, TooManyProblems, KeyReused and InvalidInput.
        """
        buyer_id, words = identity.user(), check_words(new.text)
        order = await session.get(OrderRow, order_id, with_for_update=True)
        _check_buyer(order, buyer_id)
        assert order is not None
        noted([order])
        request_hash = hashlib.sha256(msgspec.json.encode((order_id, new.kind, words))).hexdigest()
        problem_id = derived_id("problem", buyer_id, key)
        earlier = await session.get(ProblemRow, problem_id)
        if earlier is not None:
            if earlier.request_hash != request_hash:
                raise KeyReused(
                    "This Idempotency-Key was used for another problem; nothing was done now. Use a new key.",
                    code="key-of-another-problem",
                )
            return (await shown(session, [earlier], buyer_id))[0], []
        await _check_openable(session, order)
        problem = await self._insert(session, order, {"id": problem_id, "kind": new.kind, "words": words}, request_hash)
        await freeze(session, order, problem_id)
        await _note(session, problem, Doing("buyer", buyer_id, words=words))
        events.count_after(session, "opened")
        return (await shown(session, [problem], buyer_id))[0], [events.opened(problem, order)]

    async def _insert(self, session: Session, order: OrderRow, said: dict[str, Any], request_hash: str) -> ProblemRow:
        now = self._clock.now()
        assert order.deadline is not None
        problem = ProblemRow(
            **said,
            order_id=order.id,
            buyer_id=order.buyer_id,
            seller_id=order.seller_id,
            status="opened",
            turn="seller",
            amount=None,
            held=order.amount - order.refunded,
            currency=order.currency,
            rounds=0,
            ground=None,
            decided_by=None,
            left_s=max(0, int((order.deadline - now).total_seconds())),
            opened_at=now,
            changed_at=now,
            deadline=TRANSITIONS.deadline("opened", now, self._settings, said["kind"]),
            request_hash=request_hash,
            version=1,
        )
        session.add(problem)
        await session.flush()
        return problem

    async def propose(self, session: Session, user_id: UUID, problem_id: UUID, new: ProblemProposal) -> ProblemAndNews:
        """Say how much should go back: the first time, or instead of what the other proposed."""
        problem, side = await find(session, user_id, problem_id)
        words = paragraph("text", new.text)
        doing = Doing(side, user_id, amount=check_amount(new.amount, problem), words=words)
        action: ProblemAction = "propose" if problem.status == "opened" else "counter"
        other: Side = "seller" if side == "buyer" else "buyer"
        values = {"amount": doing.amount, "turn": other, "rounds": problem.rounds + 1}
        return await self._act(session, problem, Seen(action, new.version), doing, **values)

    async def answer(
        self, session: Session, user_id: UUID, problem_id: UUID, action: ProblemAction, answer: ProblemAnswer
    ) -> ProblemAndNews:
        """Accept, decline, withdraw or appeal. Raises NotFound, ProblemNotNow, ProblemMovedOn and InvalidInput."""
        problem, side = await find(session, user_id, problem_id)
        doing = Doing(side, user_id, words=paragraph("text", answer.text))
        return await self._act(session, problem, Seen(action, answer.version), doing)

    async def _act(
        self,
        session: Session,
        problem: ProblemRow,
        seen: Seen,
        doing: Doing,
        **values: Any,
    ) -> ProblemAndNews:
        news: list[Sequenced] = []
        if not await done_before(session, problem, seen, doing):
            side = side_of(problem, cast(UUID, doing.actor_id))
            step = check_step(problem, roles(side, problem.turn) if side else (), seen.version, seen.action)
            news = await self.take(session, problem, step, doing, **values)
        await session.refresh(problem)
        return (await shown(session, [problem], cast(UUID, doing.actor_id)))[0], news

    async def take(
        self, session: Session, problem: ProblemRow, step: ProblemTransition, doing: Doing, **values: Any
    ) -> list[Sequenced]:
        """Take a step that was found possible with a locked problem; what to tell."""
        now = self._clock.now()
        values = {"turn": None, "deadline": TRANSITIONS.deadline(step.after, now, self._settings)} | values
        moved = await move(session, problem, step, at=now, **values)
        assert moved is not None, "a locked problem changed"
        return await self._taken(session, moved, step, doing, now)

    async def _taken(
        self, session: Session, problem: ProblemRow, step: ProblemTransition, doing: Doing, now: datetime
    ) -> list[Sequenced]:
        """Note a step, settle or let the order go on if it is the last; what to tell."""
        await _note(session, problem, doing)
        order = await session.get_one(OrderRow, problem.order_id)
        noted([order])
        news = [events.told(problem, order, step, doing.by)]
        if step.after in ("escalated", "appealed"):
            events.count_after(session, step.after)
        elif step.after == "withdrawn":
            await thaw(session, problem, now)
            events.count_after(session, "withdrawn")
        elif step.after == "ended":
            news += await settle(session, self._mover, problem, by=doing.actor_id, now=now)
            events.count_after(session, events.outcome_of(step))
        return news

    async def sweep(self, session: Session) -> tuple[int, list[Sequenced]]:
        """Do what silence does, row by row of the table: how many, and what to tell."""
        now, silence = self._clock.now(), Doing("deadline", None)
        moved, news = 0, []
        for step in (transition for transition in TRANSITIONS if transition.within):
            values: dict[str, Any] = {"turn": None, "deadline": TRANSITIONS.deadline(step.after, now, self._settings)}
            if step.after == "ended" and step.before in GIVES_ALL:
                values["amount"] = ProblemRow.__table__.c.held
            for problem in await move_due(session, step, now=now, due_max=DUE_MAX, **values):
                news += await self._taken(session, problem, step, silence, now)
                moved += 1
        return moved, news


async def find(session: Session, user_id: UUID, problem_id: UUID) -> tuple[ProblemRow, Side]:
    """The problem, locked, and the user's side of it; raises NotFound if it is not theirs."""
    problem = await session.get(ProblemRow, problem_id, with_for_update=True, populate_existing=True)
    side = side_of(problem, user_id) if problem is not None else None
    if problem is None or side is None:
        raise NotFound("There is no such problem among your orders.", code="problem-not-yours")
    return problem, side


async def done_before(session: AnySession, problem: ProblemRow, seen: Seen, doing: Doing) -> bool:
    """Whether just this was done before to what the caller saw: then the request is a repeated one."""
    row = cast(ProblemStepRow | None, await session.get(ProblemStepRow, (problem.id, seen.version + 1)))
    if row is None or row.actor_id != doing.actor_id or row.words != doing.words:
        return False
    proposed = doing.amount is None or row.amount == doing.amount
    return proposed and row.status in {t.after for t in TRANSITIONS if t.action == seen.action}


async def _note(session: Session, problem: ProblemRow, doing: Doing) -> None:
    row = {
        "problem_id": problem.id,
        "version": problem.version,
        "status": problem.status,
        "by": doing.by,
        "actor_id": doing.actor_id,
        "amount": problem.amount if problem.status in ("proposed", "decided", "ended") else None,
        "ground": doing.ground,
        "words": doing.words,
        "at": problem.changed_at,
    }
    await session.execute(insert(ProblemStepRow).values(row))


def _check_buyer(order: OrderRow | None, user_id: UUID) -> None:
    """Raises NotFound for strangers and Forbidden for the seller."""
    if order is not None and order.paid_at is not None and user_id == order.seller_id:
        raise Forbidden("Only the buyer can do this. Nothing was changed.", code="buyers-only")
    if order is None or user_id != order.buyer_id:
        raise NotFound("There is no such order among yours.", code="order-not-yours")


async def _check_openable(session: Session, order: OrderRow) -> None:
    if order.under_problem:
        raise ProblemOpen(
            "You have said that something is wrong with this order already. Nothing was changed.",
            problem_id=order.problem_id,
        )
    if order.status != "shipped":
        raise not_possible("problem", order, "buyer")
    count = select(func.count()).where(ProblemRow.order_id == order.id)
    if order.problem_id is not None and (await session.scalar(count) or 0) >= PER_ORDER_MAX:
        raise TooManyProblems(
            "You said {most} times that something is wrong with this order, and withdrew it. Nothing was changed; "
            "write to the seller.",
            most=PER_ORDER_MAX,
        )
