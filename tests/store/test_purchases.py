"""Checking out."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from souk.contracts.store.events import PurchaseCancelled, PurchasePlaced
from souk.ids import new_id
from tests.store.harness import ADDRESS, Store, euros


async def test_a_purchase_becomes_one_order_per_seller(store: Store) -> None:
    buyer, grace, linus = store.user(), new_id(), new_id()
    bicycle = store.catalogue.offer(1000, seller=grace)
    lamp = store.catalogue.offer(250, seller=linus, title="Lamp")
    bell = store.catalogue.offer(30, seller=grace, title="Bell")
    for listing, quantity in ((bicycle, 1), (lamp, 4), (bell, 2)):
        await buyer.put(listing, quantity)
    answer = await buyer.check_out()
    assert answer.status_code == 201
    purchase = answer.json()
    assert purchase == await buyer.purchase(purchase["id"])
    assert (purchase["status"], purchase["total"]["amount"], purchase["problems"]) == ("placed", 2060, [])
    by_seller = {UUID(order["seller_id"]): order for order in purchase["orders"]}
    assert {seller: (order["amount"]["amount"], order["units"]) for seller, order in by_seller.items()} == {
        grace: (1060, 3),
        linus: (1000, 4),
    }
    assert all(re.fullmatch("S-[2-9A-HJKMNP-TV-Z]{6}", order["number"]) for order in purchase["orders"])
    order = await buyer.order(by_seller[grace]["id"])
    assert [(line["title"], line["quantity"], line["total"]["amount"]) for line in order["lines"]] == [
        ("Bicycle", 1, 1000),
        ("Bell", 2, 60),
    ]
    assert order["address"] == ADDRESS | {"line2": ""}
    [placed] = await store.told(PurchasePlaced)
    assert (placed.purchase_id, placed.buyer_id) == (UUID(purchase["id"]), buyer.id)
    assert {(line.listing_id, line.seller_id, line.quantity, line.unit_price) for line in placed.lines} == {
        (bicycle, grace, 1, euros(1000)),
        (lamp, linus, 4, euros(250)),
        (bell, grace, 2, euros(30)),
    }
    assert {str(line.order_id) for line in placed.lines} == {order["id"] for order in purchase["orders"]}


async def test_a_lines_snapshot_outlives_the_listing(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    purchase = await buyer.place(bicycle)
    store.catalogue.change(bicycle, title="Rubbish", price=euros(9), status="withdrawn")
    order = await buyer.order(purchase["orders"][0]["id"])
    assert (order["lines"][0]["title"], order["amount"]["amount"]) == ("Bicycle", 1000)


async def test_the_cart_is_kept_until_it_is_paid_and_what_was_added_since_stays(store: Store) -> None:
    buyer, bicycle, lamp, bell = store.user(), *(store.catalogue.offer() for _ in range(3))
    await buyer.put(bell, 1)
    purchase = await buyer.place(bicycle, lamp, quantity=2)
    assert len((await buyer.cart())["lines"]) == 3
    await buyer.put(lamp, 5)
    await buyer.ask("DELETE", f"/cart/lines/{bell}")
    late = store.catalogue.offer()
    await buyer.put(late, 1)
    await store.reserve(purchase["id"])
    await store.capture(purchase["id"], 5000)
    left = {line["listing_id"]: line["quantity"] for line in (await buyer.cart())["lines"]}
    assert left == {str(lamp): 3, str(late): 1}


async def test_what_is_added_while_the_payment_waits_for_the_cart_stays(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    await buyer.put(bicycle)
    placed = (await buyer.check_out(total=1000)).json()
    await store.reserve(placed["id"])

    async def waits() -> bool:
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        async with store.database.reading() as reader:
            return bool(await reader.scalar(text(query)))

    async with store.database.transaction() as session:
        await session.execute(text("UPDATE cart SET version = version + 1"))
        await session.execute(text("UPDATE cart_line SET quantity = 3"))
        paid = asyncio.create_task(store.capture(placed["id"]))
        while not await waits():
            assert not paid.done()
            await asyncio.sleep(0.01)
    await paid
    assert (await buyer.purchase(placed["id"]))["status"] == "paid"
    [line] = (await buyer.cart())["lines"]
    assert line["quantity"] == 2


async def test_the_same_request_buys_once(store: Store) -> None:
    buyer, bicycle, key = store.user(), store.catalogue.offer(), new_id()
    await buyer.put(bicycle)
    first = await buyer.check_out(key=key)
    again = await buyer.check_out(key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    await store.reserve(first.json()["id"])
    await store.capture(first.json()["id"])
    paid = await buyer.check_out(key=key, total=1000)
    assert (paid.status_code, paid.json()["status"]) == (200, "paid")
    assert len(await store.told(PurchasePlaced)) == 1


async def test_the_same_key_with_another_request_is_a_conflict(store: Store) -> None:
    buyer, bicycle, key = store.user(), store.catalogue.offer(), new_id()
    await buyer.put(bicycle)
    assert (await buyer.check_out(key=key)).status_code == 201
    for other in ({"total": 999}, {"address": ADDRESS | {"city": "Bonn"}}):
        refused = await buyer.check_out(key=key, **other)  # type: ignore[arg-type]
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("key-reused")


async def test_a_key_is_its_users_own(store: Store) -> None:
    key, ids = new_id(), set()
    for _ in range(2):
        buyer = store.user()
        await buyer.put(store.catalogue.offer())
        ids.add((await buyer.check_out(key=key)).json()["id"])
    assert len(ids) == 2


async def test_many_requests_with_one_key_at_once_buy_once(store: Store) -> None:
    buyer, bicycle, key = store.user(), store.catalogue.offer(), new_id()
    await buyer.put(bicycle)
    answers = await asyncio.gather(*(buyer.check_out(key=key, total=1000) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await store.told(PurchasePlaced)) == 1


async def test_a_double_click_with_two_keys_buys_once(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    await buyer.put(bicycle)
    answers = await asyncio.gather(*(buyer.check_out(total=1000) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    placed = next(answer.json() for answer in answers if answer.status_code == 201)
    for refused in (answer.json() for answer in answers if answer.status_code == 409):
        assert (refused["type"].rsplit("/")[-1], refused["purchase_id"]) == ("already-being-paid", placed["id"])


async def test_a_second_click_that_is_slow_does_not_buy_again(store: Store) -> None:
    """It priced the cart before the first was placed, and comes back from the catalogue after that was paid."""
    buyer, bicycle = store.user(), store.catalogue.offer()
    await buyer.put(bicycle)
    slow, first_done = asyncio.Event(), asyncio.Event()

    async def hold_the_first_that_asks() -> None:
        store.catalogue.before_answer = None
        slow.set()
        await first_done.wait()

    store.catalogue.before_answer = hold_the_first_that_asks
    second = asyncio.create_task(buyer.check_out(total=1000))
    await slow.wait()
    first = (await buyer.check_out(total=1000)).json()
    await store.reserve(first["id"])
    await store.capture(first["id"])
    first_done.set()
    refused = await second
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("cart-changed")
    assert len(await store.told(PurchasePlaced)) == 1


async def test_the_total_must_be_what_the_buyer_agreed_to(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    await buyer.put(bicycle)
    store.catalogue.change(bicycle, price=euros(900))
    refused = await buyer.check_out(total=1000)
    assert refused.status_code == 409
    assert (refused.json()["type"].rsplit("/")[-1], refused.json()["total"]["amount"]) == ("total-changed", 900)
    assert await store.told() == []
    assert (await buyer.check_out(total=900)).json()["total"]["amount"] == 900


@pytest.mark.parametrize("change", [{"price": euros(1100)}, {"available": 1}, {"status": "withdrawn"}])
async def test_a_cart_that_needs_mending_is_not_bought(store: Store, change: dict[str, Any]) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    await buyer.put(bicycle, 2)
    store.catalogue.change(bicycle, **change)
    refused = await buyer.check_out(total=2000)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("cart-not-ready")
    assert refused.json()["lines"][0]["listing_id"] == str(bicycle)
    assert await store.told() == []


async def test_an_empty_cart_is_not_bought(store: Store) -> None:
    refused = await store.user().check_out(total=1)
    assert refused.json()["type"].endswith("cart-empty")


async def test_nothing_is_placed_while_the_catalogue_is_down(store: Store) -> None:
    buyer = store.user()
    await buyer.put(store.catalogue.offer())
    store.catalogue.down = True
    assert (await buyer.check_out(total=1000)).status_code == 503
    assert await store.told() == []


async def test_bad_input_is_refused(store: Store) -> None:
    buyer = store.user()
    await buyer.put(store.catalogue.offer())
    for change in (
        {"name": ""},
        {"name": "   "},
        {"name": "A\x00da"},
        {"name": "A" * 121},
        {"line1": "1\n2"},
        {"line2": "x" * 121},
        {"city": ""},
        {"postcode": "1" * 17},
        {"country": "de"},
        {"country": "XX"},
        {"country": "ZZ"},
        {"country": "DEU"},
    ):
        refused = await buyer.check_out(total=1000, address=ADDRESS | change)
        assert refused.status_code in (400, 422), change
        assert next(iter(change)) in refused.json()["errors"][0]["field"]
    for total in ({"amount": 0, "currency": "EUR"}, {"amount": 1000, "currency": "USD"}, {}, None):
        body = {"address": ADDRESS, "total": total}
        refused = await buyer.ask("POST", "/purchases", body, headers={"idempotency-key": str(new_id())})
        assert refused.status_code in (400, 422), total
    body = {"address": ADDRESS, "total": {"amount": 1000, "currency": "EUR"}}
    for headers, status in (({}, 400), ({"idempotency-key": ""}, 422), ({"idempotency-key": "x" * 256}, 422)):
        refused = await buyer.ask("POST", "/purchases", body, headers=headers)
        assert refused.status_code == status, headers
        assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]
        assert "Idempotency-Key" in refused.json()["detail"]
    assert await store.told() == []


async def test_any_visible_text_names_a_purchase_once(store: Store) -> None:
    for key in ("cart-17", "~!@#$%^&*()", "x" * 255, str(new_id())):
        buyer = store.user()
        body = {"address": ADDRESS, "total": {"amount": 1000, "currency": "EUR"}}
        await buyer.put(store.catalogue.offer())
        spelt = (key, f'"{key}"', key.upper() if len(key) == 36 else key)
        made = [await buyer.ask("POST", "/purchases", body, headers={"idempotency-key": sent}) for sent in spelt]
        assert [answer.status_code for answer in made] == [201, 200, 200], key
        assert len({answer.json()["id"] for answer in made}) == 1


async def test_purchases_are_their_buyers_own(store: Store) -> None:
    buyer, stranger, admin = store.user(), store.user(), store.user(None, "admin")
    purchase = await buyer.place(store.catalogue.offer())
    for path in (f"/purchases/{purchase['id']}", f"/purchases/{new_id()}"):
        assert (await stranger.ask("GET", path)).status_code == 404
    assert (await stranger.ask("POST", f"/purchases/{purchase['id']}/cancellation")).status_code == 404
    assert (await stranger.ask("GET", "/purchases")).json() == {"items": [], "next_cursor": None}
    assert (await admin.purchase(purchase["id"]))["status"] == "placed"


async def test_purchases_are_listed_newest_first_by_pages(store: Store) -> None:
    buyer, placed = store.user(), []
    for _ in range(5):
        purchase = await buyer.place(store.catalogue.offer())
        await buyer.ask("POST", f"/purchases/{purchase['id']}/cancellation")
        await buyer.ask("DELETE", "/cart")
        placed.insert(0, purchase["id"])
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await buyer.ask("GET", "/purchases", params=params)).json()
        seen += [purchase["id"] for purchase in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == placed
    for bad in ("?cursor=abc", "?cursor=%00", "?cursor=" + "a" * 201, "?limit=0", "?limit=101"):
        assert (await buyer.ask("GET", f"/purchases{bad}")).status_code in (400, 422)


async def test_a_buyer_calls_a_purchase_off(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    purchase = await buyer.place(bicycle)
    for _ in range(2):
        answer = await buyer.ask("POST", f"/purchases/{purchase['id']}/cancellation")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    [told] = await store.told(PurchaseCancelled)
    assert told.reason == "cancelled"
    assert [(str(name.order_id), name.number) for name in told.orders] == [
        (order["id"], order["number"]) for order in purchase["orders"]
    ]
    order = await buyer.order(purchase["orders"][0]["id"])
    assert [(step["status"], step["by"]) for step in order["timeline"]] == [("placed", "buyer"), ("cancelled", "buyer")]
    assert (await buyer.cart())["ready"] is True


async def test_a_paid_purchase_is_not_called_off(store: Store) -> None:
    buyer = store.user()
    order = await store.buy(buyer, store.catalogue.offer())
    refused = await buyer.ask("POST", f"/purchases/{order['purchase_id']}/cancellation")
    assert refused.status_code == 409
    assert "Cancel its orders instead" in refused.json()["detail"]


async def test_a_purchase_nobody_answers_expires_once(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    placed = await buyer.place(bicycle)
    assert await store.sweep("purchases") == 0
    store.clock.advance(timedelta(minutes=2))
    assert sum(await asyncio.gather(*(store.sweep("purchases") for _ in range(3)))) == 1
    assert await store.sweep("purchases") == 0
    purchase = await buyer.purchase(placed["id"])
    assert (purchase["status"], purchase["problems"][0]["reason"]) == ("cancelled", "expired")
    [told] = await store.told(PurchaseCancelled)
    assert (told.reason, [name.number for name in told.orders]) == ("expired", [placed["orders"][0]["number"]])
    assert (await buyer.check_out()).status_code == 201


async def test_an_operator_has_one_deadline_met_and_no_other(store: Store) -> None:
    buyer, other, boss = store.user(), store.user(), store.user(None, "admin")
    purchase, later = await buyer.place(store.catalogue.offer()), await other.place(store.catalogue.offer())
    path = f"/internal/purchases/{purchase['id']}/deadlines"
    assert (await buyer.ask("POST", path)).status_code == 403
    assert (await boss.ask("POST", path)).json() == {"moved": 0}
    store.clock.advance(timedelta(minutes=2))
    moved = await asyncio.gather(*(boss.ask("POST", path) for _ in range(3)))
    assert sorted(answer.json()["moved"] for answer in moved) == [0, 0, 1]
    assert (await buyer.purchase(purchase["id"]))["status"] == "cancelled"
    assert (await other.purchase(later["id"]))["status"] == "placed"
    assert await store.sweep("purchases") == 1


async def test_waiting_ends_with_the_purchase(store: Store) -> None:
    buyer = store.user()
    purchase = await buyer.place(store.catalogue.offer())
    await store.reserve(purchase["id"])
    loop = asyncio.get_running_loop()
    started = loop.time()
    waiting = [asyncio.create_task(buyer.purchase(purchase["id"], wait_ms=2000)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await store.capture(purchase["id"])
    assert {answer["status"] for answer in await asyncio.gather(*waiting)} == {"paid"}
    assert loop.time() - started < 1


async def test_waiting_notices_what_another_instance_did(store: Store) -> None:
    buyer = store.user()
    purchase = await buyer.place(store.catalogue.offer())
    waiting = asyncio.create_task(buyer.purchase(purchase["id"], wait_ms=2000))
    await asyncio.sleep(0.05)
    other = Store(store.database, store.clock)
    await other.reserve(purchase["id"])
    await other.capture(purchase["id"])
    await other.close()
    assert (await waiting)["status"] == "paid"


async def test_waiting_has_an_end(store: Store) -> None:
    buyer = store.user()
    purchase = await buyer.place(store.catalogue.offer())
    assert (await buyer.purchase(purchase["id"], wait_ms=200))["status"] == "placed"
    for wrong in (-1, 2001, "long"):
        answer = await buyer.ask("GET", f"/purchases/{purchase['id']}", params={"wait_ms": wrong})
        assert answer.status_code == 400
