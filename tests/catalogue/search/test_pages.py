"""Finding listings, and walking through the pages of what was found."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from souk.clock import ManualClock
from tests.catalogue.harness import Caller, Shop, new_listing


async def _titles(caller: Caller, **params: Any) -> list[str]:
    page = await caller("GET", "/listings", params=params)
    assert page.status_code == 200, page.text
    assert page.json()["total"] == len(page.json()["items"])
    return [item["title"] for item in page.json()["items"]]


async def _walk(caller: Caller, **params: Any) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = (await caller("GET", "/listings", params=params | ({"cursor": cursor} if cursor else {}))).json()
        ids += [item["id"] for item in page["items"]]
        assert len(ids) == len(set(ids)), "shown twice"
        cursor = page["next_cursor"]
        if cursor is None:
            return ids


def _price(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def market(seller: Caller, clock: ManualClock) -> None:
    """Four listings, each a minute newer than the one before."""
    for listing in (
        {"title": "Brass desk lamp", "category": "lighting", "price": _price(4000)},
        {"title": "Rosé glasses", "description": "Lights up any desk.", "category": "tableware", "price": _price(900)},
        {"title": "Old LAMPS, two boxes", "category": "lighting", "price": _price(2000), "condition": "for_parts"},
        {"title": "Oak desk", "description": "With a lamp.", "category": "tables", "price": _price(9000)},
    ):
        await new_listing(seller, **listing)
        clock.advance(timedelta(minutes=1))


@pytest.mark.usefixtures("market")
async def test_filters_and_orders(visitor: Caller, seller: Caller, other: Caller) -> None:
    everything = ["Oak desk", "Old LAMPS, two boxes", "Rosé glasses", "Brass desk lamp"]
    assert await _titles(visitor) == everything
    by_price = ["Rosé glasses", "Old LAMPS, two boxes", "Brass desk lamp", "Oak desk"]
    assert await _titles(visitor, sort="price_up") == by_price
    assert await _titles(visitor, sort="price_down") == by_price[::-1]
    assert await _titles(visitor, category="lighting") == ["Old LAMPS, two boxes", "Brass desk lamp"]
    assert await _titles(visitor, category="home") == ["Oak desk", "Old LAMPS, two boxes", "Brass desk lamp"]
    assert await _titles(visitor, category="home", sort="price_up", price_max=4000) == by_price[1:3]
    assert await _titles(visitor, category="garden") == []
    assert await _titles(visitor, price_min=900, price_max=2000) == ["Old LAMPS, two boxes", "Rosé glasses"]
    assert await _titles(visitor, price_min=3, price_max=2) == []
    assert await _titles(visitor, condition="for_parts") == ["Old LAMPS, two boxes"]
    assert len(await _titles(visitor, condition=["for_parts", "good"])) == 4
    assert await _titles(visitor, seller=str(seller.id)) == everything
    assert await _titles(visitor, seller=str(other.id)) == []


WORDS = [
    ("lamp", ["Oak desk", "Old LAMPS, two boxes", "Brass desk lamp"]),
    ("Lamps", ["Oak desk", "Old LAMPS, two boxes", "Brass desk lamp"]),
    ("desk lamp", ["Oak desk", "Brass desk lamp"]),
    ("rose glass", ["Rosé glasses"]),
    ("ROSÉ", ["Rosé glasses"]),
    ("box", ["Old LAMPS, two boxes"]),
    ("piano", []),
    ("piano unicorn", []),
    ("lamp piano unicorn", []),
    ("' & | ! ) (:*", []),
    ("  ", ["Oak desk", "Old LAMPS, two boxes", "Rosé glasses", "Brass desk lamp"]),
]


@pytest.mark.usefixtures("market")
async def test_words(visitor: Caller) -> None:
    for words, found in WORDS:
        assert await _titles(visitor, q=words) == found, words


@pytest.mark.usefixtures("market")
async def test_relevance_puts_titles_first(visitor: Caller) -> None:
    ranked = ["Old LAMPS, two boxes", "Brass desk lamp", "Oak desk"]
    assert await _titles(visitor, q="lamp", sort="relevance") == ranked
    assert await _titles(visitor, q="lamp", sort="relevance", category="home") == ranked
    page = (await visitor("GET", "/listings", params={"q": "lamp", "sort": "relevance", "limit": 100})).json()
    in_order = [item["id"] for item in page["items"]]
    for limit in (1, 2, 3):
        assert await _walk(visitor, q="lamp", sort="relevance", limit=limit) == in_order


async def test_ties_are_neither_repeated_nor_skipped(shop: Shop, seller: Caller, visitor: Caller) -> None:
    made = [await new_listing(seller, category=("lighting", "tables")[n % 2]) for n in range(7)]
    async with shop.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE listing SET published_at = '2026-01-01'")
    for sort in ("newest", "price_up", "price_down", "relevance"):
        for filters in ({}, {"category": "home"}, {"q": "lamp"}):
            walked = await _walk(visitor, sort=sort, limit=3, **filters)
            assert sorted(walked) == sorted(item["id"] for item in made)


async def test_listings_that_come_and_go_meanwhile_disturb_no_page(
    seller: Caller, visitor: Caller, clock: ManualClock
) -> None:
    made = []
    for _ in range(6):
        made.append((await new_listing(seller))["id"])
        clock.advance(timedelta(seconds=1))
    first = (await visitor("GET", "/listings", params={"limit": 2})).json()
    await new_listing(seller, title="Newer than all")
    await seller("DELETE", f"/listings/{made[4]}/publication")  # the one the cursor points at
    rest = (await visitor("GET", "/listings", params={"limit": 10, "cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"]] == [made[5], made[4]]
    assert [item["id"] for item in rest["items"]] == made[3::-1]
    assert (first["total"], rest["total"], rest["next_cursor"]) == (6, 6, None)


async def test_a_cursor_that_is_none_is_named(visitor: Caller) -> None:
    for cursor in ("x", "%00", "bm90IGpzb24", "W10", "A" * 200, "A" * 201, "é", "W10="):
        refused = await visitor("GET", "/listings", params={"cursor": cursor})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "cursor"


async def test_a_cursor_belongs_to_its_query(seller: Caller, visitor: Caller) -> None:
    for _ in range(2):
        await new_listing(seller)
    cursor = (await visitor("GET", "/listings", params={"limit": 1})).json()["next_cursor"]
    assert (await visitor("GET", "/listings", params={"limit": 1, "cursor": cursor})).status_code == 200
    other_order = await visitor("GET", "/listings", params={"limit": 1, "cursor": cursor, "sort": "price_up"})
    assert other_order.status_code == 400
    forged = base64.urlsafe_b64decode(cursor + "==").replace(b",0,", b",7,", 1)
    refused = await visitor("GET", "/listings", params={"cursor": base64.urlsafe_b64encode(forged).decode()})
    assert refused.status_code == 400


BAD_FILTERS = [
    ("limit", "0"),
    ("limit", "101"),
    ("price_min", "-1"),
    ("price_max", "1.5"),
    ("condition", "shiny"),
    ("seller", "me"),
    ("sort", "cheapest"),
    ("category", "no-such"),
    ("q", "a\x00b"),
    ("q", "x" * 201),
]


async def test_bad_filters_are_named(visitor: Caller) -> None:
    for name, value in BAD_FILTERS:
        refused = await visitor("GET", "/listings", params={name: value})
        assert refused.status_code in (400, 422), refused.text
        assert refused.json()["errors"][0]["field"] == name


async def test_the_total_is_exact_up_to_its_limit(shop: Shop, seller: Caller, visitor: Caller) -> None:
    made = await new_listing(seller)
    names = "seller_id, slug, title, description, price, currency, category, condition, language, quantity, available"
    async with shop.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"""
            INSERT INTO listing (id, {names}, status, created_at, changed_at, published_at)
            SELECT gen_random_uuid(), {names}, status, created_at, changed_at, published_at
            FROM listing, generate_series(1, 1000) WHERE id = '{made["id"]}'
        """)
    page = (await visitor("GET", "/listings")).json()
    assert (page["total"], page["total_exact_max"], len(page["items"])) == (1001, 1000, 24)
    assert len(set(await _walk(visitor, limit=100))) == 1001


async def test_words_of_which_nothing_is_looked_for_find_nothing_with_whatever_filters(
    visitor: Caller, seller: Caller
) -> None:
    await new_listing(seller)
    filters = {
        "category": "home",
        "price_min": 1,
        "price_max": 9_000_000,
        "condition": "good",
        "seller": str(seller.id),
    }
    for words in ("the", "!!", "of the"):
        for sort in ("newest", "price_up", "price_down", "relevance"):
            for more in ({}, filters):
                answer = await visitor("GET", "/listings", params={"q": words, "sort": sort, **more})
                assert answer.status_code == 200, (words, sort, answer.text)
