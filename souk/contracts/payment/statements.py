"""What moved in a wallet over a time."""

from datetime import datetime
from uuid import UUID

import msgspec

from souk.contracts.payment.events import InvoiceKind
from souk.money import Money


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
