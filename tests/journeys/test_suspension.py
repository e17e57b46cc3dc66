"""A seller is suspended and restored, through all services."""

from typing import Any
from uuid import UUID

from entrypoint.accounts import suspensions
from souk.clock import SystemClock
from souk.database import Database
from souk.events import Outbox
from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import Person
from tests.journeys.test_money import when

pytestmark = IN_ONE_LOOP


async def stands(world: World, person: Person, change: str) -> None:
    """What `souk users suspend` and `restore` do."""
    database = Database(world.urls["entrypoint"].app, service="entrypoint", pool_max=1)
    clock, standing = SystemClock(), {"suspend": suspensions.suspend, "restore": suspensions.restore}[change]
    async with database.transaction() as session:
        news = await standing(session, UUID(person.id), by="test", reason="Sold fakes.", now=clock.now())
        Outbox("entrypoint", clock).emit(session, *news)
    await database.close()


async def test_a_suspended_seller_sells_nothing_and_running_orders_go_on(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    tea = await seller.sell("Tea pot", 1_000, 5)
    await buyer.put_in_cart(tea)
    running = (await buyer.check_out())["orders"][0]["id"]
    await buyer.order_when(running, "paid")
    await seller.ask("POST", f"/orders/{running}/shipment", json={})
    await buyer.put_in_cart(tea)
    await stands(world, seller, "suspend")

    async def status() -> Any:
        return (await buyer.ask("GET", f"/listings/{tea}"))["status"]

    await when(status, lambda told: told == "withdrawn", 30)
    assert (await buyer.ask("GET", "/listings", params={"seller": seller.id}))["total"] == 0
    cart = await buyer.ask("GET", "/cart")
    assert not cart["ready"], "what is in carts cannot be bought"
    for refused in (
        await buyer.send("POST", "/offers", json={"listing_id": tea, "price": cart["total"], "quantity": 1}),
        await seller.send("GET", "/me"),
        await seller.send("POST", "/wallet/transfers", json={}),
    ):
        assert 400 <= refused.status_code < 500, refused.text
    await buyer.ask("POST", f"/orders/{running}/receipt")
    await buyer.order_when(running, "completed")
    await stands(world, seller, "restore")
    await when(status, lambda told: told == "published", 30)
    assert (await seller.wallet())[0] == 950, "paid for what was under way"
    assert (await buyer.check_out())["status"] == "paid"
