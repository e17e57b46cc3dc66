"""Public routes of what a user watches."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, put
from litestar.params import Parameter

from catalogue.search.parameters import CursorText
from catalogue.watchlist import watchlist
from souk.contracts.catalogue.watchlist import Watch, WatchPage, WatchSort
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.paging import PAGE_MAX

PageSize = Annotated[int, Parameter(ge=1, le=PAGE_MAX, description="Watches on a page")]


@get("/me/watches", tags=["Watching"], operation_id="listWatches", summary="What I watch")
async def list_watches(
    *,
    kernel: Kernel,
    identity: Identity,
    reader: ReadSession,
    sort: WatchSort = "recent",
    cursor: CursorText = None,
    limit: PageSize = watchlist.PAGE_DEFAULT,
) -> WatchPage:
    """The listings you watch: those added last first, or those whose watch ends first."""
    now = kernel.clock.now()
    return await watchlist.list_of(reader, identity.user(), sort, cursor=cursor, limit=limit, now=now)


@get("/me/watches/marks", tags=["Watching"], operation_id="markWatched", summary="Which of these I watch")
async def show_marks(
    kernel: Kernel,
    identity: Identity,
    ids: Annotated[list[UUID], Parameter(min_items=1, max_items=watchlist.MARKS_MAX)],
) -> list[UUID]:
    """Those of some listings that you watch: for a page of them, so that none has to be asked about by itself."""
    return await watchlist.marks(kernel.database, identity.user(), ids, now=kernel.clock.now())


@get("/me/watches/{listing_id:uuid}", tags=["Watching"], operation_id="getWatch", summary="Whether I watch it")
async def show_watch(kernel: Kernel, identity: Identity, reader: ReadSession, listing_id: UUID) -> Watch:
    """Your watch of a listing; 404 if you do not watch it."""
    return await watchlist.one(reader, identity.user(), listing_id, now=kernel.clock.now())


@put("/me/watches/{listing_id:uuid}", tags=["Watching"], operation_id="watchListing", summary="Watch a listing")
async def watch_listing(kernel: Kernel, identity: Identity, session: Session, listing_id: UUID) -> Watch:
    """Hear of it when it becomes cheaper or can be had again, for 90 days; again begins them anew."""
    user_id, now = identity.user(), kernel.clock.now()
    await watchlist.watch(session, user_id, listing_id, now=now)
    return await watchlist.one(session, user_id, listing_id, now=now)


@delete("/me/watches/{listing_id:uuid}", tags=["Watching"], operation_id="unwatchListing", summary="Stop watching")
async def unwatch_listing(identity: Identity, session: Session, listing_id: UUID) -> None:
    """Hear no more of it."""
    await watchlist.unwatch(session, identity.user(), listing_id)


ROUTES = (list_watches, show_marks, show_watch, watch_listing, unwatch_listing)
