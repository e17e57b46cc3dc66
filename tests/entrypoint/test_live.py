"""What users are told: notifications, and signs to their open pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text

from entrypoint.live.live import WAITING_MAX, Sign, Stream
from entrypoint.notifications import notifications
from entrypoint.notifications.tables import NotificationRow
from souk.contracts import Event
from souk.contracts.payment.events import InvoiceIssued
from souk.contracts.store.events import (
    Address,
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderLine,
    OrderPaid,
    OrderShipped,
    PaymentRequested,
    PurchaseCancelled,
    ReviewAnswered,
    ReviewModerated,
    ReviewWritten,
)
from souk.errors import Unavailable
from souk.events.consumer import Message, Runner
from souk.events.envelope import seal
from souk.ids import new_id
from souk.money import Money
from tests.entrypoint.conftest import MakeWorld, World

EUR = Money(4200, "EUR")
ORDER, PURCHASE = new_id(), new_id()


@pytest.fixture
async def people(world: World) -> dict[str, UUID]:
    """A buyer and a seller."""
    buyer = await world.register("buyer@example.org", "Bea Buyer")
    seller = await world.register("seller@example.org", "Sam Seller")
    return {"buyer_id": buyer.id, "seller_id": seller.id}


def _events(world: World, people: dict[str, UUID]) -> dict[str, Event]:
    both: dict[str, Any] = {"order_id": ORDER, "number": "S-1", **people}
    now = world.clock.now()
    line = OrderLine(
        id=new_id(), listing_id=new_id(), title="A {red} bike", condition="good", picture=None, quantity=1,
        unit_price=EUR, total=EUR,
    )  # fmt: skip
    address = Address(name="Bea", line1="1 Road", postcode="1", city="York", country="GB")
    buyer_id = people["buyer_id"]
    review: dict[str, Any] = {"review_id": new_id(), "order_id": ORDER, "title": "A {red} bike", **people}
    cancelled = {**both, "purchase_id": PURCHASE, "amount": EUR, "lines": [line], "reason": "", "invoiced": True}
    return {
        "requested": PaymentRequested(purchase_id=PURCHASE, buyer_id=buyer_id, orders=[], expires_at=now),
        "declined": PurchaseCancelled(purchase_id=PURCHASE, buyer_id=buyer_id, reason="declined"),
        "rejected": PurchaseCancelled(purchase_id=PURCHASE, buyer_id=buyer_id, reason="rejected"),
        "own": PurchaseCancelled(purchase_id=PURCHASE, buyer_id=buyer_id, reason="cancelled"),
        "paid": OrderPaid(
            **both, purchase_id=PURCHASE, amount=EUR, lines=[line], address=address,
            placed_at=now, paid_at=now, ship_by=now,
        ),
        "shipped": OrderShipped(**both, carrier="", tracking_code=""),
        "delivered": OrderDelivered(**both, amount=EUR),
        "by buyer": OrderCancelled(**cancelled, by="buyer"),
        "by seller": OrderCancelled(**cancelled, by="seller"),
        "by deadline": OrderCancelled(**cancelled, by="deadline"),
        "completed": OrderCompleted(**both, to_seller=EUR, fee=EUR),
        "invoice": InvoiceIssued(invoice_id=new_id(), order_id=ORDER, kind="invoice", number="F-1", **people),
        "credit": InvoiceIssued(invoice_id=new_id(), order_id=ORDER, kind="credit_note", number="C-1", **people),
        "review": ReviewWritten(**review, stars=4, changed=False),
        "review changed": ReviewWritten(**review, stars=1, changed=True),
        "answer": ReviewAnswered(**review, changed=False),
        "answer changed": ReviewAnswered(**review, changed=True),
        "review removed": ReviewModerated(
            **review, about="review", outcome="removed", reason="offensive", text="x"
        ),
        "review restored": ReviewModerated(**review, about="review", outcome="restored", reason=None, text=""),
        "answer removed": ReviewModerated(**review, about="answer", outcome="removed", reason="other", text=""),
        "answer restored": ReviewModerated(**review, about="answer", outcome="restored", reason=None, text=""),
    }  # fmt: skip


async def _deliver(world: World, *events: Event, times: int = 1) -> None:
    runner = Runner(world.parts.kernel.consumers[0], world.database)
    now = world.clock.now()
    bodies = [seal("store", e, event_id=new_id(), time=now, sequence=0, traceparent="") for e in events]
    for _ in range(times):
        assert set(await runner.handle([Message(body, 1) for body in bodies])) <= {"done"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("requested", []),
        ("declined", [("buyer", "purchase_declined")]),
        ("rejected", [("buyer", "purchase_rejected")]),
        ("own", []),
        ("paid", [("buyer", "paid"), ("seller", "sold")]),
        ("shipped", [("buyer", "shipped")]),
        ("delivered", [("seller", "delivered")]),
        ("by buyer", [("seller", "cancelled")]),
        ("by seller", [("buyer", "cancelled")]),
        ("by deadline", [("buyer", "cancelled"), ("seller", "cancelled")]),
        ("completed", [("seller", "completed")]),
        ("invoice", []),
        ("credit", []),
        ("review", [("seller", "review_written")]),
        ("review changed", [("seller", "review_changed")]),
        ("answer", [("buyer", "review_answered")]),
        ("answer changed", []),
        ("review removed", [("buyer", "review_removed")]),
        ("review restored", [("buyer", "review_restored")]),
        ("answer removed", [("seller", "answer_removed")]),
        ("answer restored", [("seller", "answer_restored")]),
    ],
)
async def test_the_right_people_are_told_once(
    world: World, people: dict[str, UUID], name: str, told: list[tuple[str, str]]
) -> None:
    await _deliver(world, _events(world, people)[name], times=3)
    async with world.database.reading() as reader:
        rows = (await reader.execute(select(NotificationRow.user_id, NotificationRow.kind))).all()
    names = {people["buyer_id"]: "buyer", people["seller_id"]: "seller"}
    assert sorted((names[user_id], kind) for user_id, kind in rows) == told


async def test_notifications_are_read_in_words_page_by_page(world: World, people: dict[str, UUID]) -> None:
    await _deliver(world, *_events(world, people).values())
    user, reader = people["seller_id"], world.parts.languages.reader("", "")
    async with world.database.reading() as session:
        first = await notifications.list_of(session, user, reader, limit=3)
        rest = await notifications.list_of(session, user, reader, before=first.next_cursor)
    assert (len(first.items), len(rest.items), rest.next_cursor, first.unread) == (3, 6, None, 9)
    texts = [item.text for item in (*first.items, *rest.items)]
    assert any("You sold “A {red} bike” for €42.00." in words for words in texts)
    assert "€84.00 for order S-1, less the fee of €42.00: €42.00 is in your wallet." in texts
    assert "“A {red} bike” was reviewed: 4 of 5 stars. You can answer it." in texts
    assert "The review of “A {red} bike” was changed: 1 of 5 stars now." in texts
    async with world.browser() as browser:
        bearer = await world.token("seller@example.org")
        page = (await browser.http.get("/api/v1/notifications?limit=2", headers=bearer)).json()
        assert len(page["items"]) == 2 and page["unread"] == 9
        up_to = {"up_to": page["items"][1]["id"]}
        assert (await browser.http.post("/api/v1/notifications/read", json=up_to, headers=bearer)).status_code == 204
        page = (await browser.http.get("/api/v1/notifications", headers=bearer)).json()
        assert page["unread"] == 1 and page["items"][0]["read_at"] is None
        await browser.http.post("/api/v1/notifications/read", json={}, headers=bearer)
        other = (await browser.http.get("/api/v1/notifications", headers=await world.token("buyer@example.org"))).json()
        assert other["unread"] == len(other["items"]) == 9, "what is read by one is not read for another"
        assert (await browser.http.get("/api/v1/notifications?limit=0", headers=bearer)).status_code == 400


@asynccontextmanager
async def _listening(world: World) -> AsyncIterator[None]:
    listener = asyncio.create_task(world.parts.kernel.listener.run())
    await asyncio.wait_for(world.parts.kernel.listener.listening.wait(), 5)
    yield
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)


async def _next(parts: AsyncIterator[str]) -> dict[str, str]:
    async with asyncio.timeout(5):
        async for part in parts:
            if part.startswith("data: "):
                found: dict[str, str] = msgspec.json.decode(part.removeprefix("data: "))
                return found
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("name", ["review", "review changed", "answer", "answer changed", "review removed"])
async def test_open_pages_of_an_order_learn_of_its_review(world: World, people: dict[str, UUID], name: str) -> None:
    event, topics = _events(world, people)[name], {"order": str(ORDER)}
    async with (
        _listening(world),
        world.parts.live.stream(people["buyer_id"], topics) as buyer,
        world.parts.live.stream(people["seller_id"], topics) as seller,
    ):
        await _deliver(world, event)
        expected = {"kind": event.event_type.split(".", 2)[2].removesuffix(".v1"), "order": str(ORDER)}
        assert await _next(buyer.text()) == await _next(seller.text()) == expected


async def test_a_sign_reaches_whom_it_concerns_and_nobody_else(world: World, people: dict[str, UUID]) -> None:
    live, events = world.parts.live, _events(world, people)
    topics = {"purchase": str(PURCHASE)}
    async with (
        _listening(world),
        live.stream(people["buyer_id"], {}) as buyer,
        live.stream(people["buyer_id"], topics) as of_purchase,
        live.stream(people["seller_id"], topics) as seller,
        live.stream(new_id(), topics) as stranger,
    ):
        await _deliver(world, events["shipped"])
        await _deliver(world, events["requested"])
        await _deliver(world, events["paid"])
        parts = buyer.text()
        assert (await _next(parts)) == {"kind": "order.shipped", "order": str(ORDER)}
        assert (await _next(parts))["kind"] == "payment.requested"
        parts = of_purchase.text()
        assert (await _next(parts)) == {"kind": "payment.requested", "purchase": str(PURCHASE)}
        assert (await _next(parts))["kind"] == "order.paid"
        assert (await _next(seller.text()))["kind"] == "order.paid"
        assert stranger._waiting.empty()
        async with live.stream(people["buyer_id"], topics, since=1.0) as late:
            assert (await _next(late.text()))["kind"] == "payment.requested", "what was missed comes too"
    assert live.count == 0


async def test_a_rolled_back_event_gives_no_sign(world: World, people: dict[str, UUID]) -> None:
    async with _listening(world), world.parts.live.stream(people["buyer_id"], {}) as stream:
        with pytest.raises(RuntimeError):
            async with world.database.transaction() as session:
                await world.parts.kernel.consumers[0]._single[OrderShipped](session, _events(world, people)["shipped"])
                raise RuntimeError
        await _deliver(world, _events(world, people)["delivered"])
        assert (await _next(stream.text()))["kind"] == "order.delivered"


async def test_the_listener_comes_back(world: World, people: dict[str, UUID]) -> None:
    live, listener = world.parts.live, world.parts.kernel.listener
    async with _listening(world), live.stream(people["buyer_id"], {}) as stream:
        async with world.database.transaction() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%' AND datname = current_database()"
                )
            )
        for _ in range(60):
            await asyncio.sleep(0.1)
            if not listener.listening.is_set():
                break
        await asyncio.wait_for(listener.listening.wait(), 5)
        await _deliver(world, _events(world, people)["shipped"])
        assert (await _next(stream.text()))["kind"] == "order.shipped"


async def test_streams_are_limited_and_end_at_once(world: World) -> None:
    live, user = world.parts.live, new_id()
    async with live.stream(user, {}) as stream:
        parts = stream.text()
        assert (await anext(parts)).startswith("retry:")
        live.close()
        async with asyncio.timeout(1):
            assert [part async for part in parts] == []
        with pytest.raises(Unavailable):
            live.admit(user)


def test_a_slow_reader_is_let_go() -> None:

    user = new_id()
    stream = Stream(user, {})
    for _ in range(WAITING_MAX + 10):
        stream.offer(Sign(users=[user], kind="x", topics={}))
    assert stream._waiting.qsize() == WAITING_MAX + 1


async def test_the_route_needs_a_login_and_counts_streams(make_world: MakeWorld) -> None:
    async with make_world(live_streams_per_user_max=1) as world, world.browser() as browser:
        assert (await browser.http.get("/live")).status_code == 401
        await world.register()
        await browser.sign_in()
        live = world.parts.live
        asked = asyncio.create_task(browser.http.get(f"/live?purchase={PURCHASE}"))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if live.count:
                break
        assert live.count == 1
        assert (await browser.http.get("/live")).status_code == 429
        assert (await browser.http.get("/live?purchase=nonsense")).status_code == 400
        live.close()
        answer = await asyncio.wait_for(asked, 5)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store" and answer.text.startswith("retry:")
        assert live.count == 0


async def test_the_whole_service_starts_delivers_and_stops_quickly(make_world: MakeWorld) -> None:
    async with make_world(background=True) as world:
        user = await world.register()
        await asyncio.wait_for(world.parts.kernel.listener.listening.wait(), 5)
        async with world.parts.live.stream(user.id, {}) as stream:
            event = PurchaseCancelled(purchase_id=PURCHASE, buyer_id=user.id, reason="expired")
            async with world.database.transaction() as session:
                world.parts.kernel.outbox.emit(session, event)
            assert (await _next(stream.text()))["kind"] == "purchase.cancelled"
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 2
