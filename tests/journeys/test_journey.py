"""The whole journey, from a listing to a settled order and its invoice, in every shape of the shop."""

import asyncio
from io import BytesIO
from uuid import uuid4

from pypdf import PdfReader

from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import ADDRESS, Person, a_picture

pytestmark = IN_ONE_LOOP


async def test_from_a_listing_to_a_settled_order(world: World) -> None:
    anna, ben, cleo = await world.person("Anna"), await world.person("Βασίλης"), await world.person("Cleo", 50_000)
    lamp = await anna.sell("Celadon reading lamp", 4_200, picture=a_picture())
    books = await ben.sell("Five cookery books", 1_500, quantity=3)

    found = await cleo.ask("GET", "/listings", params={"q": "celadon lamp"})
    assert [item["id"] for item in found["items"]] == [lamp]
    picture = found["items"][0]["picture"]["small"]
    assert (await cleo.http.get(f"/pictures/{picture}")).headers["content-type"] == "image/webp"

    await cleo.put_in_cart(lamp)
    await cleo.put_in_cart(books, 2)
    purchase = await cleo.check_out()
    assert purchase["status"] == "paid"
    assert purchase["total"] == {"amount": 7_200, "currency": "EUR"}
    assert len(purchase["orders"]) == 2
    assert await cleo.wallet() == (42_800, 7_200)
    assert (await cleo.ask("GET", "/cart"))["lines"] == []

    orders = {order["seller_id"]: order["id"] for order in purchase["orders"]}
    await anna.ask("POST", f"/orders/{orders[anna.id]}/shipment", json={"carrier": "Post", "tracking_code": "RR1"})
    shipped = await cleo.order_when(orders[anna.id], "shipped")
    assert (shipped["carrier"], shipped["tracking_code"]) == ("Post", "RR1")
    await cleo.ask("POST", f"/orders/{orders[anna.id]}/receipt")
    completed = await cleo.order_when(orders[anna.id], "completed")
    assert (completed["to_seller"]["amount"], completed["fee"]["amount"]) == (3_990, 210)
    assert await anna.wallet() == (3_990, 0)
    assert await cleo.wallet() == (42_800, 3_000)

    [invoice] = await cleo.invoices_when(orders[anna.id], 1)
    pdf = await cleo.send("GET", f"/invoices/{invoice['id']}/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert invoice["number"] in text
    assert "Celadon reading lamp" in text
    assert (await anna.send("GET", f"/invoices/{invoice['id']}/pdf")).content == pdf.content
    assert (await ben.send("GET", f"/invoices/{invoice['id']}/pdf")).status_code == 404

    await ben.ask("POST", f"/orders/{orders[ben.id]}/cancellation", json={"reason": "They got wet, sorry."})
    await cleo.order_when(orders[ben.id], "refunded")
    assert await cleo.wallet() == (45_800, 0)
    kinds = {item["kind"] for item in await cleo.invoices_when(orders[ben.id], 2)}
    assert kinds == {"invoice", "credit_note"}
    assert (await cleo.ask("GET", f"/listings/{books}"))["available"] == 3


async def test_not_enough_money_keeps_the_cart_and_charges_nothing(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 1_000)
    lamp = await anna.sell("Brass reading lamp", 4_200)
    await cleo.put_in_cart(lamp)
    purchase = await cleo.check_out()
    assert purchase["status"] == "declined"
    assert purchase["problems"][0]["reason"] == "insufficient_funds"
    assert purchase["problems"][0]["missing"]["amount"] == 3_200
    assert await cleo.wallet() == (1_000, 0)
    assert len((await cleo.ask("GET", "/cart"))["lines"]) == 1
    await _available_again(cleo, lamp, 1)
    await cleo.add_money(3_200)
    assert (await cleo.check_out())["status"] == "paid"
    assert await cleo.wallet() == (0, 4_200)


async def test_the_last_item_goes_to_one_of_fifty(world: World) -> None:
    anna = await world.person("Anna")
    buyers = [await world.person(f"Buyer {n}", 10_000) for n in range(50)]
    lamp = await anna.sell("The only lamp", 4_200)
    for buyer in buyers:
        await buyer.put_in_cart(lamp)
    purchases = await asyncio.gather(*(_try_to_buy(buyer, lamp) for buyer in buyers))
    assert purchases.count("paid") == 1
    assert purchases.count("paid") + purchases.count("rejected") + purchases.count("refused") == 50
    wallets = await asyncio.gather(*(buyer.wallet() for buyer in buyers))
    assert sorted(wallets) == [(5_800, 4_200)] + [(10_000, 0)] * 49


async def test_a_repeated_request_buys_once(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
    lamp = await anna.sell("Brass reading lamp", 4_200, quantity=5)
    await cleo.put_in_cart(lamp)
    key = str(uuid4())
    first, second = await asyncio.gather(cleo.check_out(key=key, wait=False), cleo.check_out(key=key, wait=False))
    assert first["id"] == second["id"]
    await cleo.outcome(first["id"])
    body = {"address": ADDRESS, "total": {"amount": 4_200, "currency": "EUR"}}
    again = await cleo.ask("POST", "/purchases", json=body, headers={"idempotency-key": key})
    assert again["id"] == first["id"]
    assert await cleo.wallet() == (45_800, 4_200)
    other = body | {"total": {"amount": 1, "currency": "EUR"}}
    refused = await cleo.send("POST", "/purchases", json=other, headers={"idempotency-key": key})
    assert refused.status_code == 409


async def test_a_risen_price_must_be_agreed_to(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
    lamp = await anna.sell("Brass reading lamp", 4_200)
    await cleo.put_in_cart(lamp)
    await anna.ask("PATCH", f"/listings/{lamp}", json={"price": {"amount": 5_000, "currency": "EUR"}})
    cart = await cleo.ask("GET", "/cart")
    assert (cart["lines"][0]["state"], cart["ready"]) == ("price_rose", False)
    body = {"address": ADDRESS, "total": cart["total"]}
    refused = await cleo.send("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    assert refused.status_code == 409
    agreed = {"quantity": 1, "price_agreed": {"amount": 5_000, "currency": "EUR"}}
    await cleo.ask("PUT", f"/cart/lines/{lamp}", json=agreed)
    assert (await cleo.check_out())["status"] == "paid"
    assert await cleo.wallet() == (45_000, 5_000)


async def test_a_fallen_price_is_just_told(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
    lamp = await anna.sell("Brass reading lamp", 4_200)
    await cleo.put_in_cart(lamp)
    await anna.ask("PATCH", f"/listings/{lamp}", json={"price": {"amount": 4_000, "currency": "EUR"}})
    cart = await cleo.ask("GET", "/cart")
    assert (cart["lines"][0]["state"], cart["ready"], cart["total"]["amount"]) == ("price_fell", True, 4_000)
    assert (await cleo.check_out())["status"] == "paid"
    assert await cleo.wallet() == (46_000, 4_000)


async def test_a_gone_item_is_marked_and_the_rest_can_be_bought(world: World) -> None:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
    lamp, rug = await anna.sell("Brass reading lamp", 4_200), await anna.sell("Red rug", 2_000)
    await cleo.put_in_cart(lamp)
    await cleo.put_in_cart(rug)
    await anna.ask("DELETE", f"/listings/{lamp}/publication")
    cart = await cleo.ask("GET", "/cart")
    assert {line["title"]: line["state"] for line in cart["lines"]} == {"Brass reading lamp": "gone", "Red rug": "ok"}
    assert not cart["ready"]
    await cleo.ask("DELETE", f"/cart/lines/{lamp}")
    assert (await cleo.check_out())["status"] == "paid"


async def test_nobody_sees_what_is_anothers(world: World) -> None:
    anna, cleo, eve = await world.person("Anna"), await world.person("Cleo", 50_000), await world.person("Eve")
    lamp = await anna.sell("Brass reading lamp", 4_200)
    await cleo.put_in_cart(lamp)
    purchase = await cleo.check_out()
    order = purchase["orders"][0]["id"]
    [invoice] = await cleo.invoices_when(order, 1)
    for method, path in (
        ("GET", f"/purchases/{purchase['id']}"),
        ("GET", f"/orders/{order}"),
        ("POST", f"/orders/{order}/receipt"),
        ("POST", f"/orders/{order}/cancellation"),
        ("POST", f"/orders/{order}/shipment"),
        ("GET", f"/invoices/{invoice['id']}"),
        ("GET", f"/invoices/{invoice['id']}/pdf"),
        ("PATCH", f"/listings/{lamp}"),
        ("DELETE", f"/listings/{lamp}/publication"),
    ):
        json = {} if method in ("POST", "PATCH") else None
        response = await eve.send(method, path, json=json)
        assert response.status_code in (403, 404), f"{method} {path}: {response.status_code}"
    assert (await cleo.ask("GET", f"/orders/{order}"))["status"] == "paid"


async def _try_to_buy(buyer: Person, listing_id: str) -> str:
    cart = await buyer.ask("GET", "/cart")
    body = {"address": ADDRESS, "total": cart["total"] if cart["ready"] else {"amount": 4_200, "currency": "EUR"}}
    response = await buyer.send("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    if response.status_code == 409:
        return "refused"
    assert response.status_code < 400, response.text
    return str((await buyer.outcome(response.json()["id"]))["status"])


async def _available_again(person: Person, listing_id: str, units: int) -> None:
    for _ in range(200):
        if (await person.ask("GET", f"/listings/{listing_id}"))["available"] == units:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the reservation was not released")
