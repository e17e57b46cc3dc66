"""What was decided on each purchase's payment, and what each order's escrow stands for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base
from souk.contracts.payment.ledger import CaptureOutcome, EscrowStatus
from souk.contracts.store.events import RefundSource


class Capture(Base):
    """The one decision on a purchase's payment, whatever is asked again later."""

    __tablename__ = "capture"
    __table_args__ = (
        CheckConstraint("outcome IN ('captured', 'insufficient_funds', 'wallet_closed', 'expired')", name="outcome"),
    )

    purchase_id: Mapped[UUID] = mapped_column(primary_key=True)
    buyer_id: Mapped[UUID]
    outcome: Mapped[CaptureOutcome]
    decided_at: Mapped[datetime]


class Escrow(Base):
    """The money of one order: `amount` came in; what was not `settled` or `refunded` of it is held.

    It is `held` until nothing is left, and then `settled` if any of it was settled, else `refunded`.
    """

    __tablename__ = "escrow"
    __table_args__ = (
        CheckConstraint("status IN ('held', 'settled', 'refunded')", name="status"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("postage >= 0 AND postage < amount", name="postage"),
        CheckConstraint("(status = 'held') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(status = 'held') = (amount > settled + refunded)", name="left"),
        CheckConstraint(
            "fee BETWEEN 0 AND settled AND returned BETWEEN 0 AND settled AND fee_returned BETWEEN 0 AND fee"
            " AND refunded >= 0 AND settled + refunded <= amount",
            name="counts",
        ),
        Index("ix_escrow_held_buyer", "buyer_id", "captured_at", postgresql_where="status = 'held'"),
        Index("ix_escrow_held_seller", "seller_id", postgresql_where="status = 'held'"),
        Index("ix_escrow_settled_buyer", "buyer_id", postgresql_where="status = 'settled'"),
        Index("ix_escrow_settled_seller", "seller_id", postgresql_where="status = 'settled'"),
    )

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("capture.purchase_id"), index=True)
    buyer_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    amount: Mapped[int]
    postage: Mapped[int] = mapped_column(server_default=text("0"))
    """The part of `amount` that the seller charged for sending it."""
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[EscrowStatus] = mapped_column(server_default=text("'held'"))
    captured_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    settled: Mapped[int] = mapped_column(server_default=text("0"))
    """What left for the seller, the fee included."""
    fee: Mapped[int] = mapped_column(server_default=text("0"))
    """The marketplace's part of `settled`."""
    refunded: Mapped[int] = mapped_column(server_default=text("0"))
    """What left for the buyer."""
    returned: Mapped[int] = mapped_column(server_default=text("0"))
    """What was refunded after the settlement; it did not come from here."""
    fee_returned: Mapped[int] = mapped_column(server_default=text("0"))
    """The part of `fee` that was given back with it."""
    refundable_until: Mapped[datetime | None]
    """When the order can no longer be refunded; None until the store has told that it is completed."""

    @property
    def held(self) -> int:
        """What is left, in minor units."""
        return self.amount - self.settled - self.refunded

    def take_out(self, *, settled: int = 0, refunded: int = 0, at: datetime) -> None:
        """Count what leaves; the last of it ends the escrow."""
        self.settled += settled
        self.refunded += refunded
        if self.held == 0:
            self.status, self.ended_at = "settled" if self.settled else "refunded", at


class RefundRow(Base):
    """Money that went back to a buyer; the id is its transfer's. Rows are added, never changed."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint(
            "amount > 0 AND fee >= 0 AND from_seller >= 0 AND owed >= 0 AND fee + from_seller + owed"
            " = CASE source WHEN 'seller' THEN amount WHEN 'escrow' THEN 0 END",
            name="sources",
        ),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("escrow.order_id"), index=True)
    source: Mapped[RefundSource]
    """`escrow` before the settlement, `seller` after it."""
    amount: Mapped[int]
    fee: Mapped[int]
    """The part that the marketplace gave back of its fee."""
    from_seller: Mapped[int]
    """The part that the seller's wallet gave."""
    owed: Mapped[int]
    """The part that the wallet did not have, booked as owed by the seller."""
    currency: Mapped[str] = mapped_column(String(3))
    booked_at: Mapped[datetime]
