"""Problems of orders, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.store.events import OrderLine, Side
from souk.contracts.store.problem_events import ProblemGround, ProblemKind
from souk.money import Money

ProblemStatus = Literal["opened", "proposed", "escalated", "decided", "appealed", "ended", "withdrawn"]
"""`opened`: nobody proposed anything yet. `escalated` and `appealed` wait for a moderator."""

ProblemActor = Literal["buyer", "seller", "moderator", "deadline"]

ProblemAction = Literal["propose", "accept", "counter", "decline", "withdraw", "appeal", "decide"]

PROBLEM_CHARS_MIN, PROBLEM_CHARS_MAX = 10, 2000

Words = Annotated[str, Meta(max_length=PROBLEM_CHARS_MAX)]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]


class ProblemStep(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a problem."""

    number: int
    """From 1: the problem's version that it made."""
    status: ProblemStatus
    by: ProblemActor
    at: datetime
    amount: Money | None
    """What was proposed, decided or given back."""
    ground: ProblemGround | None
    text: str


class OrderProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer says is wrong with an order, and what becomes of it. Nothing settles the order before it is over."""

    id: UUID
    order_id: UUID
    number: str
    """The order's short name."""
    title: str
    """The order's first line."""
    buyer_id: UUID
    buyer_name: str
    seller_id: UUID
    seller_name: str
    kind: ProblemKind
    text: str
    status: ProblemStatus
    turn: Side | None
    """Who must answer, while `opened` or `proposed`."""
    amount: Money | None
    """What goes back to the buyer as it was last proposed, decided or done."""
    held: Money
    """The most that can go back."""
    ground: ProblemGround | None
    """Of the decision, once there is one."""
    opened_at: datetime
    changed_at: datetime
    deadline: datetime | None
    silence: ProblemStatus | None
    """What it becomes at the deadline if nobody acts."""
    silence_amount: Money | None
    """What goes back then, if that ends it."""
    steps: list[ProblemStep]
    """All that happened, oldest first."""
    version: int
    """Goes into every answer: nobody agrees to what they did not see."""
    actions: list[ProblemAction]
    """What the caller may do now."""


class NewProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Say that something is wrong with an order that is on its way."""

    kind: ProblemKind
    text: Words
    """What is wrong, in at least 10 characters. The seller reads it, and a moderator if one has to decide."""


class ProblemProposal(msgspec.Struct, frozen=True, kw_only=True):
    """How much should go back to the buyer."""

    version: Version
    """The problem's, as the caller saw it; if something happened since, nothing is done."""
    amount: Money
    """From nothing to all that is held."""
    text: Words = ""


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to what was proposed or decided."""

    version: Version
    text: Words = ""
    """Why; the others read it."""


class ProblemDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides."""

    version: Version
    amount: Money
    """What goes back to the buyer, from nothing to all that is held."""
    ground: ProblemGround
    text: Words
    """Why, in at least 10 characters. Both sides read it."""


class ProblemCase(msgspec.Struct, frozen=True, kw_only=True):
    """A problem as moderators see it, with what was bought."""

    problem: OrderProblem
    lines: list[OrderLine]
    paid: Money
    refunded: Money


class ProblemPage(msgspec.Struct, frozen=True, kw_only=True):
    """Problems that wait for a moderator, the longest first."""

    items: list[OrderProblem]
    next_cursor: str | None
