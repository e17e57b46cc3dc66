"""Public routes of how one's listings do."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import Parameter

from catalogue.insights import insights
from souk.contracts.catalogue.listings import Insights
from souk.database import ReadSession
from souk.http import Identity, Kernel

Days = Annotated[int, Parameter(ge=1, le=insights.DAYS_MAX, description="Days, today included")]


@get(
    "/me/listings/{listing_id:uuid}/insights",
    tags=["Listings"],
    operation_id="getInsights",
    summary="How my listing does",
)
async def show_insights(
    kernel: Kernel, identity: Identity, reader: ReadSession, listing_id: UUID, days: Days = 30
) -> Insights:
    """Views, new watchers, cart adds and units sold, day by day (UTC)."""
    return await insights.insights_of(reader, identity.user(), listing_id, days, now=kernel.clock.now())


ROUTES = (show_insights,)
