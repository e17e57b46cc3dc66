"""What listings are narrowed down by, as conditions.

Everything that is compared for equality is a tag, so that one index (`ix_listing_found`) answers any combination of
words and filters.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    SmallInteger,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    literal,
    literal_column,
)
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


Check = Callable[[Any], ColumnElement[bool]]
"""A condition over the columns of listings, or of a query of listings."""

Value = Callable[[str], Any]
"""Gives a value of a term by its name: the value itself, or a parameter that stands for it."""


@dataclass(frozen=True)
class Term:
    """A condition whose text depends on its shape only, and whose values may be parameters of that text. So a statement
    out of terms is built once for all that have the same shapes, see `souk.database.statements`."""

    shape: Hashable
    """Terms of one shape are equal, whatever their values are."""
    make: Callable[[Any, Value], ColumnElement[bool]] = field(compare=False)
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, compare=False)
    """By name, each with its type; a name is used by one term of a statement."""

    def over(self, columns: Any) -> ColumnElement[bool]:
        """With its values in it."""
        return self.make(columns, lambda name: literal(self.values[name][1], self.values[name][0]))

    def open(self, columns: Any) -> ColumnElement[bool]:
        """With parameters for its values."""
        return self.make(columns, lambda name: bindparam(name, type_=self.values[name][0]))


Terms = tuple[Term, ...]


def values_of(*terms: Term) -> dict[str, Any]:
    """The parameters of a statement out of these terms."""
    return {name: value for term in terms for name, (_, value) in term.values.items()}


def open_terms(terms: Terms, columns: Any) -> list[ColumnElement[bool]]:
    """As conditions with parameters."""
    return [term.open(columns) for term in terms]


def term(shape: Hashable, make: Callable[[Any, Value], Any], **values: tuple[Any, Any]) -> Term:
    """A term."""
    return Term(shape, make, values)


NEVER = literal_column("false", Boolean())
"""A condition that nothing meets. Of `false()` SQLAlchemy makes the whole WHERE, and leaves the other parameters out."""

TEXTS = ARRAY(TEXT)
ON_SALE = term("on sale", lambda columns, _: columns.on_sale)

IN_INDEXES: dict[str, Callable[[Sequence[str]], Term]] = {
    "condition": lambda values: _is_any("condition", values),
    "language": lambda values: _is_any("language", values),
    "country": lambda values: _is_any("seller_country", values),
    "offers": lambda _: term("offers", lambda columns, _: columns.accepts_offers),
    "rating": lambda values: term(
        "rating",
        lambda columns, value: columns.seller_rating >= value("rating"),
        rating=(SmallInteger(), int(2 * float(values[0]))),
    ),
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


Groups = list[list[str]]
"""Tags: one of each group must be there."""


@dataclass(frozen=True)
class Conditions:
    """Filters as SQL. Those that ordinary indexes answer stand beside those that only the index of words and tags does,
    which a walk in some order checks row by row."""

    plain: list[Term]
    again: Groups
    """What is in `plain`, said once more for the index of words and tags;"""
    bands: dict[str, Term]
    """and its ranges, coarsely, by the column that they are of: `price`, `published_at`."""
    unsaid: list[Term]
    """What is in `plain` and cannot be said so."""
    category: str | None
    categories: list[str]
    """It and those below it; empty: all."""
    tags: Groups
    checks: list[Term]
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
        return [each.over(columns) for each in (*tagged(self.tags), *self.checks)]

    @property
    def shaped(self) -> bool:
        """Whether statements out of these terms may be kept."""
        return all(check.shape is not None for check in self.checks)

    @property
    def terms(self) -> Terms:
        """Everything that must hold."""
        if self.looked_up:
            return (ON_SALE, *self.plain, *self._said)
        within = [_is_any("category", self.categories)] if self.categories else []
        return (ON_SALE, *self.plain, *within)

    @property
    def all(self) -> list[ColumnElement[bool]]:
        """The same, with the values."""
        return [each.over(COLUMNS) for each in self.terms]

    @property
    def walking(self) -> list[ColumnElement[bool]]:
        """What the indexes of orders answer."""
        return [each.over(COLUMNS) for each in self.plain]

    @property
    def once(self) -> Terms:
        """Everything, but nothing said twice (and ranges coarsely): for PostgreSQL to estimate how many there are."""
        return (ON_SALE, *self.unsaid, *self._said)

    def near(self, column: str, first: int, last: int) -> "Conditions":
        """The same from one place in an order to another, instead of the range that was asked for, if it was."""
        return replace(self, bands=self.bands | any_band(column, bands(column, first, last)))

    @property
    def _said(self) -> list[Term]:
        """As the index of words and tags is asked; a category is one tag there, not one for each below it."""
        within = [[f"under={self.category}"]] if self.categories else []
        return [*self.bands.values(), *tagged([*self.tags, *self.again, *within]), *self.checks]


def _is_any(column: str, values: Sequence[str]) -> Term:
    def make(columns: Any, value: Value) -> Any:
        return columns[column] == any_(value(column))

    return Term(("any", column), make, {column: (TEXTS, list(values))})


def any_band(column: str, among: Sequence[str]) -> dict[str, Term]:
    """The condition that a listing is in one of these bands of a column, if any are given; as `Conditions.bands`."""
    return {column: _overlaps("bands", f"bands_of_{column}", among)} if among else {}


def tagged(groups: Groups) -> list[Term]:
    """Whether one of each group is there. Groups of one tag are one condition, which the index answers soonest."""
    needed = [group[0] for group in groups if len(group) == 1]
    held = term("tagged", lambda columns, value: columns.tags.bool_op("@>")(value("tags")), tags=(TEXTS, needed))
    several = [group for group in groups if len(group) > 1]
    any_of = [_overlaps("tags", f"tags_{place}", group) for place, group in enumerate(several)]
    return [*([held] if needed else []), *any_of]


def _overlaps(column: str, name: str, values: Sequence[str]) -> Term:
    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op("&&")(value(name))

    return Term((column, name), make, {name: (TEXTS, list(values))})


def has_words(column: str, stems: str | None) -> Term:
    """`matches` as a term."""
    if stems is None:
        return term("nothing", lambda *_: NEVER)

    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op("@@")(cast(value(column), TSQUERY))

    return Term(("words", column), make, {column: (TEXT(), stems)})


def matches(column: Any, stems: str | None) -> ColumnElement[bool]:
    """Whether the words are in it."""
    if stems is None:
        return NEVER
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
    checks: list[Term] = []
    if loose is not None:
        said = loose
        checks.append(term(None, lambda columns, _: said(columns)))
    elif stems is not None and in_head:
        checks.append(has_words("head", stems.wanted))
    if loose is None and stems is not None and (not in_head or stems.all != stems.wanted):
        checks.append(has_words("words", stems.all))
    plain: list[Term] = []
    tags: Groups = []
    again: Groups = []
    for name, values in filters.chosen().items():
        group = [f"{name}={value}" for value in values]
        if name in IN_INDEXES:
            plain.append(IN_INDEXES[name](values))
            again.append(group)
        else:
            tags.append(group)
    checks += [_between(place, key, limits) for place, (key, limits) in enumerate(filters.ranges)]
    priced: list[Term] = []
    if filters.price_min is not None:
        priced.append(_compared("price", ">=", BigInteger(), filters.price_min))
    if filters.price_max is not None:
        priced.append(_compared("price", "<=", BigInteger(), filters.price_max))
    since = now - timedelta(days=filters.within_days or 0)
    listed = [] if filters.within_days is None else [_compared("published_at", ">=", _TIME, since)]
    sold_by = [] if filters.seller is None else [_compared("seller_id", "=", Uuid(), filters.seller)]
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


_TIME = COLUMNS.published_at.type
_SIDES = {"<=": "most", ">=": "least", "=": "is"}


def _compared(column: str, operator: str, kind: Any, against: Any) -> Term:
    name = f"{column}_{_SIDES[operator]}"

    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op(operator)(value(name))

    return Term(name, make, {name: (kind, against)})


def _between(place: int, key: str, limits: Range) -> Term:
    """Compared as JSON, where every text is less than every number: so nothing has to be converted, and a value that
    is no number is not in any range."""
    named, least, most = f"range_{place}", f"least_{place}", f"most_{place}"

    def make(columns: Any, value: Value) -> Any:
        found = columns.attributes.op("->", return_type=JSONB)(value(named))
        return and_(found >= cast(value(least), JSONB), found <= cast(value(most), JSONB))

    low, high = (f"{bound:.15g}" for bound in (limits.low, limits.high))
    return Term(named, make, {named: (TEXT(), key), least: (TEXT(), low), most: (TEXT(), high)})


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
            raise InvalidInput(
                "attribute",
                "Name an attribute that the category asks for, and a value: brand:Veloro.",
                code="attribute-value",
            )
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
        raise InvalidInput(
            "attribute", "Give a range of numbers: year:1950..1980, year:1950.. or year:..1980.", code="attribute-range"
        )
    return Range(float(found["low"] or 0), float(found["high"] or NUMBER_MAX))
