"""Internal routes of searches that found nothing."""

from litestar import get

from catalogue.missed_searches.missed_searches import most_missed
from souk.contracts.catalogue.search import SearchMiss
from souk.database import ReadSession
from souk.http import Identity


@get("/internal/search-misses", include_in_schema=False)
async def list_misses(identity: Identity, reader: ReadSession) -> list[SearchMiss]:
    """What people looked for and nothing on sale had, most often first; for admins."""
    identity.require_role("admin")
    return await most_missed(reader)


ROUTES = (list_misses,)
