"""What somebody types about a listing that they sell: the form's fields, read and checked, and a listing as the form has it."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from entrypoint.pages.forms import SentForm, money_text
from entrypoint.pages.inputs import AmountMax, Form, Mend
from entrypoint.pages.member_context import MemberContext
from entrypoint.pages.words import LISTING_LANGUAGES
from entrypoint.web.marking import N_
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.listings import (
    DESCRIPTION_CHARS_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    TITLE_CHARS_MAX,
    Condition,
    Listing,
)
from souk.ids import new_id
from souk.money import Money

TITLE_CHARS_MIN = 3


LABELS = {
    "title": N_("Title"),
    "category": N_("Category"),
    "condition": N_("Condition"),
    "price": N_("Price"),
    "quantity": N_("How many"),
    "description": N_("Description"),
    "language": N_("Language"),
    "accepts_offers": N_("Offers"),
    "pictures": N_("Pictures"),
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller entered, checked."""

    title: Annotated[
        str,
        Meta(min_length=TITLE_CHARS_MIN, max_length=TITLE_CHARS_MAX),
        Mend(N_("Give it a title of %s to %s characters."), TITLE_CHARS_MIN, TITLE_CHARS_MAX),
    ]
    description: Annotated[
        str, Meta(max_length=DESCRIPTION_CHARS_MAX), Mend(N_("At most %s characters."), DESCRIPTION_CHARS_MAX)
    ]
    price: Annotated[Money, AmountMax(PRICE_MAX), Mend(N_("That is more than anything may cost here."))]
    category: Annotated[str, Meta(min_length=1), Mend(N_("Choose a category."))]
    condition: Annotated[Condition, Mend(N_("Say in which condition it is."))]
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX), Mend(N_("Enter a whole number from 1 to %s."), QUANTITY_MAX)]
    language: Annotated[str, Meta(pattern=f"^({'|'.join(sorted(LISTING_LANGUAGES))})$")] = "en"
    accepts_offers: bool
    attributes: dict[str, str]
    """What the category asks for, by key."""


def read_entry(member: MemberContext, form: SentForm) -> Entry | None:
    """The fields, checked; None if any has to be mended, which the form then says."""
    asked = {one.key for one in attributes_of(member.parts.categories.all, form.text("category"))}
    attributes = {key: text for key, text in sent_attributes(form).items() if key in asked}
    return form.read(Entry, member.ctx.reader, member.currency, attributes=attributes)


def labels_of(member: MemberContext, form: Form) -> dict[str, str]:
    """What stands over the fields, by name; an attribute's name is its key."""
    return member.labels(LABELS) | {
        one.key: one.name for one in attributes_of(member.parts.categories.all, form.text("category"))
    }


def attributes_of(categories: list[Category], slug: str) -> list[CategoryAttribute]:
    """What a category asks for."""
    return next((one.attributes for one in categories if one.slug == slug), [])


def sent_attributes(form: Form) -> dict[str, str]:
    """What the form says of the category's attributes, by key."""
    return {name.removeprefix("attribute-"): form.text(name) for name in form.names if name.startswith("attribute-")}


def sent_id(form: SentForm) -> UUID:
    """The id that the empty form brought; another if it was tampered with."""
    sent = form.uuid("id")
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
    }
