"""The ways in which a page is found, one class each: whether it applies, and the page.

- `OrderScan`: without words and attributes the order's own index is read, which has what conditions are compared with; a
  category's subtree is one index scan per category below it, merged.
- `LookUp`: few matches. The index of words and tags (`ix_listing_found`) finds all, which are counted and sorted.
- `Walk`: so many that every few listings match, in all categories. Listings are read in order until a page is full.
- `WindowLookUp`: many. The index is asked for those in a window of the order only, wide enough to hold a page at their
  density. If they lie elsewhere in the order (cheap listings are not cameras), the window is widened band by band.

PostgreSQL's estimate says which to try. It knows nothing of how words and filters go together, so that each is bounded, and
followed by the next that is right all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, AnyRow, cards_query
from catalogue.search.bands import place
from catalogue.search.conditions import Conditions
from catalogue.search.orders import Order
from catalogue.search.places import ListingPlace
from catalogue.search.planner import FEW, TOTAL_EXACT_MAX, count, crowd, plan
from catalogue.search.relevance import UNTIERED, Tiers
from catalogue.search.statements import in_order, looked_up, looking_up
from catalogue.search.terms import COLUMNS, ON_SALE, Term, fixed, values_of
from catalogue.search.window import WINDOW_MAX, Window, window
from souk.database import AnySession
from souk.money import AMOUNT_MAX

DENSE = 20
"""If one of so many listings or more matches, the page is met soon enough by reading listings in order."""

WALK_MAX = 2000
"""The most listings that are read in order for one page."""

COUNTED_IN_MAX = 10_000
"""The widest window that is counted in."""

WINDOW_PAGES = 4
"""How many pages a window should hold."""

PROBED_PAGES = 10
"""How many pages are sorted, rather than looking closer where one ends."""

LAST_PRICE = place("price", AMOUNT_MAX)

CHECKED = (ListingRow.tags, ListingRow.words, ListingRow.head, ListingRow.attributes)
"""What checks look at."""

Rows = list[tuple[int, AnyRow]]
"""Rows with their tier of relevance."""


@dataclass(frozen=True)
class PageQuery:
    """What a page is made of."""

    session: AnySession
    wanted: Conditions
    order: Order
    place: ListingPlace | None
    rows_max: int
    listings: int
    """How many there are in the whole shop, about."""

    def behind(self, tier: int = 0) -> list[Term]:
        """What comes after the place, within its tier; no tier begins in another's middle."""
        return [self.order.after(self.place)] if self.place and self.place.tier == tier else []

    async def crowd(self) -> int:
        """How many listings the checks choose among."""
        return await crowd(self.session, self.wanted, self.listings)

    async def total(self, expected: int) -> int:
        """How many match. Where many are expected they are not counted, if the expectation can be trusted."""
        if expected > FEW and self.wanted.alone:
            return TOTAL_EXACT_MAX + 1
        if expected > FEW:
            size = 2 * TOTAL_EXACT_MAX * await self.crowd() // expected
            if size <= COUNTED_IN_MAX:
                near = await window(self.session, self.wanted, self.order, size)
                if await count(self.session, near.wanted) > TOTAL_EXACT_MAX:
                    return TOTAL_EXACT_MAX + 1
        return await count(self.session, self.wanted)

    async def find(self, more: Sequence[Term], tiers: Tiers | None = None) -> Rows:
        """Out of all that match, looked up in indexes and then sorted."""
        return (await self.found(more, None, tiers))[1]

    async def found(self, more: Sequence[Term], most: int | None, tiers: Tiers | None = None) -> tuple[int, Rows]:
        """The same, and how many match; if that is more than `most`, the rows are any."""
        await plan(self.session, "find")
        terms, tier = (*self.wanted.terms, *more), tiers.tier if tiers else UNTIERED
        after = self.order.after(self.place) if tiers is not None and self.place is not None else None
        given = {"rows_max": self.rows_max} | ({} if most is None else {"most": most + 1})
        if after is not None and self.place is not None:
            given["place_tier"] = self.place.tier
        rows: Any
        if all(each.shape is not None for each in (*terms, tier)):
            statement = looking_up(terms, tier, after, self.order, bounded=most is not None)
            used = (*terms, tier, *([after] if after else []))
            rows = await statement.all(self.session, **values_of(*used), **given)
        else:
            conditions = [each.over(COLUMNS) for each in terms]
            behind = after.over(COLUMNS) if after else None
            query = looked_up(conditions, tier.over(COLUMNS), behind, self.order, bounded=most is not None)
            rows = (await self.session.execute(query, given)).all()
        return (rows[0].held if rows else 0), [(row.tier, row) for row in rows]


@dataclass(frozen=True)
class OrderScan:
    """Along the order's index, one scan for each category."""

    query: PageQuery

    def applies(self) -> bool:
        """Whether the index of the order knows all that is asked."""
        return not self.query.wanted.looked_up

    async def page(self) -> Rows:
        """The page."""
        query = self.query
        await plan(query.session, "")
        terms, categories = (ON_SALE, *query.wanted.plain, *query.behind()), query.wanted.categories
        given: dict[str, Any] = values_of(*terms) | {"rows_max": query.rows_max}
        if categories:
            given["slugs"] = categories
        statement = in_order(terms, query.order, by_category=bool(categories))
        return [(0, row) for row in await statement.all(query.session, **given)]


@dataclass(frozen=True)
class LookUp:
    """All that match, counted and sorted: by tiers if there are any, then in order."""

    query: PageQuery
    tiers: Tiers | None = None

    def applies(self, total: int) -> bool:
        """Whether these are few enough."""
        return total <= TOTAL_EXACT_MAX

    async def page(self) -> Rows:
        """The page."""
        return await self.query.find(self._behind, self.tiers)

    async def total_and_page(self, expected: int, total: int | None) -> tuple[int, Rows | None]:
        """How many match, which may be known already; and the page, if this is the way to it."""
        if total is None and expected <= (TOTAL_EXACT_MAX if self.tiers else FEW):  # to tell tiers apart is more work
            held, rows = await self.query.found(self._behind, TOTAL_EXACT_MAX, self.tiers)
            return held, (rows if self.applies(held) else None)
        if total is None:
            total = await self.query.total(expected)
        return total, (await self.page() if self.applies(total) else None)

    @property
    def _behind(self) -> list[Term]:
        return [] if self.tiers else self.query.behind()


@dataclass(frozen=True)
class Walk:
    """The first listings in order, each checked; of one tier, if there are any."""

    query: PageQuery
    tier: int = 0
    tiers: Tiers | None = None

    def applies(self, expected: int) -> bool:
        """Whether a page is met soon, if so many match."""
        wanted = self.query.wanted
        return expected * DENSE >= self.query.listings and not wanted.categories and wanted.walked

    async def page(self, _expected: int) -> Rows:
        """The page; not full if they lie elsewhere."""
        query = self.query
        await plan(query.session, "walk")
        behind = [each.over(COLUMNS) for each in query.behind(self.tier)]
        first = select(*CARD_COLUMNS, *CHECKED).where(COLUMNS.on_sale, *query.wanted.walking, *behind)
        rows = first.order_by(*query.order.by(COLUMNS)).limit(WALK_MAX).subquery("walked")
        passed = [*query.wanted.over(rows.c), *([self.tiers.only(rows.c, self.tier)] if self.tiers else [])]
        columns = [rows.c[column.key] for column in CARD_COLUMNS]
        page = select(*columns).where(*passed).order_by(*query.order.by(rows.c)).limit(query.rows_max)
        return [(self.tier, row) for row in await query.session.execute(cards_query(page, query.order.by))]


@dataclass(frozen=True)
class WindowLookUp:
    """All that match in a window of the order, which is widened until it holds a page; of one tier, if there are any."""

    query: PageQuery
    tier: int = 0
    tiers: Tiers | None = None

    def applies(self, _expected: int) -> bool:
        """Always: it ends at the end of the order."""
        return True

    async def page(self, expected: int) -> Rows:
        """The page."""
        query = self.query
        within = [*query.behind(self.tier), *([fixed(self.tiers.only(COLUMNS, self.tier))] if self.tiers else [])]
        size = min(WINDOW_PAGES * query.rows_max * await query.crowd() // max(expected, 1), WINDOW_MAX)
        near = await window(query.session, query.wanted, query.order, size, query.behind(self.tier))
        rows = await replace(query, wanted=near.wanted).find(within)
        if len(rows) < query.rows_max and not near.whole:
            rows = await self._beyond(near, within)
        return [(self.tier, row) for _, row in rows]

    async def _beyond(self, near: Window, within: Sequence[Term]) -> Rows:
        """From the start of a window that held too few: twice as far each time, or half as far again where that held more
        than are soon sorted. (Cheap listings are not cameras, whatever the share of cameras is.)"""
        descending, rows_max = self.query.order.descending, self.query.rows_max
        most = PROBED_PAGES * rows_max
        end = 0 if descending else LAST_PRICE
        few, step, many = near.last, abs(near.last - near.first) + 1, None
        while many is None or abs(many - few) > 1:
            if many is not None:
                reach = (few + many) // 2
            else:
                reach = max(few - step, end) if descending else min(few + step, end)
            held, rows = await self._up_to(near.first, reach).found(within, most)
            if held > most:
                many = reach
            elif held >= rows_max or reach == end:
                return rows
            else:
                few, step = reach, 2 * step
        return await self._up_to(near.first, many).find(within)  # as near as bands can tell

    def _up_to(self, first: int, last: int) -> PageQuery:
        """The query from one place in the order to another."""
        key, wanted = self.query.order.key, self.query.wanted
        return replace(self.query, wanted=wanted.near(key, min(first, last), max(first, last)))


async def page_of_many(query: PageQuery, expected: int, tier: int = 0, tiers: Tiers | None = None) -> Rows:
    """A page where more match than are looked up and sorted; of one tier, in order."""
    rows = Rows()
    for strategy in (Walk(query, tier, tiers), WindowLookUp(query, tier, tiers)):
        if len(rows) < query.rows_max and strategy.applies(expected):
            rows = await strategy.page(expected)
    return rows
