"""Operators' view of what people look for and nobody sells."""

from typing import Any

from litestar import Response, get

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.admin.admins import admin_of
from entrypoint.pages.find.search_query import Search
from souk.contracts.catalogue.search import SEARCH_MISSES_KEPT_DAYS, SearchMiss


@get("/admin/searches")
async def show_searches(request: PageRequest) -> Response[Any]:
    """Searches that found nothing, the most frequent first."""
    member = admin_of(request)
    found = await or_none(member.catalogue.list_search_misses(member.identity))
    misses = None if found is None else [_told(miss) for miss in found]
    context = {"active": "admin", "misses": misses, "days": SEARCH_MISSES_KEPT_DAYS}
    return await render_page(request, "pages/admin/searches.html", context)


def _told(miss: SearchMiss) -> dict[str, Any]:
    return {
        "words": miss.words,
        "href": Search(q=miss.words).href(),
        "asked": miss.asked,
        "first_on": miss.first_on,
        "last_on": miss.last_on,
    }


ROUTES = [show_searches]
