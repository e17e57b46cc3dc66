"""What the pages make of an address: searches, listings' addresses, data for search engines."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from litestar.datastructures import MultiDict

from entrypoint.pages.cards import card, listing_href, rating, shot
from entrypoint.pages.find.listing import _structured, id_in
from entrypoint.pages.find.search_query import WORDS_CHARS_MAX, Search, read_search, understand
from entrypoint.web.reader import Languages, Reader
from souk.clock import SystemClock
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.listings import TITLE_CHARS_MAX, Listing, ListingCard, Seller
from souk.contracts.catalogue.pictures import Picture
from souk.errors import NotFound
from souk.money import Money

TREE = {"lighting": Category(slug="lighting", name="Lighting", parent=None, icon="lamp", listings=1, attributes=[
    CategoryAttribute(key="brand", name="Brand", kind="text"),
    CategoryAttribute(key="year", name="Year", kind="number"),
])}  # fmt: skip
LISTING_ID = UUID("01a1fb63-d681-715c-ae4f-0e7464f6535e")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Languages(tmp_path, "UTC", SystemClock()).reader("en", "en-GB")


def test_a_search_survives_its_address() -> None:
    search = Search(
        q="brass & lamp",
        category="lighting",
        price_max="12,50",
        conditions=("new", "good"),
        offers="yes",
        rating="4.5",
        sort="price_up",
    )
    query = search.href().partition("?")[2]
    pairs = [tuple(pair.split("=")) for pair in query.split("&")]
    assert ("q", "brass+%26+lamp") in pairs
    read = read_search(MultiDict([("q", "brass & lamp"), ("category", "lighting"), ("price_max", "12,50"),
                                  ("condition", "good"), ("condition", "new"), ("condition", "nonsense"),
                                  ("offers", "yes"), ("rating", "4.5"), ("sort", "price_up")]))  # fmt: skip
    assert read == search


@pytest.mark.parametrize("pair", [("rating", "5"), ("rating", "4.5x"), ("offers", "no"), ("offers", "1")])
def test_filters_that_nobody_offers_are_ignored(pair: tuple[str, str], reader: Reader) -> None:
    assert understand(read_search(MultiDict([pair])), "EUR", {}, reader).params == [("sort", "newest")]


@pytest.mark.parametrize(
    ("reviews", "stars", "average", "words"),
    [
        (1, 5, "5", "5 of 5 stars from 1 review"),
        (12, 58, "4.8", "4.8 of 5 stars from 12 reviews"),
        (100, 449, "4.4", "4.4 of 5 stars from 100 reviews"),  # "4.5 stars or more" leaves them out
        (1_200, 5_400, "4.5", "4.5 of 5 stars from 1,200 reviews"),
    ],
)
def test_a_rating_is_told_as_filters_understand_it(
    reviews: int, stars: int, average: str, words: str, reader: Reader
) -> None:
    told = rating(reader, reviews, stars)
    assert told is not None
    assert (told["average"], told["words"]) == (average, words)
    assert rating(reader, 0, 0) is None


def test_people_type_prices_as_they_like(reader: Reader) -> None:
    asked = understand(Search(price_min="€ 12,50", price_max="1.234,50"), "EUR", {}, reader)
    assert dict(asked.params) == {"sort": "newest", "price_min": 1250, "price_max": 123450}
    assert asked.errors == {}


@pytest.mark.parametrize(
    ("search", "wrong"),
    [
        (Search(price_min="abc"), "price_min"),
        (Search(price_min="20", price_max="10"), "price_range"),
        (Search(category="nope"), "category"),
        (Search(seller="nobody"), "seller"),
        (Search(sort="loudest"), "sort"),
        (Search(category="lighting", numbers=(("year", "old", ""),)), "from-year"),
        (Search(category="lighting", numbers=(("year", "1980", "1950,5"),)), "from-year"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_said(search: Search, wrong: str, reader: Reader) -> None:
    asked = understand(search, "EUR", TREE, reader)
    assert list(asked.errors) == [wrong]
    assert [pair for pair in asked.params if pair[0] != "category"] == [("sort", "newest")]


def test_with_words_the_best_match_comes_first() -> None:
    assert Search(q="lamp").effective_sort == "relevance"
    assert Search(q="lamp", sort="newest").effective_sort == "newest"
    assert Search().effective_sort == "newest"


def test_a_title_fits_into_the_search_box() -> None:
    assert WORDS_CHARS_MAX >= TITLE_CHARS_MAX
    for template in ("base.html", "pages/find/home.html"):
        boxes = re.findall(r'<input[^>]* name="q"[^>]*>', Path("entrypoint/templates", template).read_text())
        assert boxes, template
        assert all(f'maxlength="{WORDS_CHARS_MAX}"' in box for box in boxes)


def test_a_card_says_which_words_are_missing(reader: Reader) -> None:
    assert card(reader, _card(["a", "vintage"]))["missing"] == "Without “a”, “vintage”"
    assert card(reader, _card([]))["missing"] == ""


def _card(missing: list[str]) -> ListingCard:
    return ListingCard(id=LISTING_ID, slug="lamp", title="Lamp", price=Money(4200, "EUR"), condition="good",
                       seller_id=LISTING_ID, seller_name="Ines", picture=None, available=1, status="published",
                       published_at=None, missing=missing)  # fmt: skip


@pytest.mark.parametrize("ref", [str(LISTING_ID), f"{LISTING_ID}-brass-lamp", f"{LISTING_ID}-"])
def test_a_listings_address_begins_with_its_id(ref: str) -> None:
    assert id_in(ref) == LISTING_ID


@pytest.mark.parametrize("ref", ["", "mine2", f"{LISTING_ID}x", LISTING_ID.hex, f"{{{LISTING_ID}}}", "x" * 36])
def test_other_addresses_are_nobodys(ref: str) -> None:
    with pytest.raises(NotFound):
        id_in(ref)


def test_the_slug_is_for_people_only() -> None:
    assert id_in(listing_href(LISTING_ID, "a-lamp").removeprefix("/listings/")) == LISTING_ID


def test_a_pictures_sizes_are_told_by_their_width() -> None:
    tall = Picture(id=LISTING_ID, small="s", medium="m", large="l", width=900, height=1600, alt="", colour="#aabbcc")
    shown = shot(tall)
    assert shown is not None
    assert shown["srcset"] == "/pictures/s 180w, /pictures/m 450w, /pictures/l 900w"


def test_nobodys_words_end_the_data_for_search_engines() -> None:
    text = "</script><script>alert(1)</script> & \u2028"
    now = datetime(2026, 11, 20, tzinfo=UTC)
    listing = Listing(
        id=LISTING_ID, slug="x", title=text, description=text, price=Money(4200, "EUR"), condition="good",
        category="lighting",
        category_path=[Category(slug="lighting", name="Lighting", parent=None, icon="lamp", listings=1)],
        language="en", quantity=1, available=1, status="published", pictures=[],
        seller=Seller(id=LISTING_ID, display_name=text, country="FR", since=now, listings=1),
        version=1, created_at=now, published_at=now,
    )  # fmt: skip
    data = str(_structured(listing, "https://souk.example"))
    assert not set("<>&\u2028") & set(data)
    read = json.loads(data)
    assert read["name"] == text
    assert read["offers"]["price"] == "42.00"
    assert "image" not in read, "there is none, and an empty list is a fault"
