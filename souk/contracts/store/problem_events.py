"""What the store tells of problems of orders, never in their words. `souksequence` is the problem's version."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from souk.contracts.base import Event
from souk.contracts.store.events import Side
from souk.money import Money

ProblemKind = Literal["not_arrived", "not_as_described", "broken", "wrong_item", "part_missing"]

ProblemGround = Literal["not_delivered", "not_as_described", "damaged", "incomplete", "shared", "unfounded"]
"""Why a moderator decided so; `shared`: both have a part in it."""

ProblemOutcome = Literal["agreed", "unanswered", "decided", "undecided", "withdrawn"]
"""`unanswered`: one of the two said nothing in time. `undecided`: no moderator did."""


class ProblemOpened(Event, frozen=True, kw_only=True):
    """A buyer says that something is wrong with an order on its way: its money rests until that is settled."""

    event_type: ClassVar[str] = "souk.store.problem.opened.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    """The order's short name for people."""
    buyer_id: UUID
    seller_id: UUID
    kind: ProblemKind
    answer_by: datetime


class ProblemProposed(Event, frozen=True, kw_only=True):
    """One side proposes how much goes back: the other must answer. Silence accepts it."""

    event_type: ClassVar[str] = "souk.store.problem.proposed.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    buyer_id: UUID
    seller_id: UUID
    by: Side
    amount: Money
    """What would go back to the buyer; may be nothing."""
    answer_by: datetime


class ProblemEscalated(Event, frozen=True, kw_only=True):
    """The two did not agree: a moderator must decide."""

    event_type: ClassVar[str] = "souk.store.problem.escalated.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    buyer_id: UUID
    seller_id: UUID
    by: Literal["buyer", "seller", "deadline"]
    decide_by: datetime


class ProblemDecided(Event, frozen=True, kw_only=True):
    """A moderator decided; it is carried out unless one of the two appeals in time."""

    event_type: ClassVar[str] = "souk.store.problem.decided.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    buyer_id: UUID
    seller_id: UUID
    amount: Money
    """What is to go back to the buyer."""
    ground: ProblemGround
    appeal_by: datetime


class ProblemAppealed(Event, frozen=True, kw_only=True):
    """One of the two asks for another moderator, whose decision is the last."""

    event_type: ClassVar[str] = "souk.store.problem.appealed.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    buyer_id: UUID
    seller_id: UUID
    by: Side
    decide_by: datetime


class ProblemEnded(Event, frozen=True, kw_only=True):
    """It is settled: what goes back was asked for, and the rest is on its way to the seller. Or it was withdrawn."""

    event_type: ClassVar[str] = "souk.store.problem.ended.v1"
    subject_field: ClassVar[str] = "problem_id"

    problem_id: UUID
    order_id: UUID
    purchase_id: UUID
    number: str
    buyer_id: UUID
    seller_id: UUID
    outcome: ProblemOutcome
    by: Literal["buyer", "seller", "moderator", "deadline"]
    amount: Money | None = None
    """What goes back to the buyer; None if it was withdrawn: then the order goes on as before."""
