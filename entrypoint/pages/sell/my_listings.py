"""A seller's own listings: what is on sale, what is not, and one press to change that."""

import asyncio
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.cards import condition_name, listing_href, shot
from entrypoint.pages.fields import Fields, Mend
from entrypoint.pages.forms import SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.sell.own_listing import own_listing, publish
from entrypoint.refusals.refusals import field_message
from entrypoint.web.marking import N_
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
from souk.money import Money

HERE = "/listings/mine"
PAGE_SIZE = 50
REFUSED_SHOWN_MAX = 4

SALES: dict[str, Literal["publish", "withdraw"]] = {"publish": "publish", "withdraw": "withdraw"}
PERCENT_MIN, PERCENT_MAX = -90, 500


class BackEntry(Fields, frozen=True, kw_only=True):
    """The page to come back to: of this status, or of the listing itself."""

    status: ListingStatus | None = None
    came_from: Literal["mine", ""] = msgspec.field(name="from", default="")


class ManyEntry(Fields, frozen=True, kw_only=True):
    """What is to be done to which listings."""

    ids: Annotated[list[UUID], Meta(max_length=MANY_MAX)]
    do: Literal["publish", "withdraw", "offers", "no-offers", "price", "percent", "more"]


class PriceEntry(Fields, frozen=True, kw_only=True):
    """The price that all get."""

    value: Money


class NumberEntry(Fields, frozen=True, kw_only=True):
    """By how much all get more, or less; percent signs may stand behind."""

    value: Annotated[str, Meta(pattern=r"^[+−-]?[0-9]{1,4}[ %]*$"), Mend(N_("Enter a whole number, such as 5 or -10."))]


class CopyEntry(Fields, frozen=True, kw_only=True):
    """The copy's id, so that a second click makes the same."""

    id: UUID | None = None


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
    member, back = member_context(request), (await form_of(request, BackEntry)).entered
    try:
        listing = await publish(member, listing_id)
    except RuleBroken as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(f"/listings/{listing_id}/edit")
    member.ctx.flash("success", member.gettext("It is on sale: %s") % listing.title)
    return redirect(_back(back.status) if back.came_from == "mine" else listing_href(listing.id, listing.slug))


@post("/listings/{listing_id:uuid}/withdrawal")
async def take_off_sale(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Take a listing off sale; the next page offers to put it back."""
    member, back = member_context(request), (await form_of(request, BackEntry)).entered
    try:
        await member.catalogue.withdraw_listing(member.identity, listing_id)
    except Refused as refused:
        if refused.status in (404, 403) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(_back(back.status))
    return redirect(_back(back.status, undo=str(listing_id)))


@post(f"{HERE}/changes")
async def change_many(request: PageRequest) -> Response[Any]:
    """Do the same to all that were chosen; what it cannot be done to is named."""
    member, form = member_context(request), await form_of(request, BackEntry)
    back = _back(form.entered.status)
    changes = _many(member, form)
    if isinstance(changes, str):
        member.ctx.flash("danger", changes)
        return redirect(back)
    try:
        outcome = await member.catalogue.change_many_listings(member.identity, changes)
    except Refused as refused:
        if refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(back)
    if outcome.changed:
        changed = member.ctx.reader.translations.ngettext(
            "%s listing is changed.", "%s listings are changed.", outcome.changed
        )
        member.ctx.flash("success", changed % member.ctx.reader.number(outcome.changed))
    for one in outcome.refused[:REFUSED_SHOWN_MAX]:
        told = field_message(member.ctx.reader, msgspec.structs.asdict(one))
        member.ctx.flash("warning", f"{one.title}: {told}" if one.title else told)
    return redirect(back)


@post("/listings/{listing_id:uuid}/copies")
async def copy(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """A new draft that says the same, to be changed."""
    member, entry = member_context(request), (await form_of(request, CopyEntry)).entered
    try:
        made = await member.catalogue.copy_listing(member.identity, listing_id, NewCopy(id=entry.id))
    except Refused as refused:
        if refused.status in (403, 404) or refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(HERE)
    member.ctx.flash("success", member.gettext("This is the copy, a draft. Change what is different."))
    return redirect(f"/listings/{made.id}/edit")


def _many(member: MemberContext, form: SentForm[BackEntry]) -> ManyChanges | str:
    """What to change of which, or what has to be mended in the form."""
    entry = form.read(ManyEntry)
    if entry is None:
        return form.notice
    ids, do = entry.ids, entry.do
    if not ids:
        return member.gettext("Choose the listings first.")
    if do in SALES:
        return ManyChanges(ids=ids, sale=SALES[do])
    if do in ("offers", "no-offers"):
        return ManyChanges(ids=ids, accepts_offers=do == "offers")
    if do == "price":
        price = form.read(PriceEntry)
        return form.errors["value"] if price is None else ManyChanges(ids=ids, price=price.value)
    number = form.read(NumberEntry)
    if number is None:
        return form.errors["value"]
    value = int(number.value.replace("−", "-").rstrip("% "))
    if do == "more":
        return ManyChanges(ids=ids, quantity_more=value)
    if PERCENT_MIN <= value <= PERCENT_MAX:
        return ManyChanges(ids=ids, price_percent=value)
    return member.gettext("Prices can go down by 90 percent and up by 500 percent.")


def _back(status: ListingStatus | None, **more: str) -> str:
    shown = {"status": status or "", **more}
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
