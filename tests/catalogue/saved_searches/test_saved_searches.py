"""Saved searches: what is published finds them, once, and nothing else does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from catalogue.saved_searches import matching, saved_searches
from catalogue.saved_searches.matching import MATCHES_KEPT, TOLD_PER_SEARCH_MAX, TOLD_WITHIN, Sweep
from souk.clock import ManualClock
from souk.contracts.catalogue.events import ListingPublished
from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, new_listing
from tests.catalogue.watchlist.test_watchlist import handled


async def save(caller: Caller, **filters: Any) -> str:
    made = await caller("POST", "/me/searches", json={"name": "Mine", "filters": filters})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def told(shop: Shop) -> list[dict[str, Any]]:
    """What users were told."""
    await handled(shop)
    sql = "SELECT body::json -> 'data' FROM outbox WHERE type = 'souk.catalogue.search.matched.v1' ORDER BY id"
    return [data for (data,) in await shop.rows(sql)]


async def found(shop: Shop) -> list[tuple[str, str]]:
    """(search, listing) of what was found."""
    await handled(shop)
    return [(str(one), str(other)) for one, other in await shop.rows("SELECT search_id, listing_id FROM search_match")]


FITTING: list[dict[str, Any]] = [
    {"q": "brass"},
    {"q": "LAMPS, brass"},
    {"q": '"desk lamp" -copper'},
    {"language": ["en", "de"]},
    {"q": "warm light"},
    {"category": "lighting"},
    {"category": "home"},
    {"category": "home", "q": "lamp"},
    {"price_min": 4200, "price_max": 4200},
    {"accepts_offers": True},
    {"rating_min": "3", "q": "lamp"},
    {"rating_min": "4", "accepts_offers": True},
    {"condition": ["good", "new"]},
    {"q": "lamp", "price_max": 5000, "condition": ["good"], "category": "lighting"},
]
OTHERS: list[dict[str, Any]] = [
    {"q": "copper"},
    {"q": "lamp -brass"},
    {"q": '"lamp desk"'},
    {"language": ["de"]},
    {"pictured": True},
    {"country": ["PT"]},
    {"q": "brass table"},
    {"category": "kitchen"},
    {"category": "seating", "q": "lamp"},
    {"price_min": 4201},
    {"price_max": 4199},
    {"condition": ["new"]},
    {"q": "lamp", "price_max": 100},
    {"accepts_offers": True, "rating_min": "4.5"},
    {"rating_min": "4.5", "category": "lighting"},
    {"seller": str(new_id())},
]


async def test_what_is_published_finds_what_fits_and_the_page_of_results_agrees(
    shop: Shop, seller: Caller, other: Caller, visitor: Caller
) -> None:
    fitting = [await save(other, **filters) for filters in FITTING]
    fitting.append(await save(other, seller=str(seller.id)))
    for filters in OTHERS:
        await save(other, **filters)
    await save(seller, q="brass")  # one's own listings are no news
    await shop.rate(seller, 10, 44, version=1)
    draft = await new_listing(seller, publish=False, accepts_offers=True)
    assert await found(shop) == []
    await seller("PUT", f"/listings/{draft['id']}/publication")
    assert sorted(await found(shop)) == sorted((search, draft["id"]) for search in fitting)
    for filters, total in [*((one, 1) for one in FITTING), *((one, 0) for one in OTHERS)]:
        params = dict(filters)
        page = (await visitor("GET", "/listings", params=params)).json()
        assert sum(not item["missing"] for item in page["items"]) == total, filters


async def test_other_forms_of_words_are_told_of_too(shop: Shop, seller: Caller, other: Caller, visitor: Caller) -> None:
    """As the page of results shows them; but not beginnings of words, nor what has only most of them."""
    title = "Schreibtischlampe für das Play Station 5, KT-INS114-ROT, 旧台灯笼"
    fitting = ["Lampe", "lampen playstation", "playstation5", "ktins114rot", "kt-ins114", "台灯", "lampe -auto"]
    others = ["tisch auto", "lampe -station", "schreibtisch", '"play 5"', "lampe vintage", "wanduhr"]
    searches = {words: await save(other, q=words) for words in [*fitting, *others]}
    made = await new_listing(seller, title=title, language="de")
    told = {search for search, _ in await found(shop)}
    assert {words for words, search in searches.items() if search in told} == set(fitting)
    for words in fitting:
        page = (await visitor("GET", "/listings", params={"q": words})).json()
        assert [item["id"] for item in page["items"]] == [made["id"]], words


async def test_ranges_of_numbers_find_what_lies_in_them(
    shop: Shop, seller: Caller, other: Caller, visitor: Caller
) -> None:
    lamp = {"category": "lighting", "attribute": []}
    asked: list[tuple[list[str], bool]] = [
        (["power:40..60"], True),
        (["power:40.5.."], False),
        (["power:40.."], True),
        (["power:..40"], True),
        (["power:..39.999"], False),
        (["power:0..0"], False),
        (["power:30..50", "height:10..20"], False),
    ]
    expected = []
    for attribute, fits in asked:
        search = await save(other, **lamp | {"attribute": attribute})
        found_now = await visitor("GET", "/listings", params=lamp | {"attribute": attribute})
        assert found_now.status_code == 200, found_now.text
        expected += [search] if fits else []
    made = await new_listing(seller, attributes={"power": "40"})
    assert sorted(await found(shop)) == sorted((search, made["id"]) for search in expected)
    for attribute, fits in asked:
        answer = await visitor("GET", "/listings", params=lamp | {"attribute": attribute})
        assert answer.json()["total"] == fits, "the page of results agrees"
    saved = (await other("GET", "/me/searches")).json()
    assert saved[-1]["filters"]["attribute"] == ["power:40..60"]
    assert saved[-3]["filters"]["attribute"] == ["power:40.."]
    assert saved[-4]["filters"]["attribute"] == ["power:..40"]


async def test_a_better_rating_is_no_news_of_what_is_on_sale_already(shop: Shop, seller: Caller, other: Caller) -> None:
    search = await save(other, rating_min="4", accepts_offers=True)
    await new_listing(seller, accepts_offers=True)
    assert await found(shop) == []
    await shop.rate(seller, 1, 5, version=1)
    assert await found(shop) == []
    lamp = await new_listing(seller, accepts_offers=True)
    assert await found(shop) == [(search, lamp["id"])]
    [search_now] = (await other("GET", "/me/searches")).json()
    assert search_now["filters"] == {"rating_min": "4", "accepts_offers": True}


async def test_several_searches_that_find_one_listing_are_told_together(
    shop: Shop, seller: Caller, other: Caller
) -> None:
    names = {"By word": {"q": "brass"}, "By price": {"price_max": 4200}, "By place": {"category": "lighting"}}
    for name, filters in [*names.items(), ("Other", {"q": "copper"})]:
        await other("POST", "/me/searches", json={"name": name, "filters": filters})
    third = shop.user()
    await save(third, q="lamp")
    lamp = await new_listing(seller)
    first, second = sorted(await told(shop), key=lambda data: len(data.get("other_names", [])), reverse=True)
    assert {first["name"], *first["other_names"]} == set(names) and first["user_id"] == str(other.id)
    assert (second["user_id"], second.get("other_names", [])) == (str(third.id), [])
    assert {first["listing_id"], second["listing_id"]} == {lamp["id"]}
    assert len(await found(shop)) == 4
    await shop.handle("searches", ListingPublished(listing_id=lamp["id"], seller_id=seller.id))
    assert len(await told(shop)) == 2, "told once, whatever is replayed"


SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"q": "brass lamp"}, {"q": " Brass  LAMP "}),
    ({"q": "brass"}, {"q": "brass", "price_min": 0}),
    ({"condition": ["good", "new"], "category": "lighting"}, {"category": "lighting", "condition": ["new", "good"]}),
    (
        {"category": "lighting", "attribute": ["power:40..60"]},
        {"category": "lighting", "attribute": ["power:40.0..60"]},
    ),
]


async def test_an_equal_search_is_not_saved_twice(other: Caller, seller: Caller) -> None:
    for first, again in SAME:
        saved = await save(other, **first)
        refused = await other("POST", "/me/searches", json={"name": "Again", "filters": again})
        assert refused.status_code == 409 and refused.json()["name"] == "Mine", again
        assert refused.json()["type"].endswith("/search-saved-already")
        repeated = {"id": str(new_id()), "name": "Narrower", "filters": first | {"price_max": 77}}
        assert [(await other("POST", "/me/searches", json=repeated)).status_code for _ in range(2)] == [201, 201]
        await save(seller, **first)
        for search in (saved, repeated["id"]):
            await other("DELETE", f"/me/searches/{search}")
    answers = await asyncio.gather(
        *(other("POST", "/me/searches", json={"name": "Mine", "filters": {"q": "lamp"}}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_nothing_is_told_twice(shop: Shop, seller: Caller, other: Caller) -> None:
    search = await save(other, q="lamp")
    lamp = await new_listing(seller)
    await seller("DELETE", f"/listings/{lamp['id']}/publication")
    await seller("PUT", f"/listings/{lamp['id']}/publication")
    await shop.handle("searches", ListingPublished(listing_id=lamp["id"], seller_id=seller.id))
    assert await found(shop) == [(search, lamp["id"])]
    [saved] = (await other("GET", "/me/searches")).json()
    assert (saved["matches"], saved["matched_at"] is not None) == (1, True)


async def test_a_search_for_everything_does_not_drown_its_user(
    shop: Shop, seller: Caller, other: Caller, clock: ManualClock
) -> None:
    await save(other, q="lamp")
    for _ in range(3):
        for _ in range(10):
            await new_listing(seller)
        await handled(shop)
    assert len(await found(shop)) == TOLD_PER_SEARCH_MAX
    clock.advance(TOLD_WITHIN + timedelta(seconds=1))
    await new_listing(seller)
    assert len(await found(shop)) == TOLD_PER_SEARCH_MAX + 1


async def test_a_batch_is_bounded_too(shop: Shop, seller: Caller, other: Caller) -> None:
    await save(other, category="lighting")
    lamps = [await new_listing(seller) for _ in range(30)]
    await handled(shop)
    await shop.rows("SELECT 1")
    events = [ListingPublished(listing_id=lamp["id"], seller_id=seller.id) for lamp in lamps]
    await shop.handle("searches", *events)
    assert len(await found(shop)) == TOLD_PER_SEARCH_MAX


async def test_saving_renaming_deleting(shop: Shop, other: Caller, seller: Caller) -> None:
    new = {"id": str(new_id()), "name": " My  lamps ", "filters": {"q": "lamp", "price_max": 4000}}
    first, again = [(await other("POST", "/me/searches", json=new)) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    assert (first.json()["name"], first.json()["matches"]) == ("My lamps", 0)
    assert (await seller("POST", "/me/searches", json=new)).status_code == 409
    path = f"/me/searches/{new['id']}"
    assert (await other("PATCH", path, json={"name": "Lights"})).json()["name"] == "Lights"
    for name, status in (("  ", 422), ("x" * 81, 400), ("a\x00", 422)):
        assert (await other("PATCH", path, json={"name": name})).status_code == status
    assert (await seller("PATCH", path, json={"name": "Mine now"})).status_code == 404
    await seller("DELETE", path)
    assert len((await other("GET", "/me/searches")).json()) == 1
    lamp = await new_listing(seller, price={"amount": 100, "currency": "EUR"})
    assert await found(shop) == [(new["id"], lamp["id"])]
    assert (await other("DELETE", path)).status_code == 204
    assert await shop.rows("SELECT 1 FROM search_match") == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "filters"),
    ({"q": "   "}, "filters"),
    ({"q": "?!"}, "q"),
    ({"q": "a\x00"}, "q"),
    ({"category": "nonsense"}, "category"),
    ({"attribute": ["nonsense:1"]}, "attribute"),
    ({"q": "-lamp"}, "q"),
    ({"price_min": 5, "price_max": 4}, "price_max"),
    ({"category": "lighting", "attribute": ["power:60..40"]}, "attribute"),
    ({"category": "lighting", "attribute": ["power:a..b"]}, "attribute"),
]


async def test_bad_searches_are_refused_and_say_why(other: Caller, visitor: Caller) -> None:
    for filters, field in BAD:
        answer = await other("POST", "/me/searches", json={"name": "Mine", "filters": filters})
        assert answer.status_code == 422, filters
        assert answer.json()["errors"][0]["field"] == field
    for wrong in ({"price_min": -1}, {"condition": ["odd"]}, {"seller": "me"}, {"q": "x" * 201}):
        assert (await other("POST", "/me/searches", json={"name": "Mine", "filters": wrong})).status_code == 400
    assert (await visitor("GET", "/me/searches")).status_code == 401


async def test_the_limit_holds_when_many_come_at_once(
    shop: Shop, other: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_searches, "SEARCHES_PER_USER_MAX", 2)
    new = [{"name": "Mine", "filters": {"q": f"lamp {number}"}} for number in range(5)]
    answers = await asyncio.gather(*(other("POST", "/me/searches", json=one) for one in new))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]


async def test_old_matches_are_forgotten(shop: Shop, seller: Caller, other: Caller, clock: ManualClock) -> None:
    await save(other, q="lamp")
    await new_listing(seller)
    assert len(await found(shop)) == 1
    clock.advance(MATCHES_KEPT)
    async with shop.database.transaction() as session:
        assert await Sweep(clock)(session) == 1


async def test_matching_looks_only_at_searches_that_share_a_word(shop: Shop, seller: Caller) -> None:
    async with shop.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            """INSERT INTO saved_search (id, user_id, name, q, query, anchors, facets, ranges, created_at)
            SELECT gen_random_uuid(), gen_random_uuid(), 'n', 'w' || n, CAST('w' || n AS tsquery), ARRAY['w' || n], '{}', '{}', now()
            FROM generate_series(1, 5000) AS n"""
        )
    lamp = await new_listing(seller)
    await handled(shop)
    values = {"ids": [lamp["id"]], "now": shop.kernel.clock.now(), "since": shop.kernel.clock.now(), "most": 20}
    async with shop.database.transaction() as session:
        plan = await session.execute(matching.explained(), values)
        lines = [line for (line,) in plan]
    assert any("ix_saved_search_anchors" in line for line in lines), "\n".join(lines)
