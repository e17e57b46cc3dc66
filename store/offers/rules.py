"""What an offer may say, and what stands in the way of one."""

from datetime import datetime, timedelta
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.events import Side
from souk.errors import Choice, RuleBroken, fault
from souk.money import Money
from store.carts.rules import for_sale
from store.offers.tables import OfferRow
from store.offers.transitions import Action, OfferTransition, possible

PRICE_PARTS_MAX = 10
"""An offer is at least one so-manieth of the asking price: less is no offer, and costs the seller's time."""

ROUNDS_MAX = 6
"""Prices that may be named in one offer, both sides' together."""

OPEN_PER_BUYER_MAX = 50
"""Offers of one buyer that may wait for answers."""


AGAIN_MAX = 3
"""Offers of one buyer for one listing that may come to nothing within `AGAIN_WITHIN`; more would be pestering."""

AGAIN_WITHIN = timedelta(days=7)


class NoOffers(RuleBroken):
    """The seller does not take offers for it."""

    title = "No offers for this listing"


class NotOnSale(RuleBroken):
    """The listing is not for sale (any more)."""

    title = "No longer for sale"


class OwnOffer(RuleBroken):
    """Nobody bargains with themselves."""

    title = "This is your own listing"


class NotSoMany(RuleBroken):
    """More units are asked for than there are."""

    title = "Not that many left"
    members = ("available",)


class PriceNotLower(RuleBroken):
    """Whoever offers the asking price can just buy."""

    title = "Offer less than the asking price"
    members = ("asking_price",)


class PriceTooLow(RuleBroken):
    """Below what counts as an offer."""

    title = "That is too little"
    members = ("least",)


class PriceNotBetween(RuleBroken):
    """A counteroffer that gives the other side more than it asked for."""

    title = "They named a better price for you"
    members = ("price",)


class AlreadyOffered(RuleBroken):
    """One offer at a time for one listing."""

    title = "You have an offer for this listing"
    members = ("offer_id",)


class TooManyOffers(RuleBroken):
    """A buyer's offers that wait are as many as may."""

    title = "Many of your offers wait already"


class OfferedOften(RuleBroken):
    """A buyer's offers for a listing came to nothing as often as they may."""

    title = "You offered for it several times"
    members = ("again_at",)


class OfferIdTaken(RuleBroken):
    """An id stands for one offer only."""

    title = "This id was used for another offer"


class NotYours(RuleBroken):
    """It is for the other side to do, or for nobody now."""

    title = "That is not yours to do now"
    members = ("offer_status",)


class AnotherPrice(RuleBroken):
    """The price is not the one that the caller saw."""

    title = "There is another price now"
    members = ("price", "round")


class NoMoreRounds(RuleBroken):
    """As many prices were named as may be."""

    title = "Enough prices were named"


class OfferOver(RuleBroken):
    """Nothing can be done with the offer (any more)."""

    title = "This offer is over"
    members = ("offer_status",)


class AgreementGone(RuleBroken):
    """A checkout counted on an agreed price that does not hold any more."""

    title = "The agreed price does not hold any more"


WHY_OVER = {
    "declined": "It was declined.",
    "withdrawn": "It was withdrawn.",
    "bought": "It was bought.",
    "open": "Its time is over.",
    "accepted": "Its time is over.",
    "expired": "Its time is over.",
}
WHY_NOT = {
    "open": "Whoever named the last price waits for the answer.",
    "accepted": "It was accepted: the price stands until it is bought or its time is over.",
}


def check_listing(listing: ListingSnapshot | None, quantity: int) -> ListingSnapshot:
    """The listing, if so many of it can be had; raises NotOnSale or NotSoMany."""
    if listing is None or not for_sale(listing):
        raise NotOnSale("This listing is not on sale now. Nothing was changed.")
    if quantity > listing.available:
        raise NotSoMany(
            "Only {available} of “{title}” can be had, not {quantity}. Nothing was changed.",
            available=listing.available,
            title=listing.title,
            quantity=quantity,
            errors=[
                fault("quantity", "Only {available} can be had.", code="too-many-units", available=listing.available)
            ],
        )
    return listing


def check_offerable(listing: ListingSnapshot | None, buyer_id: UUID, quantity: int) -> ListingSnapshot:
    """The listing, if this buyer may offer a price for so many; raises what stands in the way."""
    snapshot = check_listing(listing, quantity)
    if snapshot.seller_id == buyer_id:
        raise OwnOffer("You cannot make an offer for your own listing. Nothing was sent.")
    if not snapshot.accepts_offers:
        raise NoOffers("Its seller does not take offers for it. Nothing was sent.")
    return snapshot


def check_price(price: Money, asking: Money) -> None:
    """Raises PriceNotLower or PriceTooLow unless the price is below the asking price and not absurd."""
    if price.amount >= asking.amount:
        raise PriceNotLower(
            "Name a price below the asking price; for that price or more it can just be bought. Nothing was sent.",
            asking_price=asking,
            errors=[fault("price", "Name less than the asking price.", code="price-not-lower-here")],
        )
    if price.amount * PRICE_PARTS_MAX < asking.amount:
        least = Money(-(-asking.amount // PRICE_PARTS_MAX), asking.currency)
        raise PriceTooLow(
            "An offer is at least a tenth of the asking price. Nothing was sent.",
            least=least,
            errors=[fault("price", "Name at least a tenth of the asking price.", code="price-too-low-here")],
        )


def check_counter(role: Side, price: Money, offer: OfferRow) -> None:
    """Raises PriceNotBetween if it gives the other side more than they asked for, or just that."""
    theirs = Money(offer.price, offer.currency)
    if role == "seller" and price.amount <= offer.price:
        raise PriceNotBetween(
            "Name more than the buyer offers, or accept their price. Nothing was sent.",
            code="price-not-above",
            price=theirs,
            errors=[fault("price", "Name more than the buyer offers.", code="price-not-above-here")],
        )
    if role == "buyer" and price.amount >= offer.price:
        raise PriceNotBetween(
            "Name less than the seller asks for, or accept their price. Nothing was sent.",
            code="price-not-below",
            price=theirs,
            errors=[fault("price", "Name less than the seller asks for.", code="price-not-below-here")],
        )


def check_answer(offer: OfferRow, role: Side, action: Action, answered: int, now: datetime) -> OfferTransition:
    """What follows if this side does this to the offer as they saw it; raises why it cannot be done.

    `answered` is the number of the price that they saw: nobody agrees to another one.
    """
    if offer.status not in WHY_NOT or (offer.deadline is not None and offer.deadline <= now):
        raise OfferOver("{offer_status} Nothing was changed.", offer_status=Choice(WHY_OVER, offer.status))
    if offer.rounds != answered:
        raise AnotherPrice(
            "Another price was named meanwhile. Look at it again. Nothing was changed.",
            price=Money(offer.price, offer.currency),
            round=offer.rounds,
        )
    step = possible(offer.status, role, offer.turn).get(action)
    if step is None:
        raise NotYours("{offer_status} Nothing was changed.", offer_status=Choice(WHY_NOT, offer.status))
    if action == "counter" and offer.rounds >= ROUNDS_MAX:
        raise NoMoreRounds(
            "{most} prices were named. Accept the last one or decline it. Nothing was changed.", most=ROUNDS_MAX
        )
    return step


def done_before(offer: OfferRow, role: Side, action: Action, answered: int) -> bool:
    """Whether this side did just this before: then the request is a repeated one."""
    if offer.rounds != answered:
        return False
    answerer = offer.turn == role
    if action == "accept":
        return answerer and offer.accepted_at is not None
    if action == "decline":
        return answerer and offer.status == "declined"
    withdrew = role == "buyer" if offer.accepted_at is not None else not answerer
    return action == "withdraw" and offer.status == "withdrawn" and withdrew
