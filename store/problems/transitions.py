"""Which way a problem of an order may go, what silence does, and the one statement through which it goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Table, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import DateTime, Text, Uuid

from souk.contracts.store.events import Side
from souk.contracts.store.problem_events import (
    ProblemAppealed,
    ProblemDecided,
    ProblemEnded,
    ProblemEscalated,
    ProblemProposed,
)
from souk.contracts.store.problems import ProblemAction, ProblemStatus
from souk.database import Session
from store.database import Which, guarded_change
from store.problems.tables import ProblemRow
from store.transitions import Table as Transitions
from store.transitions import Transition

Actor = Literal["buyer", "seller", "answerer", "moderator", "another_moderator", "deadline"]
"""`answerer`: the side whose turn it is. `another_moderator`: not the one who decided before."""

ProblemTransition = Transition[ProblemStatus, Actor, ProblemAction]

NOT_ARRIVED = frozenset({"not_arrived"})
ARRIVED = frozenset({"not_as_described", "broken", "wrong_item", "part_missing"})


def _by(*actors: Actor) -> frozenset[Actor]:
    return frozenset(actors)


TRANSITIONS: Transitions[ProblemStatus, Actor, ProblemAction] = Transitions(
    ProblemTransition("opened", "proposed", _by("buyer", "seller"), "propose", tells=ProblemProposed),
    ProblemTransition("opened", "escalated", _by("seller"), "decline", tells=ProblemEscalated),
    # Whoever sent something can say how; who says nothing has nothing to show, and all goes back.
    ProblemTransition(
        "opened", "ended", _by("deadline"), within="problem_answer_within", only=NOT_ARRIVED, tells=ProblemEnded
    ),
    ProblemTransition(
        "opened", "escalated", _by("deadline"), within="problem_answer_within", only=ARRIVED, tells=ProblemEscalated
    ),
    ProblemTransition("proposed", "ended", _by("answerer"), "accept", tells=ProblemEnded),
    ProblemTransition("proposed", "proposed", _by("answerer"), "counter", tells=ProblemProposed),
    ProblemTransition("proposed", "escalated", _by("answerer"), "decline", tells=ProblemEscalated),
    # Who says nothing to a proposal of the other side agrees to it.
    ProblemTransition("proposed", "ended", _by("deadline"), within="problem_answer_within", tells=ProblemEnded),
    ProblemTransition("escalated", "decided", _by("moderator"), "decide", tells=ProblemDecided),
    # The shop did not decide: that is not the buyer's loss, so all goes back.
    ProblemTransition("escalated", "ended", _by("deadline"), within="problem_decide_within", tells=ProblemEnded),
    ProblemTransition("decided", "appealed", _by("buyer", "seller"), "appeal", tells=ProblemAppealed),
    ProblemTransition("decided", "ended", _by("deadline"), within="problem_appeal_within", tells=ProblemEnded),
    ProblemTransition("appealed", "ended", _by("another_moderator"), "decide", tells=ProblemEnded),
    # Nobody looked at it again: the first decision stands.
    ProblemTransition("appealed", "ended", _by("deadline"), within="problem_decide_within", tells=ProblemEnded),
    # The buyer may think better of it until somebody has decided.
    ProblemTransition("opened", "withdrawn", _by("buyer"), "withdraw", tells=ProblemEnded),
    ProblemTransition("proposed", "withdrawn", _by("buyer"), "withdraw", tells=ProblemEnded),
    ProblemTransition("escalated", "withdrawn", _by("buyer"), "withdraw", tells=ProblemEnded),
)

OPEN = frozenset(transition.before for transition in TRANSITIONS)
"""The statuses in which an order rests."""

GIVES_ALL = frozenset({"opened", "escalated"})
"""Where silence ends a problem from these, all that is held goes back; from the others, what was proposed or decided."""

_problems = cast(Table, ProblemRow.__table__)
_DUE = (
    ProblemRow.status == bindparam("before", type_=Text()),
    ProblemRow.kind == any_(bindparam("kinds", type_=ARRAY(Text()))),
    ProblemRow.deadline <= bindparam("now", type_=DateTime(timezone=True)),
)
_THIS = (ProblemRow.id == bindparam("this", type_=Uuid()),)


def roles(side: Side, turn: Side | None) -> tuple[Actor, ...]:
    """All that one of the two is to a problem now."""
    return (side, "answerer") if side == turn else (side,)


async def move(
    session: Session, problem: ProblemRow, step: ProblemTransition, *, at: datetime, **values: Any
) -> ProblemRow | None:
    """Take this step with a problem, if it is still in the state that it begins in; None if not."""
    which = Which(_THIS, {"this": problem.id})
    moved = await _change(session, which, step, at=at, due_max=None, values=values)
    return moved[0] if moved else None


async def move_due(
    session: Session, step: ProblemTransition, *, now: datetime, due_max: int, **values: Any
) -> Sequence[ProblemRow]:
    """Take this step with the problems whose time for it is over, but those that somebody else holds."""
    kinds = sorted(step.only or NOT_ARRIVED | ARRIVED)
    which = Which(_DUE, {"before": step.before, "kinds": kinds, "now": now})
    return await _change(session, which, step, at=now, due_max=due_max, values=values)


async def _change(
    session: Session,
    which: Which,
    step: ProblemTransition,
    *,
    at: datetime,
    due_max: int | None,
    values: dict[str, Any],
) -> Sequence[ProblemRow]:
    changes = {**values, "status": step.after, "changed_at": at}
    before: frozenset[str] = frozenset({step.before})
    change = guarded_change(_problems, which, before=before, values=changes, due_max=due_max)
    rows: list[ProblemRow] = await change.statement.all(session, **change.parameters)
    return rows
