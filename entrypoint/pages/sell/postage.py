"""A seller's price lists for postage: kept once, and chosen for listings."""

import re
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.accounts.names import countries
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend, Prefix
from entrypoint.pages.forms import Form, SentForm, form_of, money_text
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.words import country_name
from entrypoint.refusals.refusals import field_message
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.delivery import (
    PROFILE_NAME_CHARS_MAX,
    RATES_MAX,
    DeliveryProfile,
    NewDeliveryProfile,
    PostageRate,
)
from souk.errors import RuleBroken
from souk.ids import new_id
from souk.money import Money

HERE = "/selling/postage"

SPARE_ROWS = 3
"""Empty rows below those that are filled in."""

_FAULT = re.compile(r"rates\[(\d+)\]\.(\w+)")


class ProfileEntry(Fields, frozen=True, kw_only=True):
    """A price list; what stands in a row has the row's number."""

    name: Annotated[
        str,
        Meta(min_length=1),
        Label(N_("Name")),
        Mend(N_("Give it a name, so that you know it again.")),
        Meta(max_length=PROFILE_NAME_CHARS_MAX),
        Mend(TOO_LONG, PROFILE_NAME_CHARS_MAX),
    ]
    countries: Annotated[dict[str, str], Prefix("countries-")]
    first: Annotated[dict[str, Money | None], Prefix("first-")]
    further: Annotated[dict[str, Money | None], Prefix("further-")]
    free_from: Annotated[dict[str, Money | None], Prefix("free_from-")]


class Row(NamedTuple):
    """A row of the form, and which one it is."""

    key: str
    rate: PostageRate


@get(HERE)
async def show(request: PageRequest) -> Response[str]:
    """All price lists."""
    member = member_context(request)
    profiles = await member.catalogue.list_delivery_profiles(member.identity)
    shown = [
        {"id": each.id, "name": each.name, "listings": each.listings, "rows": _told(member, each)} for each in profiles
    ]
    return await render_page(
        request, "pages/sell/postage.html", {"active": "listings", "profiles": shown, "here": HERE}
    )


@get(HERE + "/new")
async def new(request: PageRequest) -> Response[str]:
    """An empty price list."""
    return await _form_page(request, Form({}), new_id(), None)


@get(HERE + "/{profile_id:uuid}")
async def edit(request: PageRequest, profile_id: UUID) -> Response[str]:
    """A price list to be changed."""
    member = member_context(request)
    profile = await member.catalogue.get_delivery_profile(member.identity, profile_id)
    return await _form_page(request, Form(_values(member.ctx.reader, profile)), profile_id, profile)


@post(HERE + "/{profile_id:uuid}")
async def save(request: PageRequest, profile_id: UUID) -> Response[Any]:
    """Make it, or change it for all listings that use it."""
    member, form = member_context(request), await form_of(request, ProfileEntry)
    rows = _rows(member, form, form.entry) if form.entry is not None else []
    if form.entry is not None and not form.errors:
        try:
            new_profile = NewDeliveryProfile(name=form.entry.name, rates=[row.rate for row in rows])
            await member.catalogue.set_delivery_profile(member.identity, profile_id, new_profile)
        except RuleBroken as refused:
            _blame(member, form, rows, refused)
        else:
            member.ctx.flash("success", member.gettext("The prices are saved. They hold from now on."))
            return redirect(HERE)
    known = {each.id: each for each in await member.catalogue.list_delivery_profiles(member.identity)}
    return await _form_page(request, form, profile_id, known.get(profile_id))


@post(HERE + "/{profile_id:uuid}/removal")
async def remove(request: PageRequest, profile_id: UUID) -> Response[Any]:
    """Delete it, unless listings use it."""
    member = member_context(request)
    try:
        await member.catalogue.remove_delivery_profile(member.identity, profile_id)
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        member.ctx.flash("warning", member.message_of(refused))
    else:
        member.ctx.flash("success", member.gettext("The price list is deleted."))
    return redirect(HERE)


def _rows(member: MemberContext, form: SentForm[Any], entry: ProfileEntry) -> list[Row]:
    """The rows that say something; what is wrong with them stands in the form."""
    nothing, rows = Money(0, member.currency), []
    for key in sorted((key for key in entry.first if key.isdigit()), key=int)[:RATES_MAX]:
        named, first, further = entry.countries.get(key, ""), entry.first[key], entry.further.get(key)
        free_from = entry.free_from.get(key)
        if first is None:
            if named or further or free_from:
                form.refuse(f"first-{key}", member.gettext("Enter a price; 0 if you charge nothing."))
            continue
        codes = _codes(member, form, f"countries-{key}", named)
        rate = PostageRate(countries=codes, first=first, further=further or nothing, free_from=free_from)
        rows.append(Row(key, rate))
    if not rows and not form.errors:
        form.refuse("first-0", member.gettext("Enter a price; 0 if you charge nothing."))
    return rows


def _codes(member: MemberContext, form: Form, field: str, text: str) -> list[str]:
    """The countries that are named, by code or in the reader's words; none is everywhere else."""
    reader, found = member.ctx.reader, []
    by_name = {name.casefold(): code for code, name in countries(reader.language).items()}
    by_name |= {code.casefold(): code for code in by_name.values()}
    for name in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        code = by_name.get(name.casefold())
        if code is None:
            words = member.gettext("{name} is no country that we know. Write it as DE or Germany, with commas between.")
            form.refuse(field, words.format(name=name[:40]))
        elif code not in found:
            found.append(code)
    return found


def _blame(member: MemberContext, form: SentForm[Any], rows: list[Row], refused: RuleBroken) -> None:
    """Put what was refused beside the field of its row."""
    for fault in refused.fields.get("errors", ()):
        place = _FAULT.fullmatch(fault.get("field", ""))
        if place and int(place[1]) < len(rows):
            form.refuse(f"{place[2]}-{rows[int(place[1])].key}", field_message(member.ctx.reader, fault))
    if not form.errors:
        form.blame(refused)


def _values(reader: Reader, profile: DeliveryProfile) -> dict[str, str]:
    values = {"name": profile.name}
    for key, rate in enumerate(profile.rates):
        values |= {
            f"countries-{key}": ", ".join(country_name(reader, code) or code for code in rate.countries),
            f"first-{key}": money_text(rate.first),
            f"further-{key}": money_text(rate.further),
            f"free_from-{key}": money_text(rate.free_from),
        }
    return values


def _told(member: MemberContext, profile: DeliveryProfile) -> list[str]:
    """Each row in words."""
    reader, rows = member.ctx.reader, []
    for rate in profile.rates:
        where = ", ".join(country_name(reader, code) or code for code in rate.countries)
        words = reader.gettext("{where}: {first}, each further item {further}").format(
            where=where or reader.gettext("Everywhere else" if len(profile.rates) > 1 else "Everywhere"),
            first=reader.money(rate.first),
            further=reader.money(rate.further),
        )
        free = reader.gettext("free from {amount}")
        rows.append(f"{words}, {free.format(amount=reader.money(rate.free_from))}" if rate.free_from else words)
    return rows


async def _form_page(
    request: PageRequest, form: Form, profile_id: UUID, profile: DeliveryProfile | None
) -> Response[str]:
    member = member_context(request)
    filled = [
        int(name[6:]) + 1 for name in form.texts if name.startswith("first-") and name[6:].isdigit() and form.text(name)
    ]
    context = {
        "active": "listings",
        "here": HERE,
        "profile_id": profile_id,
        "profile": profile,
        "form": form,
        "currency": member.currency,
        "rows": range(min(RATES_MAX, max([0, *(min(each, RATES_MAX) for each in filled)]) + SPARE_ROWS)),
        "name_max": PROFILE_NAME_CHARS_MAX,
    }
    return await render_page(request, "pages/sell/postage_form.html", context, status=form.status)


ROUTES = [show, new, edit, save, remove]
