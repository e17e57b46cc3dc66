"""What categories ask for, and listings say."""

import asyncio
from typing import Any

import pytest

from tests.catalogue.harness import Caller, Shop, fields, new_listing

SHOES: dict[str, Any] = {
    "category": "shoes",
    "attributes": {"brand": "  Kestrelo ", "shoe-size": "42", "year": "2020,5"},
}


async def test_a_listing_says_what_its_category_asks_for(seller: Caller) -> None:
    made = await new_listing(seller, **SHOES)
    assert made["attributes"] == {"brand": "Kestrelo", "shoe-size": "42", "year": "2020.5"}
    edited = await seller("PATCH", f"/listings/{made['id']}", json={"attributes": {"brand": "Ondara", "year": ""}})
    assert edited.json()["attributes"] == {"brand": "Ondara"}


async def test_what_another_category_does_not_ask_for_is_dropped(seller: Caller) -> None:
    made = await new_listing(seller, **SHOES)
    moved = await seller("PATCH", f"/listings/{made['id']}", json={"category": "dresses"})
    assert moved.json()["attributes"] == {"brand": "Kestrelo", "year": "2020.5"}


BAD = [
    ({"wingspan": "3"}, "attributes.wingspan"),
    ({"shoe-size": "99"}, "attributes.shoe-size"),
    ({"year": "old"}, "attributes.year"),
    ({"year": "-3"}, "attributes.year"),
    ({"year": "١٢"}, "attributes.year"),
    ({"brand": "a\x00b"}, "attributes.brand"),
]


async def test_bad_attributes_are_named(seller: Caller) -> None:
    made = await new_listing(seller, category="shoes")
    for attributes, field in BAD:
        for method, path, body in (
            ("POST", "/listings", fields(category="shoes", attributes=attributes)),
            ("PATCH", f"/listings/{made['id']}", {"attributes": attributes}),
        ):
            refused = await seller(method, path, json=body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    too_long = await seller("POST", "/listings", json=fields(attributes={"brand": "x" * 61}))
    assert too_long.status_code in (400, 422)


async def test_prices_that_buyers_saw_are_remembered(seller: Caller, visitor: Caller) -> None:
    draft = await new_listing(seller, publish=False)
    path = f"/listings/{draft['id']}"
    await seller("PATCH", path, json={"price": {"amount": 5000, "currency": "EUR"}})
    await seller("PUT", f"{path}/publication")
    assert (await visitor("GET", path)).json()["past_prices"] == []
    for amount in (4500, 4500, 4000):
        await seller("PATCH", path, json={"price": {"amount": amount, "currency": "EUR"}})
    past = (await visitor("GET", path)).json()["past_prices"]
    assert past[0]["price"]["amount"] == 5000
    assert {one["price"]["amount"] for one in past} <= {5000, 4500}


@pytest.fixture
def admin(shop: Shop) -> Caller:
    return shop.user("admin")


async def _tree(caller: Caller) -> dict[str, Any]:
    return {one["slug"]: one for one in (await caller("GET", "/categories")).json()}


async def test_an_admin_edits_the_tree(admin: Caller, visitor: Caller, seller: Caller) -> None:
    made = await admin("POST", "/categories", json={"name": "Clogs & sandals", "parent": "shoes"})
    assert (made.status_code, made.json()) == (201, {"slug": "clogs-sandals"})
    tree = list(await _tree(visitor))
    assert tree.index("clogs-sandals") == tree.index("shoes") + 1
    sole = {"name": "Sole", "kind": "choice", "options": ["Wood", " Cork ", "Wood"]}
    assert (await admin("PUT", "/categories/clogs-sandals/attributes/sole", json=sole)).status_code == 204
    asked = {one["key"]: one for one in (await _tree(visitor))["clogs-sandals"]["attributes"]}
    assert (asked["sole"]["options"], asked["shoe-size"]["category"]) == (["Wood", "Cork"], "shoes")
    listing = await new_listing(seller, category="clogs-sandals", attributes={"sole": "Cork"})
    in_use = await admin("DELETE", "/categories/clogs-sandals")
    assert in_use.status_code == 409
    assert (await admin("DELETE", "/categories/clogs-sandals/attributes/sole")).status_code == 204
    assert (await visitor("GET", f"/listings/{listing['id']}")).json()["attributes"] == {"sole": "Cork"}
    assert (await admin("PATCH", "/categories/clogs-sandals", json={"name": "Clogs"})).status_code == 204
    assert (await _tree(visitor))["clogs-sandals"]["name"] == "Clogs"
    empty = (await admin("POST", "/categories", json={"name": "Empty"})).json()["slug"]
    assert (await admin("DELETE", f"/categories/{empty}")).status_code == 204
    assert "empty" not in await _tree(visitor)


REFUSED = [
    ("POST", "/categories", {"name": "Shoes"}, 409),
    ("POST", "/categories", {"name": "Clogs", "parent": "no-such"}, 422),
    ("PATCH", "/categories/no-such", {"name": "Clogs"}, 404),
    ("DELETE", "/categories/home", None, 409),
    ("DELETE", "/categories/no-such", None, 404),
    ("DELETE", "/categories/shoes/attributes/brand", None, 404),
    ("PUT", "/categories/shoes/attributes/UPPER", {"name": "X", "kind": "text"}, 422),
    ("PUT", "/categories/shoes/attributes/x", {"name": "X", "kind": "choice"}, 422),
    ("PUT", "/categories/shoes/attributes/x", {"name": "X", "kind": "text", "unit": "cm"}, 422),
    ("PUT", "/categories/shoes/attributes/x", {"name": "X", "kind": "text", "options": ["a"]}, 422),
    ("PUT", "/categories/no-such/attributes/x", {"name": "X", "kind": "text"}, 404),
]


async def test_bad_changes_of_the_tree_are_refused(admin: Caller, seller: Caller, visitor: Caller) -> None:
    before = await _tree(visitor)
    for method, path, body, status in REFUSED:
        refused = await admin(method, path, json=body)
        assert refused.status_code == status, (method, path, refused.text)
        assert (await seller(method, path, json=body)).status_code == 403
    assert await _tree(visitor) == before


async def test_changes_of_the_tree_wait_for_each_other(admin: Caller, visitor: Caller) -> None:
    names = [f"Kind {n}" for n in range(8)]
    await asyncio.gather(*(admin("POST", "/categories", json={"name": name, "parent": "shoes"}) for name in names))
    assert {f"kind-{n}" for n in range(8)} <= set(await _tree(visitor))
