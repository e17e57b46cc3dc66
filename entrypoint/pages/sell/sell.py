"""Selling: a new listing is made and an old one is changed with the same form."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page_without_numbers
from entrypoint.drafts import drafts
from entrypoint.pages.cards import listing_href
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.sell import draft, page
from entrypoint.pages.sell.draft import forget_typed, typed_fields_of, typed_form
from entrypoint.pages.sell.form import Entry, SellForm, read_entry, sent_id
from entrypoint.pages.sell.own_listing import own_listing, publish
from entrypoint.pages.sell.page import form_page
from entrypoint.pages.sell.uploads import (
    MEMBERS_ONLY,
    PICTURE_FORM_BYTES_MAX,
    UPLOAD_BYTES_MAX,
    keep_sent,
    save_pictures,
    shown_in,
)
from souk.contracts.catalogue.delivery import DeliveryChoice
from souk.contracts.catalogue.listings import Listing, ListingChanges, NewListing
from souk.errors import InvalidInput, RuleBroken
from souk.ids import new_id


@get("/sell")
async def new_listing(request: PageRequest) -> Response[str]:
    """The empty form, or with `draft` what was typed into one before and saved by itself."""
    member = member_context(request)
    draft_id = _uuid(str(request.query_params.get("draft") or ""))
    if draft_id is not None:
        fields = await drafts.fields_of(member.parts.kernel.database, member.user.id, draft_id)
        if fields is not None:
            form = typed_form(member, fields)
            return await form_page(request, member, form, pictures=shown_in(form), listing_id=draft_id)
    values = {
        "quantity": "1",
        "language": member.ctx.reader.language,
        "category": request.query_params.get("category", ""),
        "way": "post",
    }
    return await form_page(request, member, Form(values), values=values, listing_id=new_id())


@post("/sell/pictures", request_max_body_size=PICTURE_FORM_BYTES_MAX, opt=MEMBERS_ONLY)
async def upload_picture(request: PageRequest) -> Response[str]:
    """Keep a picture that was just chosen; answers with its part of the form, which a script puts there."""
    member, form = member_context(request), await form_of(request, SellForm)
    shown = await keep_sent(member, form)
    if form.errors or len(shown) != 1:
        told = form.errors.get("pictures") or member.gettext("Send one picture.")
        raise InvalidInput("pictures", "{told}", code="told", told=told)  # the script that sent it shows the message
    return render_page_without_numbers(request, "pages/sell/picture.html", {"shot": shown[0]})


@post("/sell", request_max_body_size=UPLOAD_BYTES_MAX, opt=MEMBERS_ONLY)
async def create(request: PageRequest) -> Response[Any]:
    """Make a draft with its pictures, and publish it if that was asked for. Sent twice, it is made once."""
    member, form = member_context(request), await form_of(request, SellForm)
    await member.parts.categories.needed()
    listing_id = sent_id(form)
    if form.entered.act == "details":
        return await form_page(request, member, form, pictures=await keep_sent(member, form), listing_id=listing_id)
    entry, listing = read_entry(member, form), None
    if entry is not None:
        try:
            listing = await _draft(member, listing_id, entry)
        except RuleBroken as refused:
            form.blame(refused)
    if listing is None:
        shown = await keep_sent(member, form)
        told = member.gettext("Your pictures are kept.") if shown else ""
        return await form_page(request, member, form, pictures=shown, listing_id=listing_id, told=told)
    await save_pictures(member, form, listing.id)
    await forget_typed(member, listing_id)
    return await _finish(request, member, form, listing)


@get("/listings/{listing_id:uuid}/edit")
async def edit_listing(request: PageRequest, listing_id: UUID) -> Response[str]:
    """The form with what the listing says now, and over it what was typed before and not saved."""
    member = member_context(request)
    listing = await own_listing(member, listing_id)
    unsaved = await drafts.fields_of(member.parts.kernel.database, member.user.id, listing_id)
    form = typed_form(member, typed_fields_of(listing) | (unsaved or {}))
    pictures = shown_in(form, listing.pictures)
    return await form_page(request, member, form, listing=listing, pictures=pictures, unsaved=bool(unsaved))


@post("/listings/{listing_id:uuid}/edit", request_max_body_size=UPLOAD_BYTES_MAX, opt=MEMBERS_ONLY)
async def save(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Save what was changed, all of it once every field is right; pictures that were sent are kept until then."""
    member, form = member_context(request), await form_of(request, SellForm)
    await member.parts.categories.needed()
    listing = await own_listing(member, listing_id)
    if form.entered.act == "details":
        shown = await keep_sent(member, form, listing.pictures)
        return await form_page(request, member, form, listing=listing, pictures=shown)
    entry = read_entry(member, form)
    if entry is not None:
        try:
            await _change(member, listing_id, entry)
        except RuleBroken as refused:
            form.blame(refused)
    if form.errors or form.notice:
        shown = await keep_sent(member, form, listing.pictures)
        told = member.gettext("Nothing was changed.")
        return await form_page(request, member, form, listing=listing, pictures=shown, told=told)
    await save_pictures(member, form, listing_id, listing.pictures)
    await forget_typed(member, listing_id)
    return await _finish(request, member, form, listing)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _draft(member: MemberContext, listing_id: UUID, entry: Entry) -> Listing:
    """Make the draft. If it was made before, with other words, it gets these."""
    new = NewListing(id=listing_id, **_fields(entry))
    made = await member.catalogue.create_listing(member.identity, new)
    fields = _fields(entry)
    sent = fields.pop("delivery")
    same = all(getattr(made, name) == value for name, value in fields.items()) and all(
        getattr(made.delivery, name) == value for name, value in msgspec.structs.asdict(sent).items()
    )
    return made if same else await _change(member, listing_id, entry)


async def _change(member: MemberContext, listing_id: UUID, entry: Entry) -> Listing:
    return await member.catalogue.edit_listing(member.identity, listing_id, ListingChanges(**_fields(entry)))


def _fields(entry: Entry) -> dict[str, Any]:
    fields = msgspec.structs.asdict(entry)
    way, profile, pick_up = (fields.pop(name) for name in ("way", "profile", "pick_up"))
    sent = DeliveryChoice(profile_id=profile)
    return fields | {"delivery": sent if way == "post" else DeliveryChoice(posted=False, pick_up=pick_up)}


async def _finish(
    request: PageRequest, member: MemberContext, form: SentForm[SellForm], listing: Listing
) -> Response[Any]:
    """Publish if that was asked for, and go on; what could not be done is said in the form, which is an old one now."""
    publishing = form.entered.act == "publish"
    if publishing and not form.errors:
        try:
            listing = await publish(member, listing.id)
        except RuleBroken as refused:
            form.blame(refused)
    if form.errors or form.notice:
        told = member.gettext("Everything else is saved.")
        return await form_page(request, member, form, listing=await own_listing(member, listing.id), told=told)
    if publishing:
        member.ctx.flash("success", member.gettext("It is on sale."))
        return redirect(listing_href(listing.id, listing.slug))
    if listing.status == "draft":
        member.ctx.flash("success", member.gettext("The draft is saved. Only you can see it."))
        return redirect(f"/listings/{listing.id}/edit")
    member.ctx.flash("success", member.gettext("The changes are saved."))
    return redirect(listing_href(listing.id))


ROUTES = [new_listing, upload_picture, create, edit_listing, save, *draft.ROUTES, *page.ROUTES]
