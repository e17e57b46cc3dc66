"""Counting what a search finds, facet by facet.

Everything that is counted is a tag, so one pass over what was found counts all facets. A broad search is counted over
COUNTED_MAX of its listings, about the newest, and says so: each count is then the least there are.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, func, literal, select, union_all

from catalogue.categories.categories import CategoryTree
from catalogue.listings.views import AnySelect
from catalogue.search.conditions import Conditions, narrowed
from catalogue.search.filters import Filters
from catalogue.search.orders import NEWEST
from catalogue.search.planner import SHAPES_MAX, TOTAL_EXACT_MAX, aimed, crowd, estimate, plan
from catalogue.search.query import stems_of
from catalogue.search.relaxation import NEARLY_NOTHING, loosen
from catalogue.search.terms import COLUMNS, Check, Terms, open_terms, values_of
from catalogue.search.window import window
from souk.contracts.catalogue.search import Facet, Facets, FacetValue, PriceBand
from souk.database import AnySession, Statement

COUNTED_MAX = TOTAL_EXACT_MAX
"""The most listings that one facet is counted over: as exact as the total."""

BROAD = 5 * COUNTED_MAX
"""Where more are expected, they are looked for among the newest listings first."""

VALUES_TOLD_MAX = 30
"""Values of one facet that are told, the most frequent."""

BANDS = 14
"""Columns of the price histogram; each is as many times dearer than the one before."""


@dataclass
class _Counted:
    """What one pass over the listings found."""

    listings: int = 0
    values: dict[str, list[FacetValue]] = field(default_factory=dict)
    prices: list[PriceBand] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.listings <= COUNTED_MAX


def kept_facets(filters: Filters, tree: CategoryTree) -> Facets | None:
    """Those that were counted already since the tree was read."""
    known: Facets | None = tree.kept.get(filters)
    return known


async def count_facets(session: AnySession, filters: Filters, *, tree: CategoryTree, now: datetime) -> Facets:
    """All facets of what a search with these filters shows. One that is filtered by is counted without its filter, so that
    people see what else they could choose. As old as the tree's own counts may be, for they are kept with it. Raises
    InvalidInput for an unknown category."""
    known = kept_facets(filters, tree)
    if known is None:
        known = await _count_all(session, filters, tree, now)
        tree.kept.put(filters, known)
    return known


async def _count_all(session: AnySession, filters: Filters, tree: CategoryTree, now: datetime) -> Facets:
    stems = await stems_of(session, filters.words, tree.languages) if filters.words else None
    loose: Check | None = None

    async def counted(asked: Filters, only: str = "") -> _Counted:
        return await _count(session, narrowed(asked, stems, tree, now, loose=loose), tree.listings, only)

    base = await counted(filters)
    if stems is not None and base.listings < NEARLY_NOTHING:
        loosened = await loosen(session, filters, tree, now, strict=narrowed(filters, stems, tree, now))
        if loosened is not None:
            loose = loosened.loose.check
            base = await counted(filters)
    facets = {name: Facet(name=name, values=values, complete=base.complete) for name, values in base.values.items()}
    for name in filters.chosen():
        alone = await counted(filters.without(name), name)
        facets[name] = Facet(name=name, values=alone.values.get(name, []), complete=alone.complete)
    priced = filters.price_min is not None or filters.price_max is not None
    prices = (await counted(filters.without("price"), "price")).prices if priced else base.prices
    return Facets(
        counted=min(base.listings, COUNTED_MAX),
        complete=base.complete,
        facets=sorted(facets.values(), key=lambda facet: facet.name),
        prices=prices,
    )


async def _count(session: AnySession, wanted: Conditions, listings: int, only: str) -> _Counted:
    wanted = await aimed(session, wanted)
    expected = await estimate(session, wanted) if wanted.narrow else 0
    if expected > BROAD:
        size = 2 * COUNTED_MAX * await crowd(session, wanted, listings) // expected
        near = await window(session, wanted, NEWEST, size)
        counted = await _count_those(session, near.wanted, only)
        if not counted.complete:
            return counted
    return await _count_those(session, wanted, only)


async def _count_those(session: AnySession, wanted: Conditions, only: str) -> _Counted:
    await plan(session, "find" if wanted.looked_up else "")
    result = _Counted()
    rows: Any
    if wanted.shaped:
        terms = wanted.terms
        rows = await _counting(terms, only, COUNTED_MAX + 1, looked_up=wanted.looked_up).all(
            session, **values_of(*terms)
        )
    else:
        rows = await session.execute(_counts(wanted.all, only, COUNTED_MAX + 1, looked_up=wanted.looked_up))
    for kind, name, listings, low, high in rows:
        if kind == "listings":
            result.listings = listings
        elif kind == "tag":
            facet, _, value = name.partition("=")
            result.values.setdefault(facet, []).append(FacetValue(value=value, listings=listings))
        else:
            result.prices.append(PriceBand(low=low, high=high, listings=listings))
    result.prices.sort(key=lambda band: band.low)
    return result


@lru_cache(SHAPES_MAX)
def _counting(terms: Terms, only: str, most: int, *, looked_up: bool) -> Statement[Any]:
    return Statement(_counts(open_terms(terms, COLUMNS), only, most, looked_up=looked_up))


def _counts(conditions: list[ColumnElement[bool]], only: str, most: int, *, looked_up: bool) -> Any:
    """One statement for all: rows of (kind, name, listings, lowest price, highest price). Or for one facet, or `price`."""
    some = select(COLUMNS.tags, COLUMNS.price).where(*conditions).limit(most)
    if not looked_up:  # then indexes have all that conditions look at
        ids = select(COLUMNS.id).where(*conditions).limit(most).subquery("ids")
        some = select(COLUMNS.tags, COLUMNS.price).join(ids, COLUMNS.id == ids.c.id)
    found = some.cte("found").prefix_with("MATERIALIZED")
    parts = [select(literal("listings"), literal(""), func.count(), _NOTHING, _NOTHING).select_from(found)]
    if only != "price":
        parts.append(_by_tag(found, only))
    if only in ("", "price"):
        parts.append(_by_price(found))
    return union_all(*parts)


_NOTHING = literal(0, BigInteger)


def _by_tag(found: CTE, only: str) -> AnySelect:
    """The most frequent values of each facet, or of one."""
    each = select(func.unnest(found.c.tags).label("tag")).subquery("each")
    told = select(each.c.tag, func.count().label("listings"))
    told = told.where(each.c.tag.startswith(f"{only}=", autoescape=True) if only else each.c.tag.not_like("under=%"))
    by_tag = told.group_by(each.c.tag).subquery("by_tag")
    rank = func.row_number().over(
        partition_by=func.split_part(by_tag.c.tag, "=", 1), order_by=(by_tag.c.listings.desc(), by_tag.c.tag)
    )
    ranked = select(by_tag, rank.label("rank")).subquery("ranked")
    tags = select(literal("tag"), ranked.c.tag, ranked.c.listings, _NOTHING, _NOTHING)
    most = tags.where(ranked.c.rank <= VALUES_TOLD_MAX).order_by(ranked.c.listings.desc(), ranked.c.tag)
    return most.subquery().select()


def _by_price(found: CTE) -> AnySelect:
    """The histogram of prices."""
    bounds = select(func.ln(func.min(found.c.price)).label("low"), func.ln(func.max(found.c.price)).label("high"))
    ends = bounds.cte("ends").prefix_with("MATERIALIZED")  # not once for each listing, where few are expected
    band = func.width_bucket(func.ln(found.c.price), ends.c.low, ends.c.high + 0.001, BANDS)
    prices = select(literal("price"), literal(""), func.count(), func.min(found.c.price), func.max(found.c.price))
    return prices.select_from(found.join(ends, literal(True))).group_by(band)
