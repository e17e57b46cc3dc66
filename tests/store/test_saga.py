"""What follows from stock and payment events, in whatever order and however often they come."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from souk.contracts import Event
from souk.contracts.catalogue.events import RejectedLine, StockRejected, StockReserved
from souk.contracts.payment.events import PaymentCaptured, PaymentDeclined
from souk.contracts.store.events import OrderCancelled, OrderPaid, PaymentRequested, PurchaseCancelled
from souk.database import Session
from souk.events import News, Outbox, Runner
from souk.ids import new_id
from tests.store.harness import Store, captured, euros, message

Happening = Literal["reserved", "rejected", "captured", "declined", "cancel", "expire"]


async def test_the_way_to_paid(store: Store) -> None:
    buyer, grace = store.user(), store.user()
    bicycle, lamp = store.catalogue.offer(1000, seller=grace.id), store.catalogue.offer(500)
    purchase = await buyer.place(bicycle, lamp)
    purchase_id = UUID(purchase["id"])
    assert await store.deliver(StockReserved(purchase_id=purchase_id)) == ["done"]
    assert (await buyer.purchase(purchase["id"]))["status"] == "awaiting_payment"
    [request] = await store.told(PaymentRequested)
    assert (request.purchase_id, request.buyer_id) == (purchase_id, buyer.id)
    assert sorted(order.amount.amount for order in request.orders) == [500, 1000]
    assert {str(order.order_id) for order in request.orders} == {order["id"] for order in purchase["orders"]}
    event = captured(purchase_id, 1500)
    assert await store.deliver(event) == ["done"]
    paid = await buyer.purchase(purchase["id"])
    assert paid["status"] == "paid"
    assert paid["finished_at"] is not None
    told = {str(event.order_id): event for event in await store.told(OrderPaid)}
    assert told.keys() == {order["id"] for order in paid["orders"]}
    mine = next(event for event in told.values() if event.seller_id == grace.id)
    assert (mine.amount, mine.lines[0].title, mine.address.city) == (euros(1000), "Bicycle", "Berlin")
    assert mine.ship_by - mine.paid_at == timedelta(days=7)
    assert (await grace.order(str(mine.order_id)))["status"] == "paid"
    [(at,)] = await store.query(f"SELECT captured_at FROM orders WHERE id = '{mine.order_id}'")
    assert at == event.captured_at


async def test_an_order_tells_how_its_buyer_read(store: Store) -> None:
    for language, told in (("nl, de-CH;q=0.8", "de-CH"), ("ja", ""), ("", "")):
        buyer = store.user()
        await buyer.put(store.catalogue.offer())
        purchase = (await buyer.check_out(language=language)).json()
        await store.deliver(StockReserved(purchase_id=UUID(purchase["id"])), captured(UUID(purchase["id"])))
        assert (await store.told(OrderPaid))[-1].language == told


async def test_a_batch_of_many_purchases_is_moved_together(store: Store) -> None:
    buyers = [store.user() for _ in range(4)]
    placed = [await buyer.place(store.catalogue.offer()) for buyer in buyers]
    ids = [UUID(purchase["id"]) for purchase in placed]
    assert await store.deliver(*(StockReserved(purchase_id=i) for i in ids)) == ["done"] * 4
    assert await store.deliver(*(captured(i) for i in (*ids, ids[0]))) == ["done"] * 5
    assert len(await store.told(PaymentRequested)) == len(await store.told(OrderPaid)) == 4
    for buyer in buyers:
        assert (await buyer.cart())["lines"] == []


async def test_rejected_stock_ends_the_purchase_and_marks_the_lines(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    placed = await buyer.place(bicycle, quantity=2)
    lines = [RejectedLine(listing_id=bicycle, reason="price_changed", available=2, price=euros(1100))]
    for _ in range(2):
        assert await store.deliver(StockRejected(purchase_id=UUID(placed["id"]), lines=lines)) == ["done"]
    purchase = await buyer.purchase(placed["id"])
    assert purchase["status"] == "rejected"
    assert purchase["problems"] == [
        {
            "reason": "price_changed",
            "listing_id": str(bicycle),
            "title": "Bicycle",
            "available": 2,
            "price": {"amount": 1100, "currency": "EUR"},
            "missing": None,
        }
    ]
    assert [event.reason for event in await store.told(PurchaseCancelled)] == ["rejected"]
    assert len((await buyer.cart())["lines"]) == 1
    assert purchase["orders"][0]["status"] == "cancelled"


async def test_a_declined_payment_releases_the_stock(store: Store) -> None:
    buyer = store.user()
    placed = await buyer.place(store.catalogue.offer())
    await store.reserve(placed["id"])
    declined = PaymentDeclined(purchase_id=UUID(placed["id"]), reason="insufficient_funds", missing=euros(250))
    for _ in range(2):
        assert await store.deliver(declined) == ["done"]
    purchase = await buyer.purchase(placed["id"])
    assert purchase["status"] == "declined"
    assert purchase["problems"][0]["missing"] == {"amount": 250, "currency": "EUR"}
    assert [event.reason for event in await store.told(PurchaseCancelled)] == ["declined"]
    assert len((await buyer.cart())["lines"]) == 1


@pytest.mark.parametrize("end", ["cancel", "expire"])
async def test_money_that_comes_too_late_goes_back(store: Store, end: Happening) -> None:
    buyer, seller = store.user(), store.user()
    bicycle, lamp = store.catalogue.offer(1000, seller=seller.id), store.catalogue.offer(500)
    placed = await buyer.place(bicycle, lamp)
    await store.reserve(placed["id"])
    await happen(store, buyer, placed, end)
    for _ in range(2):
        await store.capture(placed["id"], 1500)
    assert (await buyer.purchase(placed["id"]))["status"] == "cancelled"
    told = await store.told(OrderCancelled)
    assert sorted((event.amount.amount, event.invoiced) for event in told) == [(500, False), (1000, False)]
    assert await store.told(OrderPaid) == []
    listed = (await buyer.ask("GET", "/orders?role=buyer")).json()["items"]
    assert [order["status"] for order in listed] == ["cancelled", "cancelled"]
    assert (await seller.ask("GET", "/orders?role=seller")).json()["items"] == []


async def test_an_answer_to_nothing_is_put_off(store: Store) -> None:
    buyer = store.user()
    placed = await buyer.place(store.catalogue.offer())
    early = captured(UUID(placed["id"]))
    assert await store.deliver(early) == ["retry"]
    assert await store.deliver(PaymentDeclined(purchase_id=early.purchase_id, reason="expired")) == ["retry"]
    assert await store.deliver(captured(new_id())) == ["retry"]
    assert (await buyer.purchase(placed["id"]))["status"] == "placed"
    await store.reserve(placed["id"])
    assert await store.deliver(early) == ["done"]
    assert (await buyer.purchase(placed["id"]))["status"] == "paid"


async def test_stock_that_comes_after_the_end_moves_nothing(store: Store) -> None:
    buyer = store.user()
    placed = await buyer.place(store.catalogue.offer())
    await buyer.ask("POST", f"/purchases/{placed['id']}/cancellation")
    await store.reserve(placed["id"])
    assert await store.told(PaymentRequested) == []
    assert (await buyer.purchase(placed["id"]))["status"] == "cancelled"


async def test_a_crash_between_commit_and_acknowledgement_changes_nothing(store: Store) -> None:
    buyer = store.user()
    placed = await buyer.place(store.catalogue.offer())
    await store.reserve(placed["id"])
    same = message(captured(UUID(placed["id"])))
    runner = store.runner("store.saga")
    assert await runner.handle([same]) == ["done"]
    assert await runner.handle([same]) == ["done"]
    assert await asyncio.gather(*(store.runner("store.saga").handle([same]) for _ in range(3))) == [["done"]] * 3
    assert len(await store.told(OrderPaid)) == 1


async def test_a_crash_before_the_commit_loses_nothing(store: Store) -> None:
    buyer = store.user()
    placed = await buyer.place(store.catalogue.offer())
    await store.reserve(placed["id"])

    class Dying(Outbox):
        def emit(self, session: Session, *news: News) -> None:
            super().emit(session, *news)
            raise RuntimeError("the process dies here")

    same = message(captured(UUID(placed["id"])))
    consumer, dying = store.runner("store.saga").consumer, Dying("store", store.clock)
    assert await Runner(consumer, store.database, store.clock, dying).handle([same]) == ["retry"]
    assert (await buyer.purchase(placed["id"]))["status"] == "awaiting_payment"
    assert await store.told(OrderPaid) == []
    assert await store.runner("store.saga").handle([same]) == ["done"]
    assert len(await store.told(OrderPaid)) == 1


async def test_every_order_of_what_can_happen_ends_well(store: Store) -> None:
    """All orders of the catalogue's and payment's possible answers, each twice, with the buyer and the clock between.

    Whatever the order: no event is lost, money that came is either for paid orders or on its way back, and
    reserved stock is either sold or released.
    """
    answers: list[list[Happening]] = [["reserved", "captured"], ["reserved", "declined"], ["rejected"]]
    ways = {
        order
        for answer in answers
        for end in ("cancel", "expire")
        for order in itertools.permutations([*answer, *answer[-1:], end])
    }
    for way in sorted(ways):
        buyer = store.user()
        placed = await buyer.place(store.catalogue.offer())
        await play(store, buyer, placed, way)
        purchase = await buyer.purchase(placed["id"])
        told = [type(event) for event in await store.told(naming=placed["id"])]
        got_money = "captured" in way and PaymentRequested in told
        assert purchase["status"] in {"paid", "declined", "rejected", "cancelled"}, way
        assert told.count(OrderPaid) == (purchase["status"] == "paid"), way
        assert told.count(PaymentRequested) <= 1, way
        assert told.count(PurchaseCancelled) == (purchase["status"] != "paid"), way
        if got_money:
            assert told.count(OrderPaid) + told.count(OrderCancelled) == 1, way
    assert await store.violations() == []


async def play(store: Store, buyer: Any, placed: dict[str, Any], way: Sequence[Happening]) -> None:
    """Let it happen in this order; what is put off comes again after whatever happens next."""
    put_off: list[Happening] = []
    for happening in way:
        due = [happening, *put_off]
        put_off = [again for again in due if not await happen(store, buyer, placed, again)]
    assert [again for again in put_off if not await happen(store, buyer, placed, again)] == []


async def happen(store: Store, buyer: Any, placed: dict[str, Any], what: Happening) -> bool:
    """False if it was put off."""
    purchase_id = UUID(placed["id"])
    if what == "cancel":
        await buyer.ask("POST", f"/purchases/{purchase_id}/cancellation")
        return True
    if what == "expire":
        store.clock.advance(timedelta(minutes=3))
        await store.sweep("purchases")
        return True
    events: dict[str, Event] = {
        "reserved": StockReserved(purchase_id=purchase_id),
        "rejected": StockRejected(purchase_id=purchase_id, lines=[]),
        "captured": PaymentCaptured(
            purchase_id=purchase_id, transfer_id=new_id(), amount=euros(1000), captured_at=store.clock.now()
        ),
        "declined": PaymentDeclined(purchase_id=purchase_id, reason="wallet_closed"),
    }
    return await store.deliver(events[what]) == ["done"]


async def test_a_buyer_and_the_payment_at_once_agree(store: Store) -> None:
    """Cancelling while the capture arrives: paid, or cancelled with the money on its way back; never both."""
    for _ in range(5):
        buyer = store.user()
        placed = await buyer.place(store.catalogue.offer())
        await store.reserve(placed["id"])
        await asyncio.gather(
            store.capture(placed["id"]),
            buyer.ask("POST", f"/purchases/{placed['id']}/cancellation"),
            buyer.check_out(total=1000),
        )
        status = (await buyer.purchase(placed["id"]))["status"]
        told = [type(event) for event in await store.told(naming=placed["id"])]
        assert told.count(OrderPaid) == (status == "paid")
        assert told.count(OrderCancelled) == told.count(PurchaseCancelled) == (status == "cancelled")
