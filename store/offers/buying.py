"""Buying at an agreed price: what a checkout takes, and what becomes of it when the purchase ends.

An accepted offer reserves nothing. Its row is what must not be used twice: a checkout moves it to `bought`, and so it
is no other checkout's, whoever comes first.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, update

from souk.contracts.store.carts import CartLine
from souk.database import Session, Statement
from souk.events import Sequenced
from store.database import Which, one_of
from store.offers.events import count_after, ended
from store.offers.rules import AgreementGone
from store.offers.tables import OfferRow
from store.offers.transitions import move

_NOW = bindparam("now", type_=DateTime(timezone=True))
_TO_BUY = (one_of(OfferRow.id), OfferRow.buyer_id == bindparam("buyer_id", type_=Uuid()), OfferRow.deadline > _NOW)
_UNPAID = (one_of(OfferRow.purchase_id), OfferRow.paid_at.is_(None))
_STILL_GOOD = (*_UNPAID, OfferRow.deadline > _NOW)
_OVER = (*_UNPAID, OfferRow.deadline <= _NOW)

_PAID: Statement[OfferRow] = Statement(
    update(OfferRow)
    .where(*_UNPAID, OfferRow.status == "bought")
    .values(paid_at=bindparam("at"), version=OfferRow.version + 1)
    .returning(OfferRow.id)
)


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
    which = Which(_TO_BUY, {"ids": list(wanted), "buyer_id": buyer_id, "now": at})
    bought = await move(session, which, after="bought", by="buyer", at=at, purchase_id=purchase_id)
    held = {offer.id: (offer.listing_id, offer.quantity, offer.price) for offer in bought}
    terms = {each: (line.listing_id, line.quantity, line.price_now.amount) for each, line in wanted.items()}
    if held != terms:
        raise AgreementGone(
            "A price that you agreed on with a seller does not hold any more. Nothing was bought; look at the price again."
        )


async def paid(session: Session, purchase_ids: Sequence[UUID], at: datetime) -> None:
    """The offers that these purchases bought stay bought; their buyers may make others for the same listings."""
    count_after(session, "bought", len(await _PAID.scalars(session, ids=list(purchase_ids), at=at)))


async def release(session: Session, purchase_ids: Sequence[UUID], at: datetime) -> list[Sequenced]:
    """These purchases ended unpaid: what they took can be bought again until its old deadline, or is over. What to tell."""
    theirs = {"ids": list(purchase_ids), "now": at}
    await move(session, Which(_STILL_GOOD, theirs), after="accepted", by="system", at=at, purchase_id=None)
    over = await move(
        session, Which(_OVER, theirs), after="expired", by="system", at=at, purchase_id=None, deadline=None
    )
    count_after(session, "expired", len(over))
    return [Sequenced(ended(offer, "expired", "deadline"), offer.version) for offer in over]
