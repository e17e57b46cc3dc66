"""What people look for, as they said it: what can be chosen, and the attributes that a category asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from catalogue.categories.categories import CategoryTree
from catalogue.search.query import Words
from catalogue.texts import plain_text
from souk.contracts.catalogue.categories import ATTRIBUTE_CHARS_MAX, CategoryAttribute
from souk.contracts.catalogue.listings import Condition, Rating
from souk.errors import InvalidInput

VALUES_MAX = 20
"""Values that one search takes of a filter, and of attributes all together."""

NUMBER_MAX = 1e12

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
        return replace(self, **_NOTHING[facet])


_NOTHING: dict[str, dict[str, Any]] = {
    "condition": {"conditions": ()},
    "language": {"languages": ()},
    "country": {"countries": ()},
    "pictured": {"pictured": False},
    "offers": {"accepts_offers": False},
    "rating": {"rating_min": None},
}
"""The fields of `Filters` by facet, as they are where it does not matter."""


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
