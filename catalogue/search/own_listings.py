"""A seller's own listings, drafts too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select

from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, AnySelect, cards_query
from catalogue.search.orders import CREATED
from catalogue.search.pages import page_of
from catalogue.search.places import ListingPlace
from catalogue.search.planner import TOTAL_EXACT_MAX
from catalogue.search.terms import COLUMNS
from souk import paging
from souk.contracts.catalogue.listings import ListingPage, ListingStatus
from souk.database import AnySession


async def of_seller(
    session: AnySession, seller_id: UUID, status: ListingStatus | None, *, cursor: str | None, limit: int
) -> ListingPage:
    """One page of the seller's own listings, drafts too, those made last first. Raises BadCursor."""
    query = paging.checksum(seller_id, status)
    place = paging.place_of(cursor, ListingPlace, query)
    conditions: list[ColumnElement[bool]] = [ListingRow.seller_id == seller_id]
    if status is not None:
        conditions.append(ListingRow.status == ("published" if status == "sold" else status))
    if status in ("sold", "published"):
        conditions.append(ListingRow.available == 0 if status == "sold" else ListingRow.available > 0)
    total = place.total if place else await _count(session, conditions)
    if place:
        conditions.append(CREATED.after(place).over(COLUMNS))
    rows = [(0, row) for row in await session.execute(_page(conditions, limit + 1))]
    return page_of(rows, CREATED, limit, total, query)


def _page(conditions: Sequence[ColumnElement[bool]], rows_max: int) -> AnySelect:
    page = select(*CARD_COLUMNS).where(*conditions).order_by(*CREATED.by(COLUMNS)).limit(rows_max)
    return cards_query(page, CREATED.by)


async def _count(session: AnySession, conditions: Sequence[ColumnElement[bool]]) -> int:
    some = select(literal(1)).select_from(ListingRow).where(*conditions).limit(TOTAL_EXACT_MAX + 1)
    return int(await session.scalar(select(func.count()).select_from(some.subquery())) or 0)
