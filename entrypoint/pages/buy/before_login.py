"""What waits behind the login: why somebody was sent there, told by the page that they go on to."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from entrypoint.clients.fallbacks import tolerated
from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import shot
from entrypoint.pages.find.watchlist import WISHED, wish_of
from entrypoint.web.marking import N_
from souk.contracts.catalogue.listings import Listing

UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BY_QUERY = (("/cart", "wanted", "cart"), ("/checkout", "listing", "buy"))
"""Pages that name a listing in their query: path, parameter, and the key of WITH_LISTING."""
PLACE_OF = {"cart": "/cart", "buy": "/checkout", "watch": "/watching"}
"""What is said instead if the listing cannot be shown, a key of PLACES."""

OF_LISTING = re.compile(rf"/listings/({UUID_PATTERN})/(offer|report)")

WITH_LISTING = {
    "cart": (N_("Log in to put “{title}” into your cart."), N_("Open an account to put “{title}” into your cart.")),
    "offer": (N_("Log in to make an offer for “{title}”."), N_("Open an account to make an offer for “{title}”.")),
    "buy": (N_("Log in to buy “{title}”."), N_("Open an account to buy “{title}”.")),
    "watch": (N_("Log in to watch “{title}”."), N_("Open an account to watch “{title}”.")),
    "report": (N_("Log in to report “{title}”."), N_("Open an account to report “{title}”.")),
}
"""By what is to be done with a listing: how logging in and registering are told."""

PLACES = {
    "/sell": (N_("Log in to sell something."), N_("Open an account to sell something.")),
    "/cart": (N_("Log in to see your cart."), N_("Open an account, and you have a cart.")),
    "/checkout": (N_("Log in to pay."), N_("Open an account to pay.")),
    "/orders": (N_("Log in to see your orders."), ""),
    "/sales": (N_("Log in to see your sales."), ""),
    "/wallet": (N_("Log in to see your wallet."), N_("Open an account, and you have a wallet.")),
    "/offers": (N_("Log in to see your offers."), ""),
    "/watching": (N_("Log in to see what you watch."), N_("Open an account to watch things.")),
    "/searches": (N_("Log in to save searches."), N_("Open an account to save searches.")),
    "/notifications": (N_("Log in to see your news."), ""),
    "/invoices": (N_("Log in to see your invoices."), ""),
    "/account": (N_("Log in to see your account."), ""),
    "/listings/mine": (N_("Log in to see your listings."), ""),
}
"""By the page that waits, what lies below it included."""


def aim(target: str) -> tuple[str, UUID | None]:
    """What `target`, a page of ours, is for: a key of WITH_LISTING with the listing, or of PLACES; empty for others."""
    found = urlsplit(target)
    if of_listing := OF_LISTING.fullmatch(found.path):
        return of_listing[2], UUID(of_listing[1])
    for path, parameter, key in BY_QUERY:
        named = parse_qs(found.query).get(parameter, [""])[0]
        if found.path == path and re.fullmatch(UUID_PATTERN, named):
            return key, UUID(named)
    return next((each for each in PLACES if found.path == each or found.path.startswith(f"{each}/")), ""), None


async def waiting(request: PageRequest, target: str) -> dict[str, Any] | None:
    """What the login page says of `target`, with the listing's picture; None if there is nothing to say."""
    ctx = context_of(request)
    key, listing_id = aim(target)
    if urlsplit(target).path == WISHED:
        key, listing_id = "watch", wish_of(request)
    listing = await _listing(ctx, listing_id) if listing_id else None
    texts = WITH_LISTING[key] if listing else PLACES.get(PLACE_OF.get(key, key))
    if texts is None:
        return None
    title = listing.title if listing else ""
    login, register = (ctx.reader.gettext(text).replace("{title}", title) if text else "" for text in texts)
    picture = shot(listing.pictures[0]) if listing and listing.pictures else None
    return {"login": login, "register": register, "listing": listing is not None, "picture": picture}


async def _listing(ctx: RequestContext, listing_id: UUID) -> Listing | None:
    return await tolerated("listing", ctx.parts.clients.catalogue.get_listing(None, listing_id), None)
