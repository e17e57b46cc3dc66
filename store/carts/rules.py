"""What may be in a cart, and how a line stands beside what its listing says now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.carts import AgreedPrice, Cart, CartLine, SellerPostage
from souk.errors import Choice, RuleBroken
from souk.money import AMOUNT_MAX, Money
from souk.postage import Parcel, postage, rate_to, ships_to
from store.carts.tables import CartLineRow


class Agreement(NamedTuple):
    """An offer that was accepted and can be bought: so much for each of so many units, until then."""

    id: UUID
    price: int
    quantity: int
    currency: str
    deadline: datetime


Line = tuple[CartLineRow, Agreement | None]
"""A line, and the offer of its buyer for that listing which was accepted and can be bought."""

LINES_MAX = 100
"""Lines of one cart."""

MENDED_FIRST = frozenset({"price_rose", "too_few", "gone", "not_shipped"})
"""States of a line that keep the cart from being checked out."""

UNCHANGED = {"cart": "Your cart was not changed.", "bought": "Nothing was bought."}
"""What did not happen when something cannot be bought."""

LineState = Literal["ok", "price_rose", "price_fell", "too_few", "gone", "not_shipped"]


class ListingGone(RuleBroken):
    """The listing is not for sale (any more)."""

    title = "No longer for sale"


class OwnListing(RuleBroken):
    """Nobody buys from themselves."""

    title = "This is your own listing"


class TooFew(RuleBroken):
    """More units are wanted than there are."""

    title = "Not that many left"
    members = ("available",)


class PriceChanged(RuleBroken):
    """The price is not the one the buyer saw."""

    title = "The price has changed"
    members = ("price",)


class CartFull(RuleBroken):
    """The cart has as many lines as it may have."""

    title = "Your cart is full"


def check_buyable(
    listing: ListingSnapshot | None, buyer_id: UUID, quantity: int, unchanged: str = "cart"
) -> ListingSnapshot:
    """The listing, if this buyer may buy so many of it; raises what stands in the way, and says what did not happen."""
    if listing is None or not for_sale(listing):
        raise ListingGone("This listing is no longer for sale. {unchanged}", unchanged=Choice(UNCHANGED, unchanged))
    if listing.seller_id == buyer_id:
        raise OwnListing("You cannot buy your own listing. {unchanged}", unchanged=Choice(UNCHANGED, unchanged))
    if quantity > listing.available:
        raise TooFew(
            "Only {available} of “{title}” can be had, not {quantity}. {unchanged}",
            available=listing.available,
            title=listing.title,
            quantity=quantity,
            unchanged=Choice(UNCHANGED, unchanged),
        )
    return listing


def check_price(listing: ListingSnapshot, price: Money, agreed: Money | None) -> None:
    """Raises PriceChanged if the buyer agreed to another price than what it costs them now.

    Whoever agrees to the asking price agrees also to a lower one that was made with the seller.
    """
    if agreed is not None and agreed not in (price, listing.price):
        raise PriceChanged(
            "The price of “{title}” has changed. Look at it again; your cart was not changed.",
            title=listing.title,
            price=price,
        )


def agreed_price(offer: Agreement | None, listing: ListingSnapshot, quantity: int) -> AgreedPrice | None:
    """What the buyer's accepted offer makes of the price of so many units.

    It holds for exactly the units that were agreed on, for a seller may have made the price for taking them all. If
    the asking price is as low by now, that counts, and the offer is left as it is.
    """
    if offer is None or offer.currency != listing.price.currency:
        return None
    return AgreedPrice(
        offer_id=offer.id,
        price=Money(offer.price, offer.currency),
        quantity=offer.quantity,
        asking_price=listing.price,
        buy_by=offer.deadline,
        applies=quantity == offer.quantity and offer.price < listing.price.amount,
    )


def price_for(agreed: AgreedPrice | None, listing: ListingSnapshot) -> Money:
    """What one unit costs this buyer."""
    return agreed.price if agreed and agreed.applies else listing.price


def for_sale(listing: ListingSnapshot) -> bool:
    """At least one can be had now."""
    return listing.status == "published" and listing.available >= 1


def view(
    lines: Sequence[Line], listings: Mapping[UUID, ListingSnapshot], currency: str, country: str | None = None
) -> Cart:
    """The cart beside what its listings say now, with postage to a country if it is known where it goes."""
    shown = [_line(line, offer, listings.get(line.listing_id), country) for line, offer in lines]
    return _summed(shown, listings, currency, country)


def alone(listing: ListingSnapshot, offer: Agreement | None, quantity: int, country: str | None = None) -> Cart:
    """A listing that is bought by itself, as a cart with nothing else in it."""
    agreed = agreed_price(offer, listing, quantity)
    price = price_for(agreed, listing)
    line = CartLine(
        listing_id=listing.id,
        seller_id=listing.seller_id,
        seller_name=listing.seller_name,
        title=listing.title,
        picture=listing.picture,
        quantity=quantity,
        price_seen=price,
        price_now=price,
        available=listing.available,
        state="ok" if _reaches(listing, country) else "not_shipped",
        agreed=agreed,
        pick_up=_picked_up(listing),
    )
    return _summed([line], {listing.id: listing}, listing.price.currency, country)


def _summed(
    shown: list[CartLine], listings: Mapping[UUID, ListingSnapshot], currency: str, country: str | None
) -> Cart:
    charged = [] if country is None else _postage(shown, listings, currency, country)
    goods = sum(line.price_now.amount * line.quantity for line in shown if line.state != "gone")
    total = goods + sum(each.amount.amount for each in charged)
    over = total > AMOUNT_MAX
    ready = bool(shown) and not over and all(line.state not in MENDED_FIRST for line in shown)
    return Cart(
        lines=shown,
        total=Money(total, currency),
        ready=ready,
        over_limit=Money(AMOUNT_MAX, currency) if over else None,
        country=country,
        postage=charged,
    )


def _postage(
    shown: Sequence[CartLine], listings: Mapping[UUID, ListingSnapshot], currency: str, country: str
) -> list[SellerPostage]:
    """What each seller charges for sending their lines there, in the lines' order; who charges nothing is left out."""
    by_seller: dict[UUID, list[CartLine]] = defaultdict(list)
    for line in shown:
        if line.state != "gone":
            by_seller[line.seller_id].append(line)
    charged = []
    for seller_id, lines in by_seller.items():
        goods = sum(line.price_now.amount * line.quantity for line in lines)
        amount = postage([each for line in lines for each in _parcel(line, listings[line.listing_id], country)], goods)
        if amount:
            charged.append(SellerPostage(seller_id=seller_id, amount=Money(amount, currency)))
    return charged


def _parcel(line: CartLine, listing: ListingSnapshot, country: str) -> list[Parcel]:
    """The line as it goes by post; nothing if it is picked up, or sent for nothing, or not sent there."""
    delivery = listing.delivery
    rate = rate_to(delivery.rates, country) if delivery.posted and delivery.rates else None
    return [Parcel(rate, line.quantity)] if rate else []


def _picked_up(listing: ListingSnapshot) -> str:
    """Where it is picked up, if it is not sent."""
    return "" if listing.delivery.posted else listing.delivery.pick_up


def _reaches(listing: ListingSnapshot, country: str | None) -> bool:
    """Whether whoever is in that country can have it; who did not say where they are may ask for it."""
    return country is None or not listing.delivery.posted or ships_to(listing.delivery, country)


def _line(line: CartLineRow, offer: Agreement | None, listing: ListingSnapshot | None, country: str | None) -> CartLine:
    price_then = Money(line.price_seen, line.currency)
    agreed = agreed_price(offer, listing, line.quantity) if listing else None
    return CartLine(
        listing_id=line.listing_id,
        seller_id=line.seller_id,
        seller_name=listing.seller_name if listing else line.seller_name,
        title=listing.title if listing else line.title,
        picture=listing.picture if listing else None,
        quantity=line.quantity,
        price_seen=price_then,
        price_now=price_for(agreed, listing) if listing else price_then,
        available=listing.available if listing and for_sale(listing) else 0,
        state=_state(line, price_then, listing, agreed, country),
        agreed=agreed,
        pick_up=_picked_up(listing) if listing else "",
    )


def _state(
    line: CartLineRow,
    seen: Money,
    listing: ListingSnapshot | None,
    agreed: AgreedPrice | None,
    country: str | None,
) -> LineState:
    if listing is None or not for_sale(listing) or listing.price.currency != seen.currency:
        return "gone"
    if line.quantity > listing.available:
        return "too_few"
    if not _reaches(listing, country):
        return "not_shipped"
    if agreed and agreed.applies:
        return "ok"
    if listing.price.amount > seen.amount:
        return "price_rose"
    return "price_fell" if listing.price.amount < seen.amount else "ok"
