"""Many listings at once, published as they arrive: how demo data gets in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from catalogue.categories.categories import CategoryTree
from catalogue.delivery.rules import checked_place, checked_profile
from catalogue.delivery.tables import DeliveryProfileRow
from catalogue.listings.attribute_values import checked_attributes
from catalogue.listings.rules import checked_price, clean_description, clean_title
from catalogue.listings.tables import ListingRow
from catalogue.pictures.tables import ListingPictureRow
from catalogue.sellers.sellers import copied
from catalogue.sellers.tables import SellerRow
from catalogue.texts import slug_of
from souk.contracts.catalogue.listings import BatchListing, BatchProfile
from souk.database import Session
from souk.errors import InvalidInput
from souk.ids import derived_id

UNHEARD = {"seller_name": "", "seller_country": "", "seller_rating": 0, "seller_suspended": False}
"""What a listing carries of a seller of whom nothing has been heard."""


async def publish_batch(
    session: Session,
    listings: Sequence[BatchListing],
    profiles: Sequence[BatchProfile] = (),
    *,
    tree: CategoryTree,
    currency: str,
    now: datetime,
) -> int:
    """Add the listings that are not there yet, with their pictures, and put them on sale; returns how many.

    The same rules hold as for one. Raises InvalidInput, and then adds nothing. Sellers are not held, other than for one:
    news of many sellers lock them as they come, and would wait for each other with this.
    """
    if not listings:
        return 0
    if profiles:
        made = [_profile(each, currency, now) for each in profiles]
        await session.execute(insert(DeliveryProfileRow).on_conflict_do_nothing(), made)
    asking = select(SellerRow).where(SellerRow.id.in_({item.seller_id for item in listings}))
    sellers = {seller.id: seller for seller in await session.scalars(asking)}
    rows = [_row(item, sellers.get(item.seller_id), tree, currency, now) for item in listings]
    adding = insert(ListingRow).on_conflict_do_nothing().returning(ListingRow.id)
    added = set(await session.scalars(adding, rows))
    pictures = [
        {
            "id": derived_id("listing picture", item.id, position),
            "listing_id": item.id,
            "position": position,
            "file_id": shown.file_id,
            "alt": shown.alt,
        }
        for item in listings
        if item.id in added
        for position, shown in enumerate(item.pictures)
    ]
    if pictures:
        await session.execute(insert(ListingPictureRow), pictures)
    return len(added)


def _profile(item: BatchProfile, currency: str, now: datetime) -> dict[str, Any]:
    profile = checked_profile(item.profile, currency)
    rates = msgspec.to_builtins(profile.rates)
    return {"id": item.id, "seller_id": item.seller_id, "name": profile.name, "rates": rates, "changed_at": now}


def _row(
    item: BatchListing, seller: SellerRow | None, tree: CategoryTree, currency: str, now: datetime
) -> dict[str, Any]:
    category = tree.get(item.category)
    title, description = clean_title(item.title), clean_description(item.description)
    if not description:
        raise InvalidInput(
            "description", "Listing {listing_id} has none.", code="batch-description", listing_id=item.id
        )
    return {
        "id": item.id,
        "seller_id": item.seller_id,
        "slug": slug_of(title),
        "title": title,
        "description": description,
        "price": checked_price(item.price, currency),
        "currency": currency,
        "category": item.category,
        "condition": item.condition,
        "language": item.language,
        "attributes": checked_attributes(item.attributes, category),
        "accepts_offers": item.accepts_offers,
        "posted": item.delivery.posted,
        "pick_up": checked_place(item.delivery.pick_up),
        "delivery_profile_id": item.delivery.profile_id,
        **(copied(seller) if seller else UNHEARD),
        "pictured": bool(item.pictures),
        "quantity": item.quantity,
        "available": item.quantity,
        "status": "published",
        "created_at": item.published_at,
        "changed_at": now,
        "published_at": item.published_at,
    }
