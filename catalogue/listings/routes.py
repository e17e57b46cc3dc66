"""Public and internal routes of listings."""

from typing import Annotated
from uuid import UUID

from litestar import HttpMethod, delete, get, patch, post, route
from litestar.params import Parameter

from catalogue.categories.categories import Categories
from catalogue.house_rules import HouseRules
from catalogue.listings import batch, bulk_edit, listings, views
from catalogue.pictures.routes import require_entrypoint_or_admin
from catalogue.search import own_listings, pages, similar
from catalogue.search.parameters import CursorText, PageSize
from catalogue.watchlist import watchlist
from souk.contracts.catalogue.listings import (
    SITEMAPS_MAX,
    BatchReceipt,
    Listing,
    ListingBatch,
    ListingCard,
    ListingChanges,
    ListingPage,
    ListingStatus,
    ManyChanges,
    ManyOutcome,
    NewCopy,
    NewListing,
    ShownListing,
    SitemapEntry,
)
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel

MODERATORS = frozenset({"moderator", "admin"})
"""Who may see and decide on what others may not see."""

SNAPSHOTS_MAX = 200
"""Listings that the store may ask about at once."""

CARDS_MAX = 24
"""Listings that the entrypoint may ask about at once, to show them again."""

BATCH_BYTES_MAX = 16 * 1024 * 1024
"""The largest body of a batch of listings."""


@post("/listings", tags=["Listings"], operation_id="createListing", summary="Draft a listing")
async def create_listing(
    *, kernel: Kernel, identity: Identity, session: Session, categories: Categories, data: NewListing
) -> Listing:
    """Draft a listing; nobody else sees it before it is published. With an `id` of your own it is safe to repeat."""
    seller_id, tree = identity.user(), await categories.tree()
    currency, now = kernel.settings.currency, kernel.clock.now()
    listing_id = await listings.draft(session, seller_id, data, tree=tree, currency=currency, now=now)
    return await views.listing(session, listing_id, seller_id, tree)


@get("/listings/{listing_id:uuid}", tags=["Listings"], operation_id="getListing", summary="One listing")
async def show_listing(kernel: Kernel, identity: Identity, categories: Categories, listing_id: UUID) -> Listing:
    """A listing in full, also after it was sold or withdrawn; a draft only for its seller."""
    tree, moderating = await categories.tree(), bool(identity.roles & MODERATORS)
    return await views.listing(kernel.database, listing_id, identity.user_id, tree, moderating=moderating)


@get("/internal/listings/{listing_id:uuid}/shown", include_in_schema=False)
async def show_listings_page(
    *,
    kernel: Kernel,
    identity: Identity,
    categories: Categories,
    listing_id: UUID,
    seen: Annotated[list[UUID] | None, Parameter(max_items=CARDS_MAX)] = None,
) -> ShownListing:
    """`show_listing`, with all that its page shows beside it."""
    database, tree = kernel.database, await categories.tree()
    moderating, known = bool(identity.roles & MODERATORS), similar.kept(listing_id)
    beside = [*(known.ids if known else ()), *(seen or ())]
    found, cards = await views.listing_and_cards(
        database, listing_id, identity.user_id, tree, beside, moderating=moderating
    )
    like_it: list[ListingCard] = []
    if found.status not in ("draft", "hidden"):
        fits = known is not None and known.category == found.category
        like_it = (
            known.among(cards)
            if known and fits
            else await similar.find_similar(database, found.category, listing_id, tree)
        )
    before = [cards[each] for each in seen or () if each in cards]
    ids = [listing_id, *(each.id for each in (*like_it, *before))]
    watched = await watchlist.marks_of(database, identity.user_id, ids, now=kernel.clock.now())
    return ShownListing(listing=found, similar=like_it, seen=before, watched=watched)


@patch("/listings/{listing_id:uuid}", tags=["Listings"], operation_id="editListing", summary="Edit a listing")
async def edit_listing(
    *,
    kernel: Kernel,
    identity: Identity,
    session: Session,
    categories: Categories,
    rules: HouseRules,
    listing_id: UUID,
    data: ListingChanges,
) -> Listing:
    """Change what you name; the rest stays. `quantity` is the new total, not below what is reserved and sold."""
    seller_id, tree = identity.user(), await categories.tree()
    news = await listings.edit(session, seller_id, listing_id, data, tree=tree, rules=rules, now=kernel.clock.now())
    kernel.outbox.emit(session, *news)
    return await views.listing(session, listing_id, seller_id, tree)


@route(
    "/listings/{listing_id:uuid}/publication",
    http_method=[HttpMethod.PUT, HttpMethod.POST],
    status_code=200,
    tags=["Listings"],
    operation_id=lambda _handler, method, _path: "publishListing" if method is HttpMethod.PUT else "publishListingPost",
    summary="Put a listing on sale",
)
async def publish_listing(
    *,
    kernel: Kernel,
    identity: Identity,
    session: Session,
    categories: Categories,
    rules: HouseRules,
    listing_id: UUID,
) -> Listing:
    """Put a draft or withdrawn listing on sale; one that is on sale stays as it is."""
    seller_id, tree = identity.user(), await categories.tree()
    news = await listings.publish(session, seller_id, listing_id, rules=rules, now=kernel.clock.now())
    kernel.outbox.emit(session, *news)
    return await views.listing(session, listing_id, seller_id, tree)


@delete(
    "/listings/{listing_id:uuid}/publication",
    tags=["Listings"],
    operation_id="withdrawListing",
    summary="Take a listing off sale",
)
async def withdraw_listing(kernel: Kernel, identity: Identity, session: Session, listing_id: UUID) -> None:
    """Nobody can buy it any more; purchases under way go on."""
    await listings.withdraw(session, identity.user(), listing_id, now=kernel.clock.now())


@get("/me/listings", tags=["Listings"], operation_id="listMyListings", summary="My listings")
async def list_my_listings(
    *,
    identity: Identity,
    reader: ReadSession,
    status: ListingStatus | None = None,
    cursor: CursorText = None,
    limit: PageSize = pages.PAGE_DEFAULT,
) -> ListingPage:
    """Your own listings of every status, those made last first."""
    return await own_listings.of_seller(reader, identity.user(), status, cursor=cursor, limit=limit)


@post(
    "/me/listings/changes",
    tags=["Listings"],
    operation_id="changeManyListings",
    summary="Change many of my listings",
    status_code=200,
)
async def change_many(
    *,
    kernel: Kernel,
    identity: Identity,
    session: Session,
    categories: Categories,
    rules: HouseRules,
    data: ManyChanges,
) -> ManyOutcome:
    """Prices, quantities, on sale or off: the same for up to 200 listings. What cannot be changed stays and is named."""
    seller_id, tree = identity.user(), await categories.tree()
    outcome, news = await bulk_edit.change_many(
        session, seller_id, data, tree=tree, rules=rules, now=kernel.clock.now()
    )
    kernel.outbox.emit(session, *news)
    return outcome


@post("/listings/{listing_id:uuid}/copies", tags=["Listings"], operation_id="copyListing", summary="Copy my listing")
async def copy_listing(
    *,
    kernel: Kernel,
    identity: Identity,
    session: Session,
    categories: Categories,
    listing_id: UUID,
    data: NewCopy,
) -> Listing:
    """A new draft that says and shows the same, for one unit."""
    seller_id, tree = identity.user(), await categories.tree()
    copy_id = await bulk_edit.copy(session, seller_id, listing_id, data.id, now=kernel.clock.now())
    return await views.listing(session, copy_id, seller_id, tree)


@get("/internal/listings", include_in_schema=False)
async def show_snapshots(
    identity: Identity,
    reader: ReadSession,
    ids: Annotated[list[UUID], Parameter(min_items=1, max_items=SNAPSHOTS_MAX)],
) -> list[ListingSnapshot]:
    """What the store needs of these listings (`ids` repeated); those that do not exist are left out."""
    identity.require_service("store", "entrypoint")
    return await views.snapshots(reader, ids)


@post("/internal/listings/batch", include_in_schema=False, status_code=200, request_max_body_size=BATCH_BYTES_MAX)
async def add_batch(
    kernel: Kernel, identity: Identity, session: Session, categories: Categories, data: ListingBatch
) -> BatchReceipt:
    """Publish listings of any seller at once; those that are there already stay as they are."""
    require_entrypoint_or_admin(identity)
    added = await batch.publish_batch(
        session,
        data.listings,
        data.profiles,
        tree=await categories.tree(),
        currency=kernel.settings.currency,
        now=kernel.clock.now(),
    )
    return BatchReceipt(added=added)


@get("/internal/cards", include_in_schema=False)
async def show_cards(
    kernel: Kernel,
    identity: Identity,
    ids: Annotated[list[UUID], Parameter(min_items=1, max_items=CARDS_MAX)],
) -> list[ListingCard]:
    """These listings as cards, in this order; those that are neither on sale nor sold are left out."""
    identity.require_service("entrypoint")
    return await views.cards_of(kernel.database, ids)


@get("/internal/sitemap", include_in_schema=False)
async def show_sitemap(
    identity: Identity, reader: ReadSession, category: str, page: Annotated[int, Parameter(ge=1, le=SITEMAPS_MAX)] = 1
) -> list[SitemapEntry]:
    """A page of the listings on sale of one category, without those below it, oldest first."""
    identity.require_service("entrypoint")
    return await views.sitemap(reader, category, page)


ROUTES = (
    show_cards,
    show_sitemap,
    create_listing,
    show_listing,
    show_listings_page,
    edit_listing,
    publish_listing,
    withdraw_listing,
    list_my_listings,
    change_many,
    copy_listing,
    show_snapshots,
    add_batch,
)
