"""What waits behind the login: why somebody was sent there, told by the page that they go on to."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from entrypoint.pages.cards import N_, shot
from entrypoint.web.categories import tolerated
from entrypoint.web.visits import Visit
from souk.contracts.catalogue import Listing, Watch
from souk.http.identity import Identity

UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OF_LISTING = re.compile(rf"/listings/({UUID_PATTERN})/(offer|report)")

WITH_LISTING = {
    "cart": (N_("Log in to put “{title}” into your cart."), N_("Open an account to put “{title}” into your cart.")),
    "offer": (N_("Log in to make an offer for “{title}”."), N_("Open an account to make an offer for “{title}”.")),
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


def aim(target: str, watch: UUID | None) -> tuple[str, UUID | None]:
    """What `target`, a page of ours, is for: a key of WITH_LISTING with the listing, or of PLACES; empty for others."""
    if watch is not None:
        return "watch", watch
    found = urlsplit(target)
    if of_listing := OF_LISTING.fullmatch(found.path):
        return of_listing[2], UUID(of_listing[1])
    wanted = parse_qs(found.query).get("wanted", [""])[0]
    if found.path == "/cart" and re.fullmatch(UUID_PATTERN, wanted):
        return "cart", UUID(wanted)
    place = next((each for each in PLACES if found.path == each or found.path.startswith(f"{each}/")), "")
    return place, None


async def waiting(visit: Visit, target: str, watch: UUID | None) -> dict[str, Any] | None:
    """What the login page says of `target`, with the listing's picture; None if there is nothing to say."""
    key, listing_id = aim(target, watch)
    listing = await _listing(visit, listing_id) if listing_id else None
    texts = WITH_LISTING[key] if listing else PLACES.get(f"/{key}" if listing_id else key)
    if texts is None:
        return None
    title = listing.title if listing else ""
    login, register = (visit.reader.gettext(text).replace("{title}", title) if text else "" for text in texts)
    picture = shot(listing.pictures[0]) if listing and listing.pictures else None
    return {"login": login, "register": register, "listing": listing is not None, "picture": picture}


async def go_on(visit: Visit, user_id: UUID, watch: UUID | None) -> None:
    """Do what was begun before logging in: the heart that was pressed."""
    if watch is None:
        return
    identity = Identity(service="entrypoint", user_id=user_id)
    asked = visit.parts.clients.catalogue.call("PUT", f"/me/watches/{watch}", Watch, identity=identity)
    if await tolerated("watch", asked, None) is not None:
        visit.flash("success", visit.reader.gettext("You are told when it becomes cheaper or can be had again."))


async def _listing(visit: Visit, listing_id: UUID) -> Listing | None:
    return await tolerated("listing", visit.parts.clients.catalogue.get(f"/listings/{listing_id}", Listing), None)
