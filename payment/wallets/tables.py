"""What was issued to whom, sent by whom to whom, and decided about whose wallet."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base
from souk.contracts.payment.events import WalletStatus

IssuanceKind = Literal["deposit", "issuance"]


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
    kind: Mapped[IssuanceKind]
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


class WaitingTransferRow(Base):
    """Money that a user sent to an address, or to a user, who has not proved it; see `payment.wallets.pending`."""

    __tablename__ = "waiting_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('waiting', 'delivered', 'returned')", name="status_known"),
        CheckConstraint("(status = 'waiting') = (settled_by IS NULL)", name="settled"),
        CheckConstraint("(recipient_id IS NULL) <> (address_mark IS NULL) OR status = 'delivered'", name="for_one"),
        Index(None, "sender_id", "sent_at"),
        *(
            Index(None, name, postgresql_where="status = 'waiting'")
            for name in ("due_at", "address_mark", "recipient_id")
        ),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    sender_id: Mapped[UUID]
    recipient_id: Mapped[UUID | None]
    """Whom it is for, or who got it."""
    address_mark: Mapped[str | None]
    email: Mapped[str]
    """As the sender wrote it; empty if it is for a user."""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str]
    sent_at: Mapped[datetime]
    returns_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it is looked at next."""
    status: Mapped[Literal["waiting", "delivered", "returned"]]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    refused: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the recipient's wallet took it not: then it goes back."""
    settled_by: Mapped[UUID | None]
    """The transfer that moved it on."""


class ProvedAddress(Base):
    """The address that a user proved last, by its mark."""

    __tablename__ = "proved_address"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    address_mark: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    """The account's; older news is ignored."""


class WalletChangeRow(Base):
    """An admin's decision on a wallet. Rows are added, never changed; the newest says what the account's status is."""

    __tablename__ = "wallet_change"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'frozen', 'closed')", name="status"),
        Index(None, "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    status: Mapped[WalletStatus]
    reason: Mapped[str]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
