"""A seller's own listings: what is on sale, what is not, and one press to change that."""

import asyncio
import re
from contextlib import suppress
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.cards import condition_name, listing_href, shot
from entrypoint.pages.forms import SentForm, sent_form
from entrypoint.pages.inputs import mend_of
from entrypoint.pages.sell.sell import own_listing, publish
from souk.amounts import AmountError, read_amount
from souk.contracts.catalogue.listings import (
    MANY_MAX,
    Listing,
    ListingCard,
    ListingPage,
    ListingStatus,
    ManyChanges,
    ManyOutcome,
    NewCopy,
)
from souk.errors import NotFound, RuleBroken
from souk.http.client import Refused
from souk.ids import new_id

HERE = "/listings/mine"
PAGE_SIZE = 50
REFUSED_SHOWN_MAX = 4

_WHOLE = re.compile(r"[+-]?[0-9]{1,4}")


@get(HERE)
async def my_listings(request: PageRequest) -> Response[str]:
    """One's own listings, all or of one status. `undo` names one that was just taken off sale."""
    ask, query = asker(request), request.query_params
    status = next((value for value in get_args(ListingStatus) if value == query.get("status")), None)
    cursor = str(query.get("cursor") or "")
    counts, (found, moved), taken_off = await asyncio.gather(
        _counts(ask), _page_of(ask, status, cursor), _taken_off(ask, str(query.get("undo") or ""))
    )
    words = {
        "": ask.words("All"),
        "published": ask.words("On sale"),
        "draft": ask.words("Drafts"),
        "withdrawn": ask.words("Off sale"),
        "sold": ask.words("Sold out"),
        **({"hidden": ask.words("Taken down")} if counts.get("hidden") or status == "hidden" else {}),
    }
    following = {"status": status or "", "cursor": found.next_cursor or ""}
    context = {
        "active": "listings",
        "status_now": status or "",
        "moved": moved,
        "tabs_shown": [
            {
                "label": label,
                "href": f"{HERE}?status={key}" if key else HERE,
                "current": key == (status or ""),
                "count": counts.get(key, ""),
            }
            for key, label in words.items()
        ],
        "listings": [_row(ask, card) for card in found.items],
        "next": f"{HERE}?{urlencode({k: v for k, v in following.items() if v})}" if found.next_cursor else "",
        "taken_off": taken_off,
        "copy_ids": {card.id: new_id() for card in found.items},
        "nothing_at_all": not any(counts.values()),
    }
    return await render_page(request, "pages/sell/mine.html", context)


@post("/listings/{listing_id:uuid}/publication")
async def put_on_sale(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Put a draft, or what was taken off, on sale; what is missing for that can be mended in its form."""
    ask, form = asker(request), await sent_form(request)
    try:
        listing = await publish(ask, listing_id)
    except RuleBroken as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        ask.ctx.flash("danger", refused.message)
        return redirect(f"/listings/{listing_id}/edit")
    ask.ctx.flash("success", ask.words("It is on sale: %s") % listing.title)
    return redirect(
        _back(form.text("status")) if form.text("from") == "mine" else listing_href(listing.id, listing.slug)
    )


@post("/listings/{listing_id:uuid}/withdrawal")
async def take_off_sale(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Take a listing off sale; the next page offers to put it back."""
    ask, form = asker(request), await sent_form(request)
    path = f"/listings/{listing_id}/publication"
    try:
        await ask.parts.clients.catalogue.call("DELETE", path, type(None), identity=ask.identity)
    except Refused as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        ask.ctx.flash("danger", refused.message)
        return redirect(_back(form.text("status")))
    return redirect(_back(form.text("status"), undo=str(listing_id)))


@post(f"{HERE}/changes")
async def change_many(request: PageRequest) -> Response[Any]:
    """Do the same to all that were chosen; what it cannot be done to is named."""
    ask, form = asker(request), await sent_form(request)
    back = _back(form.text("status"))
    changes = _many(ask, form)
    if isinstance(changes, str):
        ask.ctx.flash("danger", changes)
        return redirect(back)
    try:
        outcome = await ask.parts.clients.catalogue.post(
            "/me/listings/changes", ManyOutcome, identity=ask.identity, json=changes
        )
    except Refused as refused:
        if refused.status >= 500:
            raise
        ask.ctx.flash("danger", refused.message)
        return redirect(back)
    if outcome.changed:
        changed = ask.ctx.reader.translations.ngettext(
            "%s listing is changed.", "%s listings are changed.", outcome.changed
        )
        ask.ctx.flash("success", changed % ask.ctx.reader.number(outcome.changed))
    for one in outcome.refused[:REFUSED_SHOWN_MAX]:
        ask.ctx.flash("warning", f"{one.title}: {one.message}" if one.title else one.message)
    return redirect(back)


@post("/listings/{listing_id:uuid}/copies")
async def copy(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """A new draft that says the same, to be changed."""
    ask, form = asker(request), await sent_form(request)
    path, new = f"/listings/{listing_id}/copies", NewCopy(id=form.uuid("id"))
    try:
        made = await ask.parts.clients.catalogue.post(path, Listing, identity=ask.identity, json=new)
    except Refused as refused:
        if refused.status in (403, 404) or refused.status >= 500:
            raise
        ask.ctx.flash("danger", refused.message)
        return redirect(HERE)
    ask.ctx.flash("success", ask.words("This is the copy, a draft. Change what is different."))
    return redirect(f"/listings/{made.id}/edit")


def _many(ask: Asker, form: SentForm) -> ManyChanges | str:
    """What to change of which, or what has to be mended in the form."""
    ids = []
    for text in form.texts("ids")[:MANY_MAX]:
        with suppress(ValueError):
            ids.append(UUID(text))
    if not ids:
        return ask.words("Choose the listings first.")
    do, value = form.text("do"), form.text("value").replace("−", "-").rstrip("% ")
    if do in ("publish", "withdraw"):
        return ManyChanges(ids=ids, sale=do)  # type: ignore[arg-type]
    if do in ("offers", "no-offers"):
        return ManyChanges(ids=ids, accepts_offers=do == "offers")
    if do == "price":
        try:
            return ManyChanges(ids=ids, price=read_amount(value, ask.currency))
        except AmountError as error:
            return mend_of(error, ask.currency, ask.ctx.reader)
    if not _WHOLE.fullmatch(value):
        return ask.words("Enter a whole number, such as 5 or -10.")
    if do == "percent" and -90 <= int(value) <= 500:
        return ManyChanges(ids=ids, price_percent=int(value))
    if do == "more":
        return ManyChanges(ids=ids, quantity_more=int(value))
    return ask.words("Prices can go down by 90 percent and up by 500 percent.")


def _back(status: str, **more: str) -> str:
    shown = {"status": status if status in get_args(ListingStatus) else "", **more}
    query = urlencode({name: value for name, value in shown.items() if value})
    return f"{HERE}?{query}" if query else HERE


async def _page_of(ask: Asker, status: ListingStatus | None, cursor: str) -> tuple[ListingPage, bool]:
    """A page, and whether the cursor led nowhere, so that it is the first one."""
    try:
        return await _ask(ask, status, cursor=cursor, limit=PAGE_SIZE), False
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return await _ask(ask, status, limit=PAGE_SIZE), True


async def _counts(ask: Asker) -> dict[str, str]:
    """How many there are of each status, as the tabs show it."""
    statuses = get_args(ListingStatus)
    pages = await asyncio.gather(*(_ask(ask, status, limit=1) for status in statuses))

    def text(found: ListingPage) -> str:
        number = ask.ctx.reader.number(min(found.total, found.total_exact_max))
        return f"{number}+" if found.total > found.total_exact_max else number if found.total else ""

    return {status: text(found) for status, found in zip(statuses, pages, strict=True)}


async def _ask(ask: Asker, status: ListingStatus | None, **params: Any) -> ListingPage:
    sent = {name: value for name, value in {"status": status, **params}.items() if value}
    return await ask.parts.clients.catalogue.get("/me/listings", ListingPage, identity=ask.identity, params=sent)


async def _taken_off(ask: Asker, undo: str) -> Listing | None:
    """The listing that was just taken off, if it can be put back."""
    try:
        listing = await own_listing(ask, UUID(undo))
    except (ValueError, Refused, NotFound):
        return None
    return listing if listing.status == "withdrawn" and listing.available else None


def _row(ask: Asker, card: ListingCard) -> dict[str, Any]:
    return {
        "id": card.id,
        "href": listing_href(card.id, card.slug),
        "title": card.title,
        "price": ask.ctx.reader.money(card.price),
        "condition": condition_name(ask.ctx.reader, card.condition),
        "picture": shot(card.picture),
        "available": card.available,
        "status": card.status,
        "published_at": card.published_at,
    }


ROUTES = [my_listings, put_on_sale, take_off_sale, change_many, copy]
