"""Searches that users keep."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from souk.contracts.catalogue.categories import Slug
from souk.contracts.catalogue.listings import COUNTRY, PRICE_MAX, Condition, Language, Rating

SEARCH_NAME_CHARS_MAX = 80


class SearchFilters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a saved search looks for: the parameters of `GET /listings` by the same names; None does not matter."""

    q: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    category: Slug | None = None
    price_min: Annotated[int, msgspec.Meta(ge=0, le=PRICE_MAX)] | None = None
    price_max: Annotated[int, msgspec.Meta(ge=0, le=PRICE_MAX)] | None = None
    condition: Annotated[list[Condition], msgspec.Meta(max_length=5)] = []
    language: Annotated[list[Language], msgspec.Meta(max_length=20)] = []
    country: Annotated[list[Annotated[str, msgspec.Meta(pattern=COUNTRY)]], msgspec.Meta(max_length=20)] = []
    pictured: bool = False
    attribute: Annotated[list[Annotated[str, msgspec.Meta(max_length=130)]], msgspec.Meta(max_length=20)] = []
    """`key:value`, and for attributes that are numbers `key:low..high`, where either may be left out."""
    seller: UUID | None = None
    accepts_offers: bool = False
    rating_min: Rating | None = None


class NewSavedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search to be told of."""

    name: Annotated[str, msgspec.Meta(max_length=SEARCH_NAME_CHARS_MAX)]
    filters: SearchFilters
    id: UUID | None = None
    """The caller's own UUID version 7 (RFC 9562), which makes the request safe to repeat."""


class SavedSearchChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a saved search."""

    name: Annotated[str, msgspec.Meta(max_length=SEARCH_NAME_CHARS_MAX)]


class SavedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search that its user is told of as listings are published."""

    id: UUID
    name: str
    filters: SearchFilters
    created_at: datetime
    matches: int
    """Listings that it found in the last 30 days, and that its user was told of."""
    matched_at: datetime | None
    """When it found the latest."""
