"""What a listing must be like, whoever enters it."""

import re
import unicodedata

from souk.contracts.catalogue import PRICE_MAX
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.money import Money
from souk.texts import has_letter, shown_line

TITLE_CHARS_MIN = 3
SLUG_CHARS_MAX = 80

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
        raise InvalidInput("title", "Write it with letters that show, and without signs that turn its direction.")
    if len(tidy) < TITLE_CHARS_MIN:
        raise InvalidInput("title", f"Give it a title of at least {TITLE_CHARS_MIN} characters.")
    return tidy


def clean_description(description: str) -> str:
    """The description without space around it, its lines kept."""
    return plain_text("description", description.replace("\r\n", "\n")).strip()


def plain_text(field: str, text: str) -> str:
    """The text in Unicode's composed form; raises InvalidInput if it holds what no database or page can show."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise InvalidInput(field, "It holds characters that cannot be shown. Type it anew.")
    return unicodedata.normalize("NFC", text)


def checked_price(price: Money, currency: str) -> int:
    """The price in minor units; raises InvalidInput unless it is in the shop's currency and within limits."""
    if price.currency != currency:
        raise InvalidInput("price", f"Prices here are in {currency}.")
    if not 1 <= price.amount <= PRICE_MAX:
        raise InvalidInput("price", f"The price must be between 1 and {PRICE_MAX} in the smallest unit of {currency}.")
    return price.amount


def slug_of(title: str) -> str:
    """The title in ASCII for an address, e.g. `Łódź lamp №5` → `lodz-lamp-no5`; `listing` if nothing is left of it."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    latin = "".join(_LATIN.get(character, character) for character in folded)
    ascii_only = latin.encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    return words[:SLUG_CHARS_MAX].rstrip("-") or "listing"


def _table(pairs: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in pairs.split()}


_LATIN = _table(
    "ßss øo łl đd ðd þth æae œoe ħh ıi ŧt "
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ьʹ эe юyu яya іi єie ґg ђdj јj љlj њnj ћc џdz "
    "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
)
