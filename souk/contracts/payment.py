"""Wallets, escrow and invoices, as the payment service publishes them."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.base import Event
from souk.contracts.store import Address, RefundLine
from souk.money import Money

WalletStatus = Literal["open", "frozen", "closed"]
"""`frozen`: nothing leaves, money still comes in; `closed`: empty, and nothing comes in either."""

InvoiceKind = Literal["invoice", "credit_note"]

InvoiceAbout = Literal["sale", "fee"]
"""`sale`: from the seller to the buyer; `fee`: from the marketplace to the seller."""

TaxCategory = Literal["S", "Z", "E", "O"]
"""VAT categories of UNTDID 5305: standard or reduced rate, zero rated, exempt, not subject to VAT."""


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
    source: Literal["escrow", "seller"]
    fee: Money
    """The part of the marketplace fee that was returned: in proportion, so that all refunds of an order return all of it."""
    from_seller: Money
    """What the seller's wallet gave."""
    owed: Money
    """What the wallet did not have; the seller owes it, and the next settlements pay it off."""
    reason: str
    booked_at: datetime


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


class DocumentLink(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note that belongs to a movement."""

    id: UUID
    number: str
    kind: InvoiceKind


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of a wallet."""

    transfer_id: UUID
    kind: str
    """`deposit`, `issuance`, `capture`, `settlement`, `refund`, `transfer`, and of those that wait
    `transfer_waiting`, `transfer_delivered` and `transfer_returned`."""
    amount: Money
    """Negative when money left the wallet."""
    balance_after: Money
    reference: str
    """What it was for: a purchase's or order's id, or empty."""
    at: datetime
    other_id: UUID | None = None
    """Who sent or received a `transfer`."""
    other_name: str = ""
    note: str = ""
    documents: list[DocumentLink] = msgspec.field(default_factory=list)
    """Invoices and credit notes of the orders that it was for."""
    gross: Money | None = None
    """Of a sale or of a refund that a seller gave: what the buyer had paid, or got back; `amount` is what of it moved here."""
    fee: Money | None = None
    """The part of `gross` that was the marketplace's fee."""


class StatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """Movements, newest first."""

    items: list[StatementLine]
    next_cursor: str | None


class KindTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of movement brought and took within a period."""

    kind: str
    count: int
    money_in: Money
    money_out: Money
    """Not negative."""


class StatementSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet over a period: `closing` = `opening` + all that came in - all that went out."""

    since: datetime | None
    until: datetime | None
    """Exclusive; None reaches to now."""
    opening: Money
    closing: Money
    entries: int
    totals: list[KindTotals] | None
    """By kind, for kinds that occurred; None if the period has more than 200,000 entries."""


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


class InvoiceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note in a list."""

    id: UUID
    number: str
    kind: InvoiceKind
    order_id: UUID
    seller_id: UUID
    buyer_id: UUID
    total: Money
    issued_on: date
    corrects: str | None
    """The number of the invoice that a credit note corrects."""
    about: InvoiceAbout = "sale"
    seller_name: str = ""
    """As the document says it."""
    buyer_name: str = ""
    """As the document says it."""


class InvoiceMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month in which documents were issued."""

    month: str
    """As `2026-11`."""
    documents: int
    parts: int
    """How many ZIP files they fill."""
    journals: int
    """How many CSV journals they fill."""


class LegalProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Who a user is on documents: as the seller of all later invoices, and as the first choice for billing."""

    address: Address
    """The legal name and address."""
    is_business: bool = False
    """A private person charges no VAT: the fields below are then empty and the category is `O`."""
    vat_id: Annotated[str, Meta(max_length=40)] = ""
    """Checked for form and check digits; kept with its country's prefix."""
    tax_number: Annotated[str, Meta(max_length=40)] = ""
    """Of a business that has no VAT number."""
    tax_category: TaxCategory = "O"
    tax_rate: Annotated[int, Meta(ge=0, le=5000)] = 0
    """Hundredths of a percent: 1900 is 19 %; it is contained in the prices. Only of category `S`."""
    exemption_reason: Annotated[str, Meta(max_length=200)] = ""
    """Why no VAT is charged; only of category `E`."""


class InvoicePage(msgspec.Struct, frozen=True, kw_only=True):
    """Invoices, newest first."""

    items: list[InvoiceSummary]
    next_cursor: str | None


class NewestBlock(msgspec.Struct, frozen=True, kw_only=True):
    """The newest closed block of transfers. Whoever notes its hash can tell later whether anything before it changed."""

    number: int
    """1..n."""
    hash: str
    """SHA-256 over its transfers and the hash of the block before, hex."""
    closed_at: datetime


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Proof of money: what was issued equals what everybody has; receivables count below zero, for they are owed."""

    issued: Money
    wallets: Money
    escrow: Money
    fees: Money
    receivables: Money
    waiting: Money | None = None
    """Sent to addresses that nobody has proved yet."""
    difference: Money
    """Always zero, or the alarm rings."""
    transfers: int
    proven_at: datetime
    newest_block: NewestBlock | None = None
    """None until the first transfers are closed in a block."""


class EscrowState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of one order is."""

    order_id: UUID
    status: Literal["held", "settled", "refunded"]
    amount: Money
    """What came in."""
    held: Money
    """What is left of it."""
    settled: Money
    refunded: Money
    captured_at: datetime
    ended_at: datetime | None


class PurchaseMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on the payment of a purchase, and where the money is."""

    outcome: Literal["captured", "insufficient_funds", "wallet_closed", "expired"]
    decided_at: datetime
    escrows: list[EscrowState]
