"""All that happened to a purchase, told by the log: complete, in order, and found by whatever one knows of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner

from shop.cli.logs import logs
from souk.database.embedded import ServiceUrls
from souk.observability import logging
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import ADDRESS, Person
from tests.journeys.test_money import complete, key, refund, when

Line = dict[str, Any]


class Told:
    """A shop that keeps its log, and what its databases know of a purchase."""

    def __init__(self, world: World, log: Path) -> None:
        self.world = world
        self._log = log

    def lines(self, *options: str) -> list[Line]:
        """What `souk logs` finds."""
        done = CliRunner().invoke(logs, [str(self._log), "--json", *options], catch_exceptions=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    async def handled(self, purchase: Any, *orders: Any) -> set[tuple[str, str]]:
        """The events about a purchase and these of its orders, each with every consumer that has handled it."""
        others = {order["id"] for order in purchase["orders"]} - {order["id"] for order in orders}
        events = {
            str(row["id"])
            for row in await self._rows("SELECT id, body FROM outbox")
            if _is_about(json.loads(row["body"])["data"], {purchase["id"], *(order["id"] for order in orders)}, others)
        }
        rows = await self._rows("SELECT consumer, event_id FROM inbox")
        handled = {(row["consumer"], str(row["event_id"])) for row in rows}
        assert events <= {event_id for _, event_id in handled}, "somebody must have handled each"
        return {(consumer, event_id) for consumer, event_id in handled if event_id in events}

    async def ended(self) -> None:
        """Wait until nobody has anything more to tell, and the log says all of it."""

        async def unwritten() -> set[tuple[str, str]]:
            rows = await self._rows("SELECT consumer, event_id FROM inbox")
            return {(row["consumer"], str(row["event_id"])) for row in rows} - _events(self.lines("--event", "event"))

        await self.world.audit()
        await when(unwritten, lambda missing: not missing)

    async def _rows(self, query: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for url in self.world.urls.values():
            connection = await asyncpg.connect(url.owner.replace("+asyncpg", ""))
            found += await connection.fetch(query)
            await connection.close()
        return found


def _is_about(data: Line, wanted: set[str], others: set[str]) -> bool:
    """Whether an event's data name one of the wanted; what is another order's own is not about them."""
    return data.get("order_id") not in others and any(f'"{known}"' in json.dumps(data) for known in wanted)


def _events(lines: list[Line]) -> set[tuple[str, str]]:
    return {(line["consumer"], line["event_id"]) for line in lines if line["event"] == "event"}


@pytest.fixture
async def told(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[Told]:
    """The shop in one process."""
    logging.keep(tmp_path / "souk.log")
    try:
        async with embedded_world(urls, tmp_path) as (world, _):
            yield Told(world, tmp_path / "souk.log")
    finally:
        logging.forget()


async def check_story(told: Told, purchase: Any, *users: Person) -> None:
    """By purchase, order id, number and user the log tells all that happened, in the order of time, and no more."""
    await told.ended()
    for order in purchase["orders"]:
        expected = await told.handled(purchase, order)
        for wanted in (("--order", order["id"]), ("--order", order["number"])):
            lines = told.lines(*wanted)
            assert _events(lines) == expected, wanted
            assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)
    everything = await told.handled(purchase, *purchase["orders"])
    assert _events(told.lines("--purchase", purchase["id"])) == everything
    for user in users:
        assert _events(told.lines("--user", user.id)) >= everything, user.name
    services = {line["service"] for line in told.lines("--purchase", purchase["id"])}
    assert services == {"entrypoint", "catalogue", "store", "payment"}
    [placed] = [line for line in told.lines("--purchase", purchase["id"]) if _is_placing(line, "store")]
    assert placed["order_id"].split(",") == [order["id"] for order in purchase["orders"]]
    assert placed["order_number"].split(",") == [order["number"] for order in purchase["orders"]]


def _is_placing(line: Line, service: str) -> bool:
    return (line["service"], line.get("method"), line.get("route")) == (service, "POST", "/purchases")


async def two_sellers(told: Told, money: int) -> tuple[Person, Person, Person, Any]:
    """A purchase of two orders, once it is decided."""
    anna, ben, cleo = [await told.world.person(name) for name in ("Anna", "Ben", "Cleo")]
    await cleo.add_money(money)
    await cleo.put_in_cart(await anna.sell("Brass reading lamp", 4_200))
    await cleo.put_in_cart(await ben.sell("Red rug", 2_000, quantity=3), 2)
    return anna, ben, cleo, await cleo.check_out()


def _of(purchase: Any, seller: Person) -> str:
    return str(next(order["id"] for order in purchase["orders"] if order["seller_id"] == seller.id))


async def test_of_a_purchase_that_was_paid_and_arrived(told: Told) -> None:
    anna, ben, cleo, purchase = await two_sellers(told, 50_000)
    for seller in (anna, ben):
        await complete(seller, cleo, _of(purchase, seller))
        await cleo.ask("PUT", f"/orders/{_of(purchase, seller)}/review", json={"stars": 5, "text": "Just as told."})
    await check_story(told, purchase, cleo)
    [order] = [order for order in purchase["orders"] if order["seller_id"] == anna.id]
    events = _types(told, "--order", order["number"])
    assert events[0] == "souk.store.purchase.placed.v1"
    assert {"souk.payment.escrow.settled.v1", "souk.store.review.written.v1"} <= set(events)
    asked = [line for line in told.lines("--order", order["number"]) if line["event"] == "request"]
    assert {line["service"] for line in asked if line["method"] == "POST"} == {"entrypoint", "store"}
    assert not [line for line in told.lines("--order", order["id"]) if _of(purchase, ben) == line.get("order_id")]


async def test_of_a_purchase_that_was_declined(told: Told) -> None:
    *_, cleo, purchase = await two_sellers(told, 1_000)
    assert purchase["status"] == "declined"
    await check_story(told, purchase, cleo)
    reasons = {line.get("reason") for line in told.lines("--order", purchase["orders"][0]["number"])}
    assert {"insufficient_funds", "declined"} <= reasons


async def test_of_a_purchase_that_could_not_be_had(told: Told) -> None:
    anna, ben = await told.world.person("Anna"), await told.world.person("Ben", 50_000)
    cleo = await told.world.person("Cleo", 50_000)
    while True:  # until both asked before either had it: else the cart of the second one says so already
        lamp = await anna.sell("Brass reading lamp", 4_200)
        total = (await asyncio.gather(*(person.put_in_cart(lamp) for person in (ben, cleo))))[0]["total"]
        asked = {"json": {"address": ADDRESS, "total": total}}
        sent = await asyncio.gather(*(who.send("POST", "/purchases", headers=key(), **asked) for who in (ben, cleo)))
        ends = [await who.outcome(to.json()["id"]) for who, to in zip((ben, cleo), sent, strict=True) if to.is_success]
        if len(ends) == 2:
            break
        assert [to.json()["lines"][0]["state"] for to in sent if not to.is_success] == ["gone"]
        for who in (ben, cleo):
            await who.send("DELETE", f"/cart/lines/{lamp}")
    [lost] = [end for end in ends if end["status"] == "rejected"]
    await told.ended()
    [order] = lost["orders"]
    assert _events(told.lines("--order", order["number"])) == await told.handled(lost, order)
    assert "gone" in {line.get("reason") for line in told.lines("--order", order["id"])}


async def test_of_an_order_that_was_called_off(told: Told) -> None:
    anna, _, cleo, purchase = await two_sellers(told, 50_000)
    order = _of(purchase, anna)
    await anna.ask("POST", f"/orders/{order}/cancellation", json={"reason": "It fell to pieces, sorry."})
    await cleo.order_when(order, "refunded")
    refused = await anna.send("POST", f"/orders/{order}/shipment", json={})
    assert refused.status_code == 409
    await check_story(told, purchase, cleo)
    number = next(known["number"] for known in purchase["orders"] if known["id"] == order)
    refusals = [line for line in told.lines("--order", number) if line.get("status") == 409]
    assert {(line["service"], line["problem"]) for line in refusals} == {("store", "not-possible-now")} | {
        (line["service"], line["problem"]) for line in refusals if line["service"] == "entrypoint"
    }
    assert "seller" in {line.get("by") for line in told.lines("--order", number)}
    assert "fell to pieces" not in json.dumps(told.lines())


async def test_of_an_order_that_was_refunded_in_part_and_after_it_arrived(told: Told) -> None:
    _, ben, cleo, purchase = await two_sellers(told, 50_000)
    order = await cleo.ask("GET", f"/orders/{_of(purchase, ben)}")
    await refund(ben, order["id"], {"line_id": order["lines"][0]["id"], "quantity": 1})
    await complete(ben, cleo, order["id"])
    await refund(ben, order["id"])
    await when(
        lambda: cleo.ask("GET", f"/orders/{order['id']}"), lambda seen: all(r["booked"] for r in seen["refunds"])
    )
    await cleo.invoices_when(order["id"], 3)
    await check_story(told, purchase, cleo)
    assert _types(told, "--order", order["number"]).count("souk.payment.refund.booked.v1") >= 2


def _types(told: Told, *options: str) -> list[str]:
    return [line["type"] for line in told.lines(*options) if line["event"] == "event"]


@pytest.mark.parametrize("find", [str.upper, str.lower])
async def test_however_its_number_is_typed(told: Told, find: Callable[[str], str]) -> None:
    anna, cleo = await told.world.person("Anna"), await told.world.person("Cleo", 50_000)
    await cleo.put_in_cart(await anna.sell("Brass reading lamp", 4_200))
    [order] = (await cleo.check_out())["orders"]
    assert told.lines("--order", find(order["number"]))
    assert told.lines("--order", order["number"][:-1]) == []
