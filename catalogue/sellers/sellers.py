"""Sellers as visitors see them, and as listings carry them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.listings.tables import ListingRow
from catalogue.sellers.tables import BEGINNING, SellerRow
from souk.contracts.catalogue.listings import Seller
from souk.database import AnySession, Session
from souk.errors import NotFound


async def held(session: Session, seller_id: UUID) -> SellerRow:
    """A seller as they are known, for listings that carry a copy. They stay so until the transaction ends: whoever brings
    news of them waits, and then finds these listings too. To be asked for before listings are locked, as news do it."""
    unheard = {"id": seller_id, "display_name": "", "country": "", "changed_at": BEGINNING}
    await session.execute(insert(SellerRow).values(unheard).on_conflict_do_nothing())
    row = await session.get(SellerRow, seller_id, with_for_update={"read": True}, populate_existing=True)
    assert row is not None
    return row


def copied(seller: SellerRow) -> dict[str, Any]:
    """What a listing carries of its seller, by the listing's columns."""
    return {
        "seller_name": seller.display_name,
        "seller_country": seller.country,
        "seller_rating": seller.rating,
        "seller_suspended": seller.suspended,
    }


async def get_seller(session: AnySession, seller_id: UUID) -> Seller:
    """One seller; raises NotFound."""
    on_sale = (
        select(func.count())
        .select_from(ListingRow)
        .where(ListingRow.seller_id == seller_id, ListingRow.on_sale)
        .scalar_subquery()
    )
    query = select(SellerRow, on_sale).where(SellerRow.id == seller_id)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such seller.")
    return as_told(seller_id, found[0], found[1])


def as_told(seller_id: UUID, row: SellerRow | None, listings: int, *, since: datetime = BEGINNING) -> Seller:
    """What is told of a seller, also while the entrypoint's news of them is still on its way."""
    return Seller(
        id=seller_id,
        display_name=row.display_name if row else "",
        country=row.country if row else "",
        since=(row.since if row else None) or since,
        listings=listings,
        reviews=row.reviews if row else 0,
        stars=row.stars if row else 0,
    )
