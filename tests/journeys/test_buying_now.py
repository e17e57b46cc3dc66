"""Buying one listing by itself over all services, in every shape of the shop."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import ADDRESS, Person

pytestmark = IN_ONE_LOOP


async def buy_now(buyer: Person, listing: str, quantity: int = 1, key: str = "") -> dict[str, Any]:
    """The purchase once it is decided, or the refusal."""
    item = {"listing_id": listing, "quantity": quantity}
    quoted = await buyer.send("GET", "/purchases/quote", params=item)
    if quoted.status_code >= 400:
        refused: dict[str, Any] = quoted.json()
        return refused
    body = {"address": ADDRESS, "total": quoted.json()["total"], "item": item}
    answer = await buyer.send("POST", "/purchases", json=body, headers={"idempotency-key": key or str(uuid4())})
    placed: dict[str, Any] = answer.json()
    return await buyer.outcome(placed["id"]) if answer.status_code < 400 else placed


async def test_the_last_one_is_sold_once_whichever_way_it_is_bought(world: World) -> None:
    """Some buy it at once, some from their carts, each of them with several clicks; nobody's cart or money is mixed up."""
    anna = await world.person("Anna")
    lamp, rug = await anna.sell("The only lamp", 4_200), await anna.sell("Red rug", 1_500, 9)
    buyers = [await world.person(f"Buyer {n}", 10_000) for n in range(4)]
    for buyer in buyers:
        await buyer.put_in_cart(rug, 2)
    for buyer in buyers[2:]:
        await buyer.put_in_cart(lamp)
    keys = [str(uuid4()) for _ in buyers]
    at_once = [buy_now(buyer, lamp, key=key) for buyer, key in zip(buyers[:2], keys, strict=False) for _ in range(2)]
    from_carts = [_try(buyer) for buyer in buyers[2:]]
    await asyncio.gather(*at_once, *from_carts)
    for buyer in buyers:
        orders = (await buyer.ask("GET", "/orders", params={"role": "buyer", "status": "paid"}))["items"]
        available, held = await buyer.wallet()
        assert (available + held, held) == (10_000, sum(order["amount"]["amount"] for order in orders))
    sold = (await anna.ask("GET", "/orders", params={"role": "seller", "status": "paid"}))["items"]
    assert sum(order["title"] == "The only lamp" or order["amount"]["amount"] == 7_200 for order in sold) == 1
    for buyer in buyers[:2]:
        lines = (await buyer.ask("GET", "/cart"))["lines"]
        assert [(line["title"], line["quantity"]) for line in lines] == [("Red rug", 2)]
    await world.audit()


async def test_it_goes_on_to_a_settled_order(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 10_000)
    lamp = await anna.sell("Brass lamp", 4_200, 3, accepts_offers=True)
    await anna.answer(await cleo.offer(lamp, 3_500, 2), "acceptance")
    purchase = await buy_now(cleo, lamp, 2)
    assert (purchase["status"], purchase["item"]["quantity"]) == ("paid", 2)
    [order] = purchase["orders"]
    await anna.ask("POST", f"/orders/{order['id']}/shipment", json={})
    await cleo.ask("POST", f"/orders/{order['id']}/receipt")
    completed = await anna.order_when(order["id"], "completed")
    assert completed["to_seller"]["amount"] == 6_650
    assert await cleo.wallet() == (3_000, 0)


async def _try(buyer: Person) -> None:
    """Check the cart out; that it cannot be is one of the outcomes."""
    cart = await buyer.ask("GET", "/cart")
    body = {"address": ADDRESS, "total": cart["total"]}
    answer = await buyer.send("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    if answer.status_code < 400:
        await buyer.outcome(answer.json()["id"])
