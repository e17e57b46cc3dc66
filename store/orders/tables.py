"""Orders, what was bought in them, and how they went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.events import RefundSource
from souk.contracts.store.orders import OrderActor, OrderStatus, RefundedBy
from store.database import Base

NUMBERS = Sequence("order_number", metadata=Base.metadata)
"""Where the short names of orders come from (see `numbers`)."""


class OrderRow(Base):
    """The part of a purchase that one seller fulfils."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "status IN ('placed', 'paid', 'shipped', 'delivered', 'completed', 'cancelled', 'refunded')", name="status"
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("postage >= 0 AND postage < amount", name="postage"),
        CheckConstraint("buyer_id <> seller_id", name="two_people"),
        CheckConstraint("paid_at IS NULL OR captured_at IS NOT NULL", name="paid_is_captured"),
        CheckConstraint(
            "paid_at IS NOT NULL OR status IN ('placed', 'cancelled', 'refunded')", name="nothing_goes_on_unpaid"
        ),
        CheckConstraint("captured_at IS NOT NULL OR status <> 'refunded'", name="refunded_was_captured"),
        CheckConstraint(
            "(status = 'completed') = (coalesce(to_seller + fee, -1) = amount - refunded + returned)",
            name="settled_in_full",
        ),
        CheckConstraint("returned BETWEEN 0 AND refunded AND refunded <= amount", name="refunded_at_most"),
        CheckConstraint(
            "(status IN ('placed', 'paid', 'shipped') AND NOT under_problem) = (deadline IS NOT NULL)",
            name="waits_with_deadline",
        ),
        # Whatever moves an order out of this must end its problem in the same statement.
        CheckConstraint("NOT under_problem OR (status = 'shipped' AND problem_id IS NOT NULL)", name="rests"),
        Index("ix_orders_buyer", "buyer_id", "placed_at", "id"),
        Index("ix_orders_seller", "seller_id", "placed_at", "id"),
        Index("ix_orders_due", "deadline", postgresql_where=text("status IN ('paid', 'shipped')")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[OrderStatus] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    """All that it costs: its lines and the postage."""
    postage: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    currency: Mapped[str] = mapped_column(Text)
    units: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)
    """The first line's title."""
    picture: Mapped[str | None] = mapped_column(Text)
    address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    billing: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Whom the invoice names, if not whoever the parcel goes to."""
    language: Mapped[str] = mapped_column(Text, server_default=text("''"))
    """How the buyer read when they bought (BCP 47); empty if that is unknown."""
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    captured_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When its money went into escrow; also set for money that came too late and went back."""
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deadline: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the present status ends by itself."""
    carrier: Mapped[str] = mapped_column(Text)
    tracking_code: Mapped[str] = mapped_column(Text)
    to_seller: Mapped[int | None] = mapped_column(BigInteger)
    fee: Mapped[int | None] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The sum of its refunds, booked or asked for; what a cancelled order gives back besides is not counted."""
    returned: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The part of `refunded` that was asked for after the order had arrived."""
    problem_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Its latest problem, if it had one."""
    under_problem: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Whether that is open: then its clock rests, and nothing settles it but the problem's end."""
    version: Mapped[int] = mapped_column(Integer)


class OrderLineRow(Base):
    """What was bought, as it was when it was bought; the service may add rows, never change them."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND unit_price > 0 AND total = quantity * unit_price", name="total"),
        Index("ix_order_line_offer", "offer_id", postgresql_where=text("offer_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    listing_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text)
    picture: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))
    """The offer whose agreed price this is, if it is one."""
    pick_up: Mapped[str] = mapped_column(Text, server_default=text("''"))
    """Where it is picked up; empty if it is sent."""


class OrderStepRow(Base):
    """A status that an order reached; the service may add rows, never change them."""

    __tablename__ = "order_step"
    __table_args__ = (CheckConstraint("by IN ('buyer', 'seller', 'deadline', 'system')", name="by"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The order's version that this step made: 1..n without a gap."""
    status: Mapped[OrderStatus] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[OrderActor] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)


class RefundRow(Base):
    """A part of an order that is given back; the service may add rows, and note when they are booked."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("postage BETWEEN 0 AND amount", name="postage"),
        CheckConstraint("(fee IS NULL) = (booked_at IS NULL)", name="booked"),
        CheckConstraint("source IN ('escrow', 'seller')", name="source"),
        CheckConstraint("by IN ('seller', 'admin', 'problem')", name="by"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """Derived from who asks and the Idempotency-Key."""
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    request_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked for, to tell a repeated request from another one with the same key."""
    source: Mapped[RefundSource] = mapped_column(Text)
    """`escrow` until the order arrived, `seller` afterwards."""
    amount: Mapped[int] = mapped_column(BigInteger)
    postage: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The part of it that gives postage back; the rest are its lines."""
    currency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[RefundedBy] = mapped_column(Text)
    requested_by: Mapped[UUID] = mapped_column(Uuid)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    booked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fee: Mapped[int | None] = mapped_column(BigInteger)
    """The part of the marketplace fee that came back to the seller with it, once it is booked."""


class RefundLineRow(Base):
    """What a refund gives back for one line of its order; the service may add rows, never change them."""

    __tablename__ = "refund_line"
    __table_args__ = (CheckConstraint("quantity >= 0 AND amount > 0", name="something"),)

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refund.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True, index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    """Units; 0 for a part of the price alone."""
    amount: Mapped[int] = mapped_column(BigInteger)
