"""Selling: one form for a new listing and for an old one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures.multi_dicts import FormMultiDict

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page, render_page_without_numbers
from entrypoint.drafts import drafts
from entrypoint.pages.cards import CONDITION_HINTS, CONDITIONS, condition_name, listing_href, picture_href, shot
from entrypoint.pages.forms import SentForm, money_text, sent_form
from entrypoint.pages.inputs import Form, amount_in
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.money.terms import fee_basis_points
from entrypoint.pages.sell.uploads import (
    PICTURE_BYTES_MAX,
    PICTURE_FORM_BYTES_MAX,
    PICTURE_NAME,
    UPLOAD_BYTES_MAX,
    keep_sent,
    save_pictures,
    shown_in,
)
from entrypoint.pages.words import LISTING_LANGUAGES, languages
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.listings import (
    DESCRIPTION_CHARS_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    TITLE_CHARS_MAX,
    Condition,
    Listing,
    ListingChanges,
    NewListing,
)
from souk.contracts.catalogue.pictures import PICTURES_MAX
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.http.client import Refused
from souk.ids import new_id
from souk.money import Money, share_half_up

TITLE_CHARS_MIN = 3

LABELS = {
    "title": "Title",
    "category": "Category",
    "condition": "Condition",
    "price": "Price",
    "quantity": "How many",
    "description": "Description",
    "language": "Language",
    "accepts_offers": "Offers",
    "pictures": "Pictures",
}
PARTS = ("attribute-", "alt-", "turn-", "remove-")
"""What the names of fields begin with of which there may be several."""

LISTS = ("kept", "order")
"""Names under which several texts are sent."""

MEMBERS_ONLY = {"members_only": True}
"""Tells the guard of pages to refuse visitors before it reads what they send."""


@dataclass(frozen=True)
class Entry:
    """What a seller entered, checked."""

    title: str
    description: str
    price: Money
    category: str
    condition: Condition
    quantity: int
    language: str
    attributes: dict[str, str]
    accepts_offers: bool


@get("/sell")
async def new_listing(request: PageRequest) -> Response[str]:
    """The empty form, or with `draft` what was typed into one before and saved by itself."""
    member = member_context(request)
    draft_id = _uuid(str(request.query_params.get("draft") or ""))
    if draft_id is not None:
        fields = await drafts.fields_of(member.parts.kernel.database, member.user.id, draft_id)
        if fields is not None:
            form = typed_form(fields)
            return await _page(request, member, form, pictures=shown_in(form), listing_id=draft_id)
    values = {
        "quantity": "1",
        "language": member.ctx.reader.language,
        "category": request.query_params.get("category", ""),
    }
    return await _page(request, member, Form(values), values=values, listing_id=new_id())


@post("/sell/draft")
async def save_typed(request: PageRequest) -> Response[None]:
    """Keep what is typed so far, whatever it is; a script sends it now and then.

    Of a listing that is there only what differs is kept, beside it: buyers see changes when they are saved.
    """
    member, form = member_context(request), await sent_form(request)
    listing_id = form.uuid("id")
    if listing_id is None or listing_id.version != 7:
        raise InvalidInput("id", member.words("The form was tampered with. Open it anew."))
    said = await _said_already(member, listing_id)
    fields = {name: text for name, text in typed_fields(form).items() if _tidy(text) != (said or {}).get(name, "")}
    if said is not None and not fields:
        await _forget(member, listing_id)
        return Response(None, status_code=204)
    fields |= {drafts.EDITS: "yes"} if said is not None else {}
    async with member.parts.kernel.database.transaction() as session:
        await drafts.save(session, member.user.id, listing_id, fields, now=member.parts.kernel.clock.now())
    return Response(None, status_code=204)


@post("/sell/draft/removal")
async def discard_typed(request: PageRequest) -> Response[Any]:
    """Throw away what was typed."""
    member, form = member_context(request), await sent_form(request)
    listing_id = form.uuid("id")
    if listing_id is not None:
        await _forget(member, listing_id)
    return redirect(f"/listings/{listing_id}/edit" if listing_id is not None and form.text(drafts.EDITS) else "/sell")


@post("/sell/pictures", request_max_body_size=PICTURE_FORM_BYTES_MAX, opt=MEMBERS_ONLY)
async def upload_picture(request: PageRequest) -> Response[str]:
    """Keep a picture that was just chosen; answers with its part of the form, which a script puts there."""
    member, form = member_context(request), await sent_form(request)
    shown = await keep_sent(member, form)
    if form.errors or len(shown) != 1:
        raise InvalidInput("pictures", form.errors.get("pictures") or member.words("Send one picture."))
    return render_page_without_numbers(request, "pages/sell/picture.html", {"shot": shown[0]})


@get("/sell/card")
async def show_card(request: PageRequest) -> Response[str]:
    """The card that browsers will see, as a part of the form; a script puts it there while somebody types."""
    member, form = member_context(request), Form(request.query_params)
    name = PICTURE_NAME.search(form.text("picture"))
    picture = {"src": picture_href(name[0]), "turn": form.text("turn")} if name else None
    return render_page_without_numbers(request, "pages/sell/card.html", {"card": _card(member, form, picture)})


@get("/sell/attributes")
async def attribute_fields(request: PageRequest, category: str = "") -> Response[str]:
    """The fields that a category asks for, as a part of the form; a script puts it there."""
    member = member_context(request)
    known = await member.parts.categories.fresh()
    context = {"attributes": attributes_of(known, category), "values": {}, "form": Form({})}
    return await render_page(request, "pages/sell/attributes.html", context)


@get("/sell/advice")
async def give_advice(request: PageRequest, title: str = "", category: str = "", language: str = "") -> Response[Any]:
    """A category for the title and a price range, in words, for a script that shows them beside the fields."""
    member = member_context(request)
    return Response(await _advice(member, title, category, language), headers={"cache-control": "private, no-store"})


@post("/sell", request_max_body_size=UPLOAD_BYTES_MAX, opt=MEMBERS_ONLY)
async def create(request: PageRequest) -> Response[Any]:
    """Make a draft with its pictures, and publish it if that was asked for. Sent twice, it is made once."""
    member, form = member_context(request), await sent_form(request)
    await member.parts.categories.fresh()
    listing_id = _own_id(form)
    if form.text("act") == "details":
        return await _page(request, member, form, pictures=await keep_sent(member, form), listing_id=listing_id)
    entry, listing = read_entry(member, form), None
    if entry is not None:
        try:
            listing = await _draft(member, listing_id, entry)
        except RuleBroken as refused:
            form.blame(refused, _labels(member, form))
    if listing is None:
        shown = await keep_sent(member, form)
        told = member.words("Your pictures are kept.") if shown else ""
        return await _page(request, member, form, pictures=shown, listing_id=listing_id, told=told)
    await save_pictures(member, form, listing.id)
    await _forget(member, listing_id)
    return await _finish(request, member, form, listing)


@get("/listings/{listing_id:uuid}/edit")
async def edit_listing(request: PageRequest, listing_id: UUID) -> Response[str]:
    """The form with what the listing says now, and over it what was typed before and not saved."""
    member = member_context(request)
    listing = await own_listing(member, listing_id)
    unsaved = await drafts.fields_of(member.parts.kernel.database, member.user.id, listing_id)
    form = typed_form(_said(listing) | (unsaved or {}))
    pictures = shown_in(form, listing.pictures)
    return await _page(request, member, form, listing=listing, pictures=pictures, unsaved=bool(unsaved))


@post("/listings/{listing_id:uuid}/edit", request_max_body_size=UPLOAD_BYTES_MAX, opt=MEMBERS_ONLY)
async def save(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Save what was changed, all of it once every field is right; pictures that were sent are kept until then."""
    member, form = member_context(request), await sent_form(request)
    await member.parts.categories.fresh()
    listing = await own_listing(member, listing_id)
    if form.text("act") == "details":
        shown = await keep_sent(member, form, listing.pictures)
        return await _page(request, member, form, listing=listing, pictures=shown)
    entry = read_entry(member, form)
    if entry is not None:
        try:
            await _change(member, listing_id, entry)
        except RuleBroken as refused:
            form.blame(refused, _labels(member, form))
    if form.errors or form.notice:
        shown = await keep_sent(member, form, listing.pictures)
        told = member.words("Nothing was changed.")
        return await _page(request, member, form, listing=listing, pictures=shown, told=told)
    await save_pictures(member, form, listing_id, listing.pictures)
    await _forget(member, listing_id)
    return await _finish(request, member, form, listing)


def typed_fields(form: SentForm) -> dict[str, str]:
    """What is kept of an unfinished form."""
    names = [name for name in form.names if name in LABELS or name.startswith(PARTS)]
    return {name: form.raw(name) for name in names} | {name: " ".join(form.texts(name)) for name in LISTS}


def typed_form(fields: Mapping[str, str]) -> SentForm:
    """The form of which these fields were kept."""
    texts = [(name, text) for name, text in fields.items() if name not in LISTS]
    lists = [(name, text) for name in LISTS for text in fields.get(name, "").split()]
    return SentForm(FormMultiDict([*texts, *lists]))


def _said(listing: Listing) -> dict[str, str]:
    """The listing as `typed_fields` has a form."""
    attributes = {f"attribute-{key}": text for key, text in listing.attributes.items()}
    alts = {f"alt-{picture.id}": picture.alt for picture in listing.pictures}
    return _values_of(listing) | attributes | alts | {"order": " ".join(str(one.id) for one in listing.pictures)}


async def _said_already(member: MemberContext, listing_id: UUID) -> dict[str, str] | None:
    """What the listing says as it is; None while there is only the form."""
    try:
        return {name: _tidy(text) for name, text in _said(await own_listing(member, listing_id)).items()}
    except RuleBroken as refused:
        if refused.status != NotFound.status:
            raise
        return None


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


async def _forget(member: MemberContext, listing_id: UUID) -> None:
    async with member.parts.kernel.database.transaction() as session:
        await drafts.forget(session, member.user.id, listing_id)


async def _advice(member: MemberContext, title: str, category: str, language: str) -> dict[str, str]:
    wanted, language = title.strip()[:TITLE_CHARS_MAX], language if language in LISTING_LANGUAGES else "en"
    asked = member.catalogue.advise_seller(member.identity, wanted, category[:60], language) if wanted else None
    try:
        found = await or_none(asked) if asked else None
    except Refused:
        found = None
    known = {one.slug: one.name for one in await member.parts.categories.fresh()}
    told = {"category": "", "category_words": "", "price_words": ""}
    if found is not None and found.category in known and found.category != category:
        told |= {"category": found.category, "category_words": member.words("Use: %s") % known[found.category]}
    if found is not None and found.price is not None:
        reader, price = member.ctx.reader, found.price
        words = reader.gettext("Similar things were sold for %(low)s to %(high)s.")
        told["price_words"] = words % {"low": reader.money(price.low), "high": reader.money(price.high)}
    return told


def attributes_of(categories: list[Category], slug: str) -> list[CategoryAttribute]:
    """What a category asks for."""
    return next((one.attributes for one in categories if one.slug == slug), [])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def own_listing(member: MemberContext, listing_id: UUID) -> Listing:
    """The user's own listing; raises NotFound for any other."""
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    if listing.seller.id != member.user.id:
        raise NotFound("You have no such listing.")
    return listing


async def publish(member: MemberContext, listing_id: UUID) -> Listing:
    """Put it on sale; raises the catalogue's refusal."""
    return await member.catalogue.publish_listing(member.identity, listing_id)


def read_entry(member: MemberContext, form: SentForm) -> Entry | None:
    """The fields, checked; None if any has to be mended, which the form then says."""
    words = member.words
    asked = {one.key for one in attributes_of(member.parts.categories.all, form.text("category"))}
    title, description = form.text("title"), form.text("description")
    if not TITLE_CHARS_MIN <= len(title) <= TITLE_CHARS_MAX:
        form.refuse("title", words("Give it a title of %s to %s characters.") % (TITLE_CHARS_MIN, TITLE_CHARS_MAX))
    if len(description) > DESCRIPTION_CHARS_MAX:
        form.refuse("description", words("At most %s characters.") % DESCRIPTION_CHARS_MAX)
    if not form.text("category"):
        form.refuse("category", words("Choose a category."))
    condition = next((value for value in get_args(Condition) if value == form.text("condition")), None)
    if condition is None:
        form.refuse("condition", words("Say in which condition it is."))
    price = form.money("price", member.currency, member.ctx.reader)
    if price is not None and price.amount > PRICE_MAX:
        form.refuse("price", words("That is more than anything may cost here."))
    quantity = form.whole("quantity", 1, QUANTITY_MAX, words("Enter a whole number from 1 to %s.") % QUANTITY_MAX)
    if form.errors.keys() - {"pictures"} or price is None or quantity is None or condition is None:
        return None
    language = form.text("language")
    return Entry(
        title=title,
        description=description,
        price=price,
        category=form.text("category"),
        condition=condition,
        quantity=quantity,
        language=language if language in LISTING_LANGUAGES else "en",
        attributes={key: text for key, text in sent_attributes(form).items() if key in asked},
        accepts_offers=form.text("accepts_offers") == "yes",
    )


def _labels(member: MemberContext, form: Form) -> dict[str, str]:
    """What stands over the fields, by name; an attribute's name is its key."""
    return LABELS | {one.key: one.name for one in attributes_of(member.parts.categories.all, form.text("category"))}


def sent_attributes(form: Form) -> dict[str, str]:
    """What the form says of the category's attributes, by key."""
    return {name.removeprefix("attribute-"): form.text(name) for name in form.names if name.startswith("attribute-")}


def _own_id(form: SentForm) -> UUID:
    """The id that the empty form brought; another if it was tampered with."""
    sent = form.uuid("id")
    return sent if sent is not None and sent.version == 7 else new_id()


async def _draft(member: MemberContext, listing_id: UUID, entry: Entry) -> Listing:
    """Make the draft. If it was made before, with other words, it gets these."""
    new = NewListing(id=listing_id, **_fields(entry))
    made = await member.catalogue.create_listing(member.identity, new)
    same = all(getattr(made, name) == value for name, value in _fields(entry).items())
    return made if same else await _change(member, listing_id, entry)


async def _change(member: MemberContext, listing_id: UUID, entry: Entry) -> Listing:
    return await member.catalogue.edit_listing(member.identity, listing_id, ListingChanges(**_fields(entry)))


def _fields(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"price": entry.price}


async def _finish(request: PageRequest, member: MemberContext, form: SentForm, listing: Listing) -> Response[Any]:
    """Publish if that was asked for, and go on; what could not be done is said in the form, which is an old one now."""
    publishing = form.text("act") == "publish"
    if publishing and not form.errors:
        try:
            listing = await publish(member, listing.id)
        except RuleBroken as refused:
            form.blame(refused, _labels(member, form))
    if form.errors or form.notice:
        told = member.words("Everything else is saved.")
        return await _page(request, member, form, listing=await own_listing(member, listing.id), told=told)
    if publishing:
        member.ctx.flash("success", member.words("It is on sale."))
        return redirect(listing_href(listing.id, listing.slug))
    if listing.status == "draft":
        member.ctx.flash("success", member.words("The draft is saved. Only you can see it."))
        return redirect(f"/listings/{listing.id}/edit")
    member.ctx.flash("success", member.words("The changes are saved."))
    return redirect(listing_href(listing.id))


def _values_of(listing: Listing) -> dict[str, str]:
    return {
        "title": listing.title,
        "category": listing.category,
        "condition": listing.condition,
        "price": money_text(listing.price),
        "quantity": str(listing.quantity),
        "description": listing.description,
        "language": listing.language,
        "accepts_offers": "yes" if listing.accepts_offers else "no",
    }


async def _page(
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
    reader = member.ctx.reader
    values = values or {name: form.text(name) for name in LABELS}
    shown = pictures if pictures is not None else [shot(one) or {} for one in (listing.pictures if listing else [])]
    first = next((picture for picture in shown if not picture.get("gone")), None)
    known = await member.parts.categories.fresh()
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
        "card": _card(member, Form(values), first),
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
        "typed_before": [] if listing or form.errors else await _typed_before(member, listing_id),
        "condition_options": [
            {"value": value, "label": reader.gettext(CONDITIONS[value]), "hint": reader.gettext(CONDITION_HINTS[value])}
            for value in CONDITIONS
        ],
        "language_options": languages(reader, values.get("language", "")),
        "proceeds": await _proceeds(request, member, form, listing),
    }
    return await render_page(request, "pages/sell/form.html", context, status=form.status)


def _card(member: MemberContext, form: Form, picture: dict[str, Any] | None) -> dict[str, Any]:
    """What is typed, for the macro `listing_card`; what is not there yet is said to be missing."""
    reader, price, condition = member.ctx.reader, amount_in(form.text("price"), member.currency), form.text("condition")
    return {
        "href": "#title",
        "title": form.text("title")[:TITLE_CHARS_MAX] or reader.gettext("No title yet"),
        "price": reader.money(price) if price else reader.gettext("No price yet"),
        "picture": picture,
        "condition": condition_name(reader, condition) if condition in CONDITIONS else "",
        "seller": member.user.display_name,
    }


async def _typed_before(member: MemberContext, listing_id: UUID | None) -> list[drafts.Typed]:
    """Other forms that were begun and not finished."""
    async with member.parts.kernel.database.reading() as reader:
        return [one for one in await drafts.list_of(reader, member.user.id) if one.listing_id != listing_id]


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


async def _proceeds(
    request: PageRequest, member: MemberContext, form: Form, listing: Listing | None
) -> dict[str, Any] | None:
    """The fee, and for a known price what the seller will get; None while the fee is not known."""
    basis_points = await fee_basis_points(request)
    if basis_points is None:
        return None
    reader = member.ctx.reader
    told: dict[str, Any] = {"basis_points": basis_points, "percent": reader.number(basis_points / 100)}
    if listing is not None and not form.errors:
        fee = share_half_up(listing.price.amount, basis_points)
        told["price"] = reader.money(listing.price)
        told["fee"] = reader.money(Money(-fee, listing.price.currency))
        told["net"] = reader.money(listing.price - Money(fee, listing.price.currency))
    return told


ROUTES = [
    new_listing,
    save_typed,
    discard_typed,
    upload_picture,
    show_card,
    attribute_fields,
    give_advice,
    create,
    edit_listing,
    save,
]
