"""What listings are narrowed down by, as conditions.

Everything that is compared for equality is a tag, so that one index (`ix_listing_found`) answers any combination of
words and filters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, Uuid

from catalogue.categories.categories import CategoryTree
from catalogue.search.bands import bands, day_bands, price_bands
from catalogue.search.filters import Filters
from catalogue.search.query import Stems
from catalogue.search.terms import (
    COLUMNS,
    ON_SALE,
    TEXTS,
    Check,
    Term,
    Terms,
    between,
    compared,
    has_words,
    is_any,
    overlaps,
    term,
)
from souk.money import AMOUNT_MAX

IN_INDEXES: dict[str, Callable[[Sequence[str]], Term]] = {
    "condition": lambda values: is_any("condition", values),
    "language": lambda values: is_any("language", values),
    "country": lambda values: is_any("seller_country", values),
    "offers": lambda _: term("offers", lambda columns, _: columns.accepts_offers),
    "rating": lambda values: term(
        "rating",
        lambda columns, value: columns.seller_rating >= value("rating"),
        rating=(SmallInteger(), int(2 * float(values[0]))),
    ),
}
"""Facets that are columns of the orders' indexes: they are compared there, while a page or a count is read in order."""


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
        within = [is_any("category", self.categories)] if self.categories else []
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


def any_band(column: str, among: Sequence[str]) -> dict[str, Term]:
    """The condition that a listing is in one of these bands of a column, if any are given; as `Conditions.bands`."""
    return {column: overlaps("bands", f"bands_of_{column}", among)} if among else {}


def tagged(groups: Groups) -> list[Term]:
    """Whether one of each group is there. Groups of one tag are one condition, which the index answers soonest."""
    needed = [group[0] for group in groups if len(group) == 1]
    held = term("tagged", lambda columns, value: columns.tags.bool_op("@>")(value("tags")), tags=(TEXTS, needed))
    several = [group for group in groups if len(group) > 1]
    any_of = [overlaps("tags", f"tags_{place}", group) for place, group in enumerate(several)]
    return [*([held] if needed else []), *any_of]


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
    checks += [between(place, key, limits.low, limits.high) for place, (key, limits) in enumerate(filters.ranges)]
    priced: list[Term] = []
    if filters.price_min is not None:
        priced.append(compared("price", ">=", BigInteger(), filters.price_min))
    if filters.price_max is not None:
        priced.append(compared("price", "<=", BigInteger(), filters.price_max))
    since = now - timedelta(days=filters.within_days or 0)
    listed = [] if filters.within_days is None else [compared("published_at", ">=", COLUMNS.published_at.type, since)]
    sold_by = [] if filters.seller is None else [compared("seller_id", "=", Uuid(), filters.seller)]
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
