"""Giving back parts of an order."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from souk.clock import ManualClock
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled, RefundBooked, WalletChanged, WalletStatus
from souk.contracts.store.events import OrderCancelled, OrderCompleted, OrderDelivered, RefundRequested
from souk.ids import new_id
from tests.store.harness import Store, User, euros


@pytest.fixture
def buyer(store: Store) -> User:
    return store.user()


@pytest.fixture
def seller(store: Store) -> User:
    return store.user()


@pytest.fixture
async def order(store: Store, buyer: User, seller: User) -> dict[str, Any]:
    """A paid order: three units at 10.00 and three at 2.50."""
    offers = (store.catalogue.offer(price, seller=seller.id) for price in (1000, 250))
    return await store.buy(buyer, *offers, quantity=3)


async def refund(
    user: User, order: dict[str, Any], *lines: dict[str, Any], key: Any = None, **more: Any
) -> httpx.Response:
    headers = {"idempotency-key": str(key or new_id())}
    body = more | ({"lines": list(lines)} if lines else {})
    return await user.ask("POST", f"/orders/{order['id']}/refunds", body, headers=headers)


def part(order: dict[str, Any], index: int, quantity: int = 0, amount: int | None = None) -> dict[str, Any]:
    line: dict[str, Any] = {"line_id": order["lines"][index]["id"], "quantity": quantity}
    return line if amount is None else line | {"amount": {"amount": amount, "currency": "EUR"}}


def booked(event: RefundRequested, fee: int = 0) -> RefundBooked:
    from_seller = event.amount.amount - fee if event.source == "seller" else 0
    return RefundBooked(
        refund_id=event.refund_id,
        order_id=event.order_id,
        buyer_id=event.buyer_id,
        seller_id=event.seller_id,
        number=event.number,
        amount=event.amount,
        lines=event.lines,
        source=event.source,
        fee=euros(fee),
        from_seller=euros(from_seller),
        owed=euros(0),
        reason=event.reason,
        booked_at=ManualClock().now(),
    )


async def complete(store: Store, buyer: User, seller: User, order: dict[str, Any], amount: int) -> None:
    assert (await seller.ask("POST", f"/orders/{order['id']}/shipment", {})).status_code == 200
    assert (await buyer.ask("POST", f"/orders/{order['id']}/receipt")).status_code == 200
    settled = EscrowSettled(
        order_id=UUID(order["id"]), transfer_id=new_id(), to_seller=euros(amount - 100), fee=euros(100)
    )
    assert await store.deliver(settled, consumer="store.orders") == ["done"]


async def test_units_and_amounts_go_back_line_by_line(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    answer = await refund(seller, order, part(order, 0, quantity=1), part(order, 1, amount=120), reason="scratched")
    assert answer.status_code == 200
    seen = answer.json()
    assert (seen["status"], seen["refunded"]["amount"]) == ("paid", 1120)
    assert [(line["quantity"], line["amount"]["amount"]) for line in seen["refundable"]] == [(2, 2000), (3, 630)]
    [event] = await store.told(RefundRequested)
    assert (event.amount, event.source, event.reason, event.buyer_id) == (euros(1120), "escrow", "scratched", buyer.id)
    assert [(line.quantity, line.amount.amount) for line in event.lines] == [(1, 1000), (0, 120)]
    assert not (await buyer.order(order["id"]))["refunds"][0]["booked"]
    for _ in range(2):
        assert await store.deliver(booked(event), consumer="store.orders") == ["done"]
    after = await buyer.order(order["id"])
    assert (after["refunds"][0]["booked"], after["refundable"], after["actions"]) == (True, [], ["cancel"])
    assert (after["refunds"][0]["reason"], after["refunds"][0]["by"]) == ("scratched", "seller")


async def test_the_rest_is_settled_or_called_off(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await refund(seller, order, part(order, 0, quantity=1))
    await seller.ask("POST", f"/orders/{order['id']}/cancellation", {"reason": "broke"})
    [told] = await store.told(OrderCancelled)
    assert told.amount == euros(2750) and [line.quantity for line in told.lines] == [3, 3]
    assert [(line.quantity, line.amount.amount) for line in told.back] == [(2, 2000), (3, 750)]
    back = EscrowRefunded(order_id=UUID(order["id"]), transfer_id=new_id(), amount=told.amount)
    assert await store.deliver(back, consumer="store.orders") == ["done"]
    other = await store.buy(buyer, store.catalogue.offer(2000, seller=seller.id))
    await refund(seller, other, part(other, 0, amount=500))
    await complete(store, buyer, seller, other, 1500)
    [delivered] = await store.told(OrderDelivered)
    assert delivered.amount == euros(1500)
    assert (await seller.order(other["id"]))["to_seller"]["amount"] == 1400


async def test_after_the_arrival_it_is_the_sellers_money_for_a_while(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await complete(store, buyer, seller, order, 3750)
    seen = (await refund(seller, order, part(order, 1, quantity=3))).json()
    assert (seen["status"], seen["refunded"]["amount"], seen["actions"]) == ("completed", 750, ["refund"])
    [event] = await store.told(RefundRequested)
    assert event.source == "seller"
    await store.deliver(booked(event, fee=20), consumer="store.orders")
    assert (await seller.order(order["id"]))["refunds"][0]["fee"]["amount"] == 20
    store.clock.advance(timedelta(days=89))
    assert (await refund(seller, order, part(order, 0, amount=1))).status_code == 200
    store.clock.advance(timedelta(days=2))
    late = await refund(seller, order)
    assert (late.status_code, late.json()["title"]) == (409, "That is not possible now")
    assert (await seller.order(order["id"]))["actions"] == []


async def test_all_of_a_completed_order_goes_back(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await complete(store, buyer, seller, order, 3750)
    admin = store.user(None, "admin")
    seen = (await refund(admin, order, reason="fake")).json()
    assert (seen["status"], seen["refunded"]["amount"], seen["refundable"]) == ("completed", 3750, [])
    assert seen["refunds"][0]["by"] == "admin"
    assert (await refund(seller, order)).json()["detail"] == "All of this order was refunded already."


async def test_all_of_a_shipped_order_goes_back_and_ends_it(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    whole = await refund(seller, order)
    assert whole.status_code == 409 and "cancel the order" in whole.json()["detail"]
    await seller.ask("POST", f"/orders/{order['id']}/shipment", {})
    seen = (await refund(seller, order, reason="lost")).json()
    assert (seen["status"], seen["deadline"], seen["timeline"][-1]["note"]) == ("refunded", None, "lost")
    assert (await buyer.ask("POST", f"/orders/{order['id']}/receipt")).status_code == 409
    assert await store.told(OrderDelivered) == await store.told(OrderCancelled) == []


async def test_nothing_is_refunded_to_a_closed_wallet(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    def wallet(status: WalletStatus, hour: int) -> WalletChanged:
        at = datetime(2026, 11, 1, hour, tzinfo=UTC)
        return WalletChanged(user_id=buyer.id, status=status, reason="asked for", changed_at=at)

    key = new_id()
    before = await refund(seller, order, part(order, 0, quantity=1), key=key)
    assert before.status_code == 200
    # told twice and in the wrong order: the newest change counts
    for event in (wallet("closed", 2), wallet("closed", 2), wallet("open", 1)):
        assert await store.deliver(event, consumer="store.people") == ["done"]
    refused = await refund(seller, order, part(order, 1, quantity=1))
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "buyer-wallet-closed")
    assert "Nothing was refunded" in refused.json()["detail"]
    assert (await refund(seller, order, part(order, 0, quantity=1), key=key)).status_code == 200, "it was asked before"
    assert (await buyer.order(order["id"]))["refunded"]["amount"] == 1000
    assert len(await store.told(RefundRequested)) == 1
    for status in ("open", "frozen"):
        await store.deliver(wallet("closed", 3), wallet(status, 4), consumer="store.people")  # type: ignore[arg-type]
        assert (await refund(seller, order, part(order, 1, quantity=1))).status_code == 200


async def test_the_completion_says_until_when_it_may_be_refunded(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await complete(store, buyer, seller, order, 3750)
    [told] = await store.told(OrderCompleted)
    seen = await buyer.order(order["id"])
    assert told.refundable_until is not None
    assert datetime.fromisoformat(seen["refundable_until"]) == told.refundable_until


async def test_the_same_key_refunds_once(store: Store, seller: User, order: dict[str, Any]) -> None:
    key, wish = new_id(), part(order, 0, quantity=1)
    answers = await asyncio.gather(*(refund(seller, order, wish, key=key) for _ in range(6)))
    assert {(answer.status_code, answer.json()["refunded"]["amount"]) for answer in answers} == {(200, 1000)}
    assert len(await store.told(RefundRequested)) == 1
    for other in (part(order, 0, quantity=2), part(order, 1, quantity=1), part(order, 0, quantity=1, amount=999)):
        assert (await refund(seller, order, other, key=key)).json()["type"].endswith("/key-reused")
    assert (await refund(seller, order, wish, key=key, reason="other")).status_code == 409
    assert (await refund(seller, order, key=key)).status_code == 409


async def test_many_refunds_at_once_never_exceed_a_line(store: Store, seller: User, order: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(refund(seller, order, part(order, 0, amount=400)) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [422] * 5
    refused = next(answer for answer in answers if answer.status_code == 422).json()
    assert refused["left"] == {"amount": 200, "currency": "EUR"}
    assert refused["errors"][0]["field"] == "lines[0].amount"
    assert sum(event.amount.amount for event in await store.told(RefundRequested)) == 2800


async def test_a_refund_and_a_receipt_at_once_agree_where_the_money_is(store: Store, buyer: User, seller: User) -> None:
    for _ in range(6):
        order = await store.buy(buyer, store.catalogue.offer(1000, seller=seller.id))
        await seller.ask("POST", f"/orders/{order['id']}/shipment", {})
        await asyncio.gather(
            refund(seller, order, part(order, 0, amount=300)), buyer.ask("POST", f"/orders/{order['id']}/receipt")
        )
        [asked] = [event for event in await store.told(RefundRequested) if str(event.order_id) == order["id"]]
        [settle] = [event for event in await store.told(OrderDelivered) if str(event.order_id) == order["id"]]
        assert settle.amount == (euros(700) if asked.source == "escrow" else euros(1000))


async def test_only_the_seller_and_admins_refund(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    assert (await refund(buyer, order)).status_code == 403
    for stranger in (store.user(), store.user(None, "moderator")):
        assert (await refund(stranger, order)).status_code == 404
    assert (await refund(store.user(buyer.id, "admin"), order)).status_code == 403
    assert (await refund(seller, {"id": str(new_id())})).status_code == 404
    assert await store.told(RefundRequested) == []


async def test_what_was_not_paid_is_not_refunded(store: Store, buyer: User, seller: User) -> None:
    purchase = await buyer.place(store.catalogue.offer(seller=seller.id))
    assert (await refund(seller, purchase["orders"][0])).status_code == 404
    paid = await store.buy(store.user(), store.catalogue.offer(seller=seller.id))
    await seller.ask("POST", f"/orders/{paid['id']}/cancellation", {})
    refused = await refund(seller, paid)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This order cannot be refunded. It was cancelled. Nothing was changed.",
    )


async def test_bad_input_names_the_field(seller: User, order: dict[str, Any]) -> None:
    line = order["lines"][0]["id"]
    euro = {"amount": 5, "currency": "EUR"}
    for lines, status, field in (
        ([{"line_id": str(new_id()), "quantity": 1}], 422, "lines[0].line_id"),
        ([{"line_id": line, "quantity": 1}, {"line_id": line, "quantity": 1}], 422, "lines[1].line_id"),
        ([{"line_id": line, "quantity": 4}], 422, "lines[0].quantity"),
        ([{"line_id": line, "quantity": 0}], 422, "lines[0].amount"),
        ([{"line_id": line, "amount": euro | {"amount": 3001}}], 422, "lines[0].amount"),
        ([{"line_id": line, "quantity": 1, "amount": euro | {"amount": 1001}}], 422, "lines[0].amount"),
        ([{"line_id": line, "amount": euro | {"amount": 0}}], 422, "lines[0].amount"),
        ([{"line_id": line, "amount": euro | {"amount": -5}}], 422, "lines[0].amount"),
        ([{"line_id": line, "amount": euro | {"currency": "USD"}}], 422, "lines[0].amount"),
        ([{"line_id": line, "amount": euro | {"amount": 10**40}}], 422, "lines[0].amount"),
        ([{"line_id": line, "quantity": -1}], 400, "quantity"),
        ([{"line_id": line, "quantity": 1000}], 400, "quantity"),
        ([{"line_id": "x"}], 400, "line_id"),
        ([{"line_id": line, "quantity": 1}] * 201, 400, "lines"),
    ):
        answer = await refund(seller, order, *lines)
        assert answer.status_code == status, (lines, answer.text)
        assert field in str(answer.json()["errors"])
    for reason in ("x" * 501, "a\x00b", 5):
        assert (await refund(seller, order, part(order, 0, quantity=1), reason=reason)).status_code in (400, 422)
    assert (await seller.ask("POST", f"/orders/{order['id']}/refunds", {})).status_code == 400
    assert (await seller.order(order["id"]))["refunds"] == []


async def test_a_booking_nobody_asked_for_waits(store: Store, seller: User, order: dict[str, Any]) -> None:
    await refund(seller, order, part(order, 0, quantity=1))
    [event] = await store.told(RefundRequested)
    stray = msgspec.structs.replace(booked(event), refund_id=new_id())
    assert await store.deliver(stray, consumer="store.orders") == ["retry"]


async def test_the_database_itself_refuses(store: Store, seller: User, order: dict[str, Any]) -> None:
    await refund(seller, order, part(order, 0, quantity=1))
    for change in (
        "UPDATE refund SET amount = 1",
        "DELETE FROM refund",
        "UPDATE refund_line SET amount = 1",
        "DELETE FROM refund_line",
        "UPDATE orders SET refunded = amount + 1",
        "UPDATE orders SET returned = refunded + 1",
    ):
        with pytest.raises(DBAPIError):
            async with store.database.transaction() as session:
                await session.execute(text(change))
