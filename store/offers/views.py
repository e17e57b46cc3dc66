"""Offers as their buyers and sellers see them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from souk.contracts.store.events import Side
from souk.contracts.store.offers import Offer, OfferRound
from souk.database import AnySession
from souk.money import Money
from store.database import among
from store.offers.rules import ROUNDS_MAX
from store.offers.tables import OfferRoundRow, OfferRow
from store.offers.transitions import possible
from store.user_replica.user_replica import names


def side_of(offer: OfferRow, user_id: UUID) -> Side | None:
    """Whether the user made it or got it."""
    if user_id == offer.buyer_id:
        return "buyer"
    return "seller" if user_id == offer.seller_id else None


async def shown(session: AnySession, offers: Sequence[OfferRow], user_id: UUID) -> list[Offer]:
    """Offers with every price that was named, as one of their two sides sees them."""
    display_names = await names(session, [person for offer in offers for person in (offer.buyer_id, offer.seller_id)])
    query = select(OfferRoundRow).where(among(OfferRoundRow.offer_id, [offer.id for offer in offers]))
    rounds: dict[UUID, list[OfferRoundRow]] = defaultdict(list)
    for row in await session.scalars(query.order_by(OfferRoundRow.offer_id, OfferRoundRow.number)):
        rounds[row.offer_id].append(row)
    return [_offer(offer, rounds[offer.id], display_names, user_id) for offer in offers]


def _offer(row: OfferRow, rounds: Sequence[OfferRoundRow], known: dict[UUID, str], user_id: UUID) -> Offer:
    role = side_of(row, user_id)
    left = max(ROUNDS_MAX - row.rounds, 0) if row.status == "open" else 0
    actions = possible(row.status, role, row.turn) if role else {}
    return Offer(
        id=row.id,
        listing_id=row.listing_id,
        title=row.title,
        picture=row.picture,
        buyer_id=row.buyer_id,
        buyer_name=known[row.buyer_id],
        seller_id=row.seller_id,
        seller_name=known[row.seller_id],
        quantity=row.quantity,
        price=Money(row.price, row.currency),
        asking_price=Money(row.asking_price, row.currency),
        status=row.status,
        turn=row.turn,
        rounds=[_round(each, row.currency) for each in rounds],
        rounds_left=left,
        made_at=row.placed_at,
        changed_at=row.changed_at,
        deadline=row.deadline if row.status in ("open", "accepted") else None,
        accepted_at=row.accepted_at,
        paid_at=row.paid_at,
        purchase_id=row.purchase_id if role == "buyer" else None,
        actions=[action for action in actions if action != "counter" or left],
    )


def _round(row: OfferRoundRow, currency: str) -> OfferRound:
    return OfferRound(
        number=row.number,
        by=row.by,
        price=Money(row.price, currency),
        message=row.message,
        at=row.at,
    )
