"""The catalogue, as pages ask it."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec

from entrypoint.clients.operated import OperatedService
from souk.contracts.catalogue.categories import AttributeDefinition, Category, CategoryChanges, NewCategory
from souk.contracts.catalogue.delivery import DeliveryProfile, NewDeliveryProfile
from souk.contracts.catalogue.imports import Import, ImportMapping
from souk.contracts.catalogue.listings import (
    Advice,
    Insights,
    Listing,
    ListingCard,
    ListingChanges,
    ListingPage,
    ListingStatus,
    ManyChanges,
    ManyOutcome,
    NewCopy,
    NewListing,
    Seller,
    ShownListing,
    SitemapEntry,
)
from souk.contracts.catalogue.moderation import CasePage, CaseStory, Decision, NewAppeal, NewReport, Takedown
from souk.contracts.catalogue.pictures import KeptPicture, Picture, PictureChanges, PictureFile, Rotation
from souk.contracts.catalogue.reservations import PurchaseStock
from souk.contracts.catalogue.saved_searches import NewSavedSearch, SavedSearch, SavedSearchChanges
from souk.contracts.catalogue.search import SearchMiss, ShownResults
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.catalogue.watchlist import Watch, WatchPage, WatchSort
from souk.http.client import LONG_ANSWER_S_MAX, check
from souk.http.identity import Identity

Filters = Iterable[tuple[str, Any]]
"""What listings are narrowed down by and how they are put in order, under the catalogue's names; some stand several
times."""

File = tuple[str, bytes, str]
"""A file as it is passed on: name, content, media type."""


class CatalogueClient(OperatedService):
    """Listings, categories, pictures, search, what is watched, files of listings, moderation."""

    async def list_categories(self) -> list[Category]:
        """The whole tree."""
        return await self.calls.get("/categories", list[Category])

    async def add_category(self, identity: Identity, new: NewCategory) -> dict[str, str]:
        """Add a category; its slug is in the answer."""
        return await self.calls.post("/categories", dict[str, str], identity=identity, json=new)

    async def edit_category(self, identity: Identity, slug: str, changes: CategoryChanges) -> None:
        """Rename a category."""
        await self.calls.patch(f"/categories/{_part(slug)}", type(None), identity=identity, json=changes)

    async def remove_category(self, identity: Identity, slug: str) -> None:
        """Remove a category."""
        await self.calls.delete(f"/categories/{_part(slug)}", identity=identity)

    async def define_attribute(self, identity: Identity, slug: str, key: str, definition: AttributeDefinition) -> None:
        """Have a category ask for something."""
        path = f"/categories/{_part(slug)}/attributes/{_part(key)}"
        await self.calls.put(path, type(None), identity=identity, json=definition)

    async def forget_attribute(self, identity: Identity, slug: str, key: str) -> None:
        """Have a category ask for it no more."""
        await self.calls.delete(f"/categories/{_part(slug)}/attributes/{_part(key)}", identity=identity)

    async def get_listing(self, identity: Identity | None, listing_id: UUID) -> Listing:
        """One listing."""
        return await self.calls.get(f"/listings/{listing_id}", Listing, identity=identity)

    async def show_listing(self, identity: Identity, listing_id: UUID, seen: Iterable[UUID]) -> ShownListing:
        """One listing, with all that its page shows; the reader has `seen` others."""
        path, params = f"/internal/listings/{listing_id}/shown", [("seen", each) for each in seen]
        return await self.calls.get(path, ShownListing, identity=identity, params=params)

    async def list_listings(self, identity: Identity | None, filters: Filters, *, limit: int) -> ListingPage:
        """Listings on sale."""
        params = [*filters, ("limit", limit)]
        return await self.calls.get("/listings", ListingPage, identity=identity, params=params)

    async def show_results(self, identity: Identity, filters: Filters, *, limit: int) -> ShownResults:
        """Listings on sale, with all that a page of results shows."""
        params = [*filters, ("limit", limit)]
        return await self.calls.get("/internal/results", ShownResults, identity=identity, params=params)

    async def list_delivery_profiles(self, identity: Identity) -> list[DeliveryProfile]:
        """The user's price lists for postage."""
        return await self.calls.get("/me/delivery-profiles", list[DeliveryProfile], identity=identity)

    async def get_delivery_profile(self, identity: Identity, profile_id: UUID) -> DeliveryProfile:
        """One of the user's price lists."""
        return await self.calls.get(f"/me/delivery-profiles/{profile_id}", DeliveryProfile, identity=identity)

    async def set_delivery_profile(
        self, identity: Identity, profile_id: UUID, profile: NewDeliveryProfile
    ) -> DeliveryProfile:
        """Make or change a price list."""
        path = f"/me/delivery-profiles/{profile_id}"
        return await self.calls.put(path, DeliveryProfile, identity=identity, json=profile)

    async def remove_delivery_profile(self, identity: Identity, profile_id: UUID) -> None:
        """Delete a price list that no listing uses."""
        await self.calls.delete(f"/me/delivery-profiles/{profile_id}", identity=identity)

    async def list_snapshots(self, ids: Iterable[UUID]) -> list[ListingSnapshot]:
        """These listings, whatever became of them."""
        return await self.calls.get("/internal/listings", list[ListingSnapshot], params=_ids(ids))

    async def list_cards(self, ids: Iterable[UUID]) -> list[ListingCard]:
        """Those of these listings that everybody may see, in this order."""
        return await self.calls.get("/internal/cards", list[ListingCard], params=_ids(ids))

    async def list_sitemap_entries(self, category: str, page: int) -> list[SitemapEntry]:
        """A page of the listings that stand in a category itself."""
        params = {"category": category, "page": page}
        return await self.calls.get("/internal/sitemap", list[SitemapEntry], params=params)

    async def list_search_misses(self, identity: Identity) -> list[SearchMiss]:
        """Searches that found nothing, the most frequent first."""
        return await self.calls.get("/internal/search-misses", list[SearchMiss], identity=identity)

    async def get_seller(self, seller_id: UUID | str) -> Seller:
        """One seller."""
        return await self.calls.get(f"/sellers/{_part(str(seller_id))}", Seller)

    async def list_watched_ids(self, identity: Identity, ids: Iterable[UUID]) -> list[UUID]:
        """Which of these listings the user watches."""
        return await self.calls.get("/me/watches/marks", list[UUID], identity=identity, params=_ids(ids))

    async def list_watches(
        self, identity: Identity, sort: WatchSort, *, limit: int, cursor: str | None = None
    ) -> WatchPage:
        """What the user watches."""
        params = {"sort": sort, "limit": limit, "cursor": cursor}
        return await self.calls.get("/me/watches", WatchPage, identity=identity, params=params)

    async def watch_listing(self, identity: Identity, listing_id: UUID) -> Watch:
        """Begin to watch a listing."""
        return await self.calls.put(f"/me/watches/{listing_id}", Watch, identity=identity)

    async def unwatch_listing(self, identity: Identity, listing_id: UUID) -> None:
        """Stop watching a listing."""
        await self.calls.delete(f"/me/watches/{listing_id}", identity=identity)

    async def list_saved_searches(self, identity: Identity) -> list[SavedSearch]:
        """The user's saved searches."""
        return await self.calls.get("/me/searches", list[SavedSearch], identity=identity)

    async def save_search(self, identity: Identity, new: NewSavedSearch) -> SavedSearch:
        """Save a search."""
        return await self.calls.post("/me/searches", SavedSearch, identity=identity, json=new)

    async def rename_search(self, identity: Identity, search_id: UUID, changes: SavedSearchChanges) -> SavedSearch:
        """Give a saved search another name."""
        return await self.calls.patch(f"/me/searches/{search_id}", SavedSearch, identity=identity, json=changes)

    async def delete_search(self, identity: Identity, search_id: UUID) -> None:
        """Delete a saved search."""
        await self.calls.delete(f"/me/searches/{search_id}", identity=identity)

    async def list_my_listings(
        self,
        identity: Identity,
        *,
        limit: int,
        status: ListingStatus | None = None,
        cursor: str | None = None,
    ) -> ListingPage:
        """The user's own listings, all or of one status."""
        params = {"limit": limit, "status": status, "cursor": cursor}
        return await self.calls.get("/me/listings", ListingPage, identity=identity, params=params)

    async def create_listing(self, identity: Identity, new: NewListing) -> Listing:
        """Draft a listing; asked again under the same id, it is the same one."""
        return await self.calls.post("/listings", Listing, identity=identity, json=new)

    async def edit_listing(self, identity: Identity, listing_id: UUID, changes: ListingChanges) -> Listing:
        """Change a listing of the user's."""
        return await self.calls.patch(f"/listings/{listing_id}", Listing, identity=identity, json=changes)

    async def publish_listing(self, identity: Identity, listing_id: UUID) -> Listing:
        """Put a listing of the user's on sale."""
        return await self.calls.put(f"/listings/{listing_id}/publication", Listing, identity=identity)

    async def withdraw_listing(self, identity: Identity, listing_id: UUID) -> None:
        """Take a listing of the user's off sale."""
        await self.calls.delete(f"/listings/{listing_id}/publication", identity=identity)

    async def change_many_listings(self, identity: Identity, changes: ManyChanges) -> ManyOutcome:
        """Do the same to many listings of the user's."""
        return await self.calls.post("/me/listings/changes", ManyOutcome, identity=identity, json=changes)

    async def copy_listing(self, identity: Identity, listing_id: UUID, new: NewCopy) -> Listing:
        """A draft that says the same as a listing of the user's."""
        return await self.calls.post(f"/listings/{listing_id}/copies", Listing, identity=identity, json=new)

    async def advise_seller(self, identity: Identity, title: str, category: str, language: str) -> Advice:
        """A category for a title, and what similar things were sold for."""
        params = {"title": title, "category": category, "language": language}
        return await self.calls.get("/me/listings/advice", Advice, identity=identity, params=params)

    async def get_insights(self, identity: Identity, listing_id: UUID, days: int) -> Insights:
        """How a listing of the user's does, day by day."""
        params = {"days": days}
        return await self.calls.get(f"/me/listings/{listing_id}/insights", Insights, identity=identity, params=params)

    async def add_picture(self, identity: Identity, listing_id: UUID, file: File) -> list[Picture]:
        """Add a picture to a listing of the user's."""
        path, files = f"/listings/{listing_id}/pictures", [("pictures", file)]
        return await self.calls.post(path, list[Picture], identity=identity, files=files)

    async def keep_picture(self, file: File) -> PictureFile:
        """Keep a picture that no listing shows yet."""
        return await self.calls.post("/internal/pictures", PictureFile, files=[("pictures", file)])

    async def show_kept_picture(self, identity: Identity, listing_id: UUID, kept: KeptPicture) -> list[Picture]:
        """Have a listing of the user's show a picture that was kept."""
        path = f"/internal/listings/{listing_id}/pictures"
        return await self.calls.post(path, list[Picture], identity=identity, json=kept)

    async def remove_picture(self, identity: Identity, listing_id: UUID, picture_id: UUID) -> None:
        """Take a picture away from a listing of the user's."""
        await self.calls.delete(f"/listings/{listing_id}/pictures/{picture_id}", identity=identity)

    async def describe_picture(
        self, identity: Identity, listing_id: UUID, picture_id: UUID, changes: PictureChanges
    ) -> list[Picture]:
        """Say what a picture shows."""
        path = f"/listings/{listing_id}/pictures/{picture_id}"
        return await self.calls.patch(path, list[Picture], identity=identity, json=changes)

    async def rotate_picture(
        self, identity: Identity, listing_id: UUID, picture_id: UUID, turn: Rotation
    ) -> list[Picture]:
        """Turn a picture."""
        path = f"/listings/{listing_id}/pictures/{picture_id}/rotation"
        return await self.calls.post(path, list[Picture], identity=identity, json=turn)

    async def order_pictures(self, identity: Identity, listing_id: UUID, ids: Sequence[UUID]) -> list[Picture]:
        """Put a listing's pictures in this order."""
        path = f"/listings/{listing_id}/pictures/order"
        return await self.calls.put(path, list[Picture], identity=identity, json=list(ids))

    async def import_listings(
        self, identity: Identity, content: bytes, pictures: Any = None, *, dry_run: bool
    ) -> Import:
        """Bring a file of listings, and a ZIP of their pictures, a file that is open; `dry_run` only checks it."""
        answer = await self.calls.send(
            "POST",
            "/me/imports" if pictures is None else "/me/imports/with-pictures",
            identity=identity,
            params={"dry_run": dry_run},
            content=content if pictures is None else None,
            files=None if pictures is None else {"file": content, "pictures": pictures},
            seconds_max=LONG_ANSWER_S_MAX,
        )
        check(answer)
        return msgspec.json.decode(answer.body, type=Import)

    async def list_imports(self, identity: Identity) -> list[Import]:
        """The user's latest files."""
        return await self.calls.get("/me/imports", list[Import], identity=identity)

    async def get_import(self, identity: Identity, import_id: UUID, after_line: int | None = None) -> Import:
        """How far a file is, with the faults behind a line."""
        params = {"after_line": after_line}
        return await self.calls.get(f"/me/imports/{import_id}", Import, identity=identity, params=params)

    async def map_import(self, identity: Identity, import_id: UUID, mapping: ImportMapping) -> Import:
        """Say what a file's columns are for."""
        return await self.calls.put(f"/me/imports/{import_id}/mapping", Import, identity=identity, json=mapping)

    async def stop_import(self, identity: Identity, import_id: UUID) -> None:
        """Do no more of a file's rows."""
        await self.calls.delete(f"/me/imports/{import_id}", identity=identity)

    async def export_listings(self, identity: Identity) -> bytes:
        """All listings of the user's as CSV."""
        answer = await self.calls.send("GET", "/me/listings/export", identity=identity, seconds_max=LONG_ANSWER_S_MAX)
        check(answer)
        return answer.body

    async def get_takedown(self, identity: Identity, listing_id: UUID) -> Takedown:
        """Why a listing of the user's was taken down."""
        return await self.calls.get(f"/listings/{listing_id}/takedown", Takedown, identity=identity)

    async def report_listing(self, identity: Identity, listing_id: UUID, new: NewReport) -> None:
        """Say what is wrong with a listing."""
        await self.calls.post(f"/listings/{listing_id}/reports", type(None), identity=identity, json=new)

    async def appeal(self, identity: Identity, listing_id: UUID, new: NewAppeal) -> Takedown:
        """Ask for a takedown to be looked at again."""
        return await self.calls.post(f"/listings/{listing_id}/appeals", Takedown, identity=identity, json=new)

    async def list_cases(self, identity: Identity, limit: int, cursor: str | None = None) -> CasePage:
        """Listings that wait for a moderator, the longest first."""
        params = {"limit": limit, "cursor": cursor}
        return await self.calls.get("/moderation/cases", CasePage, identity=identity, params=params)

    async def get_case(self, identity: Identity, listing_id: UUID) -> CaseStory:
        """A listing's case: what was said and done."""
        return await self.calls.get(f"/moderation/cases/{listing_id}", CaseStory, identity=identity)

    async def decide_case(self, identity: Identity, listing_id: UUID, decision: Decision) -> CaseStory:
        """Hide a listing, restore it, or leave it."""
        path = f"/moderation/cases/{listing_id}/decisions"
        return await self.calls.post(path, CaseStory, identity=identity, json=decision)

    async def get_purchase_stock(self, identity: Identity, purchase_id: UUID) -> PurchaseStock:
        """What is held for a purchase, for admins."""
        return await self.calls.get(f"/internal/reservations/{purchase_id}", PurchaseStock, identity=identity)


def _ids(ids: Iterable[UUID]) -> list[tuple[str, UUID]]:
    return [("ids", each) for each in ids]


def _part(text: str) -> str:
    """A text that somebody typed, as a part of a path."""
    return quote(text, safe="")
