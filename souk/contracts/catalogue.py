"""Listings and stock, as the catalogue publishes them."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from souk.contracts.base import Event
from souk.money import Money

Condition = Literal["new", "like_new", "good", "fair", "for_parts"]
ListingStatus = Literal["draft", "published", "withdrawn", "sold", "hidden"]
"""`sold`: published, with no unit left to sell. `hidden`: taken down by a moderator."""
Sort = Literal["newest", "price_up", "price_down", "relevance"]
Rating = Literal["3", "4", "4.5"]
"""Stars that a seller can be asked to have, at least, on the average of all reviews."""


class RejectedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a purchase that could not be reserved, and why."""

    listing_id: UUID
    reason: Literal["gone", "too_few", "price_changed", "own_listing"]
    available: int
    """Units that could be had now."""
    price: Money | None = None
    """What it costs now, if it can be had."""


class StockReserved(Event, frozen=True, kw_only=True):
    """All lines of a purchase are reserved."""

    event_type: ClassVar[str] = "souk.catalogue.stock.reserved.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID


class StockRejected(Event, frozen=True, kw_only=True):
    """A purchase could not be reserved whole, so nothing of it is."""

    event_type: ClassVar[str] = "souk.catalogue.stock.rejected.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    lines: list[RejectedLine]


AttributeKind = Literal["choice", "text", "number"]


class CategoryAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is asked of listings: their size, brand, storage …"""

    key: str
    name: str
    kind: AttributeKind
    unit: str = ""
    """Of a number: cm, W …"""
    options: list[str] = []
    """What a `choice` chooses from."""
    category: str = ""
    """Where in the tree it is asked for; all categories below ask for it too."""


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the category tree."""

    slug: str
    name: str
    parent: str | None
    icon: str
    listings: int
    """Published listings in it and below."""
    attributes: list[CategoryAttribute] = []
    """What listings in it are asked for, its parents' first."""


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


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a listing in its three sizes; each name is served under `/pictures/{name}` forever."""

    id: UUID
    small: str
    medium: str
    large: str
    width: int
    height: int
    """Pixels of the large one."""
    alt: str
    colour: str
    """The dominant colour, `#rrggbb`."""
    avif: bool = False
    """Whether each size is there as AVIF too, under the same name with `.avif` in place of `.webp`."""


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


class ListingSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the store needs of a listing to sell it (`GET /internal/listings?ids=`)."""

    id: UUID
    seller_id: UUID
    seller_name: str
    title: str
    price: Money
    condition: Condition
    picture: str | None
    """The small picture's name."""
    status: ListingStatus
    available: int
    accepts_offers: bool = False
    """Whether buyers may offer another price."""


TITLE_CHARS_MAX = 120
DESCRIPTION_CHARS_MAX = 8000
PRICE_MAX = 10**9
"""The highest price of one unit, in minor units."""
QUANTITY_MAX = 9999
ALT_CHARS_MAX = 300
ATTRIBUTE_CHARS_MAX = 60
ATTRIBUTES_MAX = 30
"""Attributes that one category may ask for, its parents' included."""
OPTIONS_MAX = 100
"""Options that a choice may have."""
PICTURES_MAX = 8
"""Pictures that one listing may have."""
BATCH_LISTINGS_MAX = 1000
"""Listings in one batch of demo data."""

Title = Annotated[str, msgspec.Meta(max_length=TITLE_CHARS_MAX)]
Description = Annotated[str, msgspec.Meta(max_length=DESCRIPTION_CHARS_MAX)]
Slug = Annotated[str, msgspec.Meta(max_length=60)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
LANGUAGE = "^[a-z]{2,3}$"
COUNTRY = "^[A-Z]{2}$"
Language = Annotated[str, msgspec.Meta(pattern=LANGUAGE)]
"""ISO 639."""
Attributes = Annotated[
    dict[Slug, Annotated[str, msgspec.Meta(max_length=ATTRIBUTE_CHARS_MAX)]], msgspec.Meta(max_length=ATTRIBUTES_MAX)
]
"""Values by the attribute's key."""
Alt = Annotated[str, msgspec.Meta(max_length=ALT_CHARS_MAX)]
"""What a picture shows, for those who cannot see it."""


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


class NewCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category as an admin enters it."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=60)]
    parent: Slug | None = None
    icon: Slug = "tag"


class CategoryChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a category; a field left out stays as it is."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=60)] | None = None
    icon: Slug | None = None


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What a category asks for, as an admin enters it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    kind: AttributeKind
    unit: Annotated[str, msgspec.Meta(max_length=12)] = ""
    options: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=ATTRIBUTE_CHARS_MAX)]],
        msgspec.Meta(max_length=OPTIONS_MAX),
    ] = []


class PictureChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a listing's picture."""

    alt: Alt


class PictureFile(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is kept but not shown yet (`POST /internal/pictures`)."""

    id: UUID
    small: str
    medium: str
    large: str
    width: int
    height: int
    colour: str
    avif: bool = False


class KeptPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A kept picture that a listing is to show from now on (`POST /internal/listings/{id}/pictures`)."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\.webp$")]
    """Of its large file."""
    alt: Alt = ""
    degrees: Literal[0, 90, 180, 270] = 0
    """How far it is turned first, clockwise."""


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


class ListingBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Listings to publish at once."""

    listings: Annotated[list[BatchListing], msgspec.Meta(max_length=BATCH_LISTINGS_MAX)]


class BatchReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a batch."""

    added: int
    """Listings that were not there before."""


WatchSort = Literal["recent", "ending"]
SEARCH_NAME_CHARS_MAX = 80


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that a user watches."""

    listing: ListingCard
    price_then: Money
    """What it cost when the watch began."""
    created_at: datetime
    ends_at: datetime
    """When the watch ends by itself."""


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of watches; `next_cursor` is None on the last one."""

    items: list[Watch]
    next_cursor: str | None


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


class ListingPublished(Event, frozen=True, kw_only=True):
    """A listing is on sale for the first time."""

    event_type: ClassVar[str] = "souk.catalogue.listing.published.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID
    seller_id: UUID


class ListingRepriced(Event, frozen=True, kw_only=True):
    """A listing on sale costs less than before."""

    event_type: ClassVar[str] = "souk.catalogue.listing.repriced.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID
    price_before: Money
    price: Money


class ListingRestocked(Event, frozen=True, kw_only=True):
    """A listing that could not be bought is on sale again."""

    event_type: ClassVar[str] = "souk.catalogue.listing.restocked.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID


class Watcher(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who watches a listing that became cheaper."""

    user_id: UUID
    price_known: Money
    """The lowest price they knew of."""


class WatchedPriceDropped(Event, frozen=True, kw_only=True):
    """A listing costs less than these users knew."""

    event_type: ClassVar[str] = "souk.catalogue.watch.price_dropped.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID
    title: str
    price: Money
    watchers: list[Watcher]


class WatchedRestocked(Event, frozen=True, kw_only=True):
    """A listing that these users watch can be bought again."""

    event_type: ClassVar[str] = "souk.catalogue.watch.restocked.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID
    title: str
    price: Money
    watchers: list[UUID]


class SearchMatched(Event, frozen=True, kw_only=True):
    """A new listing is what a user's saved searches look for: told once for a listing, however many found it."""

    event_type: ClassVar[str] = "souk.catalogue.search.matched.v1"
    subject_field: ClassVar[str] = "search_id"

    search_id: UUID
    user_id: UUID
    name: str
    """The search's."""
    other_names: list[str] = msgspec.field(default_factory=list)
    """The names of the user's other searches that found it."""
    listing_id: UUID
    title: str
    price: Money


REPORT_CHARS_MAX = 1000
ReportReason = Literal["prohibited", "counterfeit", "misleading", "offensive", "fraud", "wrong_category", "other"]
ReportText = Annotated[str, msgspec.Meta(max_length=REPORT_CHARS_MAX)]


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a listing."""

    reason: ReportReason
    text: ReportText = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides: `hide` needs a reason; `leave` dismisses reports or turns an appeal down."""

    action: Literal["hide", "restore", "leave"]
    reason: ReportReason | None = None
    text: ReportText = ""
    """What the seller is told besides, and what other moderators read."""


class NewAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a hidden listing should be back."""

    text: ReportText


class Takedown(msgspec.Struct, frozen=True, kw_only=True):
    """Why a listing is hidden, for its seller."""

    reason: ReportReason
    text: str
    hidden_at: datetime
    appeal: str | None
    """The seller's own words, while a moderator looks at them."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that was reported or taken down."""

    listing: ListingCard
    waiting_since: datetime | None
    """None if nothing is left to decide."""
    reports: int
    """Since the last decision."""
    reason: ReportReason | None
    """Why it is hidden."""
    appeal: str | None


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases; `next_cursor` is None on the last one."""

    items: list[Case]
    next_cursor: str | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said is wrong with a listing."""

    reporter_id: UUID
    reason: ReportReason
    text: str
    created_at: datetime


class ModerationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a listing."""

    actor_id: UUID
    action: Literal["reported", "hidden", "restored", "dismissed", "upheld", "appealed"]
    reason: ReportReason | None
    text: str
    created_at: datetime


class CaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what was said and done, the newest first."""

    case: Case
    reports: list[Report]
    records: list[ModerationRecord]


class ListingModerated(Event, frozen=True, kw_only=True):
    """A moderator took a listing down, put it back, or turned an appeal down."""

    event_type: ClassVar[str] = "souk.catalogue.listing.moderated.v1"
    subject_field: ClassVar[str] = "listing_id"

    listing_id: UUID
    seller_id: UUID
    title: str
    outcome: Literal["hidden", "restored", "upheld"]
    reason: ReportReason | None
    text: str


ImportStatus = Literal["mapping", "waiting", "done", "cancelled"]
"""`mapping`: what its columns are for has to be said before anything is done."""


class ImportFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row of an imported file."""

    line: int
    """As a text editor counts: the heading is line 1."""
    field: str
    """The column; empty if it is about the row as a whole."""
    message: str
    """What to mend."""


ImportField = Literal[
    "id",
    "title",
    "description",
    "price",
    "currency",
    "category",
    "condition",
    "quantity",
    "language",
    "attributes",
    "accepts_offers",
    "status",
    "pictures",
]
"""What a column of a file can be for; only for pictures several columns can be."""


class ImportMapping(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a file are for, and what holds for rows that do not say."""

    columns: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=500)], ImportField], msgspec.Meta(max_length=200)
    ] = msgspec.field(default_factory=dict)
    """By the column's heading; columns that are left out are left aside."""
    category: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """For rows without a category that is known here."""
    condition: Condition | None = None
    """For rows without one."""


class ImportColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file."""

    heading: str
    samples: list[str]
    """The first values, cut short."""
    field: ImportField | None
    """What it seems to be for."""


class ImportNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was assumed or left aside in a file."""

    kind: Literal[
        "encoding", "remembered", "ignored", "variants", "shortened", "no_stock", "default_category", "more_pictures"
    ]
    """`encoding`: it is not UTF-8, and read as `names` says. `remembered`: read as the last file with these columns.
    `ignored`: the columns `names` are left aside. `variants`: rows that go on with the product above are left aside.
    `shortened`: titles are cut at a word. `no_stock`: rows without stock are drafts. `default_category`: their own
    is not known here. `more_pictures`: they name more than a listing may have, and the first are taken."""
    count: int = 0
    """Rows."""
    names: list[str] = []
    """Columns; or the encoding; or the first lines that it is about."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A file of listings, and how far it is."""

    id: UUID
    dry_run: bool
    """Only checked; nothing is made or changed."""
    status: ImportStatus
    rows: int
    done: int
    made: int
    """New listings; in a dry run those that would be made."""
    changed: int
    failed: int
    """Rows with faults, which changed nothing."""
    faults: list[ImportFault]
    """Of the first 200 faulty rows; ask with `after_line` for those behind."""
    created_at: datetime
    finished_at: datetime | None
    notes: list[ImportNote] = []
    columns: list[ImportColumn] = []
    """While its status is `mapping`: say with `PUT …/mapping` what these are for."""
    mapping: ImportMapping | None = None
    """What its columns are taken for."""
    pictures: int = 0
    """That its rows name; they are fetched after the rows are done, in a dry run never."""
    pictures_done: int = 0
    pictures_failed: int = 0
    picture_faults: list[ImportFault] = []
    """Why pictures of the first 200 such rows could not be had; the rows themselves are done."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """How to turn a picture, clockwise."""

    degrees: Literal[90, 180, 270]


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


class HeldUnits(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one listing that are held for a purchase, or were."""

    listing_id: UUID
    order_id: UUID
    title: str
    quantity: int
    status: Literal["reserved", "sold", "released", "returned"]
    reserved_at: datetime
    sold_at: datetime | None
    ended_at: datetime | None
    """When they were released or returned."""


class PurchaseStock(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue answered to a purchase."""

    answer: Literal["reserved", "rejected"] | None
    """None if it was called off before it was asked."""
    answered_at: datetime | None
    cancelled_at: datetime | None
    units: list[HeldUnits]
