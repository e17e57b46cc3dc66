"""Drafting, editing, publishing and withdrawing, and who may."""

from typing import Any
from uuid import uuid4

import pytest

from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, fields, new_listing


async def test_a_draft_becomes_a_listing(shop: Shop, seller: Caller, visitor: Caller) -> None:
    made = await seller("POST", "/listings", json=fields(quantity=3))
    draft = made.json()
    assert made.status_code == 201
    assert (draft["status"], draft["quantity"], draft["available"], draft["version"]) == ("draft", 3, 3, 1)
    assert [c["slug"] for c in draft["category_path"]] == ["home", "lighting"]
    published = (await seller("PUT", f"/listings/{draft['id']}/publication")).json()
    assert (published["status"], published["version"]) == ("published", 2)
    seen = (await visitor("GET", f"/listings/{draft['id']}")).json()
    assert _without_counts(seen) == _without_counts(published)
    await shop.audit()


async def test_the_same_id_makes_one_listing(shop: Shop, seller: Caller, other: Caller) -> None:
    listing_id = str(new_id())
    first = await seller("POST", "/listings", json=fields(id=listing_id))
    again = await seller("POST", "/listings", json=fields(id=listing_id, title="Another title"))
    taken = await other("POST", "/listings", json=fields(id=listing_id))
    assert (first.status_code, again.status_code, taken.status_code) == (201, 201, 409)
    assert again.json() == first.json()
    assert await shop.rows("SELECT count(*) FROM listing") == [(1,)]


async def test_a_listing_takes_offers_once_its_seller_says_so(shop: Shop, seller: Caller) -> None:
    lamp = await new_listing(seller, publish=False)
    stool = await new_listing(seller, accepts_offers=True)
    assert (lamp["accepts_offers"], stool["accepts_offers"]) == (False, True)
    copied = await seller("POST", f"/listings/{stool['id']}/copies", json={})
    assert copied.json()["accepts_offers"]

    async def told() -> dict[str, bool]:
        ids = [lamp["id"], stool["id"]]
        shots = await shop.service("store")("GET", "/internal/listings", params={"ids": ids})
        return {shot["id"]: shot["accepts_offers"] for shot in shots.json()}

    assert await told() == {lamp["id"]: False, stool["id"]: True}
    await seller("PATCH", f"/listings/{lamp['id']}", json={"accepts_offers": True})
    await seller("PATCH", f"/listings/{stool['id']}", json={"title": "Three-legged stool"})
    assert await told() == {lamp["id"]: True, stool["id"]: True}
    await seller("PATCH", f"/listings/{stool['id']}", json={"accepts_offers": False})
    assert await told() == {lamp["id"]: True, stool["id"]: False}


BAD_INPUT: list[tuple[str, Any, int]] = [
    ("title", "ab", 422),
    ("title", "  a  ", 422),
    ("title", "x" * 121, 400),
    ("title", "a\x00bc", 422),
    ("title", 7, 400),
    ("description", "x" * 8001, 400),
    ("description", "a\x00", 422),
    ("price", {"amount": 0, "currency": "EUR"}, 422),
    ("price", {"amount": 10**9 + 1, "currency": "EUR"}, 422),
    ("price", {"amount": -5, "currency": "EUR"}, 422),
    ("price", {"amount": 100, "currency": "USD"}, 422),
    ("price", {"amount": 1.5, "currency": "EUR"}, 400),
    ("price", {"amount": 10**30, "currency": "EUR"}, 422),
    ("quantity", 0, 400),
    ("quantity", 10_000, 400),
    ("category", "no-such", 422),
    ("category", "a\x00", 422),
    ("condition", "shiny", 400),
    ("language", "English", 400),
    ("accepts_offers", "yes", 400),
    ("id", "x", 400),
    ("id", str(uuid4()), 422),
]


async def test_bad_input_names_its_field(shop: Shop, seller: Caller) -> None:
    made = await new_listing(seller)
    for field, value, status in BAD_INPUT:
        refused = [await seller("POST", "/listings", json=fields(**{field: value}))]
        if field != "id":
            refused.append(await seller("PATCH", f"/listings/{made['id']}", json={field: value}))
        for answer in refused:
            assert answer.status_code == status, (field, value, answer.text)
            assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert _without_counts((await seller("GET", f"/listings/{made['id']}")).json()) == _without_counts(made)
    assert await shop.rows("SELECT count(*) FROM listing") == [(1,)]


async def test_a_visitor_lists_nothing(visitor: Caller) -> None:
    assert (await visitor("POST", "/listings", json=fields())).status_code == 401
    assert (await visitor("GET", "/me/listings")).status_code == 401


async def test_editing_changes_only_what_is_named(seller: Caller) -> None:
    made = await new_listing(seller)
    edited = await seller(
        "PATCH", f"/listings/{made['id']}", json={"title": "Copper lamp", "price": {"amount": 99, "currency": "EUR"}}
    )
    expected = made | {
        "title": "Copper lamp",
        "slug": "copper-lamp",
        "price": {"amount": 99, "currency": "EUR"},
        "version": made["version"] + 1,
    }
    [past] = edited.json()["past_prices"]
    assert past["price"] == made["price"]
    assert _without_counts(edited.json() | {"past_prices": []}) == _without_counts(expected)


async def test_only_its_seller_changes_a_listing(shop: Shop, seller: Caller, other: Caller) -> None:
    made = await new_listing(seller)
    path = f"/listings/{made['id']}"
    for method, where, body in (
        ("PATCH", path, {"title": "Mine now"}),
        ("PUT", f"{path}/publication", None),
        ("DELETE", f"{path}/publication", None),
        ("PUT", f"{path}/pictures/order", []),
        ("DELETE", f"{path}/pictures/{new_id()}", None),
        ("PATCH", f"{path}/pictures/{new_id()}", {"alt": "x"}),
    ):
        assert (await other(method, where, json=body)).status_code == 403, (method, where)
    assert (await shop.user("admin")("PATCH", path, json={"title": "Mine now"})).status_code == 403
    assert _without_counts((await seller("GET", path)).json()) == _without_counts(made)


async def test_a_draft_is_its_sellers_alone(seller: Caller, other: Caller, visitor: Caller) -> None:
    draft = await new_listing(seller, publish=False)
    path = f"/listings/{draft['id']}"
    assert (await seller("GET", path)).status_code == 200
    for caller in (other, visitor):
        assert (await caller("GET", path)).status_code == 404
    for method, where in (("PATCH", path), ("PUT", f"{path}/publication"), ("DELETE", f"{path}/publication")):
        assert (await other(method, where, json={})).status_code == 404
    assert (await visitor("GET", "/listings")).json()["items"] == []
    assert (await other("GET", "/me/listings")).json()["items"] == []


async def test_publishing_needs_a_description(seller: Caller) -> None:
    draft = await new_listing(seller, publish=False, description="  ")
    refused = await seller("PUT", f"/listings/{draft['id']}/publication")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "description"
    published = await new_listing(seller)
    emptied = await seller("PATCH", f"/listings/{published['id']}", json={"description": ""})
    assert emptied.status_code == 422


async def test_withdrawn_listings_stay_readable_and_come_back(seller: Caller, visitor: Caller) -> None:
    made = await new_listing(seller)
    path = f"/listings/{made['id']}"
    for _ in range(2):
        assert (await seller("DELETE", f"{path}/publication")).status_code == 204
    assert (await visitor("GET", path)).json()["status"] == "withdrawn"
    assert (await visitor("GET", "/listings")).json()["items"] == []
    again = (await seller("POST", f"{path}/publication")).json()
    assert (again["status"], again["published_at"]) == ("published", made["published_at"])


async def test_a_draft_cannot_be_withdrawn(seller: Caller) -> None:
    draft = await new_listing(seller, publish=False)
    assert (await seller("DELETE", f"/listings/{draft['id']}/publication")).status_code == 409


async def test_publishing_twice_changes_nothing(seller: Caller) -> None:
    made = await new_listing(seller)
    again = await seller("PUT", f"/listings/{made['id']}/publication")
    assert again.json()["version"] == made["version"]


@pytest.mark.parametrize("path", ["/listings/{}", "/listings/{}/publication", "/sellers/{}"])
async def test_unknown_things_are_not_found(seller: Caller, path: str) -> None:
    method = "PUT" if path.endswith("publication") else "GET"
    assert (await seller(method, path.format(new_id()))).status_code == 404


async def test_own_listings_of_every_status(seller: Caller, other: Caller) -> None:
    draft = await new_listing(seller, publish=False, title="A draft")
    on_sale = await new_listing(seller, title="On sale")
    withdrawn = await new_listing(seller, title="Withdrawn")
    await seller("DELETE", f"/listings/{withdrawn['id']}/publication")
    await new_listing(other)
    mine = (await seller("GET", "/me/listings")).json()
    assert [item["id"] for item in mine["items"]] == [withdrawn["id"], on_sale["id"], draft["id"]]
    assert mine["total"] == 3
    for status, expected in (("draft", draft), ("published", on_sale), ("withdrawn", withdrawn)):
        page = (await seller("GET", "/me/listings", params={"status": status})).json()
        assert [item["id"] for item in page["items"]] == [expected["id"]]
    assert (await seller("GET", "/me/listings", params={"status": "sold"})).json()["items"] == []
    first = (await seller("GET", "/me/listings", params={"limit": 2})).json()
    second = await seller("GET", "/me/listings", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [item["id"] for item in second.json()["items"]] == [draft["id"]]
    stolen = await other("GET", "/me/listings", params={"limit": 2, "cursor": first["next_cursor"]})
    assert stolen.status_code == 400


async def test_snapshots_are_for_the_store(shop: Shop, seller: Caller, visitor: Caller) -> None:
    made = await new_listing(seller)
    unknown = str(new_id())
    answer = await shop.service("store")("GET", "/internal/listings", params={"ids": [made["id"], unknown]})
    assert answer.json() == [
        {
            "id": made["id"],
            "seller_id": str(seller.id),
            "seller_name": "",
            "title": "Brass desk lamp",
            "price": {"amount": 4200, "currency": "EUR"},
            "condition": "good",
            "picture": None,
            "status": "published",
            "available": 1,
            "accepts_offers": False,
            "delivery": {"posted": True, "rates": None, "pick_up": "", "profile_id": None},
        }
    ]
    assert (await seller("GET", "/internal/listings", params={"ids": [made["id"]]})).status_code == 403
    assert (await shop.service("payment")("GET", "/internal/listings", params={"ids": [made["id"]]})).status_code == 403
    many = [str(new_id()) for _ in range(201)]
    assert (await shop.service("store")("GET", "/internal/listings", params={"ids": many})).status_code == 400
    assert (await shop.service("store")("GET", "/internal/listings", params={"ids": many[:200]})).json() == []


def _without_counts(listing: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in listing.items() if key != "category_path"}
