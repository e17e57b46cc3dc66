"""Selling forms that are not finished: what was typed is kept, and there when the form is opened again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures.multi_dicts import FormMultiDict

from entrypoint.context.layout import PageRequest, redirect
from entrypoint.drafts import drafts
from entrypoint.pages.fields import Fields
from entrypoint.pages.forms import SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.sell.form import NAMES, SellForm, values_of
from entrypoint.pages.sell.own_listing import own_listing
from souk.contracts.catalogue.listings import Listing
from souk.errors import InvalidInput, NotFound, RuleBroken

PARTS = ("attribute-", "alt-", "turn-", "remove-")
"""What the names of fields begin with of which there may be several."""

LISTS = ("kept", "order")
"""Names under which several texts are sent."""


class DraftEntry(Fields, frozen=True, kw_only=True):
    """Which form it is that is not finished."""

    id: UUID | None = None
    edits: bool = False
    """Whether the listing is there already."""


@post("/sell/draft")
async def save_typed(request: PageRequest) -> Response[None]:
    """Keep what is typed so far, whatever it is; a script sends it now and then.

    Of a listing that is there only what differs is kept, beside it: buyers see changes when they are saved.
    """
    member, form = member_context(request), await form_of(request, DraftEntry)
    listing_id = form.entered.id
    if listing_id is None or listing_id.version != 7:
        raise InvalidInput("id", "The form was tampered with. Open it anew.", code="form-tampered-with")
    said = await _saved_fields(member, listing_id)
    fields = {name: text for name, text in typed_fields(form).items() if _tidy(text) != (said or {}).get(name, "")}
    if said is not None and not fields:
        await forget_typed(member, listing_id)
        return Response(None, status_code=204)
    fields |= {drafts.EDITS: "yes"} if said is not None else {}
    async with member.parts.kernel.database.transaction() as session:
        await drafts.save(session, member.user.id, listing_id, fields, now=member.parts.kernel.clock.now())
    return Response(None, status_code=204)


@post("/sell/draft/removal")
async def discard_typed(request: PageRequest) -> Response[Any]:
    """Throw away what was typed."""
    member, form = member_context(request), await form_of(request, DraftEntry)
    entry = form.entered
    if entry.id is not None:
        await forget_typed(member, entry.id)
    return redirect(f"/listings/{entry.id}/edit" if entry.id is not None and entry.edits else "/sell")


def typed_fields(form: SentForm[Any]) -> dict[str, str]:
    """What is kept of an unfinished form."""
    single = {name: texts[-1] for name, texts in form.texts.items() if name in NAMES or name.startswith(PARTS)}
    several = {name: " ".join(text.strip() for text in form.texts.get(name, ())) for name in LISTS}
    return {name: text.replace("\x00", "") for name, text in (single | several).items()}


def typed_form(member: MemberContext, fields: Mapping[str, str]) -> SentForm[SellForm]:
    """The form of which these fields were kept."""
    texts = [(name, text) for name, text in fields.items() if name not in LISTS]
    lists = [(name, text) for name in LISTS for text in fields.get(name, "").split()]
    return SentForm(SellForm, FormMultiDict([*texts, *lists]), member.ctx.reader, member.currency)


def typed_fields_of(listing: Listing) -> dict[str, str]:
    """The listing as `typed_fields` has a form."""
    attributes = {f"attribute-{key}": text for key, text in listing.attributes.items()}
    alts = {f"alt-{picture.id}": picture.alt for picture in listing.pictures}
    return values_of(listing) | attributes | alts | {"order": " ".join(str(one.id) for one in listing.pictures)}


async def _saved_fields(member: MemberContext, listing_id: UUID) -> dict[str, str] | None:
    """What the listing says as it is; None while there is only the form."""
    try:
        return {name: _tidy(text) for name, text in typed_fields_of(await own_listing(member, listing_id)).items()}
    except RuleBroken as refused:
        if refused.status != NotFound.status:
            raise
        return None


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


async def typed_before(member: MemberContext, listing_id: UUID | None) -> list[drafts.Typed]:
    """Other forms that were begun and not finished."""
    async with member.parts.kernel.database.reading() as reader:
        return [one for one in await drafts.list_of(reader, member.user.id) if one.listing_id != listing_id]


async def forget_typed(member: MemberContext, listing_id: UUID) -> None:
    """Throw away what was typed."""
    async with member.parts.kernel.database.transaction() as session:
        await drafts.forget(session, member.user.id, listing_id)


ROUTES = [save_typed, discard_typed]
