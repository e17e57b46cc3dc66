"""Offers over all services, in every shape of the shop."""

import asyncio
from io import BytesIO
from uuid import uuid4

from pypdf import PdfReader

from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import ADDRESS, Person

pytestmark = IN_ONE_LOOP


async def test_from_an_offer_to_a_settled_order(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
    lamp = await anna.sell("Brass reading lamp", 4_200, 3, accepts_offers=True)
    offer = await cleo.offer(lamp, 3_000, 2, "For both of my desks")
    countered = await anna.answer(offer, "counteroffer", 3_500)
    accepted = await cleo.answer(countered, "acceptance")
    assert accepted["status"] == "accepted"
    assert (await cleo.ask("GET", f"/listings/{lamp}"))["available"] == 3  # nothing is reserved by it

    await cleo.put_in_cart(lamp, 2)
    purchase = await cleo.check_out()
    assert (purchase["status"], purchase["total"]["amount"]) == ("paid", 7_000)
    assert await cleo.wallet() == (43_000, 7_000)
    assert (await cleo.ask("GET", f"/listings/{lamp}"))["available"] == 1
    [order] = purchase["orders"]
    shown = await cleo.ask("GET", f"/orders/{order['id']}")
    assert [(line["unit_price"]["amount"], line["quantity"]) for line in shown["lines"]] == [(3_500, 2)]
    assert (await anna.ask("GET", f"/offers/{offer['id']}"))["status"] == "bought"

    await anna.ask("POST", f"/orders/{order['id']}/shipment", json={})
    await cleo.ask("POST", f"/orders/{order['id']}/receipt")
    completed = await cleo.order_when(order["id"], "completed")
    assert (completed["to_seller"]["amount"], completed["fee"]["amount"]) == (6_650, 350)
    [invoice] = await cleo.invoices_when(order["id"], 1)
    pdf = await cleo.send("GET", f"/invoices/{invoice['id']}/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert "35.00" in text and "70.00" in text and "42.00" not in text
    await _told(anna, "offer_made", "price_accepted")
    await _told(cleo, "offer_countered")


async def test_an_unpaid_purchase_leaves_the_agreed_price(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 1_000)
    lamp = await anna.sell("Brass reading lamp", 4_200, accepts_offers=True)
    offer = await anna.answer(await cleo.offer(lamp, 3_500), "acceptance")
    await cleo.put_in_cart(lamp)
    assert (await cleo.check_out())["status"] == "declined"
    again = await cleo.ask("GET", f"/offers/{offer['id']}")
    assert (again["status"], again["deadline"]) == ("accepted", offer["deadline"])
    await cleo.add_money(2_500)
    for _ in range(200):  # the units come back with an event
        if (await cleo.ask("GET", "/cart"))["ready"]:
            break
        await asyncio.sleep(0.05)
    assert (await cleo.check_out())["status"] == "paid"
    assert await cleo.wallet() == (0, 3_500)


async def test_nothing_is_reserved_by_an_accepted_offer(world: World) -> None:
    """The one who pays first has it; the other is told that it is gone, and loses nothing."""
    anna = await world.person("Anna")
    buyers = [await world.person(f"Buyer {n}", 10_000) for n in range(4)]
    lamp = await anna.sell("The only lamp", 4_200, accepts_offers=True)
    for buyer in buyers:
        await anna.answer(await buyer.offer(lamp, 3_500), "acceptance")
        await buyer.put_in_cart(lamp)
    outcomes = await asyncio.gather(*(_try_to_buy(buyer) for buyer in buyers))
    assert outcomes.count("paid") == 1
    assert sorted([await buyer.wallet() for buyer in buyers]) == [(6_500, 3_500)] + [(10_000, 0)] * 3
    offers = [(await buyer.ask("GET", "/offers", params={"role": "buyer"}))["items"][0] for buyer in buyers]
    assert sorted(offer["status"] for offer in offers) == ["accepted"] * 3 + ["bought"]
    late = await world.person("Late")
    refused = await late.send(
        "POST", "/offers", json={"listing_id": lamp, "price": {"amount": 3_500, "currency": "EUR"}}
    )
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (409, "not-on-sale")


async def _try_to_buy(buyer: Person) -> str:
    body = {"address": ADDRESS, "total": {"amount": 3_500, "currency": "EUR"}}
    response = await buyer.send("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    if response.status_code == 409:
        return "refused"
    assert response.status_code < 400, response.text
    return str((await buyer.outcome(response.json()["id"]))["status"])


async def _told(person: Person, *kinds: str) -> None:
    """Wait until the person has been told of these."""
    for _ in range(200):
        told = [item["kind"] for item in (await person.ask("GET", "/notifications"))["items"]]
        if set(kinds) <= set(told):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(told)
