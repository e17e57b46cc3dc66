"""What is told and counted of a problem: by the table, each step tells one event."""

from functools import partial
from typing import Any

from souk.contracts.store.problem_events import (
    ProblemAppealed,
    ProblemDecided,
    ProblemEnded,
    ProblemEscalated,
    ProblemOpened,
    ProblemOutcome,
    ProblemProposed,
)
from souk.contracts.store.problems import ProblemActor
from souk.database import Session
from souk.events import Sequenced
from souk.money import Money
from store import metrics
from store.orders.tables import OrderRow
from store.problems.tables import ProblemRow
from store.problems.transitions import ProblemTransition


def opened(problem: ProblemRow, order: OrderRow) -> Sequenced:
    """The seller must say something."""
    assert problem.deadline is not None
    return Sequenced(ProblemOpened(**_what(problem, order), kind=problem.kind, answer_by=problem.deadline), 1)


def told(problem: ProblemRow, order: OrderRow, step: ProblemTransition, by: ProblemActor) -> Sequenced:
    """What others hear of a step that the problem has taken: the event that the table names."""
    assert step.tells is not None
    event = step.tells(**_what(problem, order), **_more(problem, step, by))
    return Sequenced(event, problem.version)


def outcome_of(step: ProblemTransition) -> ProblemOutcome:
    """How a step ends a problem."""
    if step.after == "withdrawn":
        return "withdrawn"
    if step.action == "accept":
        return "agreed"
    silent: dict[str, ProblemOutcome] = {
        "opened": "unanswered",
        "proposed": "unanswered",
        "escalated": "undecided",
    }
    return silent.get(step.before, "decided")


def count_after(session: Session, what: str, how_many: int = 1) -> None:
    """Count what became of problems, once it is committed."""
    session.after_commit(partial(metrics.problems.labels(what).inc, how_many))


def _more(problem: ProblemRow, step: ProblemTransition, by: ProblemActor) -> dict[str, Any]:
    """What an event says besides what all say."""
    amount = None if problem.amount is None else Money(problem.amount, problem.currency)
    more: dict[Any, dict[str, Any]] = {
        ProblemProposed: {"by": by, "amount": amount, "answer_by": problem.deadline},
        ProblemEscalated: {"by": by, "decide_by": problem.deadline},
        ProblemDecided: {"amount": amount, "ground": problem.ground, "appeal_by": problem.deadline},
        ProblemAppealed: {"by": by, "decide_by": problem.deadline},
        ProblemEnded: {"outcome": outcome_of(step), "by": by, "amount": amount if step.after == "ended" else None},
    }
    return more[step.tells]


def _what(problem: ProblemRow, order: OrderRow) -> dict[str, Any]:
    return {
        "problem_id": problem.id,
        "order_id": order.id,
        "purchase_id": order.purchase_id,
        "number": order.number,
        "buyer_id": order.buyer_id,
        "seller_id": order.seller_id,
    }
