"""The selling form as a page: for a new listing and for an old one, and the parts of it that a script asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, render_page, render_page_without_numbers
from entrypoint.pages.cards import CONDITION_HINTS, CONDITIONS, condition_name, picture_href, shot
from entrypoint.pages.fields import amount_in
from entrypoint.pages.forms import Form
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.postage import postage_words
from entrypoint.pages.sell.draft import typed_before
from entrypoint.pages.sell.form import NAMES, attributes_of, sent_attributes
from entrypoint.pages.sell.uploads import PICTURE_BYTES_MAX, PICTURE_NAME
from entrypoint.pages.words import LISTING_LANGUAGES, languages
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.delivery import PLACE_CHARS_MAX, Delivery, DeliveryProfile
from souk.contracts.catalogue.listings import DESCRIPTION_CHARS_MAX, QUANTITY_MAX, TITLE_CHARS_MAX, Listing
from souk.contracts.catalogue.pictures import PICTURES_MAX
from souk.http.client import Refused
from souk.money import Money, share_half_up


async def form_page(
    request: PageRequest,
    member: MemberContext,
    form: Form,
    *,
    values: dict[str, str] | None = None,
    listing: Listing | None = None,
    pictures: list[dict[str, Any]] | None = None,
    listing_id: UUID | None = None,
    unsaved: bool = False,
    told: str = "",
) -> Response[str]:
    """The form with what was typed, or `values`, and what is wrong with it."""
    reader = member.ctx.reader
    values = values or {name: form.text(name) for name in NAMES}
    shown = pictures if pictures is not None else [shot(one) or {} for one in (listing.pictures if listing else [])]
    first = next((picture for picture in shown if not picture.get("gone")), None)
    known = await member.parts.categories.needed()
    profiles = await member.catalogue.list_delivery_profiles(member.identity)
    typed = (listing.attributes if listing else {}) | sent_attributes(form)
    advised = (
        await _advice(member, values["title"], values["category"], values["language"]) if values.get("title") else {}
    )
    context = {
        "active": "sell" if listing is None else "listings",
        "form": form,
        "values": values,
        "listing": listing,
        "listing_id": listing_id or (listing.id if listing else None),
        "action": f"/listings/{listing.id}/edit" if listing else "/sell",
        "shown": shown,
        "unsaved": unsaved,
        "told": told,
        "card": _card(member, values, first, profiles),
        "picture_bytes_max": PICTURE_BYTES_MAX,
        "pictures_max": PICTURES_MAX,
        "title_max": TITLE_CHARS_MAX,
        "description_max": DESCRIPTION_CHARS_MAX,
        "quantity_max": QUANTITY_MAX,
        "currency": member.currency,
        "category_options": tree_options(known),
        "attributes": attributes_of(known, values.get("category", "")),
        "attribute_values": typed,
        "advised": advised,
        "typed_before": [] if listing or form.errors else await typed_before(member, listing_id),
        "condition_options": [
            {"value": value, "label": reader.gettext(CONDITIONS[value]), "hint": reader.gettext(CONDITION_HINTS[value])}
            for value in CONDITIONS
        ],
        "language_options": languages(reader, values.get("language", "")),
        "proceeds": await _proceeds(member, form, listing),
        "profile_options": _profile_options(member, profiles),
        "place_max": PLACE_CHARS_MAX,
    }
    return await render_page(request, "pages/sell/form.html", context, status=form.status)


def _profile_options(member: MemberContext, profiles: list[DeliveryProfile]) -> list[dict[str, str]]:
    """The seller's price lists for a select; without one postage is included."""
    return [
        {"value": "", "label": member.gettext("Postage included, to everywhere")},
        *({"value": str(each.id), "label": each.name} for each in profiles),
    ]


def _card(
    member: MemberContext, values: Mapping[str, str], picture: dict[str, Any] | None, profiles: list[DeliveryProfile]
) -> dict[str, Any]:
    """What is typed, for the macro `listing_card`; what is not there yet is said to be missing."""
    reader, condition = member.ctx.reader, values.get("condition", "")
    price = amount_in(values.get("price", ""), member.currency)
    return {
        "href": "#title",
        "title": values.get("title", "").strip()[:TITLE_CHARS_MAX] or reader.gettext("No title yet"),
        "price": reader.money(price) if price else reader.gettext("No price yet"),
        "picture": picture,
        "condition": condition_name(reader, condition) if condition in CONDITIONS else "",
        "seller": member.user.display_name,
        "postage": _postage(member, values, price, profiles),
    }


def _postage(
    member: MemberContext, values: Mapping[str, str], price: Money | None, profiles: list[DeliveryProfile]
) -> str:
    """What the card says of postage, as far as that is chosen."""
    place = values.get("pick_up", "").strip()[:PLACE_CHARS_MAX]
    if values.get("way") == "pick_up" and not place:
        return ""
    chosen = next((each.rates for each in profiles if str(each.id) == values.get("profile")), None)
    picked_up = values.get("way") == "pick_up"
    delivery = Delivery(posted=False, pick_up=place) if picked_up else Delivery(rates=chosen)
    return postage_words(member.ctx.reader, delivery, price or Money(0, member.currency), member.user.country)


async def _advice(member: MemberContext, title: str, category: str, language: str) -> dict[str, str]:
    wanted, language = title.strip()[:TITLE_CHARS_MAX], language if language in LISTING_LANGUAGES else "en"
    asked = member.catalogue.advise_seller(member.identity, wanted, category[:60], language) if wanted else None
    try:
        found = await or_none(asked) if asked else None
    except Refused:
        found = None
    known = {one.slug: one.name for one in await member.parts.categories.needed()}
    told = {"category": "", "category_words": "", "price_words": ""}
    if found is not None and found.category in known and found.category != category:
        told |= {"category": found.category, "category_words": member.gettext("Use: %s") % known[found.category]}
    if found is not None and found.price is not None:
        reader, price = member.ctx.reader, found.price
        words = reader.gettext("Similar things were sold for %(low)s to %(high)s.")
        told["price_words"] = words % {"low": reader.money(price.low), "high": reader.money(price.high)}
    return told


def tree_options(categories: list[Category]) -> list[dict[str, str]]:
    """The tree for a select: each category under its parent, set in by its depth."""
    by_parent: dict[str | None, list[Category]] = {}
    for category in categories:
        by_parent.setdefault(category.parent, []).append(category)
    options: list[dict[str, str]] = []

    def below(parent: str | None, depth: int) -> None:
        for category in by_parent.get(parent, []):
            options.append({"value": category.slug, "label": "\u2003" * depth + category.name})
            below(category.slug, depth + 1)

    below(None, 0)
    return options


async def _proceeds(member: MemberContext, form: Form, listing: Listing | None) -> dict[str, Any] | None:
    """The fee, and for a known price what the seller will get; None while the fee is not known."""
    terms = await member.parts.terms.fresh()
    if terms is None:
        return None
    reader, basis_points = member.ctx.reader, terms.fee_basis_points
    told: dict[str, Any] = {"basis_points": basis_points, "percent": reader.number(basis_points / 100)}
    if listing is not None and not form.errors:
        fee = share_half_up(listing.price.amount, basis_points)
        told["price"] = reader.money(listing.price)
        told["fee"] = reader.money(Money(-fee, listing.price.currency))
        told["net"] = reader.money(listing.price - Money(fee, listing.price.currency))
    return told


@get("/sell/card")
async def show_card(request: PageRequest) -> Response[str]:
    """The card that browsers will see, as a part of the form; a script puts it there while somebody types."""
    member, values = member_context(request), request.query_params
    name = PICTURE_NAME.search(values.get("picture", ""))
    picture = {"src": picture_href(name[0]), "turn": values.get("turn", "")} if name else None
    asked = member.catalogue.list_delivery_profiles(member.identity) if values.get("profile") else None
    profiles = (await or_none(asked) if asked else None) or []
    card = _card(member, values, picture, profiles)
    return render_page_without_numbers(request, "pages/sell/card.html", {"card": card})


@get("/sell/attributes")
async def attribute_fields(request: PageRequest, category: str = "") -> Response[str]:
    """The fields that a category asks for, as a part of the form; a script puts it there."""
    member = member_context(request)
    known = await member.parts.categories.needed()
    context = {"attributes": attributes_of(known, category), "values": {}, "form": Form({})}
    return await render_page(request, "pages/sell/attributes.html", context)


@get("/sell/advice")
async def give_advice(request: PageRequest, title: str = "", category: str = "", language: str = "") -> Response[Any]:
    """A category for the title and a price range, in words, for a script that shows them beside the fields."""
    member = member_context(request)
    return Response(await _advice(member, title, category, language), headers={"cache-control": "private, no-store"})


ROUTES = [show_card, attribute_fields, give_advice]
