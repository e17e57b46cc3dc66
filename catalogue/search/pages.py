"""Browsing: orders, pages and totals.

Pages are keyset pages over a total order (sort key, then id). Without words and attributes the order's own index is read,
which has what conditions are compared with; a category's subtree is one index scan per category below it, merged. With
them, how a page is found depends on how much there is to find:

- few matches: the index of words and tags (`ix_listing_found`) finds all, which are counted and sorted;
- many: the same index is asked for those in a window of the order only, wide enough to hold a page at their density. If
  they lie elsewhere in the order (cheap listings are not cameras), the window is widened band by band;
- so many that every few listings match, in all categories: listings are read in order until a page is full.

PostgreSQL's estimate says which to try. It knows nothing of how words and filters go together, so that each of these is
bounded, and followed by the next that is right all the same.

`relevance` is: listings whose title is what was typed, or begins with it, then those with all the words in the title, then in
the title and the attributes, then anywhere; newest first within each. Unlike a score it can be paged by key, and a common word
need not be ranked over all its matches.

Where nearly nothing has all the words, what has other forms of them or most of them follows (`catalogue.search.relaxed_query`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TSQUERY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from catalogue.categories.categories import CategoryTree
from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, AnyRow, AnySelect, card, cards_query
from catalogue.search.bands import place
from catalogue.search.conditions import (
    COLUMNS,
    NEVER,
    ON_SALE,
    Conditions,
    Filters,
    Term,
    Terms,
    Value,
    matches,
    narrowed,
    open_terms,
    term,
    values_of,
)
from catalogue.search.places import ListingPlace
from catalogue.search.planner import FEW, SHAPES_MAX, TOTAL_EXACT_MAX, aimed, count, crowd, estimate, plan
from catalogue.search.query import Stems, stems_of
from catalogue.search.relaxation import LAST, NEARLY_NOTHING, Loosened, loosen
from catalogue.search.relaxed_query import forms_of
from souk import paging
from souk.contracts.catalogue.listings import ListingPage, ListingStatus
from souk.contracts.catalogue.search import Sort
from souk.database import AnySession, Statement
from souk.money import AMOUNT_MAX

PAGE_DEFAULT = 24

DENSE = 20
"""If one of so many listings or more matches, the page is met soon enough by reading listings in order."""

WALK_MAX = 2000
"""The most listings that are read in order for one page."""

COUNTED_IN_MAX = 10_000
"""The widest window that is counted in."""

WINDOW_PAGES = 4
"""How many pages a window should hold."""

WINDOW_MAX = 40_000
"""The widest window."""

PROBED_PAGES = 10
"""How many pages are sorted, rather than looking closer where one ends."""

LAST_PRICE = place("price", AMOUNT_MAX)

ANYWHERE = 3
"""The last tier of relevance."""


@dataclass(frozen=True)
class Order:
    """An order of listings that can be paged: the name of the key's column, and its direction."""

    key: str
    descending: bool

    def by(self, columns: Any) -> list[Any]:
        """For ORDER BY over these columns."""
        return [columns[name].desc() if self.descending else columns[name].asc() for name in (self.key, "id")]

    def after(self, place: ListingPlace) -> Term:
        """What comes after the place in this order."""
        kind, id_kind = COLUMNS[self.key].type, COLUMNS["id"].type

        def make(columns: Any, value: Value) -> Any:
            here, there = tuple_(columns[self.key], columns.id), tuple_(value("place_key"), value("place_id"))
            return here < there if self.descending else here > there

        key = place.value if self.key == "price" else place.time
        return Term(("after", self), make, {"place_key": (kind, key), "place_id": (id_kind, place.id)})


NEWEST = Order("published_at", descending=True)
CREATED = Order("created_at", descending=True)
ORDERS: dict[Sort, Order] = {
    "newest": NEWEST,
    "relevance": NEWEST,
    "price_up": Order("price", descending=False),
    "price_down": Order("price", descending=True),
}


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
    query = paging.checksum(filters, sort)
    place = paging.place_of(cursor, ListingPlace, query)
    stems = await stems_of(session, filters.words, tree.languages) if filters.words else None
    wanted = await aimed(session, narrowed(filters, stems, tree, now))
    pages = _Pages(session, wanted, ORDERS[sort], place, limit + 1, tree.listings)
    tiers = await _relevance(session, wanted, stems) if stems is not None and sort == "relevance" else None
    total, rows = 0, Rows()
    if place is not None and place.loose:
        total = place.total
    elif not wanted.looked_up:
        total = place.total if place else await count(session, wanted)
        rows = await pages.plain()
    elif tiers is not None:
        in_head = replace(pages, wanted=narrowed(filters, stems, tree, now, in_head=True))
        total, rows = await _by_relevance(pages, in_head, tiers)
    else:
        total, rows = await pages.matching()
    if stems is not None and (place.loose if place else total < NEARLY_NOTHING):
        tier = tiers.of(COLUMNS) if tiers else None
        loosened = await loosen(session, filters, tree, now, strict=wanted, tier=tier)
        if loosened is not None:
            total, rows = await _loosely(replace(pages, wanted=loosened.wanted(filters, tree, now)), loosened)
            return Found(_told(rows, pages.order, limit, total, query, loose=True), stems, loosened)
    return Found(_told(rows, pages.order, limit, total, query), stems)


def _branches(
    categories: ColumnElement[Any] | None, order: Order, most: Any, conditions: Sequence[ColumnElement[bool]]
) -> tuple[FromClause, Any]:
    """The first listings in order of each category, before any checks, as a table and its columns: the order's key, the
    id and the branch. Indexes have all that this looks at."""
    keys = select(COLUMNS[order.key], COLUMNS.id).where(*conditions)
    first = keys.order_by(*order.by(COLUMNS)).limit(most)
    if categories is None:
        whole = first.add_columns(literal("").label("branch")).subquery("each")
        return whole, whole.c
    slug = func.unnest(categories).table_valued("slug", name="slugs").render_derived()
    each = first.add_columns(slug.c.slug.label("branch")).where(ListingRow.category == slug.c.slug).lateral("each")
    return slug.join(each, true()), each.c


@lru_cache(SHAPES_MAX)
def in_order(terms: Terms, order: Order, *, by_category: bool) -> Statement[Any]:
    """The cards of the first listings in order. Parameters: those of the terms, `rows_max`, and, if they are looked for
    `by_category`, the `slugs`."""
    slugs = bindparam("slugs", type_=ARRAY(TEXT)) if by_category else None
    rows_max = bindparam("rows_max", type_=Integer)
    table, columns = _branches(slugs, order, rows_max, open_terms(terms, COLUMNS))
    merged = select(columns[order.key], columns.id).select_from(table)
    keys = merged.order_by(*order.by(columns)).limit(rows_max).subquery("keys")
    page = select(*CARD_COLUMNS).join(keys, ListingRow.id == keys.c.id)
    return Statement(cards_query(page, order.by))


@dataclass(frozen=True)
class Window:
    """What is wanted from one place in an order to another."""

    wanted: Conditions
    first: int = 0
    last: int = 0
    """The places, as the order goes: `last` is below `first` if it goes down."""
    whole: bool = True
    """Whether nothing is beyond."""


async def window(
    session: AnySession, wanted: Conditions, order: Order, size: int, behind: Sequence[Term] = ()
) -> Window:
    """What is wanted among about the first `size` listings in order, before any checks. Without an end, if they are too many.

    Of each category the same number is read, and the one that goes through it soonest says where the window ends.
    """
    if size > WINDOW_MAX:
        return Window(wanted)
    await plan(session, "walk")
    share = 2 * size // len(wanted.categories) + 1 if wanted.categories else size
    slugs = literal(wanted.categories, ARRAY(TEXT)) if wanted.categories else None
    conditions = [each.over(COLUMNS) for each in (ON_SALE, *wanted.plain, *behind)]
    table, columns = _branches(slugs, order, share, conditions)
    key = columns[order.key]
    ends = select(func.min(key).label("low"), func.max(key).label("high"), func.count().label("held"))
    read = (await session.execute(ends.select_from(table).group_by(columns.branch))).all()
    if not read:
        return Window(wanted)
    low, high = min(branch.low for branch in read), max(branch.high for branch in read)
    cut = [branch for branch in read if branch.held == share]
    if cut and order.descending:
        low = max(branch.low for branch in cut)
    elif cut:
        high = min(branch.high for branch in cut)
    bottom, top = place(order.key, low), place(order.key, high)
    first, last = (top, bottom) if order.descending else (bottom, top)
    return Window(wanted.near(order.key, bottom, top), first, last, whole=not cut)


Rows = list[tuple[int, AnyRow]]
"""Rows with their tier of relevance."""


@dataclass
class _Pages:
    """Finds the rows of one page."""

    session: AnySession
    wanted: Conditions
    order: Order
    place: ListingPlace | None
    rows_max: int
    listings: int
    """How many there are in the whole shop, about."""

    async def matching(self) -> tuple[int, Rows]:
        """In one order: the total, and the page."""
        expected = await estimate(self.session, self.wanted)
        total, rows = await self.few(expected, self.place.total if self.place else None)
        if rows is not None:
            return total, rows
        return await self.surely(total, await self.among_many(max(expected, total), 0))

    async def few(self, expected: int, total: int | None, tiers: "Tiers | None" = None) -> tuple[int, Rows | None]:
        """The total, and the page if few match: out of all of them. The total may be known already."""
        behind = [] if tiers else self.behind()
        if total is None and expected <= (TOTAL_EXACT_MAX if tiers else FEW):  # to tell tiers apart is more work
            held, rows = await self.found(behind, TOTAL_EXACT_MAX, tiers)
            return held, (rows if held <= TOTAL_EXACT_MAX else None)
        if total is None:
            total = await self.total(expected)
        return total, (await self.find(behind, tiers) if total <= TOTAL_EXACT_MAX else None)

    async def plain(self) -> Rows:
        """Along the order's index, one scan for each category."""
        await plan(self.session, "")
        terms, categories = (ON_SALE, *self.wanted.plain, *self.behind()), self.wanted.categories
        given: dict[str, Any] = values_of(*terms) | {"rows_max": self.rows_max}
        if categories:
            given["slugs"] = categories
        statement = in_order(terms, self.order, by_category=bool(categories))
        return [(0, row) for row in await statement.all(self.session, **given)]

    async def total(self, expected: int) -> int:
        """Where many are expected they are not counted, if the expectation can be trusted."""
        if expected > FEW and self.wanted.alone:
            return TOTAL_EXACT_MAX + 1
        if expected > FEW:
            size = 2 * TOTAL_EXACT_MAX * await crowd(self.session, self.wanted, self.listings) // expected
            if size <= COUNTED_IN_MAX:
                near = await window(self.session, self.wanted, self.order, size)
                if await count(self.session, near.wanted) > TOTAL_EXACT_MAX:
                    return TOTAL_EXACT_MAX + 1
        return await count(self.session, self.wanted)

    async def surely(self, total: int, rows: Rows) -> tuple[int, Rows]:
        """With the right total where very many were expected, but the first page is not even full."""
        return (total if self.place or len(rows) >= self.rows_max else len(rows)), rows

    def behind(self, tier: int = 0) -> list[Term]:
        return [self.order.after(self.place)] if self.place and self.place.tier == tier else []

    async def among_many(self, expected: int, tier: int, tiers: "Tiers | None" = None) -> Rows:
        """A page of one tier, in order."""
        if expected * DENSE >= self.listings and not self.wanted.categories and self.wanted.walked:
            walked = await self._walk(tier, tiers)
            if len(walked) >= self.rows_max:
                return walked
        within = [*self.behind(tier), *([_fixed(tiers.only(COLUMNS, tier))] if tiers else [])]
        size = WINDOW_PAGES * self.rows_max * await crowd(self.session, self.wanted, self.listings) // max(expected, 1)
        seen = await window(self.session, self.wanted, self.order, min(size, WINDOW_MAX), self.behind(tier))
        rows = await replace(self, wanted=seen.wanted).find(within)
        if len(rows) < self.rows_max and not seen.whole:
            rows = await self._beyond(seen, within)
        return [(tier, row) for _, row in rows]

    async def _beyond(self, seen: Window, within: Sequence[Term]) -> Rows:
        """From the start of a window that held too few: twice as far each time, or half as far again where that held more
        than are soon sorted. (Cheap listings are not cameras, whatever the share of cameras is.)"""
        most = PROBED_PAGES * self.rows_max
        end = 0 if self.order.descending else LAST_PRICE
        few, step, many = seen.last, abs(seen.last - seen.first) + 1, None
        while many is None or abs(many - few) > 1:
            if many is not None:
                reach = (few + many) // 2
            else:
                reach = max(few - step, end) if self.order.descending else min(few + step, end)
            held, rows = await self._up_to(seen.first, reach).found(within, most)
            if held > most:
                many = reach
            elif held >= self.rows_max or reach == end:
                return rows
            else:
                few, step = reach, 2 * step
        return await self._up_to(seen.first, many).find(within)  # as near as bands can tell

    def _up_to(self, first: int, last: int) -> "_Pages":
        """The same from one place in the order to another."""
        return replace(self, wanted=self.wanted.near(self.order.key, min(first, last), max(first, last)))

    async def starting(self, tiers: "_Relevance") -> Rows:
        """A page of those whose title is what was typed, or begins with it."""
        if tiers.first is None:
            indexed = replace(self, wanted=replace(self.wanted, walked=False))
            return await indexed.among_many(TOTAL_EXACT_MAX, 0, tiers)
        return await self.find([*self.behind(), _fixed(tiers.only(COLUMNS, 0))]) if tiers.first else []

    async def find(self, more: Sequence[Term], tiers: "Tiers | None" = None) -> Rows:
        """Out of all that match, looked up in indexes and then sorted."""
        return (await self.found(more, None, tiers))[1]

    async def found(self, more: Sequence[Term], most: int | None, tiers: "Tiers | None" = None) -> tuple[int, Rows]:
        """The same, and how many match; if that is more than `most`, the rows are any."""
        await plan(self.session, "find")
        terms, tier = (*self.wanted.terms, *more), tiers.tier if tiers else UNTIERED
        after = self.order.after(self.place) if tiers is not None and self.place is not None else None
        given = {"rows_max": self.rows_max} | ({} if most is None else {"most": most + 1})
        if after is not None and self.place is not None:
            given["place_tier"] = self.place.tier
        rows: Any
        if all(each.shape is not None for each in (*terms, tier)):
            statement = _looking_up(terms, tier, after, self.order, bounded=most is not None)
            used = (*terms, tier, *([after] if after else []))
            rows = await statement.all(self.session, **values_of(*used), **given)
        else:
            conditions = [each.over(COLUMNS) for each in terms]
            behind = after.over(COLUMNS) if after else None
            query = _looked_up(conditions, tier.over(COLUMNS), behind, self.order, bounded=most is not None)
            rows = (await self.session.execute(query, given)).all()
        return (rows[0].held if rows else 0), [(row.tier, row) for row in rows]

    async def _walk(self, tier: int, tiers: "Tiers | None") -> Rows:
        """The first listings in order, each checked."""
        await plan(self.session, "walk")
        behind = [each.over(COLUMNS) for each in self.behind(tier)]
        first = select(*CARD_COLUMNS, *CHECKED).where(COLUMNS.on_sale, *self.wanted.walking, *behind)
        rows = first.order_by(*self.order.by(COLUMNS)).limit(WALK_MAX).subquery("walked")
        passed = [*self.wanted.over(rows.c), *([tiers.only(rows.c, tier)] if tiers else [])]
        columns = [rows.c[column.key] for column in CARD_COLUMNS]
        page = select(*columns).where(*passed).order_by(*self.order.by(rows.c)).limit(self.rows_max)
        return [(tier, row) for row in await self.session.execute(cards_query(page, self.order.by))]


def _looked_up(
    conditions: list[ColumnElement[bool]],
    tier: ColumnElement[Any],
    behind: ColumnElement[bool] | None,
    order: Order,
    *,
    bounded: bool,
) -> AnySelect:
    """The cards of the first of all that match, with their tier and how many they are. Parameters: `rows_max`; `most`, if it
    is bounded; and `place_tier`, if something is `behind` a place."""
    found = select(COLUMNS.id, COLUMNS[order.key], tier.label("tier")).where(*conditions)
    if behind is not None:
        place_tier = bindparam("place_tier", type_=Integer)
        found = found.where(or_(tier > place_tier, and_(tier == place_tier, behind)))
    if bounded:
        found = found.limit(bindparam("most", type_=Integer))
    all_found = found.cte("found").prefix_with("MATERIALIZED")
    held = select(func.count()).select_from(all_found).scalar_subquery().label("held")

    def by(columns: Any) -> list[Any]:
        return [columns.tier, *order.by(columns)]

    first = (
        select(all_found, held).order_by(*by(all_found.c)).limit(bindparam("rows_max", type_=Integer)).subquery("first")
    )
    page = select(*CARD_COLUMNS, first.c.tier, first.c.held).join(first, ListingRow.id == first.c.id)
    return cards_query(page, by)


@lru_cache(SHAPES_MAX)
def _looking_up(terms: Terms, tier: Term, after: Term | None, order: Order, *, bounded: bool) -> Statement[Any]:
    behind = after.open(COLUMNS) if after else None
    return Statement(_looked_up(open_terms(terms, COLUMNS), tier.open(COLUMNS), behind, order, bounded=bounded))


UNTIERED = term("untiered", lambda *_: literal(0))


def _fixed(condition: ColumnElement[Any]) -> Term:
    """A condition that is built anew each time."""
    return term(None, lambda *_: condition)


async def _by_relevance(anywhere: _Pages, in_head: _Pages, tiers: "_Relevance") -> tuple[int, Rows]:
    """By tiers. Where many match, but few of them in title and attributes, these are found by themselves."""
    expected = await estimate(anywhere.session, anywhere.wanted)
    place, rows_max = anywhere.place, anywhere.rows_max
    total, found = await anywhere.few(expected, place.total if place else None, tiers)
    if found is not None:
        return total, found
    expected = max(expected, total)
    start = place.tier if place else 0
    rows = await in_head.starting(tiers) if start == 0 else []
    start = max(start, 1)
    if start < ANYWHERE and len(rows) < rows_max:
        expected_there = await estimate(in_head.session, in_head.wanted)
        there, found = await in_head.few(expected_there, None, tiers)
        expected_there = max(expected_there, there)
        if found is not None:
            rows, start = found, ANYWHERE
    for tier in range(start, ANYWHERE + 1):
        if len(rows) < rows_max:
            more = await (
                anywhere.among_many(expected, tier, tiers)
                if tier == ANYWHERE
                else in_head.among_many(expected_there, tier, tiers)
            )
            rows += more[: rows_max - len(rows)]
    return await anywhere.surely(total, rows)


async def _loosely(pages: _Pages, loosened: Loosened) -> tuple[int, Rows]:
    """What earlier steps found, then the rest."""
    expected, place = await estimate(pages.session, pages.wanted), pages.place
    total, found = await pages.few(expected, place.total if place else None, loosened)
    if found is not None:
        return total, found
    rows = await pages.find([_fixed(loosened.before(COLUMNS))], loosened)
    if len(rows) < pages.rows_max:
        rows += (await pages.among_many(max(expected, total), LAST, loosened))[: pages.rows_max - len(rows)]
    return await pages.surely(total, rows)


CHECKED = (ListingRow.tags, ListingRow.words, ListingRow.head, ListingRow.attributes)
"""What checks look at."""


class Tiers(Protocol):
    """How well listings match."""

    @property
    def tier(self) -> Term:
        """The tier, as something that a kept statement can have in it."""

    def of(self, columns: Any) -> ColumnElement[int]:
        """The tier; 0 is best."""

    def only(self, columns: Any, tier: int) -> ColumnElement[bool]:
        """Whether it is of this tier."""


@dataclass(frozen=True)
class _Relevance:
    """Where all the words are: 0 in the title, which is them or begins with them, 1 in the title, 2 in title and attributes,
    3 anywhere."""

    stems: Stems
    first: tuple[UUID, ...] | None
    """Those whose title begins so; None: too many to name."""

    @property
    def tier(self) -> Term:
        stems, first = self.stems, self.first
        if first is None or stems.wanted is None:
            return _fixed(self.of(COLUMNS))

        def make(columns: Any, value: Value) -> Any:
            words = cast(value("tier_words"), TSQUERY)
            begins = columns.id == any_(value("beginning"))
            in_title = func.ts_filter(columns.head, text("'{a}'")).bool_op("@@")(words)
            in_head = columns.head.bool_op("@@")(words)
            return case((begins, 0), (in_title, 1), (in_head, 2), else_=ANYWHERE)

        given = {"tier_words": (TEXT(), stems.wanted), "beginning": (ARRAY(UUID_TYPE), list(first))}
        return Term("relevance", make, given)

    def of(self, columns: Any) -> ColumnElement[int]:
        in_head = matches(columns.head, self.stems.wanted)
        return case((self._begins(columns), 0), (self._in_title(columns), 1), (in_head, 2), else_=ANYWHERE)

    def only(self, columns: Any, tier: int) -> ColumnElement[bool]:
        """The same; for the first three, given that they are in title and attributes."""
        if tier == ANYWHERE:
            return not_(matches(columns.head, self.stems.wanted))
        if tier == 0:
            return self._begins(columns) if self.first is not None else matches(forms_of(columns), self.stems.begins)
        in_title = self._in_title(columns)
        return and_(in_title if tier == 1 else not_(in_title), not_(self._begins(columns)))

    def _begins(self, columns: Any) -> ColumnElement[bool]:
        if self.first is not None:
            return _is_one_of(columns, self.first)
        start = self.stems.begins.removeprefix("'").removesuffix("':*")
        return func.title_start(columns.title).startswith(start, autoescape=True)

    def _in_title(self, columns: Any) -> ColumnElement[bool]:
        return matches(func.ts_filter(columns.head, text("'{a}'")), self.stems.wanted)


def _is_one_of(columns: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = columns.id == any_(literal(list(ids), ARRAY(UUID_TYPE)))
    return found if ids else NEVER


async def _relevance(session: AnySession, wanted: Conditions, stems: Stems) -> _Relevance:
    """The tiers of a search, with those named whose title begins so."""
    await plan(session, "find")
    terms = wanted.terms
    found = await _beginning(terms, TOTAL_EXACT_MAX + 1).scalars(session, begins=stems.begins, **values_of(*terms))
    first = tuple(found)
    return _Relevance(stems, first if len(first) <= TOTAL_EXACT_MAX else None)


@lru_cache(SHAPES_MAX)
def _beginning(terms: Terms, most: int) -> Statement[Any]:
    begins = forms_of(COLUMNS).bool_op("@@")(cast(bindparam("begins", type_=TEXT), TSQUERY))
    return Statement(select(COLUMNS.id).where(*open_terms(terms, COLUMNS), begins).limit(most))


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
    return _told(rows, CREATED, limit, total, query)


def _page(conditions: Sequence[ColumnElement[bool]], rows_max: int) -> AnySelect:
    page = select(*CARD_COLUMNS).where(*conditions).order_by(*CREATED.by(COLUMNS)).limit(rows_max)
    return cards_query(page, CREATED.by)


async def _count(session: AnySession, conditions: Sequence[ColumnElement[bool]]) -> int:
    some = select(literal(1)).select_from(ListingRow).where(*conditions).limit(TOTAL_EXACT_MAX + 1)
    return int(await session.scalar(select(func.count()).select_from(some.subquery())) or 0)


def _told(rows: Rows, order: Order, limit: int, total: int, query: int, *, loose: bool = False) -> ListingPage:
    def place(found: tuple[int, Any]) -> ListingPlace:
        tier, row = found
        return ListingPlace(query, row.id, paging.value_of(getattr(row, order.key)), total, tier, loose)

    return ListingPage(
        items=[card(row) for _, row in rows[:limit]],
        next_cursor=paging.next_cursor(rows, limit, place),
        total=min(total, TOTAL_EXACT_MAX + 1),
        total_exact_max=TOTAL_EXACT_MAX,
    )
