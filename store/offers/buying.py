"""Buying at an agreed price: what a checkout takes, and what becomes of it when the purchase ends.

An accepted offer reserves nothing. Its row is what must not be used twice: a checkout moves it to `bought`, and so it
is no other checkout's, whoever comes first.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from souk.contracts.store.carts import CartLine
from souk.database import Session
from souk.events import Outbox
from store.database import among
from store.events import tell
from store.offers.events import count_after, ended
from store.offers.rules import AgreementGone
from store.offers.tables import OfferRow
from store.offers.transitions import move


def agreed_offer(line: CartLine) -> UUID | None:
    """The offer that a line of a cart takes its price from."""
    return line.agreed.offer_id if line.agreed and line.agreed.applies else None


async def take(session: Session, lines: Sequence[CartLine], buyer_id: UUID, purchase_id: UUID, at: datetime) -> None:
    """Lock the offers that these lines take their prices from, and make them this purchase's.

    Raises AgreementGone if one of them can no longer be bought: it expired, was withdrawn, or is bought already.
    """
    wanted = {offer_id: line for line in lines if (offer_id := agreed_offer(line)) is not None}
    if not wanted:
        return
    which = (among(OfferRow.id, wanted), OfferRow.buyer_id == buyer_id, OfferRow.deadline > at)
    bought = await move(session, *which, after="bought", by="buyer", at=at, purchase_id=purchase_id)
    held = {offer.id: (offer.listing_id, offer.quantity, offer.price) for offer in bought}
    asked = {each: (line.listing_id, line.quantity, line.price_now.amount) for each, line in wanted.items()}
    if held != asked:
        raise AgreementGone(
            "A price that you agreed on with a seller does not hold any more. Nothing was bought; look at the price again."
        )


async def paid(session: Session, purchase_ids: Sequence[UUID], at: datetime) -> None:
    """The offers that these purchases bought stay bought; their buyers may make others for the same listings."""
    theirs = (among(OfferRow.purchase_id, purchase_ids), OfferRow.status == "bought", OfferRow.paid_at.is_(None))
    done = update(OfferRow).where(*theirs).values(paid_at=at, version=OfferRow.version + 1)
    bought = await session.scalars(done.returning(OfferRow.id).execution_options(synchronize_session=False))
    count_after(session, "bought", len(bought.all()))


async def release(session: Session, outbox: Outbox, purchase_ids: Sequence[UUID], at: datetime) -> None:
    """These purchases ended unpaid: what they took can be bought again until its old deadline, or is over."""
    theirs = (among(OfferRow.purchase_id, purchase_ids), OfferRow.paid_at.is_(None))
    await move(session, *theirs, OfferRow.deadline > at, after="accepted", by="system", at=at, purchase_id=None)
    over = await move(
        session, *theirs, OfferRow.deadline <= at, after="expired", by="system", at=at, purchase_id=None, deadline=None
    )
    await tell(outbox, session, [(ended(offer, "expired", "deadline"), offer.version) for offer in over])
    count_after(session, "expired", len(over))
