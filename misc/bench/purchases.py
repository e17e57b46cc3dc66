"""How long a purchase takes from the click to paid, one at a time."""

import time
from datetime import datetime
from uuid import uuid4

from misc.bench.figures import folder, spread
from shop.databases import open_embedded
from tests.broker import HOW_TO_GET_BROKER, find_broker
from tests.journeys.conftest import World, embedded_world, process_world
from tests.journeys.people import ADDRESS

WARM_UP = 30
PURCHASES = 300


async def bench_embedded() -> dict[str, str]:
    """The embedded size, in one process."""
    with folder() as data:
        server, urls = await open_embedded(data)
        try:
            async with embedded_world(urls, data) as (world, _):
                return await _measure(world)
        finally:
            server.stop()


async def bench_rabbitmq() -> dict[str, str]:
    """Four processes over RabbitMQ."""
    with folder() as data:
        broker = find_broker(data / "rabbitmq")
        assert broker, HOW_TO_GET_BROKER
        server, urls = await open_embedded(data)
        try:
            async with process_world(urls, data, broker.amqp_url) as (world, _):
                return await _measure(world)
        finally:
            server.stop()


async def _measure(world: World) -> dict[str, str]:
    seller, buyer = await world.person("Anna"), await world.person("Cleo", 150_000)
    listing = await seller.sell("Postcards by the dozen", 100, quantity=1000)
    answered, paid_seen, inside = [], [], []
    for number in range(WARM_UP + PURCHASES):
        await buyer.put_in_cart(listing)
        body = {"address": ADDRESS, "total": {"amount": 100, "currency": "EUR"}}
        started = time.perf_counter()
        purchase = await buyer.ask("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
        first = time.perf_counter()
        purchase = await buyer.outcome(purchase["id"])
        finished = time.perf_counter()
        assert purchase["status"] == "paid"
        if number >= WARM_UP:
            answered.append(first - started)
            paid_seen.append(finished - started)
            took = datetime.fromisoformat(purchase["finished_at"]) - datetime.fromisoformat(purchase["placed_at"])
            inside.append(took.total_seconds())
    await world.audit()
    return {
        "POST /purchases answered": spread(answered),
        "placed -> paid, by the store's clock": spread(inside),
        "request sent -> client knows that it is paid": spread(paid_seen),
    }
