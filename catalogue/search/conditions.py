"""What listings are narrowed down by, as conditions.

Everything that is compared for equality is a tag, so that one index (`ix_listing_found`) answers any combination of
words and filters.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, cast, false, literal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TSQUERY

from catalogue.categories.categories import CategoryTree
from catalogue.listings.tables import ListingRow
from catalogue.search.bands import bands, day_bands, price_bands
from catalogue.search.query import Stems, Words
from catalogue.texts import plain_text
from souk.contracts.catalogue.categories import ATTRIBUTE_CHARS_MAX, CategoryAttribute
from souk.contracts.catalogue.listings import Condition, Rating
from souk.errors import InvalidInput
from souk.money import AMOUNT_MAX

VALUES_MAX = 20
"""Values that one search takes of a filter, and of attributes all together."""

NUMBER_MAX = 1e12
COLUMNS = ListingRow.__table__.columns

_RANGE = re.compile(r"(?P<low>[0-9]{0,9}(?:\.[0-9]{1,3})?)\.\.(?P<high>[0-9]{0,9}(?:\.[0-9]{1,3})?)")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What to look for; what is None or empty does not matter. Prices are in minor units, both ends included."""

    words: Words | None = None
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    conditions: tuple[Condition, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    pictured: bool = False
    accepts_offers: bool = False
    rating_min: Rating | None = None
    """Stars of the seller."""
    seller: UUID | None = None
    within_days: int | None = None
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """By key: one of these values."""
    ranges: tuple[tuple[str, Range], ...] = ()
    """By key, for attributes that are numbers."""

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The values that were chosen, by facet."""
        named: dict[str, tuple[str, ...]] = {
            "condition": self.conditions,
            "language": self.languages,
            "country": self.countries,
            "pictured": ("yes",) if self.pictured else (),
            "offers": ("yes",) if self.accepts_offers else (),
            "rating": (self.rating_min,) if self.rating_min else (),
        }
        named |= {f"attribute.{key}": values for key, values in self.attributes}
        return {name: values for name, values in named.items() if values}

    def without(self, facet: str) -> "Filters":
        """The same but for one facet, or for `price`."""
        if facet == "price":
            return replace(self, price_min=None, price_max=None)
        if facet.startswith("attribute."):
            rest = tuple(one for one in self.attributes if f"attribute.{one[0]}" != facet)
            return replace(self, attributes=rest)
        return replace(self, **NOTHING[facet])


IN_INDEXES: dict[str, Callable[[Sequence[str]], ColumnElement[bool]]] = {
    "condition": lambda values: _is_any(COLUMNS.condition, values),
    "language": lambda values: _is_any(COLUMNS.language, values),
    "country": lambda values: _is_any(COLUMNS.seller_country, values),
    "offers": lambda _: COLUMNS.accepts_offers,
    "rating": lambda values: COLUMNS.seller_rating >= int(2 * float(values[0])),
}
"""Facets that are columns of the orders' indexes: they are compared there, while a page or a count is read in order."""

NOTHING: dict[str, dict[str, Any]] = {
    "condition": {"conditions": ()},
    "language": {"languages": ()},
    "country": {"countries": ()},
    "pictured": {"pictured": False},
    "offers": {"accepts_offers": False},
    "rating": {"rating_min": None},
}
"""The fields of `Filters` by facet, as they are where it does not matter."""


Check = Callable[[Any], ColumnElement[bool]]
"""A condition over the columns of listings, or of a query of listings."""

Groups = list[list[str]]
"""Tags: one of each group must be there."""


@dataclass(frozen=True)
class Conditions:
    """Filters as SQL. Those that ordinary indexes answer stand beside those that only the index of words and tags does,
    which a walk in some order checks row by row."""

    plain: list[ColumnElement[bool]]
    again: Groups
    """What is in `plain`, said once more for the index of words and tags;"""
    bands: dict[str, ColumnElement[bool]]
    """and its ranges, coarsely, by the column that they are of: `price`, `published_at`."""
    unsaid: list[ColumnElement[bool]]
    """What is in `plain` and cannot be said so."""
    category: str | None
    categories: list[str]
    """It and those below it; empty: all."""
    tags: Groups
    checks: list[Check]
    """Words and ranges of numbers: conditions over the columns of listings, or of a query of listings."""
    one_word: bool = False
    rare: bool = False
    """So few are expected that they are looked up, though ordinary indexes would do."""
    walked: bool = True
    """Whether the checks can be made of one listing after the other; else only the index knows what they compare."""

    @property
    def narrow(self) -> bool:
        """Whether something is asked that ordinary indexes do not know."""
        return bool(self.tags or self.checks)

    @property
    def looked_up(self) -> bool:
        """Whether the index of words and tags is asked."""
        return self.narrow or self.rare

    @property
    def alone(self) -> bool:
        """Whether this is a single word or tag, of which PostgreSQL knows how frequent it is."""
        return len(self.tags) + len(self.checks) == 1 and not self.plain and not self.categories and self.one_word

    def over(self, columns: Any) -> list[ColumnElement[bool]]:
        """The tags and checks over these columns."""
        return [*tagged(columns, self.tags), *(check(columns) for check in self.checks)]

    @property
    def all(self) -> list[ColumnElement[bool]]:
        """Everything that must hold."""
        if self.looked_up:
            return [COLUMNS.on_sale, *self.plain, *self._said]
        return [
            COLUMNS.on_sale,
            *self.plain,
            *([_is_any(COLUMNS.category, self.categories)] if self.categories else []),
        ]

    @property
    def once(self) -> list[ColumnElement[bool]]:
        """The same, but nothing said twice (and ranges coarsely): for PostgreSQL to estimate how many there are."""
        return [COLUMNS.on_sale, *self.unsaid, *self._said]

    def near(self, column: str, first: int, last: int) -> "Conditions":
        """The same from one place in an order to another, instead of the range that was asked for, if it was."""
        return replace(self, bands=self.bands | any_band(column, bands(column, first, last)))

    @property
    def _said(self) -> list[ColumnElement[bool]]:
        """As the index of words and tags is asked; a category is one tag there, not one for each below it."""
        within = [[f"under={self.category}"]] if self.categories else []
        checked = [check(COLUMNS) for check in self.checks]
        return [*self.bands.values(), *tagged(COLUMNS, [*self.tags, *self.again, *within]), *checked]


def _is_any(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(TEXT)))
    return found


def any_band(column: str, among: Sequence[str]) -> dict[str, ColumnElement[bool]]:
    """The condition that a listing is in one of these bands of a column, if any are given; as `Conditions.bands`."""
    return {column: _overlaps(COLUMNS.bands, among)} if among else {}


def tagged(columns: Any, groups: Groups) -> list[ColumnElement[bool]]:
    """Whether one of each group is there. Groups of one tag are one condition, which the index answers soonest."""
    needed = [group[0] for group in groups if len(group) == 1]
    held = columns.tags.bool_op("@>")(literal(needed, ARRAY(TEXT)))
    return [*([held] if needed else []), *(_overlaps(columns.tags, group) for group in groups if len(group) > 1)]


def _overlaps(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.bool_op("&&")(literal(list(values), ARRAY(TEXT)))
    return found


def matches(column: Any, stems: str | None) -> ColumnElement[bool]:
    """Whether the words are in it."""
    if stems is None:
        return false()
    found: ColumnElement[bool] = column.bool_op("@@")(cast(literal(stems, TEXT), TSQUERY))
    return found


def narrowed(
    filters: Filters,
    stems: Stems | None,
    tree: CategoryTree,
    now: datetime,
    *,
    in_head: bool = False,
    loose: Check | None = None,
) -> Conditions:
    """What must hold of a listing; `in_head`: with all words in its title and attributes; `loose`: with this instead of
    all words.

    Raises InvalidInput for an unknown category.
    """
    checks: list[Check] = []
    if loose is not None:
        checks.append(loose)
    elif stems is not None and in_head:
        checks.append(lambda columns: matches(columns.head, stems.wanted))
    if loose is None and stems is not None and (not in_head or stems.all != stems.wanted):
        checks.append(lambda columns: matches(columns.words, stems.all))
    plain: list[ColumnElement[bool]] = []
    tags: Groups = []
    again: Groups = []
    for name, values in filters.chosen().items():
        group = [f"{name}={value}" for value in values]
        if name in IN_INDEXES:
            plain.append(IN_INDEXES[name](values))
            again.append(group)
        else:
            tags.append(group)
    checks += [partial(_between, key=key, limits=limits) for key, limits in filters.ranges]
    priced: list[ColumnElement[bool]] = []
    if filters.price_min is not None:
        priced.append(COLUMNS.price >= filters.price_min)
    if filters.price_max is not None:
        priced.append(COLUMNS.price <= filters.price_max)
    since = now - timedelta(days=filters.within_days or 0)
    listed = [] if filters.within_days is None else [COLUMNS.published_at >= since]
    sold_by = [] if filters.seller is None else [COLUMNS.seller_id == filters.seller]
    low, high = max(filters.price_min or 1, 1), filters.price_max or AMOUNT_MAX
    of_price = any_band("price", price_bands(low, high)) if priced else {}
    of_time = any_band("published_at", day_bands(since, now)) if listed else {}
    unsaid = [*sold_by, *([] if of_price else priced)]
    plain += [*sold_by, *priced, *listed]
    one_word = loose is None and (stems is None or stems.all is None or not set("&<!") & set(stems.all))
    categories = tree.subtree(filters.category) if filters.category else []
    ranges = of_price | of_time
    return Conditions(
        plain, again, ranges, unsaid, filters.category, categories, tags, checks, one_word, walked=loose is None
    )


def _between(columns: Any, key: str, limits: Range) -> ColumnElement[bool]:
    """Compared as JSON, where every text is less than every number: so nothing has to be converted, and a value that
    is no number is not in any range."""
    value = columns.attributes.op("->", return_type=JSONB)(literal(key, TEXT))
    low, high = (cast(literal(f"{bound:.15g}", TEXT), JSONB) for bound in (limits.low, limits.high))
    return and_(value >= low, value <= high)


def read_attributes(given: Sequence[str], tree: CategoryTree, category: str | None) -> dict[str, Any]:
    """The fields of `Filters` for `key:value` texts; of a number `key:low..high`, where either may be left out.

    Raises InvalidInput.
    """
    asked = _asked(tree, category)
    values: dict[str, list[str]] = {}
    ranges: dict[str, Range] = {}
    for text in given:
        key, colon, value = plain_text("attribute", text).partition(":")
        attribute = asked.get(key)
        if not colon or not value or attribute is None or len(value) > ATTRIBUTE_CHARS_MAX:
            raise InvalidInput("attribute", "Name an attribute that the category asks for, and a value: brand:Veloro.")
        if attribute.kind == "number":
            ranges[key] = _read_range(value)
        else:
            values.setdefault(key, []).append(value)
    return {
        "attributes": tuple(sorted((key, tuple(sorted(set(chosen)))) for key, chosen in values.items())),
        "ranges": tuple(sorted(ranges.items(), key=lambda named: named[0])),
    }


def _asked(tree: CategoryTree, category: str | None) -> dict[str, CategoryAttribute]:
    """What is asked for in and below a category, or anywhere; where they differ, as the uppermost asks for it."""
    within = [tree.get(slug) for slug in tree.subtree(category)] if category else tree.all()
    return {one.key: one for node in reversed(within) for one in node.attributes}


def range_text(key: str, limits: Range) -> str:
    """A range as `read_attributes` takes it: `year:1950..1980`, or `year:1950..` without an upper end."""
    low = f"{limits.low:.15g}" if limits.low else ""
    high = "" if limits.high == NUMBER_MAX else f"{limits.high:.15g}"
    return f"{key}:{low}..{high}" if low or high else f"{key}:0.."


def _read_range(text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if found is None or not (found["low"] or found["high"]):
        raise InvalidInput("attribute", "Give a range of numbers: year:1950..1980, year:1950.. or year:..1980.")
    return Range(float(found["low"] or 0), float(found["high"] or NUMBER_MAX))
