"""Browsing: pages and totals of what is on sale.

Pages are keyset pages over a total order (`catalogue.search.orders`); how one is found depends on how much there is to find
(`catalogue.search.strategies`).

`relevance` is: listings whose title is what was typed, or begins with it, then those with all the words in the title, then in
the title and the attributes, then anywhere; newest first within each. Unlike a score it can be paged by key, and a common word
need not be ranked over all its matches (`catalogue.search.relevance`).

Where nearly nothing has all the words, what has other forms of them or most of them follows (`catalogue.search.relaxed_query`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalogue.categories.categories import CategoryTree
from catalogue.listings.views import card
from catalogue.search.conditions import narrowed
from catalogue.search.filters import Filters
from catalogue.search.orders import ORDERS, Order
from catalogue.search.places import ListingPlace
from catalogue.search.planner import TOTAL_EXACT_MAX, aimed, count, estimate
from catalogue.search.query import Stems, stems_of
from catalogue.search.relaxation import LAST, NEARLY_NOTHING, Loosened, loosen
from catalogue.search.relevance import ANYWHERE, Relevance, relevance_of
from catalogue.search.strategies import LookUp, OrderScan, PageQuery, Rows, WindowLookUp, page_of_many
from catalogue.search.terms import COLUMNS, fixed
from souk import paging
from souk.contracts.catalogue.listings import ListingPage
from souk.contracts.catalogue.search import Sort
from souk.database import AnySession

PAGE_DEFAULT = 24


@dataclass(frozen=True)
class Found:
    """One page, and how it was found."""

    page: ListingPage
    stems: Stems | None = None
    loosened: Loosened | None = None


async def search(
    session: AnySession,
    filters: Filters,
    *,
    sort: Sort,
    cursor: str | None,
    limit: int,
    tree: CategoryTree,
    now: datetime,
) -> Found:
    """One page of what is on sale.

    Raises BadCursor, and InvalidInput for an unknown category.
    """
    checksum = paging.checksum(filters, sort)
    place = paging.place_of(cursor, ListingPlace, checksum)
    stems = await stems_of(session, filters.words, tree.languages) if filters.words else None
    wanted = await aimed(session, narrowed(filters, stems, tree, now))
    query = PageQuery(session, wanted, ORDERS[sort], place, limit + 1, tree.listings)
    tiers = await relevance_of(session, wanted, stems) if stems is not None and sort == "relevance" else None
    total, rows, scan = 0, Rows(), OrderScan(query)
    if place is not None and place.loose:
        total = place.total
    elif scan.applies():
        total = place.total if place else await count(session, wanted)
        rows = await scan.page()
    elif tiers is not None:
        in_head = replace(query, wanted=narrowed(filters, stems, tree, now, in_head=True))
        total, rows = await _by_relevance(query, in_head, tiers)
    else:
        total, rows = await _in_order(query)
    if stems is not None and (place.loose if place else total < NEARLY_NOTHING):
        tier = tiers.of(COLUMNS) if tiers else None
        loosened = await loosen(session, filters, tree, now, strict=wanted, tier=tier)
        if loosened is not None:
            total, rows = await _loosely(replace(query, wanted=loosened.wanted(filters, tree, now)), loosened)
            return Found(page_of(rows, query.order, limit, total, checksum, loose=True), stems, loosened)
    return Found(page_of(rows, query.order, limit, total, checksum), stems)


async def _in_order(query: PageQuery) -> tuple[int, Rows]:
    """In one order: the total, and the page."""
    expected = await estimate(query.session, query.wanted)
    total, rows = await LookUp(query).total_and_page(expected, query.place.total if query.place else None)
    if rows is not None:
        return total, rows
    return _surely(query, total, await page_of_many(query, max(expected, total)))


async def _by_relevance(anywhere: PageQuery, in_head: PageQuery, tiers: Relevance) -> tuple[int, Rows]:
    """By tiers. Where many match, but few of them in title and attributes, these are found by themselves."""
    expected = await estimate(anywhere.session, anywhere.wanted)
    place, rows_max = anywhere.place, anywhere.rows_max
    total, found = await LookUp(anywhere, tiers).total_and_page(expected, place.total if place else None)
    if found is not None:
        return total, found
    expected = max(expected, total)
    start = place.tier if place else 0
    rows = await _with_title(in_head, tiers) if start == 0 else []
    start = max(start, 1)
    if start < ANYWHERE and len(rows) < rows_max:
        expected_there = await estimate(in_head.session, in_head.wanted)
        there, found = await LookUp(in_head, tiers).total_and_page(expected_there, None)
        expected_there = max(expected_there, there)
        if found is not None:
            rows, start = found, ANYWHERE
    for tier in range(start, ANYWHERE + 1):
        if len(rows) < rows_max:
            more = await (
                page_of_many(anywhere, expected, tier, tiers)
                if tier == ANYWHERE
                else page_of_many(in_head, expected_there, tier, tiers)
            )
            rows += more[: rows_max - len(rows)]
    return _surely(anywhere, total, rows)


async def _with_title(query: PageQuery, tiers: Relevance) -> Rows:
    """A page of those whose title is what was typed, or begins with it."""
    if tiers.first is None:
        return await WindowLookUp(query, 0, tiers).page(TOTAL_EXACT_MAX)
    return await query.find([*query.behind(), fixed(tiers.only(COLUMNS, 0))]) if tiers.first else []


async def _loosely(query: PageQuery, loosened: Loosened) -> tuple[int, Rows]:
    """What earlier steps found, then the rest."""
    expected, place = await estimate(query.session, query.wanted), query.place
    total, found = await LookUp(query, loosened).total_and_page(expected, place.total if place else None)
    if found is not None:
        return total, found
    rows = await query.find([fixed(loosened.before(COLUMNS))], loosened)
    if len(rows) < query.rows_max:
        rows += (await page_of_many(query, max(expected, total), LAST, loosened))[: query.rows_max - len(rows)]
    return _surely(query, total, rows)


def _surely(query: PageQuery, total: int, rows: Rows) -> tuple[int, Rows]:
    """With the right total where very many were expected, but the first page is not even full."""
    return (total if query.place or len(rows) >= query.rows_max else len(rows)), rows


def page_of(rows: Rows, order: Order, limit: int, total: int, checksum: int, *, loose: bool = False) -> ListingPage:
    """Rows, one more than is shown if there are more, as a page of `limit` cards."""

    def place(found: tuple[int, Any]) -> ListingPlace:
        tier, row = found
        return ListingPlace(checksum, row.id, paging.value_of(getattr(row, order.key)), total, tier, loose)

    return ListingPage(
        items=[card(row) for _, row in rows[:limit]],
        next_cursor=paging.next_cursor(rows, limit, place),
        total=min(total, TOTAL_EXACT_MAX + 1),
        total_exact_max=TOTAL_EXACT_MAX,
    )
