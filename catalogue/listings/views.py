"""Listings as they are told to the outside."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from catalogue.categories.categories import CategoryTree
from catalogue.listings.attribute_values import attributes_as_told
from catalogue.listings.rules import UnknownListing
from catalogue.listings.tables import KeptStatus, ListingPriceRow, ListingRow
from catalogue.pictures.tables import ListingPictureRow, PictureFileRow
from catalogue.sellers.sellers import as_told
from catalogue.sellers.tables import SellerRow
from souk.contracts.catalogue.listings import (
    SITEMAP_LISTINGS,
    Listing,
    ListingCard,
    ListingStatus,
    PastPrice,
    SitemapEntry,
)
from souk.contracts.catalogue.pictures import Picture
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.database import AnySession, Statement
from souk.money import Money

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

"""Listings of one category that search engines are told of."""

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
)
"""What a card needs of the listing itself."""

SELLER_COLUMNS = (
    SellerRow.display_name.label("seller_name"),
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


def told_status(status: KeptStatus, available: int, *, suspended: bool) -> ListingStatus:
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
        select(chosen, *SELLER_COLUMNS, *PICTURE_COLUMNS)
        .outerjoin(SellerRow, SellerRow.id == chosen.c.seller_id)
        .outerjoin(ListingPictureRow, first)
        .outerjoin(PictureFileRow, PictureFileRow.id == ListingPictureRow.file_id)
        .order_by(*order_by(chosen.c))
    )


def card(row: AnyRow) -> ListingCard:
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
        status=told_status(row.status, row.available, suspended=row.seller_suspended),
        published_at=row.published_at,
        seller_reviews=row.seller_reviews or 0,
        seller_stars=row.seller_stars or 0,
    )


def picture(row: AnyRow) -> Picture:
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


async def pictures_of(session: AnySession, listing_id: UUID) -> list[Picture]:
    """A listing's pictures in their order."""
    query = (
        select(*PICTURE_COLUMNS)
        .join(PictureFileRow, PictureFileRow.id == ListingPictureRow.file_id)
        .where(ListingPictureRow.listing_id == listing_id)
        .order_by(ListingPictureRow.position)
    )
    return [picture(row) for row in await session.execute(query)]


async def listing(
    session: AnySession, listing_id: UUID, viewer: UUID | None, tree: CategoryTree, *, moderating: bool = False
) -> Listing:
    """A listing in full; a draft only for its seller, a hidden one also for moderators. Raises UnknownListing."""
    others = aliased(ListingRow)
    on_sale = (
        select(func.count())
        .select_from(others)
        .where(others.seller_id == ListingRow.seller_id, others.on_sale)
        .correlate(ListingRow)
        .scalar_subquery()
    )
    query = (
        select(ListingRow, SellerRow, on_sale)
        .outerjoin(SellerRow, SellerRow.id == ListingRow.seller_id)
        .where(ListingRow.id == listing_id)
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None or (found[0].seller_id != viewer and _is_secret(found[0], moderating)):
        raise UnknownListing("There is no such listing.")
    row, seller, count = found
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
        status=told_status(row.status, row.available, suspended=row.seller_suspended),
        pictures=await pictures_of(session, listing_id),
        seller=as_told(row.seller_id, seller, count, since=row.created_at),
        version=row.version,
        created_at=row.created_at,
        published_at=row.published_at,
        attributes=attributes_as_told(row.attributes),
        past_prices=await _past_prices(session, row),
        accepts_offers=row.accepts_offers,
    )


def _is_secret(row: ListingRow, moderating: bool) -> bool:
    """Whether only its seller may see it."""
    return row.status == "draft" or (row.status == "hidden" and not moderating)


async def _past_prices(session: AnySession, row: ListingRow) -> list[PastPrice]:
    """The latest changes of its price, the oldest first."""
    latest = (
        select(ListingPriceRow)
        .where(ListingPriceRow.listing_id == row.id)
        .order_by(ListingPriceRow.until.desc())
        .limit(PAST_PRICES_MAX)
    )
    found = (await session.scalars(latest)).all()
    return [PastPrice(price=Money(past.price, row.currency), until=past.until) for past in reversed(found)]


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
            status=told_status(row.status, row.available, suspended=row.seller_suspended),
            available=row.available,
            accepts_offers=row.accepts_offers,
        )
        for row in rows
    ]


async def cards_of(session: AnySession, ids: Sequence[UUID]) -> list[ListingCard]:
    """These listings as cards, in this order; those that are neither on sale nor sold are left out."""
    query = select(*CARD_COLUMNS).where(
        ListingRow.id.in_(ids), ListingRow.status == "published", ~ListingRow.seller_suspended
    )
    found = {row.id: card(row) for row in await session.execute(cards_query(query))}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


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
