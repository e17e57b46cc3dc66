"""Saved searches: save the one that is shown, look at what each found, rename and delete them."""

from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import MultiDict
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page, safe_next
from entrypoint.context.request_context import current_user
from entrypoint.pages.cards import condition_name
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend
from entrypoint.pages.find.filters import rating_name
from entrypoint.pages.find.search_query import ENDS, asked_in, read_search, understand
from entrypoint.pages.forms import Form, form_of, money_text
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.words import country_name, language_name
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.saved_searches import (
    SEARCH_NAME_CHARS_MAX,
    NewSavedSearch,
    SavedSearch,
    SavedSearchChanges,
    SearchFilters,
)
from souk.errors import RuleBroken
from souk.money import Money

HERE = "/searches"
SEVERAL = ("condition", "language", "country", "attribute")
"""Filters that may have several values; they are called the same in the address and in the catalogue."""


class SaveSearchEntry(Fields, frozen=True, kw_only=True):
    """A search to be saved: the address of its results."""

    address: str = msgspec.field(name="from", default="")
    name: Annotated[str, Meta(max_length=SEARCH_NAME_CHARS_MAX)] = ""
    """As the page of results calls it."""
    id: UUID | None = None


class RenameEntry(Fields, frozen=True, kw_only=True):
    """A saved search's other name."""

    name: Annotated[
        str,
        Meta(max_length=SEARCH_NAME_CHARS_MAX),
        Label(N_("Name")),
        Mend(TOO_LONG, SEARCH_NAME_CHARS_MAX),
    ]


@get(HERE)
async def show(request: PageRequest) -> Response[Any]:
    """All saved searches."""
    return await _page(request, member_context(request), Form({}))


@post(HERE)
async def save(request: PageRequest) -> Response[Any]:
    """Save the search that `from`, an address of the page of results, names; visitors log in first."""
    form = await form_of(request, SaveSearchEntry)
    entry = form.entered
    back = safe_next(entry.address, "/browse")
    if current_user(request) is None:
        return redirect(f"/login?next={quote(back)}")
    member = member_context(request)
    known = {category.slug: category for category in await member.parts.categories.needed()}
    pairs = parse_qsl(urlsplit(back).query)[:50]
    asked = understand(read_search(MultiDict(pairs)), member.currency, known, member.ctx.reader)
    try:
        new = NewSavedSearch(name=entry.name, filters=_filters(asked.params), id=entry.id)
        await member.catalogue.save_search(member.identity, new)
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refused))
        return redirect(back)
    member.ctx.flash("success", member.gettext("Saved. You are told when something new fits."))
    if asked.search.within:
        member.ctx.flash(
            "info", member.gettext("“Listed in the last days” was left out: what you are told of is always new.")
        )
    return redirect(HERE)


@post("/searches/{search_id:uuid}")
async def rename(request: PageRequest, search_id: UUID) -> Response[Any]:
    """Give one another name."""
    member, form = member_context(request), await form_of(request, RenameEntry)
    if form.entry is None:
        return await _page(request, member, form, renaming=search_id)
    changes = SavedSearchChanges(name=form.entry.name)
    try:
        await member.catalogue.rename_search(member.identity, search_id, changes)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _page(request, member, form, renaming=search_id)
    member.ctx.flash("success", member.gettext("Renamed."))
    return redirect(HERE)


@post("/searches/{search_id:uuid}/removal")
async def remove(request: PageRequest, search_id: UUID) -> Response[Any]:
    """Delete one."""
    member = member_context(request)
    await member.catalogue.delete_search(member.identity, search_id)
    member.ctx.flash("success", member.gettext("Deleted. You are told of it no more."))
    return redirect(HERE)


async def _page(request: PageRequest, member: MemberContext, form: Form, renaming: UUID | None = None) -> Response[Any]:
    found = await member.catalogue.list_saved_searches(member.identity)
    await member.parts.categories.fresh()
    known = {category.slug: category for category in member.parts.categories.all}
    context = {
        "active": "searches",
        "searches": [_shown(member, search, known) for search in found],
        "form": form,
        "renaming": renaming,
        "name_max": SEARCH_NAME_CHARS_MAX,
    }
    return await render_page(request, "pages/find/saved_searches.html", context, status=form.status)


def _filters(params: list[tuple[str, Any]]) -> SearchFilters:
    several = {name: [value for key, value in params if key == name] for name in SEVERAL}
    names = set(SearchFilters.__struct_fields__) - set(SEVERAL)
    return msgspec.convert(
        several | {name: value for name, value in params if name in names}, SearchFilters, strict=False
    )


def _shown(member: MemberContext, search: SavedSearch, known: dict[str, Category]) -> dict[str, Any]:
    reader, filters, currency = member.ctx.reader, search.filters, member.currency
    low, high = (None if end is None else Money(end, currency) for end in (filters.price_min, filters.price_max))
    words = [
        f"“{filters.q}”" if filters.q else "",
        known[filters.category].name if filters.category in known else "",
        reader.gettext("From %s") % reader.money(low) if low else "",
        reader.gettext("Up to %s") % reader.money(high) if high else "",
        *(condition_name(reader, one) for one in filters.condition),
        *(_attribute_words(reader, one, asked_in(known, filters.category or "")) for one in filters.attribute),
        *(language_name(reader, one) for one in filters.language),
        *(country_name(reader, one) for one in filters.country),
        reader.gettext("With pictures") if filters.pictured else "",
        reader.gettext("Takes offers") if filters.accepts_offers else "",
        rating_name(reader, filters.rating_min) if filters.rating_min else "",
        reader.gettext("One seller") if filters.seller else "",
    ]
    pairs = [
        ("q", filters.q or ""),
        ("category", filters.category or ""),
        ("price_min", money_text(low)),
        ("price_max", money_text(high)),
        *((name, one) for name in SEVERAL if name != "attribute" for one in getattr(filters, name)),
        *(pair for one in filters.attribute for pair in _attribute_pairs(one, asked_in(known, filters.category or ""))),
        ("pictured", "yes" if filters.pictured else ""),
        ("offers", "yes" if filters.accepts_offers else ""),
        ("rating", filters.rating_min or ""),
        ("seller", str(filters.seller or "")),
        ("sort", "newest"),
    ]
    return {
        "id": search.id,
        "name": search.name,
        "words": " · ".join(word for word in words if word),
        "href": "/browse?" + urlencode([(name, value) for name, value in pairs if value]),
        "matches": search.matches,
        "matched_at": search.matched_at,
    }


def _attribute_words(reader: Reader, text: str, asked: dict[str, CategoryAttribute]) -> str:
    """“Veloro”; of a number “Year from 1950 to 1980”, for a number alone says nothing."""
    key, _, value = text.partition(":")
    if not _is_number(key, asked):
        return value
    low, _, high = value.partition("..")
    words = {"name": asked[key].name, "low": low, "high": high}
    said = reader.gettext("%(name)s from %(low)s to %(high)s")
    if not (low and high):
        said = reader.gettext("%(name)s from %(low)s") if low else reader.gettext("%(name)s up to %(high)s")
    return f"{said % words} {asked[key].unit}".strip()


def _attribute_pairs(text: str, asked: dict[str, CategoryAttribute]) -> list[tuple[str, str]]:
    key, _, value = text.partition(":")
    if not _is_number(key, asked):
        return [("attribute", text)]
    return [(f"{end}-{key}", number) for end, number in zip(ENDS, value.split(".."), strict=True)]


def _is_number(key: str, asked: dict[str, CategoryAttribute]) -> bool:
    return key in asked and asked[key].kind == "number"


ROUTES = [show, save, rename, remove]
