"""The ledger's tables. What may be written to them, and by whom, is the database's own law: see the migration."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base
from souk.contracts.payment.events import WalletStatus

AccountKind = Literal["wallet", "escrow", "fees", "issuance", "receivable", "waiting"]

DeclineReason = Literal["insufficient_funds", "account_unknown", "account_closed", "account_frozen", "currency_differs"]
"""A frozen account may still receive; a closed one may not."""


class Account(Base):
    """Where money is. `owner` is a wallet's user or an escrow's order; the shop's own accounts have none.

    `balance` and `version` (how many entries it counts) follow the entries: at once for wallets, escrow and
    receivables, and by roll-up for fees and issuance, so that no sale waits for another at their rows.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("kind IN ('wallet', 'escrow', 'fees', 'issuance', 'receivable', 'waiting')", name="kind"),
        CheckConstraint("status IN ('open', 'frozen', 'closed')", name="status"),
        CheckConstraint("balance >= 0 OR kind IN ('issuance', 'receivable')", name="covered"),
        CheckConstraint("kind <> 'receivable' OR balance <= 0", name="owed"),
        CheckConstraint("version >= 0", name="version"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID | None]
    kind: Mapped[AccountKind]
    currency: Mapped[str] = mapped_column(String(3))
    balance: Mapped[int] = mapped_column(server_default=text("0"))
    version: Mapped[int] = mapped_column(server_default=text("0"))
    status: Mapped[WalletStatus] = mapped_column(server_default=text("'open'"))
    opened_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    last_at: Mapped[datetime | None]
    """When its last entry was booked: the next is not earlier, whatever the clock says. NULL for those rolled up."""
    ordered_from: Mapped[int] = mapped_column(server_default=text("0"))
    """Entries up to this version are from before times were kept in order."""


class Transfer(Base):
    """What somebody asked to be moved. It has entries if it was accepted, and a decline if not; never both."""

    __tablename__ = "transfer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    """When it was booked: as the clock told, or later if one of its accounts has a later entry."""
    position: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    """Where it stands in the chain of blocks; one that was rolled back leaves a gap."""


class Entry(Base):
    """One account's part of a transfer. Accounts that are rolled up have no version and no balance here.

    There are no foreign keys: one to `account` would lock the shop's own accounts for every sale, and one to
    `transfer` cost a look for each row. The trigger that books entries refuses unknown accounts and transfers, and
    neither are ever deleted.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        UniqueConstraint("account_id", "account_version"),
    )

    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount: Mapped[int]
    account_version: Mapped[int | None]
    balance_after: Mapped[int | None]


class Decline(Base):
    """Why a transfer was not booked. Remembered, so that asking again gives the same answer."""

    __tablename__ = "decline"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('insufficient_funds', 'account_unknown', 'account_closed', 'account_frozen',"
            " 'currency_differs')",
            name="reason",
        ),
        CheckConstraint("(reason = 'insufficient_funds') = (missing IS NOT NULL)", name="missing"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    reason: Mapped[DeclineReason]
    account_id: Mapped[UUID]
    missing: Mapped[int | None]


class Unrolled(Base):
    """Entries of rolled-up accounts that their cached balance does not count yet."""

    __tablename__ = "unrolled"

    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount: Mapped[int]


class Block(Base):
    """A closed run of transfers and documents, sealed by a hash over them and over the block before; see `blocks`."""

    __tablename__ = "block"
    __table_args__ = (
        CheckConstraint("length(hash) = 32 AND length(previous_hash) = 32", name="hashes"),
        CheckConstraint(
            "number > 0 AND transfers >= 0 AND documents >= 0 AND transfers + documents > 0", name="counted"
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1..n."""
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_position: Mapped[int]
    """The block holds all up to this position that no earlier block holds."""
    transfers: Mapped[int]
    documents: Mapped[int] = mapped_column(server_default=text("0"))
    """Hashes of documents and PDFs in it."""
    closed_at: Mapped[datetime]
