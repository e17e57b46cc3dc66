"""Carts, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.catalogue.delivery import Country
from souk.money import Money

UNITS_MAX = 999
"""Units of one listing that a cart's line or an offer may be for."""

Units = Annotated[int, Meta(ge=1, le=UNITS_MAX)]


class AgreedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The price of an accepted offer, beside a line of its buyer's cart."""

    offer_id: UUID
    price: Money
    """Of one unit."""
    quantity: int
    """It holds for exactly so many units."""
    asking_price: Money
    buy_by: datetime
    applies: bool
    """Whether the line costs it: if it has exactly so many units, and the asking price is not as low by now."""


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a cart beside what the listing says now."""

    listing_id: UUID
    seller_id: UUID
    seller_name: str
    title: str
    picture: str | None
    quantity: int
    price_seen: Money
    """What the buyer last agreed to pay for one."""
    price_now: Money
    """What one costs: the asking price, or the agreed price where that applies."""
    available: int
    state: Literal["ok", "price_rose", "price_fell", "too_few", "gone", "not_shipped"]
    """`price_rose`, `too_few`, `gone` and `not_shipped` (to the country that was named) must be mended before checkout;
    `price_fell` is just told."""
    agreed: AgreedPrice | None = None
    """The price of an offer for this listing that was accepted and can still be bought."""
    pick_up: str = ""
    """Where it is picked up, if it is not sent."""


class SellerPostage(msgspec.Struct, frozen=True, kw_only=True):
    """What one seller charges for sending all that is bought from them."""

    seller_id: UUID
    amount: Money


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer means to buy."""

    lines: list[CartLine]
    total: Money
    """At today's prices, without lines that are gone; with postage to `country`, if one was named."""
    ready: bool
    """True if it can be checked out as it is."""
    over_limit: Money | None = None
    """What one purchase may cost at the most, if this cart costs more."""
    country: Country | None = None
    """Where it would be sent; None: nobody said where to, and postage is left out."""
    postage: list[SellerPostage] = []
    """Of each seller who charges any to `country`: part of the total."""


class SetCartLine(msgspec.Struct, frozen=True, kw_only=True):
    """Put a listing into the cart, change its quantity, or agree to its price."""

    quantity: Units = 1
    price_agreed: Money | None = None
    """The price the buyer saw; left out, a new line takes today's price and an old line keeps what it remembers."""
