"""Listings, as they are entered and shown."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from souk.contracts.catalogue.categories import ATTRIBUTE_CHARS_MAX, ATTRIBUTES_MAX, Category, Slug
from souk.contracts.catalogue.delivery import Delivery, DeliveryChoice, NewDeliveryProfile
from souk.contracts.catalogue.pictures import PICTURES_MAX, Alt, Picture
from souk.money import Money

Condition = Literal["new", "like_new", "good", "fair", "for_parts"]

ListingStatus = Literal["draft", "published", "withdrawn", "sold", "hidden"]
"""`sold`: published, with no unit left to sell. `hidden`: taken down by a moderator."""

Rating = Literal["3", "4", "4.5"]
"""Stars that a seller can be asked to have, at least, on the average of all reviews."""


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor sees of a seller."""

    id: UUID
    display_name: str
    country: str
    since: datetime
    listings: int
    """Published listings."""
    reviews: int = 0
    stars: int = 0
    """The sum of their reviews' stars: divided by `reviews`, what they have on average."""


class ListingCard(msgspec.Struct, frozen=True, kw_only=True):
    """A listing as it stands in a grid."""

    id: UUID
    slug: str
    title: str
    price: Money
    condition: Condition
    seller_id: UUID
    seller_name: str
    picture: Picture | None
    available: int
    status: ListingStatus
    published_at: datetime | None
    found_in_title: list[list[int]] = []
    """What a search for words found in the title: pairs of where it begins and ends, in characters."""
    excerpt: str = ""
    """The part of the description where something was found that is not in the title."""
    found_in_excerpt: list[list[int]] = []
    seller_reviews: int = 0
    seller_stars: int = 0
    """The sum of the seller's reviews' stars."""
    seller_country: str = ""
    delivery: Delivery = Delivery()
    """How it gets to whoever buys it, and what postage costs."""
    missing: list[str] = []
    """Words of the search that this listing does not have, where hardly anything has all of them."""


class ListingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of listings; `next_cursor` is None on the last one."""

    items: list[ListingCard]
    next_cursor: str | None
    total: int
    """Exact up to `total_exact_max`; that number plus one means "more"."""
    total_exact_max: int
    not_all_words: bool = False
    """Whether listings are among these that have not all words of the search, because hardly any has: see `missing`."""
    did_you_mean: str = ""
    """Where nothing has all words: words that are nearly the same and find something."""


class PastPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing cost before."""

    price: Money
    until: datetime


SITEMAP_LISTINGS = 5000
"""Listings that one sitemap names (the protocol allows 50,000)."""

SITEMAPS_MAX = 10_000
"""Sitemaps of one category."""


class SitemapEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that search engines may know (`GET /internal/sitemap`)."""

    id: UUID
    slug: str
    changed_at: datetime


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A listing in full."""

    id: UUID
    slug: str
    title: str
    description: str
    price: Money
    condition: Condition
    category: str
    category_path: list[Category]
    """From the root down to the listing's category."""
    language: str
    quantity: int
    """Units listed: available + reserved + sold."""
    available: int
    status: ListingStatus
    pictures: list[Picture]
    seller: Seller
    version: int
    created_at: datetime
    published_at: datetime | None
    attributes: dict[str, str] = {}
    """By the attribute's key."""
    past_prices: list[PastPrice] = []
    """The oldest first; empty if it always cost the same."""
    accepts_offers: bool = False
    """Whether buyers may offer another price."""
    delivery: Delivery = Delivery()
    """How it gets to whoever buys it, and what postage costs."""


TITLE_CHARS_MAX = 120

DESCRIPTION_CHARS_MAX = 8000

PRICE_MAX = 10**9
"""The highest price of one unit, in minor units."""

QUANTITY_MAX = 9999

BATCH_LISTINGS_MAX = 1000
"""Listings in one batch of demo data."""

Title = Annotated[str, msgspec.Meta(max_length=TITLE_CHARS_MAX)]

Description = Annotated[str, msgspec.Meta(max_length=DESCRIPTION_CHARS_MAX)]

Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]

LANGUAGE = "^[a-z]{2,3}$"

COUNTRY = "^[A-Z]{2}$"

Language = Annotated[str, msgspec.Meta(pattern=LANGUAGE)]
"""ISO 639."""

Attributes = Annotated[
    dict[Slug, Annotated[str, msgspec.Meta(max_length=ATTRIBUTE_CHARS_MAX)]], msgspec.Meta(max_length=ATTRIBUTES_MAX)
]
"""Values by the attribute's key."""


class ShownListing(msgspec.Struct, frozen=True, kw_only=True):
    """All that a listing's page shows of the catalogue."""

    listing: Listing
    similar: list[ListingCard]
    """Others that are like it."""
    seen: list[ListingCard]
    """What the reader looked at before."""
    watched: list[UUID]
    """Which of all these the reader watches."""


class NewListing(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as its seller enters it."""

    title: Title
    description: Description
    price: Money
    category: Slug
    condition: Condition
    quantity: Quantity = 1
    language: Language = "en"
    attributes: Attributes = {}
    """What the category asks for, as far as it is known; an empty value is left out."""
    accepts_offers: bool = False
    """Whether buyers may offer another price."""
    delivery: DeliveryChoice = DeliveryChoice()
    """How it gets to whoever buys it; left out, it is sent to everywhere and postage is included."""
    id: UUID | None = None
    """The caller's own UUID version 7 (RFC 9562), which makes the request safe to repeat."""


class ListingChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a listing; a field left out stays as it is."""

    title: Title | None = None
    description: Description | None = None
    price: Money | None = None
    category: Slug | None = None
    condition: Condition | None = None
    quantity: Quantity | None = None
    """The new total: units available, reserved and sold."""
    language: Language | None = None
    attributes: Attributes | None = None
    """All of them. If only the category changes, those stay that it asks for too."""
    accepts_offers: bool | None = None
    delivery: DeliveryChoice | None = None
    """All of it."""


class BatchPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A kept picture at its place in a listing of a batch."""

    file_id: UUID
    alt: Alt = ""


class BatchListing(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that is published as it arrives, for any seller (`POST /internal/listings/batch`)."""

    id: UUID
    """Made by the caller; a listing that is already there stays as it is."""
    seller_id: UUID
    title: Title
    description: Description
    price: Money
    category: Slug
    condition: Condition
    published_at: datetime
    quantity: Quantity = 1
    language: Language = "en"
    attributes: Attributes = {}
    pictures: Annotated[list[BatchPicture], msgspec.Meta(max_length=PICTURES_MAX)] = []
    accepts_offers: bool = False
    delivery: DeliveryChoice = DeliveryChoice()


class BatchProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A price list for postage of any seller's; one that is already there stays as it is."""

    id: UUID
    seller_id: UUID
    profile: NewDeliveryProfile


class ListingBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Listings to publish at once, and the price lists that they need."""

    listings: Annotated[list[BatchListing], msgspec.Meta(max_length=BATCH_LISTINGS_MAX)]
    profiles: Annotated[list[BatchProfile], msgspec.Meta(max_length=BATCH_LISTINGS_MAX)] = []


class BatchReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a batch."""

    added: int
    """Listings that were not there before."""


class PriceRange(msgspec.Struct, frozen=True, kw_only=True):
    """What the middle half of similar things was sold for."""

    low: Money
    high: Money
    sales: int


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller is advised; None where nothing is known."""

    category: str | None
    price: PriceRange | None


MANY_MAX = 200
"""Listings that are changed at once."""


class ManyChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to do to many of one's own listings; what is left out stays as it is."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MANY_MAX)]
    price: Money | None = None
    price_percent: Annotated[int, msgspec.Meta(ge=-90, le=500)] | None = None
    """Added to each price, rounded half up; wins over `price`."""
    quantity_more: Annotated[int, msgspec.Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX)] | None = None
    """Units to add, or to take away if negative; never below what is reserved and sold."""
    sale: Literal["publish", "withdraw"] | None = None
    accepts_offers: bool | None = None


class NotChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that stayed as it was, and why."""

    id: UUID
    title: str
    message: str
    code: str = ""
    """What was refused, to say it in other words; new ones may come."""
    params: dict[str, Any] = {}
    """What stands in the message, as values."""


class ManyOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a change of many."""

    changed: int
    refused: list[NotChanged]


class NewCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a listing."""

    id: UUID | None = None
    """The caller's own UUID version 7 (RFC 9562), which makes the request safe to repeat."""


class InsightDay(msgspec.Struct, frozen=True, kw_only=True):
    """How a listing did on one day (UTC)."""

    day: date
    views: int
    """One person counts once a day."""
    watchers: int
    """Who began to watch it, and still does."""
    cart_adds: int
    sales: int
    """Units."""


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """How a listing does."""

    days: list[InsightDay]
    """The oldest first, today last."""
    watching: int
    """Users who watch it now."""
