"""A listing's address at which there is none, or none any more: what is like it, and how to look on."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from entrypoint.clients.fallbacks import tolerated
from entrypoint.context.errors import error_context
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import cards
from souk.contracts.catalogue.listings import TITLE_CHARS_MAX, ListingCard

SIMILAR_MAX = 8


async def missing_listing(request: PageRequest, listing_id: UUID, slug: str) -> Response[Any]:
    """Answer 410 if it was there and was taken down, else 404; with things that have the words of its address."""
    ctx = context_of(request)
    _ = ctx.reader.gettext
    words = " ".join(slug.replace("-", " ").split())[:TITLE_CHARS_MAX]
    if await _was_taken_down(ctx, listing_id):
        status, title, detail = 410, _("This listing is gone"), _("It was taken off the market.")
    else:
        status, title, detail = 404, _("There is no such listing"), _("The address may be mistyped, or it is gone.")
    similar = await _like(ctx, words) if words else []
    context = error_context(request, status, title, detail) | {
        "active": "browse",
        "again": "",
        "looked_for": words,
        "similar": cards(ctx.reader, similar),
        "next_steps": [{"href": "/browse", "label": _("Look around")}],
    }
    return await render_page(request, "error.html", context, status=status)


async def _was_taken_down(ctx: RequestContext, listing_id: UUID) -> bool:
    asked = ctx.parts.clients.catalogue.list_snapshots([listing_id])
    return any(found.status == "hidden" for found in await tolerated("status", asked, None) or [])


async def _like(ctx: RequestContext, words: str) -> list[ListingCard]:
    filters = [("q", words), ("sort", "relevance")]
    asked = ctx.parts.clients.catalogue.list_listings(ctx.identity, filters, limit=SIMILAR_MAX)
    found = await tolerated("similar", asked, None)
    # Nobody typed these words, so they are not marked.
    plain: dict[str, Any] = {"found_in_title": [], "found_in_excerpt": [], "excerpt": "", "missing": []}
    return [msgspec.structs.replace(item, **plain) for item in found.items] if found else []
