"""What comes with a request for listings: filters, the same for every list and count, and which page."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import Parameter

from catalogue.categories.categories import CategoryTree
from catalogue.search.filters import VALUES_MAX, Filters, read_attributes
from catalogue.search.query import WORDS_CHARS_MAX, read_words
from souk.contracts.catalogue.listings import COUNTRY, LANGUAGE, PRICE_MAX, Condition, Language, Rating
from souk.paging import CURSOR_CHARS_MAX, PAGE_MAX

WITHIN_DAYS_MAX = 365

# Litestar tells no limit of 0, and none of what stands in a list: `schema_extra` does.
Price = Annotated[
    int | None,
    Parameter(ge=0, le=PRICE_MAX, description="Minor units, included", schema_extra={"minimum": 0}),
]
CursorText = Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX, description="`next_cursor` of a page")]
PageSize = Annotated[int, Parameter(ge=1, le=PAGE_MAX, description="Listings on a page")]
Country = Annotated[str, msgspec.Meta(pattern=COUNTRY)]


def _each(pattern: str) -> dict[str, Any]:
    return {"items": {"type": "string", "pattern": pattern}}


@dataclass(frozen=True)
class FiltersGiven:
    """What a request asks for, not yet checked against the category tree."""

    filters: Filters
    attributes: tuple[str, ...]

    def checked(self, tree: CategoryTree) -> Filters:
        """The filters; raises InvalidInput for an unknown category or attribute."""
        if self.filters.category:
            tree.require(self.filters.category)
        return replace(self.filters, **read_attributes(self.attributes, tree, self.filters.category))


async def filters_given(
    *,
    q: Annotated[
        str | None,
        Parameter(
            max_length=WORDS_CHARS_MAX,
            description='Words, all of them if anything has them; `"a phrase"`, and `-not` these',
        ),
    ] = None,
    category: Annotated[str | None, Parameter(max_length=60, description="A category and all below it")] = None,
    price_min: Price = None,
    price_max: Price = None,
    condition: Annotated[list[Condition] | None, Parameter(max_items=5, description="One of these")] = None,
    language: Annotated[
        list[Language] | None,
        Parameter(max_items=VALUES_MAX, description="One of these (ISO 639)", schema_extra=_each(LANGUAGE)),
    ] = None,
    country: Annotated[
        list[Country] | None,
        Parameter(
            max_items=VALUES_MAX,
            description="Where the seller is: one of these (ISO 3166-1 alpha-2)",
            schema_extra=_each(COUNTRY),
        ),
    ] = None,
    pictured: Annotated[bool, Parameter(description="Only with pictures")] = False,
    accepts_offers: Annotated[bool, Parameter(description="Only where buyers may offer another price")] = False,
    rating_min: Annotated[
        Rating | None, Parameter(description="Only of sellers with so many stars or more; none without reviews")
    ] = None,
    within_days: Annotated[
        int | None, Parameter(ge=1, le=WITHIN_DAYS_MAX, description="Listed in the last so many days")
    ] = None,
    attribute: Annotated[
        list[str] | None,
        Parameter(
            max_items=VALUES_MAX,
            description="`key:value`, and for numbers `key:low..high`; one of those of the same key",
        ),
    ] = None,
    seller: UUID | None = None,
) -> FiltersGiven:
    """A dependency: the filters of a request's address."""
    words = read_words(q.strip()) if q and q.strip() else None
    filters = Filters(
        words=words,
        category=category or None,
        price_min=price_min,
        price_max=price_max,
        conditions=tuple(sorted(set(condition or ()))),
        languages=tuple(sorted(set(language or ()))),
        countries=tuple(sorted(set(country or ()))),
        pictured=pictured,
        accepts_offers=accepts_offers,
        rating_min=rating_min,
        seller=seller,
        within_days=within_days,
    )
    return FiltersGiven(filters, tuple(attribute or ()))
