"""Public routes of finding things: browsing, searching, counting, suggesting."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import Parameter
from sqlalchemy.exc import SQLAlchemyError

from catalogue import metrics
from catalogue.categories.categories import Categories, CategoryTree
from catalogue.missed_searches.missed_searches import Misses
from catalogue.search import advice, facets, highlights, pages, similar
from catalogue.search.filters import Filters
from catalogue.search.parameters import CursorText, FiltersGiven, PageSize, filters_given
from catalogue.search.query import WORDS_CHARS_MAX
from catalogue.sellers.sellers import known_seller
from catalogue.vocabulary import vocabulary
from catalogue.watchlist import watchlist
from souk.contracts.catalogue.listings import TITLE_CHARS_MAX, Advice, ListingCard, ListingPage
from souk.contracts.catalogue.search import Facets, ShownResults, Sort, Suggestion
from souk.database import ReadSession
from souk.http import Identity, Kernel

FACETS_WAIT_S = 1.0
"""How long a page of results waits for its counts."""


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
    limit: PageSize = pages.PAGE_DEFAULT,
) -> ListingPage:
    """What is on sale, a page at a time. All words must be there; `"…"` is a phrase, `-…` must not be there.

    `relevance` puts titles that are the words or begin with them first, then matches in the title, then those in title and
    attributes, the newest first within each. Where hardly anything has all the words, listings follow, in any order, that
    have them in other forms, or (`not_all_words`) most of them.
    """
    tree = await categories.tree()
    asked, now = filters.checked(tree), kernel.clock.now()
    return await _page(reader, asked, misses, sort=sort, cursor=cursor, limit=limit, tree=tree, now=now)


async def _page(
    reader: ReadSession,
    asked: Filters,
    misses: Misses,
    *,
    sort: Sort,
    cursor: str | None,
    limit: int,
    tree: CategoryTree,
    now: datetime,
) -> ListingPage:
    found = await pages.search(reader, asked, sort=sort, cursor=cursor, limit=limit, tree=tree, now=now)
    page = found.page
    if found.stems is not None and page.items:
        items = await highlights.mark(reader, page.items, found.stems, found.loosened)
        page = msgspec.structs.replace(page, items=items, not_all_words=any(card.missing for card in items))
    alone = asked.words is not None and cursor is None and asked == Filters(words=asked.words)
    if alone and limit > 1:
        metrics.searches.labels(_outcome(found)).inc()
    if asked.words is not None and (page.total == 0 or (found.loosened is not None and found.loosened.most)):
        if alone:  # filters may be why nothing is found
            misses.note(asked.words.wanted)
        page = msgspec.structs.replace(page, did_you_mean=await vocabulary.meant(reader, asked.words, tree, now))
    return page


def _outcome(found: pages.Found) -> metrics.SearchOutcome:
    if found.page.total == 0:
        return "nothing"
    return "loosened" if found.loosened is not None else "found"


@get("/internal/results", include_in_schema=False, dependencies={"filters": Provide(filters_given)})
async def show_results(
    *,
    kernel: Kernel,
    identity: Identity,
    categories: Categories,
    filters: FiltersGiven,
    misses: Misses,
    sort: Sort = "newest",
    cursor: CursorText = None,
    limit: PageSize = pages.PAGE_DEFAULT,
) -> ShownResults:
    """`list_listings`, with all that a page of results shows beside it. Counts are an aid: without them, or when they come
    late, the rest is told all the same."""
    tree = await categories.tree()
    asked, now = filters.checked(tree), kernel.clock.now()
    counting = asyncio.create_task(_counted(kernel, asked, tree, now))
    try:
        # Closed before anything else needs a connection: whoever holds one must not wait for another.
        async with kernel.database.reading() as reader:
            page = await _page(reader, asked, misses, sort=sort, cursor=cursor, limit=limit, tree=tree, now=now)
        seller = await known_seller(kernel.database, asked.seller) if asked.seller else None
        ids = [card.id for card in page.items]
        watched = await watchlist.marks_of(kernel.database, identity.user_id, ids, now=now)
        return ShownResults(page=page, facets=await counting, seller=seller, watched=watched)
    finally:
        counting.cancel()


async def _counted(kernel: Kernel, asked: Filters, tree: CategoryTree, now: datetime) -> Facets | None:
    """Beside the search, over a connection of its own."""
    known = facets.kept_facets(asked, tree)
    if known is not None:
        return known
    try:
        async with asyncio.timeout(FACETS_WAIT_S), kernel.database.reading() as session:
            return await facets.count_facets(session, asked, tree=tree, now=now)
    except (SQLAlchemyError, TimeoutError) as failure:
        kernel.log.warning("results without counts", error=repr(failure)[:300])
        return None


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
async def list_similar(kernel: Kernel, categories: Categories, listing_id: UUID) -> list[ListingCard]:
    """Others on sale of the same kind, those with the most words in common first."""
    return await similar.similar_to(kernel.database, listing_id, await categories.tree())


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


ROUTES = (list_listings, show_results, count_listings, suggest, list_similar, give_advice)
