"""Problems of orders, and all that happened in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.events import Side
from souk.contracts.store.problem_events import ProblemGround, ProblemKind
from souk.contracts.store.problems import ProblemActor, ProblemStatus
from store.database import Base

_OPEN = "status IN ('opened', 'proposed', 'escalated', 'decided', 'appealed')"
_BY_MODERATORS = "status IN ('escalated', 'appealed')"


class ProblemRow(Base):
    """What a buyer says is wrong with an order. While it is open, the order rests: `OrderRow.under_problem`."""

    __tablename__ = "problem"
    __table_args__ = (
        CheckConstraint(
            "status IN ('opened', 'proposed', 'escalated', 'decided', 'appealed', 'ended', 'withdrawn')", name="status"
        ),
        CheckConstraint(
            "kind IN ('not_arrived', 'not_as_described', 'broken', 'wrong_item', 'part_missing')", name="kind"
        ),
        CheckConstraint("(status IN ('opened', 'proposed')) = (turn IS NOT NULL)", name="somebodys_turn"),
        CheckConstraint("turn IN ('buyer', 'seller')", name="turn"),
        CheckConstraint("buyer_id <> seller_id", name="two_people"),
        CheckConstraint(f"({_OPEN}) = (deadline IS NOT NULL)", name="waits_with_deadline"),
        CheckConstraint("amount BETWEEN 0 AND held", name="amount"),
        CheckConstraint(
            "amount IS NOT NULL OR status NOT IN ('proposed', 'decided', 'appealed', 'ended')", name="ends_with_amount"
        ),
        CheckConstraint("decided_by NOT IN (buyer_id, seller_id)", name="decided_by_another"),
        CheckConstraint("status NOT IN ('decided', 'appealed') OR decided_by IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("left_s >= 0", name="left"),
        # One at a time: nobody has to know which of two freezes the order.
        Index("uq_problem_open", "order_id", unique=True, postgresql_where=text(_OPEN)),
        Index("ix_problem_order", "order_id", "opened_at"),
        Index("ix_problem_due", "deadline", postgresql_where=text(_OPEN)),
        Index("ix_problem_waiting", "changed_at", "id", postgresql_where=text(_BY_MODERATORS)),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """Derived from the buyer and the Idempotency-Key."""
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[ProblemKind] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    status: Mapped[ProblemStatus] = mapped_column(Text)
    turn: Mapped[Side | None] = mapped_column(Text)
    """Who must answer."""
    amount: Mapped[int | None] = mapped_column(BigInteger)
    """What goes back to the buyer, in minor units: as it was last proposed, decided, or done."""
    held: Mapped[int] = mapped_column(BigInteger)
    """What was held of the order when it was opened, in minor units; nothing changes that while it is open."""
    currency: Mapped[str] = mapped_column(Text)
    rounds: Mapped[int] = mapped_column(Integer)
    """How many proposals there were."""
    ground: Mapped[ProblemGround | None] = mapped_column(Text)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    """The moderator who decided first; another one decides an appeal."""
    left_s: Mapped[int] = mapped_column(Integer)
    """Seconds that the order's clock had left when it stopped."""
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deadline: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    request_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was said, to tell a repeated request from another one with the same key."""
    version: Mapped[int] = mapped_column(Integer)


class ProblemStepRow(Base):
    """Something that happened to a problem; the service may add rows, never change them."""

    __tablename__ = "problem_step"
    __table_args__ = (
        CheckConstraint("by IN ('buyer', 'seller', 'moderator', 'deadline')", name="by"),
        CheckConstraint("(by = 'deadline') = (actor_id IS NULL)", name="somebody_did_it"),
    )

    problem_id: Mapped[UUID] = mapped_column(ForeignKey("problem.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The problem's version that this step made: 1..n without a gap."""
    status: Mapped[ProblemStatus] = mapped_column(Text)
    by: Mapped[ProblemActor] = mapped_column(Text)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    ground: Mapped[ProblemGround | None] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
