"""Postage over all services: two sellers, two price lists, refunds, and an audit that would notice."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from shop.audit import audit
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from souk.ids import new_id
from tests.browsing import Browser
from tests.journeys.conftest import IN_ONE_LOOP, World, embedded_world
from tests.journeys.people import ADDRESS, Person, logged_in

pytestmark = IN_ONE_LOOP


async def price_list(seller: Person, first: int, further: int, *countries: str, free_from: int = 0) -> str:
    """Keep a price list; its id."""
    row: dict[str, Any] = {"countries": list(countries), "first": seller.money(first), "further": seller.money(further)}
    if free_from:
        row["free_from"] = seller.money(free_from)
    profile_id = str(new_id())
    await seller.ask("PUT", f"/me/delivery-profiles/{profile_id}", json={"name": f"At {first}", "rates": [row]})
    return profile_id


async def sell(seller: Person, title: str, price: int, profile_id: str = "", **delivery: Any) -> str:
    listing = await seller.sell(title, price, 20)
    way = delivery or {"profile_id": profile_id or None}
    await seller.ask("PATCH", f"/listings/{listing}", json={"delivery": way})
    return listing


async def pay(buyer: Person, country: str = "DE") -> Any:
    cart = await buyer.ask("GET", "/cart", params={"country": country})
    address = ADDRESS | {"country": country, "postcode": "28001"}
    body = {"address": address, "total": cart["total"]}
    placed = await buyer.ask("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    return await buyer.outcome(placed["id"])


async def findings(shop: Shop) -> set[tuple[int, str]]:
    return {(each.section, each.name) for each in await audit(shop.databases, patience_s=0)}


async def test_two_sellers_two_lists_and_back(world: World) -> None:
    anna, bo, cleo = await world.person("Anna"), await world.person("Bo"), await world.person("Cleo", 100_000)
    light, heavy = await price_list(anna, 490, 100), await price_list(anna, 1200, 300)
    cups = await price_list(bo, 390, 50, free_from=5000)
    for listing, quantity in (
        (await sell(anna, "Brass lamp", 4_200, light), 2),
        (await sell(anna, "Oak desk", 9_900, heavy), 1),
        (await sell(bo, "Tea cup", 800, cups), 3),
        (await sell(bo, "Tea pot, picked up", 900, posted=False, pick_up="Ulm"), 1),
    ):
        await cleo.put_in_cart(listing, quantity)
    cart = await cleo.ask("GET", "/cart", params={"country": "DE"})
    purchase = await pay(cleo)
    assert purchase["status"] == "paid"
    total = 8_400 + 9_900 + 1_400 + 2_400 + 900 + 490
    assert cart["total"]["amount"] == purchase["total"]["amount"] == total
    assert await cleo.wallet() == (100_000 - total, total)
    orders = {order["seller_name"]: order["id"] for order in purchase["orders"]}
    for order_id in orders.values():
        await cleo.invoices_when(order_id, 1)
    await world.audit()

    # Anna gives back a lamp, then some of the postage, then Cleo confirms; all of the rest follows after that.
    order = await anna.ask("GET", f"/orders/{orders['Anna']}")
    assert order["postage"]["amount"] == 1_400
    refunds = f"/orders/{order['id']}/refunds"

    async def give_back(**body: Any) -> Any:
        return await anna.ask("POST", refunds, json=body, headers={"idempotency-key": str(uuid4())})

    await give_back(lines=[{"line_id": order["lines"][0]["id"], "quantity": 1}])
    await give_back(postage=anna.money(400))
    await anna.ask("POST", f"/orders/{order['id']}/shipment", json={})
    await cleo.ask("POST", f"/orders/{order['id']}/receipt")
    done = await anna.order_when(order["id"], "completed")
    left = 8_400 + 9_900 + 1_400 - 4_200 - 400
    assert done["to_seller"]["amount"] + done["fee"]["amount"] == left
    await give_back()
    # Bo calls his off.
    await bo.ask("POST", f"/orders/{orders['Bo']}/cancellation", json={})
    await cleo.order_when(orders["Bo"], "refunded")
    await cleo.invoices_when(orders["Anna"], 4)
    await cleo.invoices_when(orders["Bo"], 2)
    await world.audit()
    assert await cleo.wallet() == (100_000, 0)


async def test_the_audit_notices_postage_that_differs(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, shop):
        anna, cleo = await world.person("Anna"), await world.person("Cleo", 10_000)
        await cleo.put_in_cart(await sell(anna, "Brass lamp", 4_200, await price_list(anna, 490, 100)))
        purchase = await pay(cleo)
        await cleo.invoices_when(purchase["orders"][0]["id"], 1)
        await world.audit()
        for service, table in (("store", "orders"), ("payment", "escrow")):
            async with shop.databases[service].transaction() as session:
                await session.execute(text(f"UPDATE {table} SET postage = postage - 1"))
            found = await findings(shop)
            assert (9, "postage captured") in found
            assert ((9, "postage invoiced") in found) is (service == "store")
            async with shop.databases[service].transaction() as session:
                await session.execute(text(f"UPDATE {table} SET postage = postage + 1"))
        await world.audit()


async def test_through_pages_without_scripts(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        anna, cleo = await world.person("Anna"), await world.person("Cleo", 100_000)
        browser = await logged_in(anna, "/listings/mine")
        await browser.open("/selling/postage")
        assert "No price list yet" in browser.page
        await browser.follow("Make a price list")
        await browser.press("Save", {"name": "Parcel", "countries-0": "Germania", "first-0": "4,90", "further-0": "5"})
        assert browser.status == 422
        assert "countries-0" in browser.page.errors
        await browser.press("Save", {"countries-0": "France"})
        assert "further-0" in browser.page.errors
        rows = {"further-0": "1", "free_from-0": "100", "countries-1": "AT, Switzerland", "first-1": "12.90"}
        await browser.press("Save", rows)
        assert browser.path == "/selling/postage"
        assert "France: €4.90, each further item €1.00, free from €100.00" in browser.page
        listing = await anna.sell("Brass lamp", 4_200, 20)
        await browser.open(f"/listings/{listing}/edit")
        parcel = (await anna.ask("GET", "/me/delivery-profiles"))[0]["id"]
        await browser.press("Save changes", {"profile": parcel})
        assert "+ €4.90 postage" in browser.page
        assert "Free from €100.00" in browser.page
        await browser.open("/selling/postage")
        assert "1 listing uses it" in browser.page
        await browser.forge(f"/selling/postage/{parcel}/removal")
        assert "1 of your listings uses it" in browser.page
        await buys(await logged_in(cleo, f"/listings/{listing}"), listing)
        order = (await cleo.ask("GET", "/orders", params={"role": "buyer"}))["items"][0]
        assert order["amount"]["amount"] == 4_200 + 1_290
        await refunds(await logged_in(anna, f"/orders/{order['id']}/refund"))
        await cleo.invoices_when(order["id"], 2)
        await cleo.put_in_cart(await sell(anna, "Wardrobe", 9_000, posted=False, pick_up="Ulm"))
        fetched = (await pay(cleo, "ES"))["orders"][0]["id"]
        browser = await logged_in(cleo, f"/orders/{fetched}")
        assert "Picked up in Ulm" in browser.page
        await cleo.invoices_when(fetched, 1)
        await world.audit()


async def buys(browser: Browser, listing: str) -> None:
    await browser.press("Add to cart")
    assert "Postage" in browser.page
    assert "€46.90" in browser.page
    await browser.follow("Go to checkout")
    home = {"name": "Cleo", "line1": "Lindenweg 7", "postcode": "10405", "city": "Berlin"}
    await browser.press("Pay", home | {"country": "ES", "postcode": "28001"})
    assert browser.status == 422
    assert "is not sent there" in browser.page.errors["country"]
    await browser.press("Pay", {"country": "AT", "postcode": "1010"})
    assert browser.status == 409
    assert "€54.90" in browser.page
    await browser.press("Pay")
    await browser.until("It is paid")
    await browser.open("/orders")


async def refunds(browser: Browser) -> None:
    await browser.press("Go on", {"postage": "13"})
    assert "postage" in browser.page.errors
    await browser.press("Go on", {"postage": "12.90"})
    await browser.press("Refund")
    assert "€12.90" in browser.page
