"""Public routes of saved searches."""

from uuid import UUID

from litestar import delete, get, patch, post

from catalogue.categories.categories import Categories
from catalogue.saved_searches import saved_searches
from souk.contracts.catalogue.saved_searches import NewSavedSearch, SavedSearch, SavedSearchChanges
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel


@get("/me/searches", tags=["Saved searches"], operation_id="listSavedSearches", summary="My saved searches")
async def list_searches(kernel: Kernel, identity: Identity, reader: ReadSession) -> list[SavedSearch]:
    """All your saved searches, the newest first, with how much each found in the last 30 days."""
    return await saved_searches.list_of(reader, identity.user(), now=kernel.clock.now())


@post("/me/searches", tags=["Saved searches"], operation_id="saveSearch", summary="Save a search")
async def save_search(
    *, kernel: Kernel, identity: Identity, session: Session, categories: Categories, data: NewSavedSearch
) -> SavedSearch:
    """Be told when a listing is published that it finds. With an `id` of your own it is safe to repeat."""
    user_id, tree, now = identity.user(), await categories.tree(), kernel.clock.now()
    search_id = await saved_searches.save(session, user_id, data, tree=tree, now=now)
    return await saved_searches.one(session, user_id, search_id, now=now)


@patch(
    "/me/searches/{search_id:uuid}",
    tags=["Saved searches"],
    operation_id="renameSearch",
    summary="Rename a saved search",
)
async def rename_search(
    *, kernel: Kernel, identity: Identity, session: Session, search_id: UUID, data: SavedSearchChanges
) -> SavedSearch:
    """Give a saved search another name."""
    await saved_searches.rename(session, identity.user(), search_id, data.name)
    return await saved_searches.one(session, identity.user(), search_id, now=kernel.clock.now())


@delete(
    "/me/searches/{search_id:uuid}",
    tags=["Saved searches"],
    operation_id="deleteSearch",
    summary="Delete a saved search",
)
async def delete_search(identity: Identity, session: Session, search_id: UUID) -> None:
    """Be told of it no more."""
    await saved_searches.forget(session, identity.user(), search_id)


ROUTES = (list_searches, save_search, rename_search, delete_search)
