"""Orders, from paid to their end."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from souk.contracts.payment.events import EscrowRefunded, EscrowSettled
from souk.contracts.store.events import OrderCancelled, OrderCompleted, OrderDelivered, OrderShipped
from souk.ids import new_id
from tests.statements import statements_of
from tests.store.harness import Store, User, captured, euros

PARCEL = {"carrier": "DHL", "tracking_code": "JD01 4600"}


@pytest.fixture
def buyer(store: Store) -> User:
    return store.user()


@pytest.fixture
def seller(store: Store) -> User:
    return store.user()


@pytest.fixture
async def order(store: Store, buyer: User, seller: User) -> dict[str, Any]:
    """A paid order."""
    return await store.buy(buyer, store.catalogue.offer(1000, seller=seller.id))


async def act(user: User, order: dict[str, Any], what: str, body: Any = None) -> Any:
    return await user.ask("POST", f"/orders/{order['id']}/{what}", body)


def settled(order: dict[str, Any]) -> EscrowSettled:
    return EscrowSettled(order_id=UUID(order["id"]), transfer_id=new_id(), to_seller=euros(950), fee=euros(50))


def refunded(order: dict[str, Any]) -> EscrowRefunded:
    return EscrowRefunded(order_id=UUID(order["id"]), transfer_id=new_id(), amount=euros(1000))


async def test_the_way_of_an_order(store: Store, buyer: User, seller: User, order: dict[str, Any]) -> None:
    assert (order["status"], order["actions"], order["deadline_outcome"]) == ("paid", ["cancel"], "cancelled")
    assert (await seller.order(order["id"]))["actions"] == ["ship", "cancel", "refund"]
    shipped = (await act(seller, order, "shipment", PARCEL)).json()
    assert (shipped["status"], shipped["carrier"], shipped["tracking_code"]) == ("shipped", "DHL", "JD01 4600")
    assert (shipped["actions"], shipped["deadline_outcome"]) == (["refund"], "delivered")
    assert (await buyer.order(order["id"]))["actions"] == ["confirm", "problem"]
    delivered = (await act(buyer, order, "receipt")).json()
    assert (delivered["status"], delivered["deadline"], delivered["actions"]) == ("delivered", None, ["review"])
    assert await store.deliver(settled(order), consumer="store.orders") == ["done"]
    done = await buyer.order(order["id"])
    assert (done["status"], done["to_seller"], done["fee"]) == (
        "completed",
        {"amount": 950, "currency": "EUR"},
        {"amount": 50, "currency": "EUR"},
    )
    assert [(step["status"], step["by"]) for step in done["timeline"]] == [
        ("placed", "buyer"),
        ("paid", "system"),
        ("shipped", "seller"),
        ("delivered", "buyer"),
        ("completed", "system"),
    ]
    [told_shipped] = await store.told(OrderShipped)
    assert (told_shipped.carrier, told_shipped.seller_id) == ("DHL", seller.id)
    [told_delivered] = await store.told(OrderDelivered)
    assert told_delivered.amount == euros(1000)
    [told_completed] = await store.told(OrderCompleted)
    assert (told_completed.to_seller, told_completed.fee) == (euros(950), euros(50))


@pytest.mark.parametrize("who", ["buyer", "seller"])
async def test_either_side_calls_a_paid_order_off(
    store: Store, buyer: User, seller: User, order: dict[str, Any], who: str
) -> None:
    user = {"buyer": buyer, "seller": seller}[who]
    for _ in range(2):
        answer = await act(user, order, "cancellation", {"reason": " It broke.\nSorry! "})
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    [told] = await store.told(OrderCancelled)
    assert (told.by, told.reason, told.invoiced, told.amount) == (who, "It broke.\nSorry!", True, euros(1000))
    assert (told.lines[0].quantity, told.purchase_id) == (1, UUID(order["purchase_id"]))
    for _ in range(2):
        assert await store.deliver(refunded(order), consumer="store.orders") == ["done"]
    after = await buyer.order(order["id"])
    assert (after["status"], after["timeline"][-2]["note"]) == ("refunded", "It broke.\nSorry!")
    assert (await act(user, order, "cancellation", {})).status_code == 200
    other = seller if who == "buyer" else buyer
    assert (await act(other, order, "cancellation", {})).status_code == 409


async def test_a_repeated_action_is_answered_and_told_once(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(act(seller, order, "shipment", PARCEL) for _ in range(4)))
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "shipped")}
    answers = await asyncio.gather(*(act(buyer, order, "receipt") for _ in range(4)))
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "delivered")}
    await store.deliver(settled(order), settled(order), consumer="store.orders")
    assert (await act(buyer, order, "receipt")).json()["status"] == "completed"
    assert (await act(seller, order, "shipment", PARCEL)).status_code == 200
    for kind in (OrderShipped, OrderDelivered, OrderCompleted):
        assert len(await store.told(kind)) == 1


async def test_another_parcel_is_no_repetition(seller: User, order: dict[str, Any]) -> None:
    await act(seller, order, "shipment", PARCEL)
    refused = await act(seller, order, "shipment", PARCEL | {"tracking_code": "other"})
    assert refused.status_code == 409
    assert "already on its way" in refused.json()["detail"]


async def test_what_is_not_possible_is_said_in_words(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    early = await act(buyer, order, "receipt")
    assert early.status_code == 409
    assert early.json()["detail"] == (
        "This order cannot be confirmed as received. It has been paid, but not shipped yet. Nothing was changed."
    )
    await act(seller, order, "shipment", {})
    for user in (buyer, seller):
        assert (await act(user, order, "cancellation", {})).json()["order_status"] == "shipped"
    assert await store.told(OrderCancelled) == []


async def test_each_side_does_only_its_own(buyer: User, seller: User, order: dict[str, Any]) -> None:
    assert (await act(buyer, order, "shipment", {})).status_code == 403
    assert (await act(seller, order, "receipt")).status_code == 403


async def test_orders_are_their_two_sides_own(store: Store, order: dict[str, Any]) -> None:
    stranger, moderator = store.user(), store.user(None, "moderator")
    assert (await stranger.ask("GET", f"/orders/{order['id']}")).status_code == 404
    for what, body in (("shipment", {}), ("receipt", None), ("cancellation", {})):
        for user in (stranger, moderator):
            assert (await act(user, order, what, body)).status_code == 404
    seen = await moderator.order(order["id"])
    assert (seen["status"], seen["actions"]) == ("paid", [])
    assert (seen["address"], seen["billing"]) == (None, None), "moderators need not know where people live"
    assert (await store.user(None, "admin").order(order["id"]))["address"]["city"] == "Berlin"


async def test_a_seller_learns_of_an_order_when_it_is_paid(store: Store, buyer: User, seller: User) -> None:
    purchase = await buyer.place(store.catalogue.offer(seller=seller.id))
    order_id = purchase["orders"][0]["id"]
    assert (await seller.ask("GET", f"/orders/{order_id}")).status_code == 404
    assert (await act(seller, {"id": order_id}, "shipment", {})).status_code == 404
    assert (await act(buyer, {"id": order_id}, "cancellation", {})).status_code == 409
    assert (await buyer.ask("GET", "/orders?role=buyer")).json()["items"] == []
    await store.reserve(purchase["id"])
    await store.capture(purchase["id"])
    assert (await seller.order(order_id))["status"] == "paid"


async def test_bad_input_is_refused(seller: User, order: dict[str, Any]) -> None:
    for what, body in (
        ("shipment", {"carrier": "x" * 61}),
        ("shipment", {"tracking_code": "x" * 81}),
        ("shipment", {"carrier": "a\x00b"}),
        ("shipment", {"tracking_code": "a\nb"}),
        ("shipment", None),
        ("cancellation", {"reason": "x" * 501}),
        ("cancellation", {"reason": "a\x00b"}),
        ("cancellation", {"reason": 7}),
    ):
        assert (await act(seller, order, what, body)).status_code in (400, 422), (what, body)
    assert (await seller.order(order["id"]))["status"] == "paid"


async def test_lists_by_role_and_status_in_pages(store: Store, buyer: User, seller: User) -> None:
    orders = [await store.buy(buyer, store.catalogue.offer(seller=seller.id)) for _ in range(3)]
    await act(seller, orders[1], "shipment", {})
    newest_first = [order["id"] for order in reversed(orders)]

    async def listed(user: User, **params: Any) -> list[str]:
        ids, cursor = [], {}
        while True:
            page = (await user.ask("GET", "/orders", params=params | cursor)).json()
            ids += [order["id"] for order in page["items"]]
            if page["next_cursor"] is None:
                return ids
            cursor = {"cursor": page["next_cursor"]}

    assert await listed(buyer, role="buyer", limit=1) == newest_first
    assert await listed(seller, role="seller", limit=2) == newest_first
    assert await listed(seller, role="seller", status="shipped") == [orders[1]["id"]]
    assert await listed(buyer, role="seller") == await listed(seller, role="buyer") == []
    for bad in ("", "?role=thief", "?role=buyer&status=lost", "?role=buyer&cursor=x", "?role=buyer&limit=0"):
        assert (await buyer.ask("GET", f"/orders{bad}")).status_code in (400, 422)


async def test_what_is_not_shipped_in_time_is_cancelled(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    left = datetime.fromisoformat(order["deadline"]) - store.clock.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert await store.sweep("orders") == 0
    store.clock.advance(timedelta(days=7))
    assert sum(await asyncio.gather(*(store.sweep("orders") for _ in range(3)))) == 1
    [told] = await store.told(OrderCancelled)
    assert (told.by, told.invoiced) == ("deadline", True)
    refused = await act(seller, order, "shipment", {})
    assert refused.status_code == 409
    assert "It was cancelled" in refused.json()["detail"]
    assert await store.deliver(refunded(order), consumer="store.orders") == ["done"]
    assert (await buyer.order(order["id"]))["status"] == "refunded"


async def test_an_operator_has_an_orders_deadline_met(store: Store, order: dict[str, Any]) -> None:
    boss = store.user(None, "admin")
    path = f"/internal/purchases/{order['purchase_id']}/deadlines"
    store.clock.advance(timedelta(days=7))
    moved = await asyncio.gather(*(boss.ask("POST", path) for _ in range(3)))
    assert sorted(answer.json()["moved"] for answer in moved) == [0, 0, 1]
    assert len(await store.told(OrderCancelled)) == 1
    assert await store.sweep("orders") == 0


async def test_what_is_not_objected_to_counts_as_delivered(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await act(seller, order, "shipment", {})
    store.clock.advance(timedelta(days=13))
    assert await store.sweep("orders") == 0
    store.clock.advance(timedelta(days=1))
    assert sum(await asyncio.gather(*(store.sweep("orders") for _ in range(3)))) == 1
    assert len(await store.told(OrderDelivered)) == 1
    after = await buyer.order(order["id"])
    assert (after["status"], after["timeline"][-1]["by"]) == ("delivered", "deadline")


async def test_two_sweepers_share_the_work(store: Store, buyer: User) -> None:
    for _ in range(6):
        await store.buy(buyer, store.catalogue.offer())
    store.clock.advance(timedelta(days=8))
    moved = await asyncio.gather(*(store.sweep("orders") for _ in range(4)))
    assert sum(moved) + await store.sweep("orders") == 6
    assert len(await store.told(OrderCancelled)) == 6


async def test_a_sweep_leaves_what_somebody_holds(store: Store, seller: User, order: dict[str, Any]) -> None:
    store.clock.advance(timedelta(days=8))
    async with store.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"SELECT 1 FROM orders WHERE id = '{order['id']}' FOR UPDATE")
        assert await asyncio.wait_for(store.sweep("orders"), 2) == 0
    assert await store.sweep("orders") == 1


async def test_bookings_that_come_too_early_are_put_off(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    for event in (settled(order), refunded(order)):
        assert await store.deliver(event, consumer="store.orders") == ["retry"]
    assert (await buyer.order(order["id"]))["status"] == "paid"
    await act(seller, order, "shipment", {})
    await act(buyer, order, "receipt")
    assert await store.deliver(refunded(order), consumer="store.orders") == ["retry"]
    assert await store.deliver(settled(order), consumer="store.orders") == ["done"]


async def test_a_refund_before_the_late_capture_is_known_is_put_off(store: Store, buyer: User) -> None:
    purchase = await buyer.place(store.catalogue.offer())
    await store.reserve(purchase["id"])
    await buyer.ask("POST", f"/purchases/{purchase['id']}/cancellation")
    order = purchase["orders"][0]
    assert await store.deliver(refunded(order), consumer="store.orders") == ["retry"]
    assert await store.deliver(captured(UUID(purchase["id"]))) == ["done"]
    assert await store.deliver(refunded(order), consumer="store.orders") == ["done"]
    assert (await buyer.order(order["id"]))["status"] == "refunded"


async def test_a_settlement_of_another_sum_is_not_believed(
    store: Store, buyer: User, seller: User, order: dict[str, Any]
) -> None:
    await act(seller, order, "shipment", {})
    await act(buyer, order, "receipt")
    wrong = EscrowSettled(order_id=UUID(order["id"]), transfer_id=new_id(), to_seller=euros(951), fee=euros(50))
    assert await store.deliver(wrong, consumer="store.orders") == ["retry"]
    assert (await buyer.order(order["id"]))["status"] == "delivered"


async def test_a_ship_and_a_cancel_at_once_have_one_winner(store: Store, buyer: User, seller: User) -> None:
    for _ in range(5):
        order = await store.buy(buyer, store.catalogue.offer(seller=seller.id))
        answers = await asyncio.gather(
            act(seller, order, "shipment", {}),
            act(buyer, order, "cancellation", {}),
            act(seller, order, "cancellation", {}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_list_shows_what_each_line_looked_like(store: Store) -> None:
    """One statement for all orders of the list, and none for orders of one unit; the listings may be gone."""
    buyer, seller = store.user(), store.user()
    many = [store.catalogue.offer(seller=seller.id, picture=f"{n}.webp" if n else None) for n in range(6)]
    await store.buy(buyer, *many)
    await store.buy(buyer, store.catalogue.offer(seller=seller.id, picture="one.webp"))
    store.catalogue.listings.clear()
    with statements_of(store.database) as asked:
        for user, role in ((buyer, "buyer"), (seller, "seller")):
            asked.clear()
            items = (await user.ask("GET", "/orders", params={"role": role})).json()["items"]
            assert [(item["pictures"], item["lines"]) for item in items] == [
                (["one.webp"], 1),
                ([None, "1.webp", "2.webp", "3.webp"], 6),
            ]
            assert sum("order_line" in statement for statement in asked) == 1
        one = store.user()
        await store.buy(one, store.catalogue.offer())
        asked.clear()
        await one.ask("GET", "/orders", params={"role": "buyer"})
        assert not any("order_line" in statement for statement in asked)
