"""Listings that somebody watches."""

import re
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page, safe_next
from entrypoint.context.request_context import RequestContext, context_of, current_user
from entrypoint.pages.cards import card, listing_href
from entrypoint.pages.fields import Fields
from entrypoint.pages.forms import form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.cookies import cookie_name
from entrypoint.web.marking import N_
from souk.contracts.catalogue.watchlist import Watch, WatchPage, WatchSort
from souk.errors import RuleBroken, Unauthenticated
from souk.http.client import Refused

HERE = "/watching"
PAGE_SIZE = 24

WISHED = f"{HERE}/wished"
"""The page that watches what a visitor wanted to, once they have logged in."""

WISH = "souk_wish"
"""The signed cookie of what a visitor wants to watch, until they have logged in."""
WISH_LASTS = timedelta(minutes=30)

_CARD = re.compile(r"[a-z]{1,12}-[0-9a-f-]{36}")
"""The name of a card on its page."""


TOLD = N_("You are told when it becomes cheaper or can be had again.")


class WatchEntry(Fields, frozen=True, kw_only=True):
    """Whether a listing is watched from now on, and the page to come back to."""

    act: Literal["watch", "stop"] = "watch"
    next: str = ""


@get(HERE)
async def show(request: PageRequest) -> Response[Any]:
    """What is watched: what was added last first, or what ends first."""
    member, query = member_context(request), request.query_params
    sort: WatchSort = "ending" if query.get("sort") == "ending" else "recent"
    found, moved = await _page_of(member, sort, str(query.get("cursor") or ""))
    words = {"recent": member.gettext("Added last"), "ending": member.gettext("Ending first")}
    context = {
        "active": "watching",
        "items": [_shown(member, watch) for watch in found.items],
        "moved": moved,
        "tabs_shown": [
            {"label": label, "href": HERE if key == "recent" else f"{HERE}?sort={key}", "current": key == sort}
            for key, label in words.items()
        ],
        "next": f"{HERE}?{urlencode({'sort': sort, 'cursor': found.next_cursor})}" if found.next_cursor else "",
    }
    return await render_page(request, "pages/find/watching.html", context)


@post("/listings/{listing_id:uuid}/watch")
async def change(request: PageRequest, listing_id: UUID, at: str = "") -> Response[Any]:
    """Begin to watch, or stop. `next` is the page to go back to, `at` the card on it.

    Visitors log in first, and then it is done. Scripts that ask for JSON stay on their page.
    """
    entry = (await form_of(request, WatchEntry)).entered
    by_script = request.headers.get("accept") == "application/json"
    back = safe_next(entry.next, listing_href(listing_id))
    if _CARD.fullmatch(at):
        back = f"{back.partition('#')[0]}#{at}"
    if current_user(request) is None:
        if by_script:
            raise Unauthenticated("Log in to watch it.", code="log-in-to-watch")
        return _after_login(context_of(request), listing_id, back)
    member, stop = member_context(request), entry.act == "stop"
    try:
        await _change(member, listing_id, stop=stop)
    except RuleBroken as refused:
        if by_script or refused.status == 404 or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(back)
    if by_script:
        return Response(None, status_code=204)
    if stop:
        member.ctx.flash("info", member.gettext("You do not watch it any more."))
    else:
        member.ctx.flash("success", member.gettext(TOLD))
    return redirect(back)


@get(WISHED)
async def watch_wished(request: PageRequest, next: str = "") -> Response[Any]:
    """After the login: watch what the visitor wanted to.

    It stands in a cookie that only their own press of a heart has set, so no link makes anybody watch a thing.
    """
    member, back = member_context(request), safe_next(next, HERE)
    wished = wish_of(request)
    if wished is None:
        return redirect(back)
    member.ctx.drop_cookie(WISH)
    try:
        await _change(member, wished, stop=False)
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
    else:
        member.ctx.flash("success", member.gettext(TOLD))
    return redirect(back)


def wish_of(request: PageRequest) -> UUID | None:
    """The listing whose heart this visitor pressed before they logged in."""
    ctx = context_of(request)
    kept = request.cookies.get(cookie_name(WISH, secure=ctx.secure), "")
    value = ctx.parts.signer.read("wish", kept) if kept else None
    return UUID(bytes=value) if value is not None and len(value) == 16 else None


def _after_login(ctx: RequestContext, listing_id: UUID, back: str) -> Response[Any]:
    ctx.set_cookie(WISH, ctx.parts.signer.sign("wish", listing_id.bytes), WISH_LASTS)
    return redirect(f"/login?next={quote(f'{WISHED}?next={quote(back)}')}")


async def _change(member: MemberContext, listing_id: UUID, *, stop: bool) -> None:
    if stop:
        await member.catalogue.unwatch_listing(member.identity, listing_id)
    else:
        await member.catalogue.watch_listing(member.identity, listing_id)


async def _page_of(member: MemberContext, sort: WatchSort, cursor: str) -> tuple[WatchPage, bool]:
    """A page, and whether the cursor led nowhere, so that it is the first one."""
    list_watches = member.catalogue.list_watches
    try:
        return await list_watches(member.identity, sort, limit=PAGE_SIZE, cursor=cursor or None), False
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return await list_watches(member.identity, sort, limit=PAGE_SIZE), True


def _shown(member: MemberContext, watch: Watch) -> dict[str, Any]:
    reader, listing = member.ctx.reader, watch.listing
    shown = card(reader, listing) | {"heart": "on"}
    if listing.price.amount != watch.price_then.amount:
        shown["was"] = reader.money(watch.price_then)
    return {"card": shown, "id": listing.id, "status": listing.status, "ends_at": watch.ends_at}


ROUTES = [show, change, watch_wished]
