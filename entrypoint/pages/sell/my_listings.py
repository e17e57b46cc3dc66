"""A seller's own listings: what is on sale, what is not, and one press to change that."""

import asyncio
import re
from contextlib import suppress
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.cards import condition_name, listing_href, shot
from entrypoint.pages.forms import SentForm, sent_form
from entrypoint.pages.inputs import mend_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.sell.own_listing import own_listing, publish
from entrypoint.refusals.refusals import said_of_field
from souk.amounts import AmountError, read_amount
from souk.contracts.catalogue.listings import (
    MANY_MAX,
    Listing,
    ListingCard,
    ListingPage,
    ListingStatus,
    ManyChanges,
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
    member, query = member_context(request), request.query_params
    status = next((value for value in get_args(ListingStatus) if value == query.get("status")), None)
    cursor = str(query.get("cursor") or "")
    counts, (found, moved), taken_off = await asyncio.gather(
        _counts(member), _page_of(member, status, cursor), _taken_off(member, str(query.get("undo") or ""))
    )
    words = {
        "": member.gettext("All"),
        "published": member.gettext("On sale"),
        "draft": member.gettext("Drafts"),
        "withdrawn": member.gettext("Off sale"),
        "sold": member.gettext("Sold out"),
        **({"hidden": member.gettext("Taken down")} if counts.get("hidden") or status == "hidden" else {}),
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
        "listings": [_row(member, card) for card in found.items],
        "next": f"{HERE}?{urlencode({k: v for k, v in following.items() if v})}" if found.next_cursor else "",
        "taken_off": taken_off,
        "copy_ids": {card.id: new_id() for card in found.items},
        "nothing_at_all": not any(counts.values()),
    }
    return await render_page(request, "pages/sell/mine.html", context)


@post("/listings/{listing_id:uuid}/publication")
async def put_on_sale(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Put a draft, or what was taken off, on sale; what is missing for that can be mended in its form."""
    member, form = member_context(request), await sent_form(request)
    try:
        listing = await publish(member, listing_id)
    except RuleBroken as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.said(refused))
        return redirect(f"/listings/{listing_id}/edit")
    member.ctx.flash("success", member.gettext("It is on sale: %s") % listing.title)
    return redirect(
        _back(form.text("status")) if form.text("from") == "mine" else listing_href(listing.id, listing.slug)
    )


@post("/listings/{listing_id:uuid}/withdrawal")
async def take_off_sale(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Take a listing off sale; the next page offers to put it back."""
    member, form = member_context(request), await sent_form(request)
    try:
        await member.catalogue.withdraw_listing(member.identity, listing_id)
    except Refused as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.said(refused))
        return redirect(_back(form.text("status")))
    return redirect(_back(form.text("status"), undo=str(listing_id)))


@post(f"{HERE}/changes")
async def change_many(request: PageRequest) -> Response[Any]:
    """Do the same to all that were chosen; what it cannot be done to is named."""
    member, form = member_context(request), await sent_form(request)
    back = _back(form.text("status"))
    changes = _many(member, form)
    if isinstance(changes, str):
        member.ctx.flash("danger", changes)
        return redirect(back)
    try:
        outcome = await member.catalogue.change_many_listings(member.identity, changes)
    except Refused as refused:
        if refused.status >= 500:
            raise
        member.ctx.flash("danger", member.said(refused))
        return redirect(back)
    if outcome.changed:
        changed = member.ctx.reader.translations.ngettext(
            "%s listing is changed.", "%s listings are changed.", outcome.changed
        )
        member.ctx.flash("success", changed % member.ctx.reader.number(outcome.changed))
    for one in outcome.refused[:REFUSED_SHOWN_MAX]:
        told = said_of_field(member.ctx.reader, msgspec.structs.asdict(one))
        member.ctx.flash("warning", f"{one.title}: {told}" if one.title else told)
    return redirect(back)


@post("/listings/{listing_id:uuid}/copies")
async def copy(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """A new draft that says the same, to be changed."""
    member, form = member_context(request), await sent_form(request)
    try:
        made = await member.catalogue.copy_listing(member.identity, listing_id, NewCopy(id=form.uuid("id")))
    except Refused as refused:
        if refused.status in (403, 404) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.said(refused))
        return redirect(HERE)
    member.ctx.flash("success", member.gettext("This is the copy, a draft. Change what is different."))
    return redirect(f"/listings/{made.id}/edit")


def _many(member: MemberContext, form: SentForm) -> ManyChanges | str:
    """What to change of which, or what has to be mended in the form."""
    ids = []
    for text in form.texts("ids")[:MANY_MAX]:
        with suppress(ValueError):
            ids.append(UUID(text))
    if not ids:
        return member.gettext("Choose the listings first.")
    do, value = form.text("do"), form.text("value").replace("−", "-").rstrip("% ")
    if do in ("publish", "withdraw"):
        return ManyChanges(ids=ids, sale=do)  # type: ignore[arg-type]
    if do in ("offers", "no-offers"):
        return ManyChanges(ids=ids, accepts_offers=do == "offers")
    if do == "price":
        try:
            return ManyChanges(ids=ids, price=read_amount(value, member.currency))
        except AmountError as error:
            return mend_of(error, member.currency, member.ctx.reader)
    if not _WHOLE.fullmatch(value):
        return member.gettext("Enter a whole number, such as 5 or -10.")
    if do == "percent" and -90 <= int(value) <= 500:
        return ManyChanges(ids=ids, price_percent=int(value))
    if do == "more":
        return ManyChanges(ids=ids, quantity_more=int(value))
    return member.gettext("Prices can go down by 90 percent and up by 500 percent.")


def _back(status: str, **more: str) -> str:
    shown = {"status": status if status in get_args(ListingStatus) else "", **more}
    query = urlencode({name: value for name, value in shown.items() if value})
    return f"{HERE}?{query}" if query else HERE


async def _page_of(member: MemberContext, status: ListingStatus | None, cursor: str) -> tuple[ListingPage, bool]:
    """A page, and whether the cursor led nowhere, so that it is the first one."""
    list_mine = member.catalogue.list_my_listings
    try:
        return await list_mine(member.identity, status=status, cursor=cursor or None, limit=PAGE_SIZE), False
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return await list_mine(member.identity, status=status, limit=PAGE_SIZE), True


async def _counts(member: MemberContext) -> dict[str, str]:
    """How many there are of each status, as the tabs show it."""
    statuses = get_args(ListingStatus)
    list_mine = member.catalogue.list_my_listings
    pages = await asyncio.gather(*(list_mine(member.identity, status=status, limit=1) for status in statuses))

    def text(found: ListingPage) -> str:
        number = member.ctx.reader.number(min(found.total, found.total_exact_max))
        return f"{number}+" if found.total > found.total_exact_max else number if found.total else ""

    return {status: text(found) for status, found in zip(statuses, pages, strict=True)}


async def _taken_off(member: MemberContext, undo: str) -> Listing | None:
    """The listing that was just taken off, if it can be put back."""
    try:
        listing = await own_listing(member, UUID(undo))
    except (ValueError, Refused, NotFound):
        return None
    return listing if listing.status == "withdrawn" and listing.available else None


def _row(member: MemberContext, card: ListingCard) -> dict[str, Any]:
    return {
        "id": card.id,
        "href": listing_href(card.id, card.slug),
        "title": card.title,
        "price": member.ctx.reader.money(card.price),
        "condition": condition_name(member.ctx.reader, card.condition),
        "picture": shot(card.picture),
        "available": card.available,
        "status": card.status,
        "published_at": card.published_at,
    }


ROUTES = [my_listings, put_on_sale, take_off_sale, change_many, copy]
