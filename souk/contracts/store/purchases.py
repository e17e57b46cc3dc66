"""Purchases, as the store serves them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from souk.contracts.store.carts import Units
from souk.contracts.store.events import Address, BillingDetails
from souk.contracts.store.orders import OrderSummary
from souk.money import Money

PurchaseStatus = Literal["placed", "awaiting_payment", "paid", "rejected", "declined", "cancelled"]


class PurchaseItem(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that is bought by itself."""

    listing_id: UUID
    quantity: Units = 1


class NewPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """Check out the cart, or buy one listing by itself."""

    address: Address
    total: Money
    """What the buyer saw and agrees to pay; another sum is refused before anything happens."""
    billing: BillingDetails | None = None
    """Left out, the invoice names whoever the parcel goes to."""
    item: PurchaseItem | None = None
    """Buy just this, and leave the cart as it is; left out, the cart is checked out."""


class PurchaseProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a purchase was refused, for one line or (without a listing) as a whole."""

    reason: str
    """`gone`, `too_few`, `price_changed`, `own_listing`, `insufficient_funds`, `wallet_closed`, `seller_closed`,
    `expired`."""
    listing_id: UUID | None = None
    title: str = ""
    available: int | None = None
    price: Money | None = None
    missing: Money | None = None
    """How much the wallet lacks, with `insufficient_funds`."""


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """One checkout of a cart, or of one listing by itself."""

    id: UUID
    status: PurchaseStatus
    total: Money
    orders: list[OrderSummary]
    problems: list[PurchaseProblem]
    placed_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    item: PurchaseItem | None = None
    """What was bought by itself, past the cart; None if the cart was checked out."""


class PurchasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of purchases, newest first."""

    items: list[Purchase]
    next_cursor: str | None
