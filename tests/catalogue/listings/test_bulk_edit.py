"""Changing many listings at once, copying one, and advice for the next."""

import asyncio
from typing import Any

from souk.ids import new_id
from souk.money import Money
from tests.catalogue.harness import Caller, Shop, fields, new_listing, picture
from tests.catalogue.pictures.test_pictures import _add
from tests.catalogue.reservations.test_reservations import Buying


async def change(caller: Caller, listings: list[dict[str, Any]], **changes: Any) -> Any:
    ids = [listing["id"] for listing in listings]
    answer = await caller("POST", "/me/listings/changes", json={"ids": ids} | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_prices_and_quantities_of_many(shop: Shop, seller: Caller, other: Caller) -> None:
    lamps = [await new_listing(seller, price={"amount": amount, "currency": "EUR"}) for amount in (1000, 1005, 1)]
    theirs = await new_listing(other)
    outcome = await change(seller, [*lamps, theirs], price_percent=-10, quantity_more=2)
    assert (outcome["changed"], [one["id"] for one in outcome["refused"]]) == (3, [theirs["id"]])
    rows = await shop.rows(
        "SELECT price, quantity, version FROM listing WHERE seller_id = :id ORDER BY id", id=seller.id
    )
    assert [(price, quantity) for price, quantity, _ in rows] == [(900, 3), (905, 3), (1, 3)]
    assert await shop.rows("SELECT count(*) FROM listing_price") == [(2,)]
    await change(seller, lamps, sale="withdraw")
    assert (await seller("GET", "/me/listings?status=withdrawn")).json()["total"] == 3
    await change(seller, lamps, sale="publish", price={"amount": 5, "currency": "EUR"})
    assert {card["price"]["amount"] for card in (await seller("GET", "/me/listings")).json()["items"]} == {5}
    await shop.audit()


async def test_many_begin_and_stop_taking_offers(shop: Shop, seller: Caller, other: Caller) -> None:
    lamps, theirs = [await new_listing(seller) for _ in range(2)], await new_listing(other)
    taking = "SELECT count(*) FROM listing WHERE accepts_offers"
    assert (await change(seller, [*lamps, theirs], accepts_offers=True))["changed"] == 2
    assert await shop.rows(taking) == [(2,)]
    await change(seller, lamps, sale="withdraw")
    assert await shop.rows(taking) == [(2,)]
    assert (await change(seller, lamps, accepts_offers=False))["changed"] == 2
    assert await shop.rows(taking) == [(0,)]


async def test_what_cannot_be_changed_stays_and_is_named(shop: Shop, seller: Caller) -> None:
    one, two = await new_listing(seller, quantity=2), await new_listing(seller, quantity=5)
    await shop.handle("reservations", Buying((one["id"], 2)).placed)
    outcome = await change(seller, [one, two], quantity_more=-2, price_percent=50)
    assert outcome["changed"] == 1
    [refused] = outcome["refused"]
    assert refused["id"] == one["id"] and "2 units are reserved or sold" in refused["message"]
    assert await shop.rows("SELECT price, quantity FROM listing ORDER BY id") == [(4200, 2), (6300, 3)]
    draft = await new_listing(seller, publish=False, description="")
    assert (await change(seller, [draft], sale="publish"))["changed"] == 0
    for wrong in ({"price_percent": -91}, {"quantity_more": 10_000}, {"sale": "burn"}, {"ids": []}):
        answer = await seller("POST", "/me/listings/changes", json={"ids": [one["id"]]} | wrong)
        assert answer.status_code == 400, wrong
    assert (await seller("POST", "/me/listings/changes", json={"ids": [one["id"]]})).status_code == 422
    foreign = await change(seller, [two], price={"amount": 5, "currency": "USD"})
    assert foreign["changed"] == 0


async def test_changes_of_many_race_with_buyers_and_each_other(shop: Shop, seller: Caller) -> None:
    lamps = [await new_listing(seller, quantity=20) for _ in range(4)]
    buyings = [Buying(*((lamp["id"], 1) for lamp in order)) for order in (lamps, lamps[::-1]) * 6]
    await asyncio.gather(
        *(shop.handle("reservations", buying.placed) for buying in buyings),
        *(change(seller, order, quantity_more=more) for more in (-3, 2, -1) for order in (lamps, lamps[::-1])),
    )
    for quantity, available, reserved in await shop.rows("SELECT quantity, available, reserved FROM listing"):
        assert (quantity, available + reserved) == (16, 16)
        assert reserved == 12
    await shop.audit()


async def test_a_copy_says_and_shows_the_same(seller: Caller, other: Caller) -> None:
    lamp = await new_listing(seller, quantity=7)
    await _add(seller, lamp, picture(), alt=["A lamp"])
    new = {"id": str(new_id())}
    made, again = [await seller("POST", f"/listings/{lamp['id']}/copies", json=new) for _ in range(2)]
    assert (made.status_code, again.json()) == (201, made.json())
    copy = made.json()
    assert (copy["status"], copy["quantity"], copy["title"]) == ("draft", 1, lamp["title"])
    assert copy["pictures"][0]["alt"] == "A lamp"
    assert (await other("POST", f"/listings/{lamp['id']}/copies", json={})).status_code == 403
    assert (await seller("POST", f"/listings/{new_id()}/copies", json={})).status_code == 404


async def test_advice_comes_from_what_is_offered_and_was_sold(shop: Shop, seller: Caller, visitor: Caller) -> None:
    async def advice(title: str, **more: str) -> Any:
        answer = await seller("GET", "/me/listings/advice", params={"title": title} | more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert await advice("Brass desk lamp") == {"category": None, "price": None}
    for amount in (1000, 2000, 3000, 4000, 5000):
        price = {"amount": amount, "currency": "EUR"}
        lamp = await new_listing(seller, price=price, quantity=2)
        buying = Buying((lamp["id"], 1), price=Money(amount, "EUR"))
        await shop.handle("reservations", buying.placed)
        await shop.handle("sales", buying.paid)
    await new_listing(seller, title="Copper table", category="tables")
    told = await advice("Lovely green lamps")
    assert told["category"] == "lighting"
    assert (told["price"]["low"]["amount"], told["price"]["high"]["amount"], told["price"]["sales"]) == (2000, 4000, 5)
    assert (await advice("Table"))["category"] == "tables"
    assert (await advice("Table"))["price"] is None
    for odd in ("", "?!", '"', "-lamp", "zzz"):
        assert (await advice(odd))["category"] is None
    assert (await visitor("GET", "/me/listings/advice?title=lamp")).status_code == 401
    assert (await seller("GET", "/me/listings/advice?title=a%00b")).status_code in (200, 422)


async def test_a_quantity_has_its_limit(seller: Caller) -> None:
    lamp = (await seller("POST", "/listings", json=fields(quantity=9999))).json()
    assert (await change(seller, [lamp], quantity_more=1))["changed"] == 0
