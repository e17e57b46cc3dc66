"""A purchase that got stuck: an admin sees where, and one more try brings it to its end, once."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from entrypoint.accounts import accounts
from souk.database import Database
from souk.database.embedded import ServiceUrls
from souk.events import Consumer, News
from souk.ids import new_id
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world, rabbit_world
from tests.journeys.people import Person, logged_in

CAPTURES = "payment.captures"
REQUESTED = "souk.store.payment.requested.v1"
LATER = "UPDATE outbox SET claimed_until = now() + interval '1 hour' WHERE type = $1 AND status = 'pending'"
RESTS = "SELECT 1 FROM outbox WHERE type = $1 AND status = 'pending' AND claimed_until > now() + interval '30 minutes'"


class Trouble:
    """Consumers that fail for a while."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken = {CAPTURES}
        self.failed = 0
        real = Consumer.dispatch

        async def dispatch(consumer: Consumer, session: Any, received: Sequence[Any]) -> list[News]:
            if consumer.name in self.broken:
                self.failed += 1
                raise RuntimeError("out of order")
            return await real(consumer, session, received)

        monkeypatch.setattr(Consumer, "dispatch", dispatch)

    async def seen(self, times: int) -> None:
        await until(lambda: _now(self.failed >= times))


async def _now(value: bool) -> bool:
    return value


async def until(comes: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    """Wait for what is needed; fails the test if it does not come."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not await comes():
        assert loop.time() < end, "it does not come"
        await asyncio.sleep(0.05)


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Trouble:
    return Trouble(monkeypatch)


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made
        await made.audit()


async def sql(world: World, service: str, statement: str, *values: Any) -> list[Any]:
    connection = await asyncpg.connect(world.urls[service].app)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def put_off(world: World) -> None:
    """The request for the money rests for an hour, and nobody wakes it: the relay has said when it wanted to try again."""

    async def rests() -> object:
        await sql(world, "store", LATER, REQUESTED)
        await asyncio.sleep(0.2)
        return await sql(world, "store", RESTS, REQUESTED)

    await until(rests)


async def bought(world: World) -> tuple[Person, str]:
    """A buyer, and the purchase that they have just placed."""
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Walnut stool", 3_000))
    return buyer, str((await buyer.check_out(wait=False))["id"])


async def admin(world: World) -> Browser:
    """The browser of somebody who operates the shop."""
    boss = await world.person("Boss")
    database = Database(world.urls["entrypoint"].app, service="entrypoint", pool_max=1)
    async with database.transaction() as session:
        found = await accounts.find_by_email(session, boss.email)
        assert found
        await accounts.grant_role(session, found.id, "admin", by="test", now=found.created_at)
    await database.close()
    browser = await logged_in(boss, "/admin")
    assert browser.path == "/admin"
    return browser


async def try_again(browser: Browser, purchase_id: str, reason: str = "mended") -> None:
    await browser.forge(f"/admin/purchases/{purchase_id}/attempts", {"reason": reason})


async def once(world: World, purchase_id: str) -> None:
    """It was captured exactly once."""
    rows = await sql(world, "payment", "SELECT outcome FROM capture WHERE purchase_id = $1", UUID(purchase_id))
    assert [row["outcome"] for row in rows] == ["captured"]


async def test_a_paid_purchase_tells_its_whole_story(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Walnut stool", 3_000))
    purchase = await buyer.check_out()
    await buyer.invoices_when(purchase["orders"][0]["id"], 1)
    browser = await admin(world)
    await browser.open(f"/admin/find?id={purchase['id']}")
    assert browser.path == f"/admin/purchases/{purchase['id']}"
    await browser.until("Nothing waits")
    for told in ("purchase.placed", "stock.reserved", "payment.requested", "payment.captured", "order.paid"):
        assert told in browser.page
    for consumer in ("catalogue.reservations", "store.saga", CAPTURES, "payment.invoices", "entrypoint.live"):
        assert consumer in browser.page
    for words in (
        "Everything is held.",
        "The money came in.",
        "€30.00",
        "Walnut stool",
        purchase["orders"][0]["number"],
    ):
        assert words in browser.page
    assert re.search("Paid.*Cancelled", browser.page.text), "the next deadline and what it brings"
    assert "Try again now" not in browser.page
    await browser.open(f"/orders/{purchase['orders'][0]['id']}")
    assert f"/admin/purchases/{purchase['id']}" in browser.page.leads_to


async def test_what_rests_before_its_next_try_is_tried_at_once(world: World, trouble: Trouble) -> None:
    buyer, purchase_id = await bought(world)
    await trouble.seen(2)
    await put_off(world)
    browser = await admin(world)
    await browser.open(f"/admin/purchases/{purchase_id}")
    assert "Awaiting payment" in browser.page
    assert "next try" in browser.page
    assert "Nothing was decided on the payment yet." in browser.page
    trouble.broken.clear()
    await try_again(browser, purchase_id, "")
    assert (browser.status, "reason" in browser.page.errors) == (422, True)
    await try_again(browser, purchase_id)
    assert "It is tried again now." in browser.page
    assert (await buyer.outcome(purchase_id))["status"] == "paid"
    await once(world, purchase_id)


async def test_what_was_given_up_is_sent_again(world: World, trouble: Trouble) -> None:
    buyer, purchase_id = await bought(world)
    await trouble.seen(1)
    last = (
        "UPDATE outbox SET attempts = 6, claimed_until = '-infinity' WHERE type = $1 AND status = 'pending' RETURNING 1"
    )
    letters = "SELECT 1 FROM dead_letter WHERE status = 'waiting'"
    while not await sql(world, "payment", letters):
        await sql(world, "store", last, REQUESTED)
        await asyncio.sleep(0.1)
    browser = await admin(world)
    await browser.open(f"/admin/purchases/{purchase_id}")
    assert "given up after" in browser.page
    [letter] = {href for href in browser.page.leads_to if href.startswith("/admin/dead-letters/payment/")}
    await browser.open(letter)
    assert f"/admin/purchases/{purchase_id}" in browser.page.leads_to
    trouble.broken.clear()
    await try_again(browser, purchase_id)
    assert (await buyer.outcome(purchase_id))["status"] == "paid"
    await once(world, purchase_id)


async def test_however_often_it_is_tried_it_happens_once(world: World, trouble: Trouble) -> None:
    buyer, purchase_id = await bought(world)
    await trouble.seen(2)
    await put_off(world)
    browser = await admin(world)
    await browser.open(f"/admin/purchases/{purchase_id}")
    trouble.broken.clear()
    await asyncio.gather(*(try_again(browser, purchase_id) for _ in range(4)))
    assert (await buyer.outcome(purchase_id))["status"] == "paid"
    await try_again(browser, purchase_id)
    await once(world, purchase_id)


@pytest.mark.rabbitmq
async def test_what_rests_in_the_broker_is_handled_at_once_and_no_second_time(
    urls: dict[str, ServiceUrls], tmp_path: Path, amqp_url: str, trouble: Trouble
) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(rabbit_world(urls, tmp_path, amqp_url, instances=1))
        buyer, purchase_id = await bought(world)
        await trouble.seen(3)  # now it rests for ten seconds
        browser = await admin(world)
        await browser.open(f"/admin/purchases/{purchase_id}")
        assert re.search(f"{re.escape(CAPTURES)}.*Waits", browser.page.text)
        trouble.broken.clear()
        await try_again(browser, purchase_id)
        assert (await buyer.outcome(purchase_id))["status"] == "paid"
        again = "SELECT 1 FROM outbox WHERE type = $1 AND body NOT LIKE '%' || id || '%' AND status = 'published'"
        await until(lambda: sql(world, "store", again, REQUESTED))
        await once(world, purchase_id)
        await world.audit()


async def test_nobody_else_finds_the_page_or_may_ask_the_services(world: World, trouble: Trouble) -> None:
    trouble.broken.clear()
    buyer, purchase_id = await bought(world)
    await buyer.outcome(purchase_id)
    browser = await logged_in(buyer, "/cart")
    await browser.open(f"/admin/purchases/{purchase_id}")
    assert browser.status == 404
    await try_again(browser, purchase_id)
    assert browser.status == 404
    for path in (f"/internal/captures/{purchase_id}", f"/internal/reservations/{purchase_id}", "/internal/events"):
        assert (await buyer.send("GET", path)).status_code == 404


async def test_an_unknown_purchase_is_not_found(world: World) -> None:
    browser = await admin(world)
    await browser.open(f"/admin/purchases/{new_id()}")
    assert browser.status == 404
