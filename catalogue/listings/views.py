"""Listings as they are told to the outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, BigInteger, Row, Select, Uuid, and_, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from catalogue.categories.categories import CategoryTree
from catalogue.delivery.profiles import delivery_of
from catalogue.delivery.tables import DeliveryProfileRow
from catalogue.listings.attribute_values import public_attributes
from catalogue.listings.rules import UnknownListing
from catalogue.listings.tables import KeptStatus, ListingRow
from catalogue.pictures.tables import ListingPictureRow, PictureFileRow
from catalogue.sellers.tables import SellerRow
from souk.contracts.catalogue.listings import (
    SITEMAP_LISTINGS,
    Condition,
    Listing,
    ListingCard,
    ListingStatus,
    PastPrice,
    Seller,
    SitemapEntry,
)
from souk.contracts.catalogue.pictures import Picture
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.database import AnySession, Database, Statement
from souk.money import Money

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

PAST_PRICES_MAX = 100
"""Price changes that are told of one listing."""

CARD_COLUMNS = (
    ListingRow.id,
    ListingRow.slug,
    ListingRow.title,
    ListingRow.price,
    ListingRow.currency,
    ListingRow.condition,
    ListingRow.seller_id,
    ListingRow.available,
    ListingRow.status,
    ListingRow.published_at,
    ListingRow.created_at,
    ListingRow.accepts_offers,
    ListingRow.seller_suspended,
    ListingRow.posted,
    ListingRow.pick_up,
    ListingRow.delivery_profile_id,
)
"""What a card needs of the listing itself."""

SELLER_COLUMNS = (
    SellerRow.display_name.label("seller_name"),
    SellerRow.country.label("seller_country"),
    SellerRow.reviews.label("seller_reviews"),
    SellerRow.stars.label("seller_stars"),
)

PICTURE_COLUMNS = (
    ListingPictureRow.id.label("picture_id"),
    ListingPictureRow.alt,
    PictureFileRow.small,
    PictureFileRow.medium,
    PictureFileRow.large,
    PictureFileRow.width,
    PictureFileRow.height,
    PictureFileRow.colour,
    PictureFileRow.avif,
)


def public_status(status: KeptStatus, available: int, *, suspended: bool) -> ListingStatus:
    """`sold` is a published listing with no unit left; while its seller is suspended it is told as withdrawn."""
    if status != "published":
        return status
    return "withdrawn" if suspended else "sold" if available == 0 else "published"


def cards_query(page: AnySelect, order_by: Callable[[Any], list[Any]] = lambda columns: []) -> AnySelect:
    """The listings that `page` chooses (columns: `CARD_COLUMNS`), each with what is told of its seller, and its first picture.

    `order_by` gives the ORDER BY over the page's columns. The joins run for the page's rows only.
    """
    chosen = page.subquery("chosen")
    first = and_(ListingPictureRow.listing_id == chosen.c.id, ListingPictureRow.position == 0)
    return (
        select(chosen, *SELLER_COLUMNS, *PICTURE_COLUMNS, DeliveryProfileRow.rates)
        .outerjoin(SellerRow, SellerRow.id == chosen.c.seller_id)
        .outerjoin(DeliveryProfileRow, DeliveryProfileRow.id == chosen.c.delivery_profile_id)
        .outerjoin(ListingPictureRow, first)
        .outerjoin(PictureFileRow, PictureFileRow.id == ListingPictureRow.file_id)
        .order_by(*order_by(chosen.c))
    )


def card(row: Any) -> ListingCard:
    """A row of `cards_query`."""
    return ListingCard(
        id=row.id,
        slug=row.slug,
        title=row.title,
        price=Money(row.price, row.currency),
        condition=row.condition,
        seller_id=row.seller_id,
        seller_name=row.seller_name or "",
        picture=picture(row) if row.picture_id else None,
        available=row.available,
        status=public_status(row.status, row.available, suspended=row.seller_suspended),
        published_at=row.published_at,
        seller_reviews=row.seller_reviews or 0,
        seller_stars=row.seller_stars or 0,
        seller_country=row.seller_country or "",
        delivery=delivery_of(row),
    )


def picture(row: Any) -> Picture:
    """A row with `PICTURE_COLUMNS`."""
    return Picture(
        id=row.picture_id,
        small=row.small,
        medium=row.medium,
        large=row.large,
        width=row.width,
        height=row.height,
        alt=row.alt,
        colour=row.colour,
        avif=row.avif,
    )


_PICTURES: Statement[Any] = Statement(
    select(*PICTURE_COLUMNS)
    .join(PictureFileRow, PictureFileRow.id == ListingPictureRow.file_id)
    .where(ListingPictureRow.listing_id == bindparam("listing_id"))
    .order_by(ListingPictureRow.position)
)


async def pictures_of(session: AnySession, listing_id: UUID) -> list[Picture]:
    """A listing's pictures in their order."""
    return [picture(row) for row in await _PICTURES.all(session, listing_id=listing_id)]


PICTURES = """(
    SELECT json_agg(json_build_object('id', shown.id, 'alt', shown.alt, 'small', file.small, 'medium', file.medium,
        'large', file.large, 'width', file.width, 'height', file.height, 'colour', file.colour, 'avif', file.avif)
        ORDER BY shown.position)
    FROM listing_picture AS shown JOIN picture_file AS file ON file.id = shown.file_id
    WHERE shown.listing_id = listing.id
)"""

PAST_PRICES = f"""(
    SELECT json_agg(past ORDER BY past.until) FROM (
        SELECT price, until FROM listing_price WHERE listing_id = listing.id ORDER BY until DESC LIMIT {PAST_PRICES_MAX}
    ) AS past
)"""  # noqa: S608 - a number of ours

ON_SALE = "(SELECT count(*) FROM listing AS others WHERE others.seller_id = listing.seller_id AND others.on_sale)"

_in_full = (
    select(
        *CARD_COLUMNS,
        ListingRow.description,
        ListingRow.category,
        ListingRow.language,
        ListingRow.quantity,
        ListingRow.version,
        ListingRow.attributes,
        *SELLER_COLUMNS,
        DeliveryProfileRow.rates,
        SellerRow.since.label("seller_since"),
        literal_column(ON_SALE, BigInteger).label("seller_listings"),
        literal_column(PICTURES, JSON).label("pictures"),
        literal_column(PAST_PRICES, JSON).label("past_prices"),
    )
    .outerjoin(SellerRow, SellerRow.id == ListingRow.seller_id)
    .outerjoin(DeliveryProfileRow, DeliveryProfileRow.id == ListingRow.delivery_profile_id)
    .where(ListingRow.id == bindparam("listing_id"))
)
_IN_FULL: Statement[Any] = Statement(_in_full)
"""All that is told of a listing."""


class _PastPrice(msgspec.Struct):
    price: int
    until: datetime


async def listing(
    where: AnySession | Database, listing_id: UUID, viewer: UUID | None, tree: CategoryTree, *, moderating: bool = False
) -> Listing:
    """A listing in full; a draft only for its seller, a hidden one also for moderators. Raises UnknownListing."""
    row = await _IN_FULL.one(where, listing_id=listing_id)
    return _listing(row, viewer, tree, moderating=moderating)


def _listing(row: Any | None, viewer: UUID | None, tree: CategoryTree, *, moderating: bool) -> Listing:
    if row is None or (row.seller_id != viewer and _is_secret(row.status, moderating)):
        raise UnknownListing("There is no such listing.")
    past = msgspec.convert(row.past_prices or [], list[_PastPrice])
    return Listing(
        id=row.id,
        slug=row.slug,
        title=row.title,
        description=row.description,
        price=Money(row.price, row.currency),
        condition=row.condition,
        category=row.category,
        category_path=tree.path(row.category),
        language=row.language,
        quantity=row.quantity,
        available=row.available,
        status=public_status(row.status, row.available, suspended=row.seller_suspended),
        pictures=msgspec.convert(row.pictures or [], list[Picture]),
        seller=Seller(
            id=row.seller_id,
            display_name=row.seller_name or "",
            country=row.seller_country or "",
            since=row.seller_since or row.created_at,
            listings=row.seller_listings,
            reviews=row.seller_reviews or 0,
            stars=row.seller_stars or 0,
        ),
        version=row.version,
        created_at=row.created_at,
        published_at=row.published_at,
        attributes=public_attributes(row.attributes),
        past_prices=[PastPrice(price=Money(each.price, row.currency), until=each.until) for each in past],
        accepts_offers=row.accepts_offers,
        delivery=delivery_of(row),
    )


def _is_secret(status: KeptStatus, moderating: bool) -> bool:
    """Whether only its seller may see it."""
    return status == "draft" or (status == "hidden" and not moderating)


_BY_IDS: Statement[Any] = Statement(
    cards_query(select(*CARD_COLUMNS).where(ListingRow.id == any_(bindparam("ids", type_=ARRAY(Uuid())))))
)


async def snapshots(session: AnySession, ids: Sequence[UUID]) -> list[ListingSnapshot]:
    """What the store needs of these listings; those that do not exist are left out."""
    rows = await _BY_IDS.all(session, ids=list(ids))
    return [
        ListingSnapshot(
            id=row.id,
            seller_id=row.seller_id,
            seller_name=row.seller_name or "",
            title=row.title,
            price=Money(row.price, row.currency),
            condition=row.condition,
            picture=row.small,
            status=public_status(row.status, row.available, suspended=row.seller_suspended),
            available=row.available,
            accepts_offers=row.accepts_offers,
            delivery=delivery_of(row),
        )
        for row in rows
    ]


_shown = cards_query(
    select(*CARD_COLUMNS).where(
        ListingRow.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        ListingRow.status == "published",
        ~ListingRow.seller_suspended,
    )
)
_CARDS: Statement[Any] = Statement(_shown)
_beside = _shown.subquery("beside")
_IN_FULL_AND_CARDS: Statement[Any] = Statement(
    _in_full.add_columns(
        select(func.json_agg(func.to_json(_beside.table_valued()), type_=JSON())).scalar_subquery().label("cards")
    )
)


class _CardRow(msgspec.Struct):
    """A row of `cards_query`, as JSON."""

    id: UUID
    slug: str
    title: str
    price: int
    currency: str
    condition: Condition
    seller_id: UUID
    available: int
    status: KeptStatus
    published_at: datetime | None
    seller_suspended: bool
    seller_name: str | None
    seller_reviews: int | None
    seller_stars: int | None
    picture_id: UUID | None
    alt: str | None
    small: str | None
    medium: str | None
    large: str | None
    width: int | None
    height: int | None
    colour: str | None
    avif: bool | None
    seller_country: str | None
    posted: bool
    pick_up: str
    delivery_profile_id: UUID | None
    rates: Any


async def cards_of(where: AnySession | Database, ids: Sequence[UUID]) -> list[ListingCard]:
    """These listings as cards, in this order; those that are neither on sale nor sold are left out."""
    found = {row.id: card(row) for row in await _CARDS.rows(where, ids=list(ids))}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


async def listing_and_cards(
    database: Database,
    listing_id: UUID,
    viewer: UUID | None,
    tree: CategoryTree,
    ids: Sequence[UUID],
    *,
    moderating: bool,
) -> tuple[Listing, dict[UUID, ListingCard]]:
    """`listing` and `cards_of` some others, by one statement."""
    if not ids:
        return await listing(database, listing_id, viewer, tree, moderating=moderating), {}
    row = await _IN_FULL_AND_CARDS.one(database, listing_id=listing_id, ids=list(ids))
    cards = msgspec.convert(row.cards or [], list[_CardRow]) if row else []
    return _listing(row, viewer, tree, moderating=moderating), {each.id: card(each) for each in cards}


async def sitemap(session: AnySession, category: str, page: int) -> list[SitemapEntry]:
    """A page (from 1) of the listings on sale of a category, without those below it.

    The oldest come first, so that what search engines read before stays where it was.
    """
    columns = (ListingRow.id, ListingRow.slug, ListingRow.changed_at)
    chosen = (
        select(ListingRow.id)  # alone, so that what is passed over is only looked up in the index
        .where(ListingRow.category == category, ListingRow.on_sale)
        .order_by(ListingRow.published_at, ListingRow.id)
        .offset((page - 1) * SITEMAP_LISTINGS)
        .limit(SITEMAP_LISTINGS)
        .subquery()
    )
    query = select(*columns).join(chosen, chosen.c.id == ListingRow.id).order_by(ListingRow.published_at, ListingRow.id)
    return [SitemapEntry(id=row.id, slug=row.slug, changed_at=row.changed_at) for row in await session.execute(query)]
