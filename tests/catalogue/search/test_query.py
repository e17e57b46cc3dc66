"""Words in several languages, phrases, words to leave out, and what of them is shown as found."""

from typing import Any

import pytest

from catalogue.search.query import Words, read_words
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.errors import InvalidInput
from tests.catalogue.harness import Caller, Shop, new_listing


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("brass lamp", Words(("brass", "lamp"))),
        ('"brass lamp" desk', Words(("brass lamp", "desk"))),
        ('lamp -"old brass" -desk', Words(("lamp",), ("old brass", "desk"))),
        ('"never closed', Words(("never closed",))),
        ("T-shirt", Words(("T-shirt",))),
    ],
)
def test_what_is_typed_is_read(typed: str, read: Words) -> None:
    assert read_words(typed) == read


def test_only_words_to_leave_out_are_refused() -> None:
    with pytest.raises(InvalidInput, match="what you are looking for"):
        read_words("-lamp")


LISTINGS = (
    {"title": "Grüne Lampen für die Küche", "language": "de", "description": "Zwei schöne Häuser daneben."},
    {"title": "Café table", "language": "en", "description": "Round, for small houses."},
    {"title": "Chaises de jardin", "language": "fr", "description": "Deux chevaux en métal."},
    {"title": "Lampka nocna", "language": "pl", "description": "Ładna łódź."},
    {"title": "Red desk lamp", "language": "en", "description": "The old lamp of a lighthouse keeper."},
)

FOUND = [
    ("cafe", ["Café table"]),
    ("CAFÉ", ["Café table"]),
    ("lampe", ["Grüne Lampen für die Küche", "Red desk lamp"]),
    ("kueche", ["Grüne Lampen für die Küche"]),
    ("kuche", ["Grüne Lampen für die Küche"]),
    ("haus", ["Grüne Lampen für die Küche"]),
    ("house", ["Café table"]),
    ("chaise", ["Chaises de jardin"]),
    ("cheval", ["Chaises de jardin"]),
    ("lodz", ["Lampka nocna"]),
    ('"desk lamp"', ["Red desk lamp"]),
    ('"lamp desk"', []),
    ('"old lamp"', ["Red desk lamp"]),
    ("lamp -desk", ["Grüne Lampen für die Küche", "Lampka nocna"]),
    ("lampen -küche", ["Red desk lamp"]),
    ("brass", ["Red desk lamp"]),
    ("- & | ! ) (:* <->", []),
]


async def test_listings_are_found_in_their_languages(seller: Caller, visitor: Caller) -> None:
    for listing in LISTINGS:
        attributes = {"attributes": {"material": "brass"}} if listing["title"] == "Red desk lamp" else {}
        await new_listing(seller, **listing, **attributes)
    for words, titles in FOUND:
        page = (await visitor("GET", "/listings", params={"q": words})).json()
        assert {item["title"] for item in page["items"]} == set(titles), words


def _marked(text: str, places: list[list[int]]) -> list[str]:
    return [text[start:end] for start, end in places]


async def test_what_was_found_is_told_as_places_in_the_text(seller: Caller, visitor: Caller) -> None:
    await new_listing(seller, title="Two <b>Lamps</b>, a café lamp")
    await new_listing(seller, title="Oak desk", description="x " * 100 + "With the lamp & <script>, and lamps.")
    titled, described = (await visitor("GET", "/listings", params={"q": "lamp", "sort": "relevance"})).json()["items"]
    assert _marked(titled["title"], titled["found_in_title"]) == ["Lamps", "lamp"]
    assert (described["found_in_title"], titled["excerpt"]) == ([], "")
    assert _marked(described["excerpt"], described["found_in_excerpt"]) == ["lamp", "lamps"]
    assert described["excerpt"].startswith("… ")
    assert "<script>" in described["excerpt"]  # as text: whoever shows it escapes it


async def test_title_before_attributes_before_text(seller: Caller, visitor: Caller) -> None:
    await new_listing(seller, title="In the title: oak")
    await new_listing(seller, title="In an attribute", attributes={"material": "oak"})
    await new_listing(seller, title="In the text", description="Made of oak.")
    params: dict[str, Any] = {"q": "oak", "sort": "relevance"}
    page = (await visitor("GET", "/listings", params=params)).json()
    in_order = ["In the title: oak", "In an attribute", "In the text"]
    assert [item["title"] for item in page["items"]] == in_order
    walked, cursor = [], None
    while cursor or not walked:
        step = await visitor("GET", "/listings", params=params | {"limit": 1} | ({"cursor": cursor} if cursor else {}))
        walked += [item["title"] for item in step.json()["items"]]
        cursor = step.json()["next_cursor"]
    assert walked == in_order


async def test_sellers_are_found_by_their_name_and_country(shop: Shop, seller: Caller, visitor: Caller) -> None:
    """Also those whose listing came before the news of them, and by the new name once they change it."""
    await new_listing(seller)
    assert seller.id is not None
    opened = shop.kernel.clock.now()
    registered = UserRegistered(user_id=seller.id, display_name="Şahin Antika", country="TR", registered_at=opened)
    await shop.handle("sellers", registered)
    found = await visitor("GET", "/listings", params={"q": "sahin lamp", "country": "TR"})
    assert found.json()["total"] == 1
    changed = UserChanged(user_id=seller.id, display_name="Oak & Brass", country="DE", changed_at=opened)
    await shop.handle("sellers", changed, changed)
    for params, total in (({"q": "sahin"}, 0), ({"q": "oak brass"}, 1), ({"country": "TR"}, 0), ({"country": "DE"}, 1)):
        assert (await visitor("GET", "/listings", params=params)).json()["total"] == total, params
    await new_listing(seller, title="One more")
    assert (await visitor("GET", "/listings", params={"country": "DE"})).json()["total"] == 2
