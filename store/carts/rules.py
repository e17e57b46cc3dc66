"""What may be in a cart, and how a line stands beside what its listing says now."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from souk.contracts.catalogue import ListingSnapshot
from souk.contracts.store import Cart, CartLine
from souk.errors import RuleBroken
from souk.money import Money
from store.carts.tables import CartLineRow

LINES_MAX = 100
"""Lines of one cart."""

MENDED_FIRST = frozenset({"price_rose", "too_few", "gone"})
"""States of a line that keep the cart from being checked out."""

LineState = Literal["ok", "price_rose", "price_fell", "too_few", "gone"]


class ListingGone(RuleBroken):
    """The listing is not for sale (any more)."""

    title = "No longer for sale"


class OwnListing(RuleBroken):
    """Nobody buys from themselves."""

    title = "This is your own listing"


class TooFew(RuleBroken):
    """More units are wanted than there are."""

    title = "Not that many left"


class PriceChanged(RuleBroken):
    """The price is not the one the buyer saw."""

    title = "The price has changed"


class CartFull(RuleBroken):
    """The cart has as many lines as it may have."""

    title = "Your cart is full"


def check_buyable(listing: ListingSnapshot | None, buyer_id: UUID, quantity: int) -> ListingSnapshot:
    """The listing, if this buyer may put so many of it into the cart; raises what stands in the way."""
    if listing is None or not for_sale(listing):
        raise ListingGone("This listing is no longer for sale. Nothing was put into your cart.")
    if listing.seller_id == buyer_id:
        raise OwnListing("You cannot buy your own listing. Nothing was put into your cart.")
    if quantity > listing.available:
        raise TooFew(
            f"Only {listing.available} of “{listing.title}” can be had, not {quantity}. Your cart was not changed.",
            available=listing.available,
        )
    return listing


def check_price(listing: ListingSnapshot, agreed: Money | None) -> None:
    """Raises PriceChanged if the buyer agreed to another price than today's."""
    if agreed is not None and agreed != listing.price:
        raise PriceChanged(
            f"The price of “{listing.title}” has changed. Look at it again; your cart was not changed.",
            price={"amount": listing.price.amount, "currency": listing.price.currency},
        )


def for_sale(listing: ListingSnapshot) -> bool:
    """At least one can be had now."""
    return listing.status == "published" and listing.available >= 1


def view(lines: Sequence[CartLineRow], listings: Mapping[UUID, ListingSnapshot], currency: str) -> Cart:
    """The cart beside what its listings say now."""
    shown = [_line(line, listings.get(line.listing_id)) for line in lines]
    total = sum(line.price_now.amount * line.quantity for line in shown if line.state != "gone")
    ready = bool(shown) and all(line.state not in MENDED_FIRST for line in shown)
    return Cart(lines=shown, total=Money(total, currency), ready=ready)


def _line(line: CartLineRow, listing: ListingSnapshot | None) -> CartLine:
    seen = Money(line.price_seen, line.currency)
    return CartLine(
        listing_id=line.listing_id,
        seller_id=line.seller_id,
        seller_name=listing.seller_name if listing else line.seller_name,
        title=listing.title if listing else line.title,
        picture=listing.picture if listing else None,
        quantity=line.quantity,
        price_seen=seen,
        price_now=listing.price if listing else seen,
        available=listing.available if listing and for_sale(listing) else 0,
        state=_state(line, seen, listing),
    )


def _state(line: CartLineRow, seen: Money, listing: ListingSnapshot | None) -> LineState:
    if listing is None or not for_sale(listing) or listing.price.currency != seen.currency:
        return "gone"
    if line.quantity > listing.available:
        return "too_few"
    if listing.price.amount > seen.amount:
        return "price_rose"
    return "price_fell" if listing.price.amount < seen.amount else "ok"
