"""What somebody types about a listing that they sell: the form's fields, read and checked, and a listing as the form has it."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from entrypoint.pages.fields import TOO_LONG, AmountMax, Fields, Label, Mend, Param, Prefix, fields_of
from entrypoint.pages.forms import Form, SentForm, money_text
from entrypoint.pages.member_context import MemberContext
from entrypoint.pages.words import LISTING_LANGUAGES
from entrypoint.web.marking import N_
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.delivery import PLACE_CHARS_MAX
from souk.contracts.catalogue.listings import (
    DESCRIPTION_CHARS_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    TITLE_CHARS_MAX,
    Condition,
    Listing,
)
from souk.contracts.catalogue.pictures import PICTURES_MAX
from souk.ids import new_id
from souk.money import Money

TITLE_CHARS_MIN = 3

PictureName = Annotated[str, Meta(pattern=r"^[0-9a-f]{40}\.webp$")]
"""What a kept picture is known by: the name of its large file."""

ATTRIBUTE = "attribute-"
"""What the names of the category's attributes begin with."""


class SellForm(Fields, frozen=True, kw_only=True):
    """What is to be done with the form, and its pictures: those of the listing by their ids, kept ones by their names."""

    id: UUID | None = None
    """The listing's, from the empty form on, so that a form sent twice makes one."""
    act: Literal["details", "publish", "save"] = "save"
    kept: Annotated[list[PictureName], Meta(max_length=PICTURES_MAX)]
    order: list[str]
    removed: Annotated[dict[str, bool], Prefix("remove-")]
    turns: Annotated[dict[str, Literal["90", "180", "270"]], Prefix("turn-")]
    alts: Annotated[dict[str, str], Prefix("alt-")]
    places: Annotated[dict[str, Annotated[int, Meta(le=99)]], Prefix("place-")]


class Entry(Fields, frozen=True, kw_only=True):
    """What a seller says of a listing."""

    title: Annotated[
        str,
        Meta(min_length=TITLE_CHARS_MIN, max_length=TITLE_CHARS_MAX),
        Label(N_("Title")),
        Mend(N_("Give it a title of %s to %s characters."), TITLE_CHARS_MIN, TITLE_CHARS_MAX),
    ]
    description: Annotated[
        str,
        Meta(max_length=DESCRIPTION_CHARS_MAX),
        Label(N_("Description")),
        Mend(N_("At most %s characters."), DESCRIPTION_CHARS_MAX),
    ]
    price: Annotated[
        Money, AmountMax(PRICE_MAX), Label(N_("Price")), Mend(N_("That is more than anything may cost here."))
    ]
    category: Annotated[str, Meta(min_length=1), Label(N_("Category")), Mend(N_("Choose a category."))]
    condition: Annotated[Condition, Label(N_("Condition")), Mend(N_("Say in which condition it is."))]
    quantity: Annotated[
        int,
        Meta(ge=1, le=QUANTITY_MAX),
        Label(N_("How many")),
        Mend(N_("Enter a whole number from 1 to %s."), QUANTITY_MAX),
    ]
    language: Annotated[str, Meta(pattern=f"^({'|'.join(sorted(LISTING_LANGUAGES))})$"), Label(N_("Language"))] = "en"
    accepts_offers: Annotated[bool, Label(N_("Offers"))] = False
    way: Annotated[Literal["post", "pick_up"], Label(N_("How it gets there"))] = "post"
    profile: Annotated[UUID | None, Label(N_("Postage")), Param("profile_id")] = None
    """Of what is sent; None: postage is included."""
    pick_up: Annotated[
        str, Meta(max_length=PLACE_CHARS_MAX), Label(N_("Where to pick it up")), Mend(TOO_LONG, PLACE_CHARS_MAX)
    ] = ""
    attributes: Annotated[dict[str, str], Prefix(ATTRIBUTE)]
    """What the category asks for, by key."""


NAMES = tuple(field.name for field in fields_of(Entry) if field.shape is str)
"""Of the fields that every listing has."""


def read_entry(member: MemberContext, form: SentForm[SellForm]) -> Entry | None:
    """What was said of the listing; None if anything has to be mended, which the form then says."""
    entry = form.read(Entry)
    if entry is None:
        return None
    names = {one.key: one.name for one in attributes_of(member.parts.categories.all, entry.category)}
    form.labels |= {ATTRIBUTE + key: name for key, name in names.items()}
    return replace(entry, attributes={key: text for key, text in entry.attributes.items() if key in names})


def attributes_of(categories: list[Category], slug: str) -> list[CategoryAttribute]:
    """What a category asks for."""
    return next((one.attributes for one in categories if one.slug == slug), [])


def sent_attributes(form: Form) -> dict[str, str]:
    """What the form shows for the category's attributes, by key."""
    return {name.removeprefix(ATTRIBUTE): form.text(name) for name in form.texts if name.startswith(ATTRIBUTE)}


def sent_id(form: SentForm[SellForm]) -> UUID:
    """The id that the empty form brought; another if it was tampered with."""
    sent = form.entered.id
    return sent if sent is not None and sent.version == 7 else new_id()


def values_of(listing: Listing) -> dict[str, str]:
    """The listing as the form's fields have it."""
    return {
        "title": listing.title,
        "category": listing.category,
        "condition": listing.condition,
        "price": money_text(listing.price),
        "quantity": str(listing.quantity),
        "description": listing.description,
        "language": listing.language,
        "accepts_offers": "yes" if listing.accepts_offers else "no",
        "way": "post" if listing.delivery.posted else "pick_up",
        "profile": str(listing.delivery.profile_id or ""),
        "pick_up": listing.delivery.pick_up,
    }
