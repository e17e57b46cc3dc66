"""What was issued to whom, sent by whom to whom, and decided about whose wallet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base


class Issuance(Base):
    """Virtual money that came into being: a user's own deposit, or an issuance by an admin."""

    __tablename__ = "issuance"
    __table_args__ = (
        CheckConstraint("kind IN ('deposit', 'issuance')", name="kind"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("kind = 'issuance' OR issued_by = user_id", name="own_deposit"),
        Index("ix_issuance_deposits", "user_id", "issued_at", postgresql_where="kind = 'deposit'"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[UUID]
    issued_by: Mapped[UUID]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str]
    issued_at: Mapped[datetime]


class UserTransfer(Base):
    """Money that one user sent to another. Rows are added, never changed."""

    __tablename__ = "user_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("sender_id <> recipient_id", name="two_people"),
        Index(None, "sender_id", "sent_at"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    sender_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str]
    sent_at: Mapped[datetime]


class WalletChangeRow(Base):
    """An admin's decision on a wallet. Rows are added, never changed; the newest says what the account's status is."""

    __tablename__ = "wallet_change"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'frozen', 'closed')", name="status"),
        Index(None, "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    status: Mapped[str]
    reason: Mapped[str]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
