"""Public routes of reports, and of those who decide on them."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import Parameter

from catalogue.listings.routes import MODERATORS
from catalogue.moderation import moderation
from catalogue.search.parameters import CursorText
from souk.contracts.catalogue.moderation import CasePage, CaseStory, Decision, NewAppeal, NewReport, Takedown
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.paging import PAGE_MAX

PAGE_DEFAULT = 24

PageSize = Annotated[int, Parameter(ge=1, le=PAGE_MAX, description="Cases on a page")]


@post(
    "/listings/{listing_id:uuid}/reports",
    tags=["Moderation"],
    operation_id="reportListing",
    summary="Report a listing",
    status_code=204,
)
async def report_listing(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, data: NewReport
) -> None:
    """Tell the moderators what is wrong with a listing; once for each user and listing."""
    await moderation.report(session, identity.user(), listing_id, data, now=kernel.clock.now())


@get(
    "/listings/{listing_id:uuid}/takedown",
    tags=["Moderation"],
    operation_id="getTakedown",
    summary="Why my listing was taken down",
)
async def show_takedown(identity: Identity, reader: ReadSession, listing_id: UUID) -> Takedown:
    """The reason, and your appeal if one waits. Only for its seller, while it is hidden."""
    return await moderation.takedown(reader, identity.user(), listing_id)


@post(
    "/listings/{listing_id:uuid}/appeals",
    tags=["Moderation"],
    operation_id="appeal",
    summary="Appeal against a takedown",
)
async def appeal(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, data: NewAppeal
) -> Takedown:
    """Ask the moderators to look at your hidden listing again; one appeal at a time."""
    seller_id = identity.user()
    await moderation.appeal(session, seller_id, listing_id, data.text, now=kernel.clock.now())
    return await moderation.takedown(session, seller_id, listing_id)


@get("/moderation/cases", tags=["Moderation"], operation_id="listCases", summary="What waits for a moderator")
async def list_cases(
    identity: Identity, reader: ReadSession, cursor: CursorText = None, limit: PageSize = PAGE_DEFAULT
) -> CasePage:
    """Reported listings and appeals, the longest waiting first. For moderators."""
    identity.require_role(*MODERATORS)
    return await moderation.queue(reader, cursor=cursor, limit=limit)


@get(
    "/moderation/cases/{listing_id:uuid}",
    tags=["Moderation"],
    operation_id="getCase",
    summary="One case",
)
async def show_case(identity: Identity, reader: ReadSession, listing_id: UUID) -> CaseStory:
    """A case with its reports and everything that was decided. For moderators."""
    identity.require_role(*MODERATORS)
    return await moderation.story(reader, listing_id)


@post(
    "/moderation/cases/{listing_id:uuid}/decisions",
    tags=["Moderation"],
    operation_id="decideCase",
    summary="Decide on a listing",
)
async def decide(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, data: Decision
) -> CaseStory:
    """Hide a listing, restore it, or leave it as it is. Its seller is told. For moderators."""
    moderator_id = identity.require_role(*MODERATORS)
    news = await moderation.decide(session, moderator_id, listing_id, data, now=kernel.clock.now())
    kernel.outbox.emit(session, *news)
    return await moderation.story(session, listing_id)


ROUTES = (report_listing, show_takedown, appeal, list_cases, show_case, decide)
