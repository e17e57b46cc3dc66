"""Price lists for postage, and how listings get to their buyers."""

import asyncio
from typing import Any

import pytest

from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, new_listing


def money(amount: int, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def row(first: int = 490, further: int = 100, *countries: str, **more: Any) -> dict[str, Any]:
    return {"countries": list(countries), "first": money(first), "further": money(further), **more}


PARCEL = {"name": "Parcel", "rates": [row(490, 100, "DE", free_from=money(5000)), row(1490, 500)]}


async def keep(seller: Caller, body: dict[str, Any] | None = None, profile_id: Any = None) -> dict[str, Any]:
    answer = await seller("PUT", f"/me/delivery-profiles/{profile_id or new_id()}", json=body or PARCEL)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_kept_once_chosen_and_told_with_cards_and_snapshots(shop: Shop, seller: Caller, visitor: Caller) -> None:
    profile = await keep(seller)
    assert (profile["name"], profile["listings"]) == ("Parcel", 0)
    made = await new_listing(seller, delivery={"profile_id": profile["id"]})
    assert made["delivery"]["rates"] == profile["rates"]
    [card] = (await visitor("GET", "/listings")).json()["items"]
    [snapshot] = (await shop.service("store")("GET", "/internal/listings", params={"ids": [made["id"]]})).json()
    assert card["delivery"] == snapshot["delivery"] == made["delivery"]
    assert (await seller("GET", "/me/delivery-profiles")).json() == [profile | {"listings": 1}]
    await keep(seller, {"name": "Parcel", "rates": [row(990, 100)]}, profile["id"])
    [snapshot] = (await shop.service("store")("GET", "/internal/listings", params={"ids": [made["id"]]})).json()
    assert snapshot["delivery"]["rates"][0]["first"] == money(990)


async def test_a_list_in_use_is_kept_and_says_by_how_many(seller: Caller) -> None:
    profile = await keep(seller)
    made = await new_listing(seller, delivery={"profile_id": profile["id"]})
    refused = await seller("DELETE", f"/me/delivery-profiles/{profile['id']}")
    assert (refused.status_code, refused.json()["code"], refused.json()["listings"]) == (409, "profile-in-use", 1)
    changed = await seller("PATCH", f"/listings/{made['id']}", json={"delivery": {"posted": False, "pick_up": " Ulm "}})
    assert changed.json()["delivery"] == {"posted": False, "rates": None, "pick_up": "Ulm", "profile_id": None}
    for _ in range(2):
        assert (await seller("DELETE", f"/me/delivery-profiles/{profile['id']}")).status_code == 204
    assert (await seller("GET", "/me/delivery-profiles")).json() == []


async def test_deleted_while_it_is_chosen_it_is_either_refused_or_unknown(shop: Shop, seller: Caller) -> None:
    for _ in range(6):
        profile, made = await keep(seller), await new_listing(seller)
        gone, chosen = await asyncio.gather(
            seller("DELETE", f"/me/delivery-profiles/{profile['id']}"),
            seller("PATCH", f"/listings/{made['id']}", json={"delivery": {"profile_id": profile["id"]}}),
        )
        assert (gone.status_code, chosen.status_code) in {(204, 422), (409, 200)}


async def test_others_lists_are_neither_seen_nor_chosen_nor_changed(seller: Caller, other: Caller) -> None:
    profile = await keep(seller)
    path = f"/me/delivery-profiles/{profile['id']}"
    assert (await other("GET", path)).status_code == 404
    assert (await other("PUT", path, json=PARCEL)).status_code == 409
    assert (await other("DELETE", path)).status_code == 204
    assert (await seller("GET", path)).json() == profile
    mine = await new_listing(other)
    refused = await other("PATCH", f"/listings/{mine['id']}", json={"delivery": {"profile_id": profile["id"]}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "delivery.profile_id")


@pytest.mark.parametrize(
    ("rates", "field"),
    [
        ([row(490, 491)], "rates[0].further"),
        ([row(-1, -1)], "rates[0].first"),
        ([row(490, 100, "XX")], "rates[0].countries"),
        ([row(490, 100, "DE"), row(990, 100, "AT", "DE")], "rates[1].countries"),
        ([row(490, 100, "DE", "DE")], "rates[0].countries"),
        ([row(490, 100), row(990, 100)], "rates[1].countries"),
        ([row(490, 100, free_from=money(0))], "rates[0].free_from"),
        ([row(490, 100) | {"first": money(490, "USD")}], "rates[0].first"),
    ],
)
async def test_what_is_wrong_is_named_and_changes_nothing(
    seller: Caller, rates: list[dict[str, Any]], field: str
) -> None:
    profile = await keep(seller)
    path = f"/me/delivery-profiles/{profile['id']}"
    refused = await seller("PUT", path, json={"name": "Parcel", "rates": rates})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await seller("GET", path)).json() == profile


@pytest.mark.parametrize(
    ("delivery", "field"),
    [
        ({"posted": False}, "delivery.pick_up"),
        ({"posted": True, "pick_up": "Ulm"}, "delivery.pick_up"),
        ({"posted": False, "pick_up": "\u202eUlm"}, "delivery.pick_up"),
    ],
)
async def test_a_listing_has_one_way(seller: Caller, delivery: dict[str, Any], field: str) -> None:
    made = await new_listing(seller)
    refused = await seller("PATCH", f"/listings/{made['id']}", json={"delivery": delivery})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await seller("GET", f"/listings/{made['id']}")).json()["version"] == made["version"]


async def test_too_long_or_too_many_is_refused(seller: Caller) -> None:
    for body in (
        {"name": "x" * 61, "rates": [row()]},
        {"name": "x", "rates": []},
        {"name": "x", "rates": [row()] * 21},
    ):
        assert (await seller("PUT", f"/me/delivery-profiles/{new_id()}", json=body)).status_code in (400, 422)


async def test_a_copy_goes_the_same_way(seller: Caller) -> None:
    profile = await keep(seller)
    made = await new_listing(seller, delivery={"profile_id": profile["id"]})
    copied = await seller("POST", f"/listings/{made['id']}/copies", json={})
    assert copied.json()["delivery"] == made["delivery"]


async def test_copied_while_its_list_goes_out_of_use_nothing_breaks(seller: Caller) -> None:
    async def drop(listing_id: str, profile_id: str) -> int:
        await seller("PATCH", f"/listings/{listing_id}", json={"delivery": {}})
        return (await seller("DELETE", f"/me/delivery-profiles/{profile_id}")).status_code

    for _ in range(6):
        profile = await keep(seller)
        made = await new_listing(seller, delivery={"profile_id": profile["id"]})
        copied, gone = await asyncio.gather(
            seller("POST", f"/listings/{made['id']}/copies", json={}), drop(made["id"], profile["id"])
        )
        assert copied.status_code == 201, copied.text
        assert gone == (409 if copied.json()["delivery"]["profile_id"] else 204)
