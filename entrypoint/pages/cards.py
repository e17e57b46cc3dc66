"""Listings as the macros of `macros/cards.html` take them, and the one place that knows a listing's address."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any
from uuid import UUID

from entrypoint.pages.postage import postage_words
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.listings import Condition, ListingCard
from souk.contracts.catalogue.pictures import Picture
from souk.recent import Recent

CARDS_MAX = 8192
"""Cards that are kept as they were made."""

SMALL_PX, MEDIUM_PX = 320, 800
"""The longer sides of the two smaller sizes of a picture."""


_made = Recent[Hashable, dict[str, Any]](CARDS_MAX)


CONDITIONS: dict[Condition, str] = {
    "new": N_("New"),
    "like_new": N_("Like new"),
    "good": N_("Good"),
    "fair": N_("Fair"),
    "for_parts": N_("For parts"),
}
CONDITION_HINTS: dict[Condition, str] = {
    "new": N_("Never used, as it was sold"),
    "like_new": N_("Used once or twice, no marks"),
    "good": N_("Signs of use, works as it should"),
    "fair": N_("Worn, works with small flaws"),
    "for_parts": N_("Broken or incomplete"),
}


def listing_href(listing_id: UUID | str, slug: str = "") -> str:
    """A listing's page; without the slug it redirects to the address with it."""
    return f"/listings/{listing_id}-{slug}" if slug else f"/listings/{listing_id}"


def condition_name(reader: Reader, condition: str) -> str:
    """A condition in the reader's words."""
    return reader.gettext(CONDITIONS.get(condition, condition))  # type: ignore[call-overload]


def rating(reader: Reader, reviews: int, stars: int) -> dict[str, str] | None:
    """How a seller is rated, for the macro `seller_rating`; None without reviews.

    The average is cut after its first decimal place, not rounded: nobody is shown as 4.5 whom "4.5 stars or more" leaves
    out.
    """
    if not reviews:
        return None
    average = reader.number(stars * 10 // reviews / 10)
    words = reader.translations.ngettext(
        "%(average)s of 5 stars from %(reviews)s review", "%(average)s of 5 stars from %(reviews)s reviews", reviews
    )
    told = {"average": average, "reviews": reader.number(reviews)}
    return told | {"words": words % told}


def picture_href(name: str) -> str:
    """Where a picture's file is."""
    return f"/pictures/{name}"


def as_avif(hrefs: str) -> str:
    """The same pictures as AVIF."""
    return hrefs.replace(".webp", ".avif")


def shot(picture: Picture | None) -> dict[str, Any] | None:
    """A picture for the macros `picture` and `gallery`."""
    if picture is None:
        return None
    longer = max(picture.width, picture.height, 1)
    sizes = {
        min(picture.width, round(picture.width * side / longer)): name
        for side, name in ((longer, picture.large), (MEDIUM_PX, picture.medium), (SMALL_PX, picture.small))
    }
    srcset = ", ".join(f"{picture_href(name)} {width}w" for width, name in sorted(sizes.items()))
    thumb, large = picture_href(picture.small), picture_href(picture.large)
    return {
        "src": picture_href(picture.medium),
        "thumb": thumb,
        "large": large,
        "srcset": srcset,
        "avif": as_avif(srcset) if picture.avif else "",
        "avif_thumb": as_avif(thumb) if picture.avif else "",
        "avif_large": as_avif(large) if picture.avif else "",
        "colour": picture.colour,
        "alt": picture.alt,
        "id": picture.id,
    }


Runs = list[tuple[str, bool]]
"""A text in pieces, each with whether it was looked for."""


def runs(text: str, places: Sequence[Sequence[int]]) -> Runs:
    """A text cut at the places where something was found."""
    found: Runs = []
    end = 0
    for start, stop in places:
        found += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [(piece, marked) for piece, marked in [*found, (text[end:], False)] if piece]


def card(reader: Reader, listing: ListingCard, *, seller: bool = True) -> dict[str, Any]:
    """A listing for the macro `listing_card`. `key` is all that the card shows; None where words are marked in it, for that
    is the work of one search."""
    if listing.found_in_title or listing.found_in_excerpt or listing.excerpt or listing.missing:
        return _card(reader, listing, seller=seller) | {"key": None}
    key = (
        reader.language,
        reader.formats,
        seller,
        listing.id,
        listing.seller_id,
        listing.slug,
        listing.title,
        listing.price,
        listing.condition,
        listing.seller_name,
        listing.picture,
        listing.status == "sold",
        listing.seller_reviews,
        listing.seller_stars,
        postage_words(reader, listing.delivery, listing.price, listing.seller_country),
    )
    made = _made.get(key)
    if made is None:
        made = _card(reader, listing, seller=seller) | {"key": key}
        _made.put(key, made)
    return made.copy()  # a heart is put on it


def _card(reader: Reader, listing: ListingCard, *, seller: bool) -> dict[str, Any]:
    return {
        "id": listing.id,
        "seller_id": listing.seller_id,
        "href": listing_href(listing.id, listing.slug),
        "title": listing.title,
        "title_runs": runs(listing.title, listing.found_in_title),
        "excerpt_runs": runs(listing.excerpt, listing.found_in_excerpt),
        "missing": missing(reader, listing),
        "price": reader.money(listing.price),
        "picture": shot(listing.picture),
        "condition": condition_name(reader, listing.condition),
        "seller": listing.seller_name if seller else "",
        "rating": rating(reader, listing.seller_reviews, listing.seller_stars) if seller else None,
        "sold": listing.status == "sold",
        "postage": postage_words(reader, listing.delivery, listing.price, listing.seller_country),
    }


def missing(reader: Reader, listing: ListingCard) -> str:
    """Which words of the search it does not have, in words; empty if it has them all."""
    words = ", ".join(f"“{word}”" for word in listing.missing)
    return reader.gettext("Without %s") % words if words else ""


def cards(reader: Reader, listings: Iterable[ListingCard], *, seller: bool = True) -> list[dict[str, Any]]:
    """Listings for the macro `listing_grid`."""
    return [card(reader, listing, seller=seller) for listing in listings]
