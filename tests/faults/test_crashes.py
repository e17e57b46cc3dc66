"""People buy while services are killed, the broker's connections are cut, and messages are handled but not answered."""

import asyncio
import random
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from souk.database.embedded import ServiceUrls
from souk.events.consumer import Message, Runner
from tests.journeys.conftest import World, embedded_world, process_world, rabbit_world
from tests.journeys.people import ADDRESS, Person
from tests.proxy import CuttableProxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_ALL_EVENTS = text("SELECT body FROM outbox")
_FORGET = text("DELETE FROM inbox")

PURCHASES = 60
BUYERS = 6


@pytest.mark.rabbitmq
async def test_services_are_killed_while_people_buy(
    urls: dict[str, ServiceUrls],
    tmp_path: Path,
    amqp_url: str,
) -> None:
    async with process_world(urls, tmp_path, amqp_url) as (world, processes):
        listing, buyers = await _a_market(world)
        purchases = asyncio.create_task(_buy_for_a_while(listing, buyers))
        dice = random.Random(7)
        for _ in range(2):
            for service in dice.sample(["catalogue", "store", "payment"], 3):
                await asyncio.sleep(dice.uniform(0.3, 1.0))
                processes.kill(service)
                processes.start(service)
                await processes.ready(service)
        await purchases
        await _everything_is_decided(buyers)
        await world.audit()


@pytest.mark.rabbitmq
async def test_the_brokers_connections_are_cut_while_people_buy(
    urls: dict[str, ServiceUrls],
    tmp_path: Path,
    amqp_url: str,
) -> None:
    address = urlsplit(amqp_url)
    async with CuttableProxy(address.hostname or "localhost", address.port or 5672) as proxy:
        through = address._replace(netloc=f"{address.username}:{address.password}@127.0.0.1:{proxy.port}").geturl()
        async with rabbit_world(urls, tmp_path, through, instances=2) as world:
            listing, buyers = await _a_market(world)
            purchases = asyncio.create_task(_buy_for_a_while(listing, buyers))
            for _ in range(4):
                await asyncio.sleep(0.7)
                proxy.cut()
            await purchases
            await _everything_is_decided(buyers)
            await world.audit()


async def test_the_embedded_shop_stops_in_the_middle_and_goes_on(
    urls: dict[str, ServiceUrls],
    tmp_path: Path,
) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        listing, buyers = await _a_market(world)
        placed = await asyncio.gather(*(_place(buyer, listing) for buyer in buyers))
    async with embedded_world(urls, tmp_path) as (world, _):
        for buyer, purchase_id in zip(buyers, placed, strict=True):
            buyer.http = world.http
            assert (await buyer.outcome(purchase_id))["status"] == "paid"
        await world.audit()


async def test_every_message_again_changes_nothing(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    """As after a crash of every service between commit and acknowledgement, and in the wrong order."""
    async with embedded_world(urls, tmp_path) as (world, shop):
        listing, buyers = await _a_market(world)
        for buyer in buyers:
            purchase = await buyer.outcome(await _place(buyer, listing))
            order = purchase["orders"][0]["id"]
            await buyer.invoices_when(order, 1)
            if buyer is not buyers[0]:
                await buyer.ask("POST", f"/orders/{order}/cancellation", json={"reason": "changed my mind"})
                await buyer.order_when(order, "refunded")
        await world.audit()
        before = await asyncio.gather(*(buyer.wallet() for buyer in buyers))
        bodies = []
        for database in shop.databases.values():
            async with database.reading() as session:
                bodies += [row[0] for row in await session.execute(_ALL_EVENTS)]
        random.Random(3).shuffle(bodies)
        for forget_inbox in (False, True):
            for service, database in shop.databases.items():
                if forget_inbox:  # even the inbox's memory may be gone: each step is idempotent by itself
                    async with database.transaction() as session:
                        await session.execute(_FORGET)
                for consumer in shop.kernel(service).consumers:
                    wanted = [
                        body for body in bodies if any(f'"type":"{kind}"' in body for kind in consumer.event_types)
                    ]
                    outcomes = await Runner(consumer, database).handle([Message(body, 1) for body in wanted])
                    assert "dead" not in outcomes
        await asyncio.sleep(1)
        assert await asyncio.gather(*(buyer.wallet() for buyer in buyers)) == before
        await world.audit()


async def _a_market(world: World) -> tuple[str, list[Person]]:
    seller = await world.person("Anna")
    listing = await seller.sell("Postcards by the dozen", 100, quantity=1000)
    return listing, [await world.person(f"Buyer {n}", 50_000) for n in range(BUYERS)]


async def _place(buyer: Person, listing: str) -> str:
    await buyer.put_in_cart(listing)
    body = {"address": ADDRESS, "total": {"amount": 100, "currency": "EUR"}}
    purchase = await buyer.ask("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    return str(purchase["id"])


async def _buy_for_a_while(listing: str, buyers: list[Person]) -> None:
    """Everybody buys one after the other; whoever gets no answer asks again with the same key, as a browser would."""
    await asyncio.gather(*(_buy_often(buyer, listing, PURCHASES // BUYERS) for buyer in buyers))


async def _buy_often(buyer: Person, listing: str, times: int) -> None:
    for _ in range(times):
        await _insist(buyer, "PUT", f"/cart/lines/{listing}", {"quantity": 1}, "")
        body = {"address": ADDRESS, "total": {"amount": 100, "currency": "EUR"}}
        purchase = await _insist(buyer, "POST", "/purchases", body, str(uuid4()))
        until = asyncio.get_running_loop().time() + 60
        while purchase["status"] in ("placed", "awaiting_payment"):
            assert asyncio.get_running_loop().time() < until, f"still {purchase['status']}"
            await asyncio.sleep(0.1)
            purchase = await _insist(buyer, "GET", f"/purchases/{purchase['id']}", None, "")
        assert purchase["status"] == "paid", purchase


async def _insist(buyer: Person, method: str, path: str, body: object, key: str) -> dict[str, str]:
    headers = {"idempotency-key": key} if key else {}
    for _ in range(300):
        try:
            response = await buyer.send(method, path, json=body, headers=headers)
        except httpx.TransportError:
            response = None
        if response is not None and response.status_code < 400:
            return dict(response.json())
        assert response is None or response.status_code in (500, 502, 503, 504), response.text
        await asyncio.sleep(0.1)
    raise AssertionError(f"{method} {path} never succeeded")


async def _everything_is_decided(buyers: list[Person]) -> None:
    for buyer in buyers:
        page = await buyer.ask("GET", "/purchases")
        assert all(purchase["status"] == "paid" for purchase in page["items"])
        assert await buyer.wallet() == (50_000 - 100 * len(page["items"]), 100 * len(page["items"]))
        assert len(page["items"]) == PURCHASES // BUYERS
