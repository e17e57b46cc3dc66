"""What the catalogue tells: stable, and for all services."""

from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from souk.contracts.base import Event
from souk.money import Money


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


ReportReason = Literal["prohibited", "counterfeit", "misleading", "offensive", "fraud", "wrong_category", "other"]


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
