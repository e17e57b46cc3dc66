"""What searches count, suggest and miss."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from souk.contracts.catalogue.listings import ListingPage, Seller

Sort = Literal["newest", "price_up", "price_down", "relevance"]


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a facet among what was found."""

    value: str
    listings: int


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """How what was found divides by one thing. A facet that is filtered by counts as if it were not."""

    name: str
    """`category`, `condition`, `language`, `country`, `pictured`, `offers`, `rating`, or `attribute.` and an attribute's
    key. A listing counts for each `rating` that its seller reaches."""
    values: list[FacetValue]
    """The most frequent first."""
    complete: bool
    """Whether all listings found were counted; else each count is the least there are."""


class PriceBand(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the price histogram: both ends belong to it, in minor units."""

    low: int
    high: int
    listings: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """What is found, counted (`GET /listings/facets`)."""

    counted: int
    """Listings looked at."""
    complete: bool
    """Whether these are all; a broad search is counted over a part of what it finds."""
    facets: list[Facet]
    prices: list[PriceBand]
    """Regardless of the price filter; empty where nothing was found."""


SEARCH_MISSES_KEPT_DAYS = 90
"""Days after the last such search."""


class ShownResults(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page of results shows of the catalogue."""

    page: ListingPage
    facets: Facets | None
    """None where they could not be counted in time."""
    seller: Seller | None
    """Whose listings are looked for, if they are one known seller's."""
    watched: list[UUID]
    """Which of the page's listings the reader watches."""


class SearchMiss(msgspec.Struct, frozen=True, kw_only=True):
    """Words that people looked for and nothing on sale had all of."""

    words: str
    """As they were typed, in small letters."""
    asked: int
    """How often."""
    first_on: date
    last_on: date
    """UTC days."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may be about to type (`GET /suggestions`)."""

    kind: Literal["words", "category", "seller"]
    text: str
    value: str = ""
    """A category's slug or a seller's id."""
