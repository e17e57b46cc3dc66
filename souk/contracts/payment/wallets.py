"""Wallets, transfers and what waits."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.payment.events import WalletStatus
from souk.money import Money


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Money of a buyer that one order's escrow holds."""

    order_id: UUID
    amount: Money
    since: datetime


class WaitingTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """Money that waits for its recipient to prove their address."""

    transfer_id: UUID
    recipient_id: UUID | None
    email: str
    """Empty if it is for a user."""
    amount: Money
    note: str
    sent_at: datetime
    returns_at: datetime


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """A user's wallet now."""

    available: Money
    held: Money
    """What the user paid that is still in escrow."""
    holds: list[Hold]
    incoming: Money
    """What is in escrow for the user's own sales, before fees."""
    deposit_limit_left: Money | None
    """What the user may still add today; None where users cannot add money themselves."""
    status: WalletStatus = "open"
    reason: str = ""
    """Why an admin froze, closed or reopened it; empty if nobody ever did."""
    owed: Money
    """What the user owes after refunds that the wallet could not cover; the next settlements pay it off."""
    transfer_limit_left: Money
    """What the user may still send to others today."""
    waiting: list[WaitingTransfer] = []
    """What the user sent that waits for its recipient to prove their address."""


class WalletChange(msgspec.Struct, frozen=True, kw_only=True):
    """An admin's decision on a wallet."""

    status: WalletStatus
    reason: str
    changed_by: UUID
    changed_at: datetime


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order through which money can still come to a wallet, or be asked back of it."""

    order_id: UUID
    purchase_id: UUID
    side: Literal["buyer", "seller"]
    """What the wallet's user is in it."""
    state: Literal["held", "refundable"]
    """`held`: its money is in escrow until the order ends; `refundable`: it was settled, and may be refunded."""
    amount: Money
    """What is held, or may be refunded."""
    until: datetime | None = None
    """When a settled order can no longer be refunded; None while that is not known."""


class WalletOverview(msgspec.Struct, frozen=True, kw_only=True):
    """A user's wallet as admins see it."""

    user_id: UUID
    status: WalletStatus
    available: Money
    held: Money
    incoming: Money
    owed: Money
    changes: list[WalletChange]
    """Newest first."""
    open_orders: list[OpenOrder] = msgspec.field(default_factory=list)
    """What keeps it from being closed besides the sums above, at most 20; what lasts longest first."""


class NewWalletStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Freeze, close or reopen a wallet (admins)."""

    status: WalletStatus
    reason: str
    """The user reads it."""


class NewTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """Send money to another user."""

    recipient_id: UUID | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    """Instead of the id: whoever proved this address, or else the first who does within 14 days."""
    amount: Money
    note: Annotated[str, Meta(max_length=140)] = ""
    """The recipient reads it."""


class BalanceAt(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet's balance at a moment."""

    at: datetime
    balance: Money


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the marketplace takes and allows; the same for everybody."""

    fee_basis_points: int
    """The fee of a settlement in hundredths of a percent of its amount, rounded half up: 500 is 5 %."""
    invoice_retention_years: int = 10
    """How many years after the end of the year documents can be downloaded at the least."""


class NewDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """Add virtual money to one's own wallet."""

    amount: Money


class NewIssuance(msgspec.Struct, frozen=True, kw_only=True):
    """Issue virtual money to a user (admins)."""

    user_id: UUID
    amount: Money
    reason: str


class TransferReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A booked transfer, as whoever asked for it sees it."""

    transfer_id: UUID
    amount: Money
    available: Money
    """The wallet's balance afterwards."""
    waits_until: datetime | None = None
    """Nobody has proved the address so far: then the money comes back."""
