"""Listings that somebody watches."""

from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import Response, get, post

from entrypoint.pages.asking import Asker, asker, or_none
from entrypoint.pages.cards import card, listing_href
from entrypoint.pages.inputs import form_of
from entrypoint.web.frame import PageRequest, page, redirect, safe_next
from entrypoint.web.visits import Visit, current_user
from souk.contracts.catalogue import Watch, WatchPage
from souk.errors import NotFound, RuleBroken
from souk.http.client import Refused

HERE = "/watching"
PAGE_SIZE = 24


async def is_watched(visit: Visit, listing_id: UUID) -> bool:
    """Whether the visitor watches it; no, while that cannot be found out."""
    if visit.user is None:
        return False
    asked = visit.parts.clients.catalogue.get(f"/me/watches/{listing_id}", Watch, identity=visit.identity)
    try:
        return await or_none(asked) is not None
    except Refused as refused:
        if refused.status == NotFound.status:
            return False
        raise


@get(HERE)
async def show(request: PageRequest) -> Response[Any]:
    """What is watched: what was added last first, or what ends first."""
    ask, query = asker(request), request.query_params
    sort = "ending" if query.get("sort") == "ending" else "recent"
    found, moved = await _page_of(ask, sort, str(query.get("cursor") or ""))
    words = {"recent": ask.words("Added last"), "ending": ask.words("Ending first")}
    context = {
        "active": "watching",
        "items": [_shown(ask, watch) for watch in found.items],
        "moved": moved,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "tabs_shown": [
            {"label": label, "href": HERE if key == "recent" else f"{HERE}?sort={key}", "current": key == sort}
            for key, label in words.items()
        ],
        "next": f"{HERE}?{urlencode({'sort': sort, 'cursor': found.next_cursor})}" if found.next_cursor else "",
    }
    return await page(request, "pages/watching/watching.html", context)


@post("/listings/{listing_id:uuid}/watch")
async def change(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Begin to watch, or stop; visitors log in first. `next` is the page to go back to."""
    form = await form_of(request)
    back = safe_next(form.text("next"), listing_href(listing_id))
    if current_user(request) is None:
        return redirect(f"/login?next={quote(back)}")
    ask, path = asker(request), f"/me/watches/{listing_id}"
    try:
        if form.text("act") == "stop":
            await ask.parts.clients.catalogue.call("DELETE", path, type(None), identity=ask.identity)
            ask.visit.flash("info", ask.words("You do not watch it any more."))
        else:
            await ask.parts.clients.catalogue.call("PUT", path, Watch, identity=ask.identity)
            ask.visit.flash("success", ask.words("You are told when it becomes cheaper or can be had again."))
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        ask.visit.flash("danger", refused.message)
    return redirect(back)


async def _page_of(ask: Asker, sort: str, cursor: str) -> tuple[WatchPage, bool]:
    """A page, and whether the cursor led nowhere, so that it is the first one."""
    params = {"sort": sort, "limit": PAGE_SIZE}
    get_page = ask.parts.clients.catalogue.get
    try:
        more = {"cursor": cursor} if cursor else {}
        return await get_page("/me/watches", WatchPage, identity=ask.identity, params=params | more), False
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return await get_page("/me/watches", WatchPage, identity=ask.identity, params=params), True


def _shown(ask: Asker, watch: Watch) -> dict[str, Any]:
    reader, listing = ask.visit.reader, watch.listing
    shown = card(reader, listing)
    if listing.price.amount != watch.price_then.amount:
        shown["was"] = reader.money(watch.price_then)
    return {"card": shown, "id": listing.id, "status": listing.status, "ends_at": watch.ends_at}


ROUTES = [show, change]
