"""Refunds in parts, transfers and frozen wallets through all services; the audit is clean after each."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from entrypoint.accounts import accounts
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import IN_ONE_LOOP, World, embedded_world
from tests.journeys.people import Person

pytestmark = IN_ONE_LOOP


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid4())}


async def refund(seller: Person, order_id: str, *lines: dict[str, Any], reason: str = "scratched") -> Any:
    body = {"reason": reason} | ({"lines": list(lines)} if lines else {})
    return await seller.ask("POST", f"/orders/{order_id}/refunds", json=body, headers=key())


async def when(ask: Any, true: Any, seconds: float = 20) -> Any:
    """What `ask` gives, once it is as it should be."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        found = await ask()
        if true(found):
            return found
        assert asyncio.get_running_loop().time() < until, found
        await asyncio.sleep(0.05)


async def bought(seller: Person, buyer: Person, price: int, quantity: int = 1) -> Any:
    """A paid order."""
    listing = await seller.sell("Tea cup", price, quantity)
    await buyer.put_in_cart(listing, quantity)
    purchase = await buyer.check_out()
    return await buyer.ask("GET", f"/orders/{purchase['orders'][0]['id']}")


async def complete(seller: Person, buyer: Person, order_id: str) -> Any:
    await seller.ask("POST", f"/orders/{order_id}/shipment", json={})
    await buyer.ask("POST", f"/orders/{order_id}/receipt")
    return await buyer.order_when(order_id, "completed")


async def told(person: Person) -> list[str]:
    return [item["text"] for item in (await person.ask("GET", "/notifications"))["items"]]


async def test_refunds_before_and_after_the_arrival(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    order = await bought(seller, buyer, 1000, 3)
    line = order["lines"][0]["id"]
    await refund(seller, order["id"], {"line_id": line, "quantity": 1})
    await when(buyer.wallet, lambda wallet: wallet == (8000, 2000))
    done = await complete(seller, buyer, order["id"])
    assert (done["to_seller"]["amount"], done["fee"]["amount"]) == (1900, 100)
    await when(seller.wallet, lambda wallet: wallet == (1900, 0))
    five = {"amount": 500, "currency": "EUR"}
    await refund(seller, order["id"], {"line_id": line, "amount": five})
    await when(buyer.wallet, lambda wallet: wallet == (8500, 0))
    assert await seller.wallet() == (1900 - 475, 0)
    seen = await when(
        lambda: buyer.ask("GET", f"/orders/{order['id']}"), lambda o: all(r["booked"] for r in o["refunds"])
    )
    assert (seen["status"], seen["refunded"]["amount"]) == ("completed", 1500)
    assert [item["fee"]["amount"] for item in seen["refunds"]] == [0, 25]
    texts = await when(lambda: told(buyer), lambda texts: any("€5.00 of order" in text for text in texts))
    assert any(text.startswith("€10.00 of order") for text in texts)
    await world.audit()


async def test_what_the_seller_has_spent_is_owed_and_recovered(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await world.proves(buyer)
    order = await bought(seller, buyer, 2000)
    await complete(seller, buyer, order["id"])
    away = {"recipient_id": buyer.id, "amount": {"amount": 1500, "currency": "EUR"}, "note": "for the flat"}
    await when(seller.wallet, lambda wallet: wallet == (1900, 0))
    await seller.ask("POST", "/wallet/transfers", json=away, headers=key())
    await refund(seller, order["id"])
    wallet = await when(lambda: seller.ask("GET", "/wallet"), lambda wallet: wallet["owed"]["amount"])
    assert (wallet["available"]["amount"], wallet["owed"]["amount"]) == (0, 1500)
    proof = await seller.ask("GET", "/proof")
    await when(lambda: seller.ask("GET", "/proof"), lambda proof: proof["receivables"]["amount"] == -1500)
    assert proof["difference"]["amount"] == 0
    texts = await when(lambda: told(seller), lambda texts: any("You owe €15.00" in text for text in texts))
    assert "You sent €15.00 to Ana: for the flat" in texts
    assert "Sela sent you €15.00: for the flat" in await told(buyer)
    again = await bought(seller, buyer, 1000)
    await complete(seller, buyer, again["id"])
    wallet = await when(lambda: seller.ask("GET", "/wallet"), lambda wallet: wallet["owed"]["amount"] < 1500)
    assert (wallet["available"]["amount"], wallet["owed"]["amount"]) == (0, 550)
    await world.audit()


async def test_an_order_refunded_on_its_way_is_over(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 5000)
    order = await bought(seller, buyer, 1000, 2)
    await refund(seller, order["id"], {"line_id": order["lines"][0]["id"], "quantity": 1})
    await seller.ask("POST", f"/orders/{order['id']}/shipment", json={})
    assert (await refund(seller, order["id"], reason="lost"))["status"] == "refunded"
    await when(buyer.wallet, lambda wallet: wallet == (5000, 0))
    await world.audit()


async def test_refunds_and_receipts_race(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    orders = [await bought(seller, buyer, 1000) for _ in range(4)]
    for order in orders:
        await seller.ask("POST", f"/orders/{order['id']}/shipment", json={})
    three = {"amount": 300, "currency": "EUR"}
    work = [refund(seller, order["id"], {"line_id": order["lines"][0]["id"], "amount": three}) for order in orders]
    work += [buyer.ask("POST", f"/orders/{order['id']}/receipt") for order in orders]
    await asyncio.gather(*work)
    for order in orders:
        await buyer.order_when(order["id"], "completed")
    await when(buyer.wallet, lambda wallet: wallet == (7200, 0))
    assert await seller.wallet() == (4 * 665, 0)
    await world.audit()


async def test_a_wallet_that_a_refund_can_come_to_is_not_closed(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, shop):
        seller, buyer, boss = [
            await world.person(name, money) for name, money in (("Sela", 0), ("Ana", 1000), ("Boss", 0))
        ]
        order = await bought(seller, buyer, 1000)
        kernel = shop.kernel("entrypoint")
        async with kernel.database.transaction() as session:
            await accounts.grant_role(session, UUID(boss.id), "admin", by="test", now=kernel.clock.now())
        await boss.log_in()

        async def close() -> Any:
            closing = {"status": "closed", "reason": "asked for"}
            return (await boss.send("POST", f"/wallets/{buyer.id}/status", json=closing)).json()

        held = await close()
        assert held["type"].endswith("wallet-not-empty")
        assert [(one["order_id"], one["state"]) for one in held["open_orders"]] == [(order["id"], "held")]
        await complete(seller, buyer, order["id"])
        until = (await buyer.ask("GET", f"/orders/{order['id']}"))["refundable_until"]
        refused = await when(close, lambda problem: problem["open_orders"][0]["until"])
        assert refused["type"].endswith("wallet-still-needed")
        assert refused["open_orders"][0]["until"] == until
        await refund(seller, order["id"])
        await when(buyer.wallet, lambda wallet: wallet == (1000, 0))
        await world.proves(seller)
        away = {"recipient_id": seller.id, "amount": {"amount": 1000, "currency": "EUR"}}
        await buyer.ask("POST", "/wallet/transfers", json=away, headers=key())
        assert (await close())["status"] == "closed"
        await world.audit()
