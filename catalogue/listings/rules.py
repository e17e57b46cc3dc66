"""What a listing must be like, whoever enters it."""

from catalogue.texts import plain_text
from souk.contracts.catalogue.listings import PRICE_MAX
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.money import Money
from souk.texts import has_letter, shown_line

TITLE_CHARS_MIN = 3

LISTINGS_PER_SELLER_MAX = 10_000
"""Listings that one seller may have, of whatever status."""


class UnknownListing(NotFound):
    """There is no such listing, or it is somebody else's draft."""


class NotYourListing(RuleBroken):
    """Only its seller may change a listing."""

    status = 403
    title = "This is not your listing"


class ListingIdTaken(RuleBroken):
    """The id that the caller brought belongs to another listing."""

    title = "That id is taken"


class TooManyListings(RuleBroken):
    """The seller has as many listings as one may have."""

    title = "You have too many listings"


class UnitsPromised(RuleBroken):
    """The new quantity is less than what buyers have already."""

    title = "Some of it is promised or sold"
    members = ("quantity_min",)


class NotReadyToPublish(RuleBroken):
    """Something that a buyer needs is missing."""

    status = 422
    title = "Something is missing"


class TakenDown(RuleBroken):
    """A moderator took the listing down; only a moderator puts it back."""

    title = "It was taken down"


class NothingLeft(RuleBroken):
    """All units are reserved or sold."""

    title = "There is nothing left to sell"


class NotPublished(RuleBroken):
    """A draft was never on sale, so it cannot be taken off."""

    title = "It is not published"


def clean_title(title: str) -> str:
    """The title on one line, spaces tidied; raises InvalidInput if it is too short, or if not all of it shows."""
    tidy = shown_line(plain_text("title", title))
    if tidy is None or not has_letter(tidy, or_digit=True):
        raise InvalidInput(
            "title", "Write it with letters that show, and without signs that turn its direction.", code="title-unseen"
        )
    if len(tidy) < TITLE_CHARS_MIN:
        raise InvalidInput(
            "title", "Give it a title of at least {least} characters.", code="title-too-short", least=TITLE_CHARS_MIN
        )
    return tidy


def clean_description(description: str) -> str:
    """The description without space around it, its lines kept."""
    return plain_text("description", description.replace("\r\n", "\n")).strip()


def checked_price(price: Money, currency: str) -> int:
    """The price in minor units; raises InvalidInput unless it is in the shop's currency and within limits."""
    if price.currency != currency:
        raise InvalidInput("price", "Prices here are in {currency}.", code="price-currency", currency=currency)
    if not 1 <= price.amount <= PRICE_MAX:
        raise InvalidInput(
            "price",
            "The price must be between 1 and {most} in the smallest unit of {currency}.",
            code="price-out-of-range",
            most=PRICE_MAX,
            currency=currency,
        )
    return price.amount
