"""What is told of an offer."""

from functools import partial
from typing import Any, Literal

from souk.contracts.store.events import OfferEnded, OfferMade, Side
from souk.database import Session
from souk.money import Money
from store import metrics
from store.offers.tables import OfferRow


def made(offer: OfferRow, by: Side) -> OfferMade:
    """A price was named."""
    assert offer.deadline is not None
    return OfferMade(**_what(offer), by=by, round=offer.rounds, answer_by=offer.deadline)


def ended(
    offer: OfferRow,
    outcome: Literal["accepted", "declined", "withdrawn", "expired"],
    by: Literal["buyer", "seller", "deadline"],
) -> OfferEnded:
    """Nobody has to answer any more."""
    return OfferEnded(
        **_what(offer),
        outcome=outcome,
        by=by,
        turn=offer.turn,
        was_accepted=offer.accepted_at is not None,
        buy_by=offer.deadline if outcome == "accepted" else None,
    )


def count_after(session: Session, outcome: str, offers: int = 1) -> None:
    """Count what became of offers, once it is committed."""
    session.after_commit(partial(metrics.offers.labels(outcome).inc, offers))


def _what(offer: OfferRow) -> dict[str, Any]:
    return {
        "offer_id": offer.id,
        "listing_id": offer.listing_id,
        "title": offer.title,
        "buyer_id": offer.buyer_id,
        "seller_id": offer.seller_id,
        "quantity": offer.quantity,
        "price": Money(offer.price, offer.currency),
    }
