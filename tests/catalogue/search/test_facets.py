"""Filters that combine, and counts of what they leave."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalogue.search import facets as counting
from catalogue.search import pages, relevance, strategies
from tests.catalogue.harness import Caller, Shop, new_listing, picture


def _price(amount: int) -> dict[str, Any]:
    return {"price": {"amount": amount, "currency": "EUR"}}


@pytest.fixture
async def market(seller: Caller) -> None:
    """Shoes and laptops."""
    for brand, size, condition, amount in (
        ("Kestrelo", "42", "good", 3000),
        ("Kestrelo", "43", "new", 5000),
        ("Ondara", "42", "good", 9000),
        ("Ondara", "44", "fair", 20000),
    ):
        attributes = {"brand": brand, "shoe-size": size, "year": str(2000 + int(size))}
        await new_listing(
            seller,
            title=f"Shoes {brand}",
            category="shoes",
            condition=condition,
            attributes=attributes,
            **_price(amount),
        )
    await new_listing(seller, title="Laptop", category="laptops", language="de", attributes={"diagonal": "13.5"})


async def _found(caller: Caller, **params: Any) -> int:
    answer = await caller("GET", "/listings", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return int(answer.json()["total"])


FILTERS = [
    ({"attribute": "brand:Kestrelo"}, 2),
    ({"attribute": ["brand:Kestrelo", "brand:Ondara"]}, 4),
    ({"attribute": ["brand:Kestrelo", "shoe-size:42"]}, 1),
    ({"attribute": ["shoe-size:42"], "condition": "good", "category": "fashion", "price_max": 5000}, 1),
    ({"attribute": "year:2042..2043"}, 3),
    ({"attribute": "year:2043..", "category": "shoes"}, 2),
    ({"attribute": "year:..2042"}, 2),
    ({"attribute": "diagonal:13.5..13.5"}, 1),
    ({"language": "de"}, 1),
    ({"language": ["de", "en"]}, 5),
    ({"country": "DE"}, 0),
    ({"pictured": "true"}, 0),
    ({"within_days": 1}, 5),
    ({"q": "shoes ondara", "condition": "fair"}, 1),
]


@pytest.mark.usefixtures("market")
async def test_filters_combine_in_every_order(visitor: Caller) -> None:
    for params, total in FILTERS:
        for sort in ("newest", "price_up", "price_down", "relevance"):
            assert await _found(visitor, **params, sort=sort) == total, (params, sort)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits so low that a handful of listings is many."""
    for module in (pages, relevance, strategies):
        monkeypatch.setattr(module, "TOTAL_EXACT_MAX", 1)
    monkeypatch.setattr(strategies, "WINDOW_PAGES", 1)
    monkeypatch.setattr(strategies, "PROBED_PAGES", 1)
    yield


@pytest.fixture(params=["walks", "walks that give up", "windows", "windows where few were expected"])
def way(request: pytest.FixtureRequest, few: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """How pages are found where there are many."""
    monkeypatch.setattr(strategies, "FEW", 100 if "few" in request.param else 0)
    monkeypatch.setattr(strategies, "DENSE", 0 if "windows" in request.param else 100)
    monkeypatch.setattr(strategies, "WALK_MAX", 0 if request.param == "walks that give up" else 100)
    return str(request.param)


@pytest.mark.usefixtures("market")
async def test_pages_are_the_same_however_they_are_found(shop: Shop, visitor: Caller, seller: Caller, way: str) -> None:
    """With prices and days on both sides of a band's end."""
    for number, amount in enumerate((9, 10, 99, 100, 1099, 1100)):
        text = f"No {number}, for shoes."
        await new_listing(seller, title="Oak table", category="tables", description=text, **_price(amount))
    async with shop.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE listing SET published_at = published_at - make_interval(days => length(title), hours => price::int % 24)"
        )
    for sort in ("newest", "price_up", "price_down", "relevance"):
        for params, total in (
            ({"q": "shoes"}, 10),
            ({"condition": "good"}, 9),
            ({"q": "shoes", "category": "home"}, 6),
            ({"q": "shoes", "price_min": 10, "price_max": 5000}, 7),
            ({"q": "shoes", "price_min": 100, "category": "home", "within_days": 30}, 3),
        ):
            ids: list[str] = []
            prices: list[int] = []
            cursor = None
            while cursor or not ids:
                asked = params | {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
                page = (await visitor("GET", "/listings", params=asked)).json()
                ids += [item["id"] for item in page["items"]]
                prices += [item["price"]["amount"] for item in page["items"]]
                cursor = page["next_cursor"]
            assert (len(ids), len(set(ids))) == (total, total), (sort, params, way)
            if sort.startswith("price"):
                assert prices == sorted(prices, reverse=sort == "price_down"), (sort, params, way)


def _counts(answer: Any, name: str) -> dict[str, int]:
    [facet] = [one for one in answer["facets"] if one["name"] == name]
    return {one["value"]: one["listings"] for one in facet["values"]}


@pytest.mark.usefixtures("market")
async def test_facets_count_what_is_found(visitor: Caller) -> None:
    answer = (await visitor("GET", "/listings/facets", params={"category": "fashion"})).json()
    assert (answer["counted"], answer["complete"]) == (4, True)
    assert _counts(answer, "condition") == {"good": 2, "new": 1, "fair": 1}
    assert _counts(answer, "attribute.brand") == {"Kestrelo": 2, "Ondara": 2}
    assert _counts(answer, "attribute.shoe-size") == {"42": 2, "43": 1, "44": 1}
    assert sum(band["listings"] for band in answer["prices"]) == 4
    assert (answer["prices"][0]["low"], answer["prices"][-1]["high"]) == (3000, 20000)


@pytest.mark.usefixtures("market")
async def test_a_chosen_facet_still_tells_what_else_could_be_chosen(visitor: Caller) -> None:
    params = {"category": "shoes", "condition": "good", "attribute": "brand:Kestrelo", "price_max": 4000}
    answer = (await visitor("GET", "/listings/facets", params=params)).json()
    assert answer["counted"] == 1
    assert _counts(answer, "attribute.brand") == {"Kestrelo": 1}
    assert _counts(answer, "condition") == {"good": 1}
    wider = (await visitor("GET", "/listings/facets", params=params | {"price_max": 50000})).json()
    assert _counts(wider, "attribute.brand") == {"Kestrelo": 1, "Ondara": 1}
    assert _counts(wider, "condition") == {"good": 1, "new": 1}
    assert [band["listings"] for band in answer["prices"]] == [1]  # whatever the price filter


@pytest.mark.usefixtures("market")
async def test_a_broad_search_is_counted_among_the_newest_if_there_are_enough(
    visitor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await visitor("GET", "/listings/facets", params={"q": "shoes"})).json()
    monkeypatch.setattr(counting, "BROAD", 0)
    assert (await visitor("GET", "/listings/facets", params={"q": "shoes"})).json() == whole
    monkeypatch.setattr(counting, "COUNTED_MAX", 2)
    part = (await visitor("GET", "/listings/facets", params={"q": "shoes", "category": "fashion"})).json()
    assert (part["counted"], part["complete"]) == (2, False)


@pytest.mark.usefixtures("market")
async def test_a_broad_search_is_counted_in_part_and_says_so(visitor: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED_MAX", 2)
    answer = (await visitor("GET", "/listings/facets")).json()
    assert (answer["counted"], answer["complete"]) == (2, False)
    assert not any(facet["complete"] for facet in answer["facets"])


@pytest.fixture
async def rated(shop: Shop, seller: Caller, other: Caller, market: None) -> None:
    """The market's seller has 4.2 stars; another has 4.5 and takes offers; of a third nobody has said anything."""
    third = shop.user()
    await shop.rate(seller, 5, 21, version=1)
    await shop.rate(other, 2, 9, version=1)
    await new_listing(other, title="Shoes Vela", category="shoes", accepts_offers=True)
    await new_listing(other, title="Oak table", category="tables", condition="fair")
    await new_listing(third, title="Pine table", category="tables", accepts_offers=True)


RATED: list[tuple[dict[str, Any], int]] = [
    ({"rating_min": "3"}, 7),
    ({"rating_min": "4"}, 7),
    ({"rating_min": "4.5"}, 2),
    ({"accepts_offers": "true"}, 2),
    ({"accepts_offers": "false"}, 8),
    ({"accepts_offers": "true", "rating_min": "3"}, 1),
    ({"rating_min": "4.5", "category": "home"}, 1),
    ({"rating_min": "4.5", "condition": "good", "q": "shoes"}, 1),
    ({"rating_min": "4", "price_max": 5000, "category": "shoes", "attribute": "brand:Kestrelo"}, 2),
]


@pytest.mark.usefixtures("rated")
async def test_filters_by_rating_and_offers_combine_in_every_order(visitor: Caller) -> None:
    for params, total in RATED:
        for sort in ("newest", "price_up", "price_down", "relevance"):
            assert await _found(visitor, **params, sort=sort) == total, (params, sort)


@pytest.mark.usefixtures("rated", "way")
async def test_pages_by_rating_and_offers_are_the_same_however_they_are_found(visitor: Caller) -> None:
    for sort in ("newest", "price_up", "price_down", "relevance"):
        for params, total in RATED:
            ids: list[str] = []
            cursor = None
            while cursor or not ids:
                asked = params | {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
                page = (await visitor("GET", "/listings", params=asked)).json()
                ids += [item["id"] for item in page["items"]]
                cursor = page["next_cursor"]
            assert (len(ids), len(set(ids))) == (total, total), (sort, params)


@pytest.mark.usefixtures("rated")
async def test_a_rating_counts_for_each_that_it_reaches(visitor: Caller) -> None:
    answer = (await visitor("GET", "/listings/facets", params={"rating_min": "4.5"})).json()
    assert answer["counted"] == 2
    assert _counts(answer, "rating") == {"3": 7, "4": 7, "4.5": 2}
    assert _counts(answer, "offers") == {"yes": 1}
    answer = (await visitor("GET", "/listings/facets", params={"accepts_offers": "true"})).json()
    assert _counts(answer, "offers") == {"yes": 2}
    assert _counts(answer, "rating") == {"3": 1, "4": 1, "4.5": 1}


async def test_pictures_are_noticed_whoever_adds_or_removes_them(seller: Caller, visitor: Caller) -> None:
    listing = await new_listing(seller)
    files = {"pictures": ("a.png", picture(), "image/png")}
    shown = (await seller("POST", f"/listings/{listing['id']}/pictures", files=files)).json()
    assert await _found(visitor, pictured="true") == 1
    pictures = shown["pictures"] if isinstance(shown, dict) else shown
    await seller("DELETE", f"/listings/{listing['id']}/pictures/{pictures[0]['id']}")
    assert await _found(visitor, pictured="true") == 0


BAD = [
    ("attribute", "brand"),
    ("attribute", "brand:"),
    ("attribute", "wingspan:3"),
    ("attribute", "year:old"),
    ("attribute", "year:.."),
    ("attribute", "year:1..2..3"),
    ("attribute", "brand:" + "x" * 61),
    ("attribute", "brand:a\x00"),
    ("language", "english"),
    ("country", "de"),
    ("within_days", "0"),
    ("within_days", "366"),
    ("pictured", "perhaps"),
    ("accepts_offers", "perhaps"),
    ("rating_min", "5"),
    ("rating_min", "4.50"),
    ("rating_min", "many"),
    ("q", "-lamp"),
]


@pytest.mark.parametrize("path", ["/listings", "/listings/facets"])
async def test_bad_filters_are_named(visitor: Caller, path: str) -> None:
    for name, value in BAD:
        refused = await visitor("GET", path, params={name: value})
        assert refused.status_code in (400, 422), (name, value, refused.text)
        assert refused.json()["errors"][0]["field"] == name
    many = await visitor("GET", path, params={"attribute": ["brand:a"] * 21})
    assert many.status_code == 400


async def test_pages_while_listings_come_and_go_at_the_same_time(shop: Shop, seller: Caller, visitor: Caller) -> None:
    """Whatever is there all along is shown once, also while others appear, change their price or go."""
    import asyncio

    staying = [(await new_listing(seller, title=f"Oak desk {n}"))["id"] for n in range(20)]
    leaving = [(await new_listing(seller, title=f"Oak desk going {n}"))["id"] for n in range(10)]

    async def disturb() -> None:
        for number, going in enumerate(leaving):
            await seller("DELETE", f"/listings/{going}/publication")
            await new_listing(seller, title=f"Oak desk coming {number}")

    async def walk(params: dict[str, Any]) -> list[str]:
        ids: list[str] = []
        cursor = None
        while cursor or not ids:
            answer = await visitor("GET", "/listings", params=params | ({"cursor": cursor} if cursor else {}))
            ids += [item["id"] for item in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
        return ids

    asked: list[dict[str, Any]] = [
        {"limit": 3},
        {"limit": 3, "q": "oak", "sort": "relevance"},
        {"limit": 3, "sort": "price_up", "condition": "good"},
    ]
    *walks, _ = await asyncio.gather(*(walk(params) for params in asked), disturb())
    for ids in walks:
        assert len(ids) == len(set(ids)), "shown twice"
        assert set(staying) <= set(ids), "skipped"
