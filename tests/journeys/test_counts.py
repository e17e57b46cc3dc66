"""What a purchase costs the database: statements and transactions, counted, so that a growing number is seen.

Times depend on the machine and are the benchmarks' (`misc/bench`); these numbers do not. Sweepers are kept from running,
for they come whenever they come.
"""

import asyncio
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from souk.database import Database
from souk.database.embedded import ServiceUrls
from souk.events import outbox
from tests.journeys.conftest import embedded_world
from tests.journeys.people import ADDRESS, Person
from tests.statements import statements_of

PURCHASES = 8
STATEMENTS_MAX = 58
"""Of a purchase of one line, from the cart to the last notice; without BEGIN and COMMIT."""

TRANSACTIONS_MAX = 12
"""That may have changed something."""


async def _buy(buyer: Person, listing: str) -> None:
    await buyer.put_in_cart(listing)
    cart = await buyer.ask("GET", "/cart")
    body = {"address": ADDRESS, "total": cart["total"]}
    placed = await buyer.ask("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
    assert (await buyer.outcome(placed["id"]))["status"] == "paid"


async def _told(databases: list[Database]) -> None:
    """Wait until every event was handled and marked."""
    while True:
        waiting = 0
        for database in databases:
            async with database.reading() as reader:
                waiting += (await outbox.lag(reader))[0]
        if not waiting:
            return
        await asyncio.sleep(0.02)


@pytest.mark.usefixtures("at_rest")
async def test_what_a_purchase_costs(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, shop):
        seller, buyer = await world.person("Anna"), await world.person("Cleo", 50_000)
        listing = await seller.sell("Postcards by the dozen", 100, quantity=100)
        databases = [*shop.databases.values()]
        for _ in range(2):
            await _buy(buyer, listing)
        await _told(databases)
        transactions = 0
        begin = Database.transaction

        def counted(self: Database, **how: Any) -> Any:
            nonlocal transactions
            transactions += 1
            return begin(self, **how)

        with statements_of(*databases) as said, patch.object(Database, "transaction", counted):
            for _ in range(PURCHASES):
                await _buy(buyer, listing)
                await _told(databases)
        said = [statement for statement in said if "min(outbox.created_at)" not in statement]  # this test's own look
        statements = len(said) / PURCHASES
        assert statements <= STATEMENTS_MAX, "\n".join(said[: len(said) // PURCHASES])
        assert transactions / PURCHASES <= TRANSACTIONS_MAX
        await world.audit()
