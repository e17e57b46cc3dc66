"""Public and internal routes of listings."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import HttpMethod, delete, get, patch, post, route
from litestar.di import Provide
from litestar.params import Parameter

from catalogue import metrics
from catalogue.categories.categories import Categories
from catalogue.finding import facets, marks, similar
from catalogue.finding.filters import Filters
from catalogue.finding.given import FiltersGiven, filters_given
from catalogue.finding.words import WORDS_CHARS_MAX
from catalogue.listings import advice, batch, listings, many, search, views
from catalogue.listings.cursors import CURSOR_CHARS_MAX
from catalogue.misses.misses import Misses
from catalogue.moderation.house_rules import HouseRules
from catalogue.pictures.routes import require_entrypoint_or_admin
from catalogue.vocabulary import vocabulary
from souk.contracts.catalogue import (
    SITEMAPS_MAX,
    TITLE_CHARS_MAX,
    Advice,
    BatchReceipt,
    Facets,
    Listing,
    ListingBatch,
    ListingCard,
    ListingChanges,
    ListingPage,
    ListingSnapshot,
    ListingStatus,
    ManyChanges,
    ManyOutcome,
    NewCopy,
    NewListing,
    SitemapEntry,
    Sort,
    Suggestion,
)
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

CursorText = Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX, description="`next_cursor` of a page")]
PageSize = Annotated[int, Parameter(ge=1, le=search.PAGE_MAX, description="Listings on a page")]


@get(
    "/listings",
    tags=["Listings"],
    operation_id="listListings",
    summary="Browse and search",
    dependencies={"filters": Provide(filters_given)},
)
async def list_listings(
    *,
    kernel: Kernel,
    reader: ReadSession,
    categories: Categories,
    filters: FiltersGiven,
    misses: Misses,
    sort: Sort = "newest",
    cursor: CursorText = None,
    limit: PageSize = search.PAGE_DEFAULT,
) -> ListingPage:
    """What is on sale, a page at a time. All words must be there; `"…"` is a phrase, `-…` must not be there.

    `relevance` puts titles that are the words or begin with them first, then matches in the title, then those in title and
    attributes, the newest first within each. Where hardly anything has all the words, listings follow, in any order, that
    have them in other forms, or (`not_all_words`) most of them.
    """
    tree, now = await categories.tree(), kernel.clock.now()
    asked = filters.checked(tree)
    found = await search.search(reader, asked, sort=sort, cursor=cursor, limit=limit, tree=tree, now=now)
    page = found.page
    if found.stems is not None and page.items:
        items = await marks.mark(reader, page.items, found.stems, found.loosened)
        page = msgspec.structs.replace(page, items=items, not_all_words=any(card.missing for card in items))
    alone = asked.words is not None and cursor is None and asked == Filters(words=asked.words)
    if alone and limit > 1:
        metrics.searches.labels(_outcome(found)).inc()
    if asked.words is not None and (page.total == 0 or (found.loosened is not None and found.loosened.most)):
        if alone:  # filters may be why nothing is found
            misses.note(asked.words.wanted)
        page = msgspec.structs.replace(page, did_you_mean=await vocabulary.meant(reader, asked.words, tree, now))
    return page


def _outcome(found: search.Found) -> metrics.SearchOutcome:
    if found.page.total == 0:
        return "nothing"
    return "loosened" if found.loosened is not None else "found"


@get(
    "/listings/facets",
    tags=["Listings"],
    operation_id="countListings",
    summary="Count what is found",
    dependencies={"filters": Provide(filters_given)},
)
async def count_listings(kernel: Kernel, reader: ReadSession, categories: Categories, filters: FiltersGiven) -> Facets:
    """How what a search finds divides by category, condition, attributes and so on, and its prices as a histogram."""
    tree = await categories.tree()
    return await facets.count_facets(reader, filters.checked(tree), tree=tree, now=kernel.clock.now())


@get("/suggestions", tags=["Listings"], operation_id="suggestWords", summary="Complete what is typed")
async def suggest(
    reader: ReadSession, categories: Categories, q: Annotated[str, Parameter(max_length=WORDS_CHARS_MAX)] = ""
) -> list[Suggestion]:
    """Words, categories and sellers that begin like what is typed so far, the most used first."""
    return await vocabulary.suggest(reader, q, await categories.tree())


@get(
    "/listings/{listing_id:uuid}/similar", tags=["Listings"], operation_id="listSimilarListings", summary="Similar ones"
)
async def list_similar(reader: ReadSession, categories: Categories, listing_id: UUID) -> list[ListingCard]:
    """Others on sale of the same kind, those with the most words in common first."""
    return await similar.similar_to(reader, listing_id, await categories.tree())


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
async def show_listing(identity: Identity, reader: ReadSession, categories: Categories, listing_id: UUID) -> Listing:
    """A listing in full, also after it was sold or withdrawn; a draft only for its seller."""
    tree, moderating = await categories.tree(), bool(identity.roles & MODERATORS)
    return await views.listing(reader, listing_id, identity.user_id, tree, moderating=moderating)


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
    await kernel.outbox.emit(session, *news)
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
    await kernel.outbox.emit(session, *news)
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
    limit: PageSize = search.PAGE_DEFAULT,
) -> ListingPage:
    """Your own listings of every status, those made last first."""
    return await search.of_seller(reader, identity.user(), status, cursor=cursor, limit=limit)


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
    outcome, news = await many.change_many(session, seller_id, data, tree=tree, rules=rules, now=kernel.clock.now())
    await kernel.outbox.emit(session, *news)
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
    copy_id = await many.copy(session, seller_id, listing_id, data.id, now=kernel.clock.now())
    return await views.listing(session, copy_id, seller_id, tree)


@get("/me/listings/advice", tags=["Listings"], operation_id="adviseSeller", summary="Advice for a new listing")
async def give_advice(
    *,
    kernel: Kernel,
    identity: Identity,
    reader: ReadSession,
    title: Annotated[str, Parameter(max_length=TITLE_CHARS_MAX)],
    category: Annotated[str | None, Parameter(max_length=60)] = None,
    language: Annotated[str, Parameter(max_length=3, pattern="^[a-z]{2,3}$")] = "en",
) -> Advice:
    """A category that fits the title, and what similar things were sold for."""
    identity.user()
    return await advice.advise(reader, title, category or None, language, kernel.settings.currency)


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
        tree=await categories.tree(),
        currency=kernel.settings.currency,
        now=kernel.clock.now(),
    )
    return BatchReceipt(added=added)


@get("/internal/cards", include_in_schema=False)
async def show_cards(
    identity: Identity,
    reader: ReadSession,
    ids: Annotated[list[UUID], Parameter(min_items=1, max_items=CARDS_MAX)],
) -> list[ListingCard]:
    """These listings as cards, in this order; those that are neither on sale nor sold are left out."""
    identity.require_service("entrypoint")
    return await views.cards_of(reader, ids)


@get("/internal/sitemap", include_in_schema=False)
async def show_sitemap(
    identity: Identity, reader: ReadSession, category: str, page: Annotated[int, Parameter(ge=1, le=SITEMAPS_MAX)] = 1
) -> list[SitemapEntry]:
    """A page of the listings on sale of one category, without those below it, oldest first."""
    identity.require_service("entrypoint")
    return await views.sitemap(reader, category, page)


ROUTES = (
    list_listings,
    count_listings,
    suggest,
    list_similar,
    show_cards,
    show_sitemap,
    create_listing,
    show_listing,
    edit_listing,
    publish_listing,
    withdraw_listing,
    list_my_listings,
    change_many,
    copy_listing,
    give_advice,
    show_snapshots,
    add_batch,
)
