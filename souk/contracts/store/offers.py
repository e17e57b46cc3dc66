"""Offers, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.store.carts import Units
from souk.contracts.store.events import Side
from souk.money import Money

OfferStatus = Literal["open", "accepted", "declined", "withdrawn", "expired", "bought"]


class OfferRound(msgspec.Struct, frozen=True, kw_only=True):
    """A price that one side named."""

    number: int
    """From 1; the buyer's first price."""
    by: Side
    price: Money
    """Of one unit."""
    message: str
    at: datetime


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's price for a listing, and what became of it."""

    id: UUID
    listing_id: UUID
    title: str
    picture: str | None
    buyer_id: UUID
    buyer_name: str
    seller_id: UUID
    seller_name: str
    quantity: int
    price: Money
    """Of one unit; the last that was named."""
    asking_price: Money
    """Of one unit, when the last price was named."""
    status: OfferStatus
    """`bought` from the checkout on. If the purchase ends unpaid, it is `accepted` again."""
    turn: Side
    """Who must answer the last price while the offer is `open`; afterwards, who had to."""
    rounds: list[OfferRound]
    """Every price that was named, the first one first."""
    rounds_left: int
    """How many more may be named."""
    made_at: datetime
    changed_at: datetime
    deadline: datetime | None
    """When it expires: `open` if nobody answers, `accepted` if it is not bought. Nothing is reserved meanwhile."""
    accepted_at: datetime | None
    paid_at: datetime | None
    purchase_id: UUID | None
    """The purchase that buys it; only its buyer sees it."""
    actions: list[Literal["accept", "counter", "decline", "withdraw", "buy"]]
    """What the caller may do now. To buy, put so many units into the cart: they cost the agreed price there."""


class NewOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Name a price for a listing whose seller takes offers."""

    listing_id: UUID
    price: Money
    """Of one unit: below the asking price, and at least a tenth of it."""
    quantity: Units = 1
    message: Annotated[str, Meta(max_length=500)] = ""
    """The seller reads it."""
    id: UUID | None = None
    """The caller's own UUID version 7 (RFC 9562), which makes the request safe to repeat."""


class OfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a price, or its withdrawal."""

    round: Annotated[int, Meta(ge=1, le=99)]
    """The number of the price that the caller saw; if there is another one by now, nothing is done."""


class Counteroffer(msgspec.Struct, frozen=True, kw_only=True):
    """Another price instead of the one that was named."""

    round: Annotated[int, Meta(ge=1, le=99)]
    """The number of the price that it answers; if there is another one by now, nothing is done."""
    price: Money
    """Of one unit; a seller's is above the buyer's last price, a buyer's below the seller's."""
    message: Annotated[str, Meta(max_length=500)] = ""
    """The other side reads it."""


class OfferPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of offers, newest first."""

    items: list[Offer]
    next_cursor: str | None
