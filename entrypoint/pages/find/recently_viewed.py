"""What somebody looked at lately: kept by their own browser in a signed cookie, by nobody else."""

from uuid import UUID

from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import CHOICE_LASTS, RequestContext, context_of
from entrypoint.web.cookies import cookie_name
from souk.contracts.catalogue.listings import ListingCard
from souk.errors import RuleBroken

SEEN = "souk_seen"
SEEN_MAX = 8
"""Listings that are remembered."""

ID_BYTES = 16


def recently_viewed_by(request: PageRequest) -> list[UUID]:
    """The listings, the latest first."""
    ctx = context_of(request)
    kept = request.cookies.get(cookie_name(SEEN, secure=ctx.secure), "")
    value = ctx.parts.signer.read("seen", kept) if kept else None
    if value is None or len(value) % ID_BYTES:
        return []
    return [UUID(bytes=value[start : start + ID_BYTES]) for start in range(0, len(value), ID_BYTES)][:SEEN_MAX]


def remember(ctx: RequestContext, listing_id: UUID, before: list[UUID]) -> None:
    """Put a listing first."""
    ids = list(dict.fromkeys([listing_id, *before]))[:SEEN_MAX]
    ctx.set_cookie(SEEN, ctx.parts.signer.sign("seen", b"".join(each.bytes for each in ids)), CHOICE_LASTS)


async def viewed_cards(ctx: RequestContext, ids: list[UUID]) -> list[ListingCard]:
    """The listings as they are now; none while the catalogue does not answer."""
    if not ids:
        return []
    try:
        return await ctx.parts.clients.catalogue.list_cards(ids)
    except RuleBroken:
        return []
