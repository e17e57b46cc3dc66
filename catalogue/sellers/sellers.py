"""Sellers as visitors see them, and as listings carry them."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.listings.tables import ListingRow
from catalogue.sellers.tables import BEGINNING, SellerRow
from souk.contracts.catalogue.listings import Seller
from souk.database import Database, Session, Statement
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


_TOLD: Statement[Any] = Statement(
    select(
        SellerRow.id,
        SellerRow.display_name,
        SellerRow.country,
        SellerRow.since,
        SellerRow.reviews,
        SellerRow.stars,
        select(func.count()).where(ListingRow.seller_id == SellerRow.id, ListingRow.on_sale).label("listings"),
    ).where(SellerRow.id == bindparam("seller_id"))
)


async def get_seller(database: Database, seller_id: UUID) -> Seller:
    """One seller; raises NotFound."""
    seller = await known_seller(database, seller_id)
    if seller is None:
        raise NotFound("There is no such seller.", code="unknown-seller")
    return seller


async def known_seller(database: Database, seller_id: UUID) -> Seller | None:
    """One seller, if there is such a one."""
    row = await _TOLD.one(database, seller_id=seller_id)
    if row is None:
        return None
    return Seller(
        id=row.id,
        display_name=row.display_name,
        country=row.country,
        since=row.since or BEGINNING,
        listings=row.listings,
        reviews=row.reviews,
        stars=row.stars,
    )
