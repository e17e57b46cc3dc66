"""The statements that pages of cards are read with, built once for each shape."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, and_, bindparam, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, AnySelect, cards_query
from catalogue.search.orders import Order
from catalogue.search.planner import SHAPES_MAX
from catalogue.search.terms import COLUMNS, Term, Terms, open_terms
from souk.database import Statement


def branches(
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
    table, columns = branches(slugs, order, rows_max, open_terms(terms, COLUMNS))
    merged = select(columns[order.key], columns.id).select_from(table)
    keys = merged.order_by(*order.by(columns)).limit(rows_max).subquery("keys")
    page = select(*CARD_COLUMNS).join(keys, ListingRow.id == keys.c.id)
    return Statement(cards_query(page, order.by))


def looked_up(
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
def looking_up(terms: Terms, tier: Term, after: Term | None, order: Order, *, bounded: bool) -> Statement[Any]:
    """`looked_up` with the terms' values as parameters."""
    behind = after.open(COLUMNS) if after else None
    return Statement(looked_up(open_terms(terms, COLUMNS), tier.open(COLUMNS), behind, order, bounded=bounded))
