"""What the payment service tells: stable, and for all services."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from souk.contracts.base import Event
from souk.contracts.store.events import RefundLine, RefundSource
from souk.money import Money

WalletStatus = Literal["open", "frozen", "closed"]
"""`frozen`: nothing leaves, money still comes in; `closed`: empty, and nothing comes in either."""

InvoiceKind = Literal["invoice", "credit_note"]

InvoiceAbout = Literal["sale", "fee"]
"""`sale`: from the seller to the buyer; `fee`: from the marketplace to the seller."""


class PaymentCaptured(Event, frozen=True, kw_only=True):
    """The whole purchase is in escrow."""

    event_type: ClassVar[str] = "souk.payment.payment.captured.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    transfer_id: UUID
    amount: Money
    captured_at: datetime


class PaymentDeclined(Event, frozen=True, kw_only=True):
    """Nothing was moved."""

    event_type: ClassVar[str] = "souk.payment.payment.declined.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    reason: Literal["insufficient_funds", "wallet_closed", "expired"]
    """`wallet_closed`: a wallet is closed or frozen; `wallet` says whose."""
    missing: Money | None = None
    wallet: Literal["buyer", "seller"] = "buyer"


class EscrowSettled(Event, frozen=True, kw_only=True):
    """An order's escrow went to its seller, less the marketplace fee."""

    event_type: ClassVar[str] = "souk.payment.escrow.settled.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    transfer_id: UUID
    to_seller: Money
    fee: Money
    recovered: Money | None = None
    """The part of `to_seller` that paid off what the seller owed after refunds."""


class RefundBooked(Event, frozen=True, kw_only=True):
    """A part of an order went back to its buyer (as `RefundRequested` said): credit it on the invoice.

    `amount` = `fee` + `from_seller` + `owed` after the settlement; before it, all of it came from escrow and the
    three are zero.
    """

    event_type: ClassVar[str] = "souk.payment.refund.booked.v1"
    subject_field: ClassVar[str] = "refund_id"

    refund_id: UUID
    """Also the transfer's id."""
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    amount: Money
    lines: list[RefundLine]
    source: RefundSource
    fee: Money
    """The part of the marketplace fee that was returned: in proportion, so that all refunds of an order return all of it."""
    from_seller: Money
    """What the seller's wallet gave."""
    owed: Money
    """What the wallet did not have; the seller owes it, and the next settlements pay it off."""
    reason: str
    booked_at: datetime
    postage: Money | None = None
    """The part of `amount` that gives postage back; None if none is."""


class TransferBooked(Event, frozen=True, kw_only=True):
    """A user sent money to another."""

    event_type: ClassVar[str] = "souk.payment.transfer.booked.v1"
    subject_field: ClassVar[str] = "transfer_id"

    transfer_id: UUID
    sender_id: UUID
    recipient_id: UUID
    amount: Money
    note: str
    booked_at: datetime


class TransferWaiting(Event, frozen=True, kw_only=True):
    """A user sent money to an address that nobody has proved, or to a user who has not: it waits for that."""

    event_type: ClassVar[str] = "souk.payment.transfer.waiting.v1"
    subject_field: ClassVar[str] = "transfer_id"

    transfer_id: UUID
    sender_id: UUID
    recipient_id: UUID | None
    """The user it is for; None if it is for whoever proves `email`."""
    email: str
    """The address that it was sent to; empty if it is for a user."""
    amount: Money
    returns_at: datetime


class TransferReturned(Event, frozen=True, kw_only=True):
    """Nobody proved the address in time: the money is back in its sender's wallet."""

    event_type: ClassVar[str] = "souk.payment.transfer.returned.v1"
    subject_field: ClassVar[str] = "transfer_id"

    transfer_id: UUID
    sender_id: UUID
    email: str
    amount: Money
    returned_at: datetime


class WalletChanged(Event, frozen=True, kw_only=True):
    """An admin froze, closed or reopened a wallet."""

    event_type: ClassVar[str] = "souk.payment.wallet.changed.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    status: WalletStatus
    reason: str
    changed_at: datetime


class EscrowRefunded(Event, frozen=True, kw_only=True):
    """An order's escrow went back to its buyer: what was left of it when the order was called off."""

    event_type: ClassVar[str] = "souk.payment.escrow.refunded.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    transfer_id: UUID
    amount: Money


class InvoiceIssued(Event, frozen=True, kw_only=True):
    """An invoice or credit note has its number and can be downloaded."""

    event_type: ClassVar[str] = "souk.payment.invoice.issued.v1"
    subject_field: ClassVar[str] = "order_id"
    number_of: ClassVar[str] = "invoice_number"

    invoice_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    kind: InvoiceKind
    number: str
    about: InvoiceAbout = "sale"
    """A `fee` is billed to the seller of the order, who is then `buyer_id`; `seller_id` is the marketplace."""
