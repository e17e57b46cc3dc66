"""The service as a whole: its tables, its audit, its names, and running with everything in the background."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import store.tables  # noqa: F401 - completes the metadata
from souk.clock import ManualClock
from souk.contracts.catalogue.events import StockReserved
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.database import Database, fixed_settings
from souk.events import tables as event_tables
from souk.ids import new_id
from store.audit import CHECKS
from store.database import Base
from store.orders.numbers import ALPHABET, number_of
from tests.store.harness import Store, captured, message


async def test_the_migrations_make_what_the_code_expects(database: Database) -> None:
    def differences(connection: Any) -> list[Any]:
        context = MigrationContext.configure(connection)
        return compare_metadata(context, [Base.metadata, event_tables.metadata, fixed_settings.metadata])

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        constraints = await connection.execute(text("SELECT conname FROM pg_constraint WHERE contype = 'c'"))
        made = {name for (name,) in constraints}
        expected = {
            constraint.name
            for table in Base.metadata.tables.values()
            for constraint in table.constraints
            if type(constraint).__name__ == "CheckConstraint"
        }
        assert expected <= made


async def test_the_database_itself_refuses(store: Store) -> None:
    await store.user().place(store.catalogue.offer())
    for change in (
        "UPDATE order_line SET title = 'x'",
        "DELETE FROM order_line",
        "UPDATE order_step SET note = 'x'",
        "DELETE FROM order_step",
        "TRUNCATE order_step",
        "ALTER TABLE orders ADD COLUMN x int",
        "UPDATE orders SET status = 'shipped'",
        "UPDATE orders SET status = 'refunded', deadline = NULL",
        "UPDATE orders SET status = 'lost'",
        "UPDATE orders SET seller_id = buyer_id",
    ):
        with pytest.raises(DBAPIError):
            async with store.database.transaction() as session:
                await session.execute(text(change))


_REVIEWED = (
    "INSERT INTO review (id, order_id, buyer_id, seller_id, stars, words, written_at, changes, answer_changes, version) "
    "SELECT id, id, buyer_id, seller_id, 5, '', now(), 0, 0, 1 FROM orders"
)
_RATED = "INSERT INTO seller_rating SELECT seller_id, 1, 5, 0, 0, 0, 0, 1, 1 FROM orders"

BREAKAGES = {
    "orders sum to their purchase": "UPDATE purchase SET amount = amount + 1",
    "lines and postage sum to their order": "UPDATE orders SET units = units + 1",
    "purchase and orders agree": "UPDATE purchase SET status = 'declined'",
    "money captured late comes for a whole purchase": "UPDATE orders SET captured_at = NULL, paid_at = NULL, "
    "status = 'cancelled', deadline = NULL WHERE id = (SELECT min(id::text)::uuid FROM orders)",
    "the timeline leads to the status": "UPDATE orders SET version = version + 1",
    "every step was legal": "INSERT INTO order_step SELECT id, version + 1, 'completed', now(), 'seller', '' FROM orders",
    "no purchase waits past its deadline": "UPDATE purchase SET status = 'placed', finished_at = NULL, "
    "expires_at = now() - interval '10 minutes'",
    "no order waits past its deadline": "UPDATE orders SET deadline = now() - interval '10 minutes'",
    "refunds sum to their order": "UPDATE orders SET refunded = 1",
    "lines and postage sum to their refund": "INSERT INTO refund SELECT id, id, '', 'escrow', 5, currency, '', 'seller', id, "
    "now() FROM orders",
    "no postage is refunded beyond what was charged": "INSERT INTO refund (id, order_id, request_hash, source, amount, postage, "
    "currency, reason, by, requested_by, requested_at) SELECT id, id, '', 'escrow', 5, 5, currency, '', 'seller', id, now() "
    "FROM orders",
    "no line is refunded beyond its total": "INSERT INTO refund SELECT id, id, '', 'escrow', 5, currency, '', 'seller', id, now() "
    "FROM orders; INSERT INTO refund_line SELECT order_id, id, quantity + 1, 5 FROM order_line",
    "partial refunds are booked": "INSERT INTO refund SELECT id, id, '', 'escrow', 5, currency, '', 'seller', id, "
    "now() - interval '1 hour' FROM orders",
    "buyers review what arrived": f"{_REVIEWED}",
    "ratings are the sums of their reviews": f"{_REVIEWED}; {_RATED}; UPDATE review SET stars = 4",
    "an offer is bought by one purchase, open or paid": "UPDATE offer SET status = 'accepted', purchase_id = NULL, paid_at = NULL",
    "lines with an offer cost what was agreed": "UPDATE offer SET price = price - 1",
    "the rounds lead to the offer": "UPDATE offer SET turn = 'buyer'",
    "no offer waits past its deadline": "UPDATE offer SET status = 'accepted', purchase_id = NULL, paid_at = NULL, "
    "deadline = now() - interval '10 minutes'",
    "a removed review says why": f"{_REVIEWED}; UPDATE review SET answer = '', answered_at = now(), answer_removed_at = now()",
    "settlements and refunds are booked": "UPDATE orders SET status = 'delivered', deadline = NULL, version = 3; "
    "INSERT INTO order_step SELECT id, 3, 'delivered', now() - interval '1 hour', 'buyer', '' FROM orders",
}


async def test_the_audit_notices_what_is_wrong(store: Store) -> None:
    buyer, lamp = store.user(), store.catalogue.offer(accepts_offers=True)
    offer = await buyer.offer(lamp, 900)
    await store.user(store.catalogue.listings[lamp].seller_id).answer(offer, "acceptance")
    await store.buy(buyer, lamp, store.catalogue.offer())
    for name, breakage in BREAKAGES.items():
        async with store.database.engine.connect() as connection:
            for statement in breakage.split("; "):
                await connection.exec_driver_sql(statement)
            check = next(check for check in CHECKS if check.name == name)
            assert (await connection.exec_driver_sql(check.sql)).all(), name
            await connection.rollback()
        assert await store.violations() == []


def test_order_numbers_are_short_and_never_the_same() -> None:
    numbers = {number_of(count) for count in range(1, 20_001)}
    assert len(numbers) == 20_000
    assert {len(number) for number in numbers} == {8}
    assert {letter for number in numbers for letter in number[2:]} == set(ALPHABET)
    limit = len(ALPHABET) ** 6
    edge = {number_of(count) for count in range(limit - 500, limit + 500)}
    assert len(edge | numbers) == 21_000
    assert {len(number) for number in edge} == {8, 9}


async def test_names_follow_the_users(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    order = await store.buy(buyer, store.catalogue.offer(seller=seller.id))
    assert order["seller_name"] == "Souk user"
    now = store.clock.now()

    def changed(name: str, minutes: int | None) -> UserChanged:
        at = None if minutes is None else now + timedelta(minutes=minutes)
        return UserChanged(user_id=seller.id, display_name=name, country="DE", changed_at=at)

    registered = UserRegistered(user_id=seller.id, display_name="Grace", country="DE", registered_at=now)
    for event, name in [
        (changed("Grace H.", 5), "Grace H."),
        (registered, "Grace H."),
        (changed("Older", 3), "Grace H."),
        (changed("Newer", 7), "Newer"),
        (changed("Undated", None), "Undated"),
    ]:
        assert await store.deliver(event, consumer="store.people") == ["done"]
        assert (await buyer.order(order["id"]))["seller_name"] == name
    listed = (await buyer.ask("GET", "/orders?role=buyer")).json()["items"]
    assert listed[0]["seller_name"] == "Undated"


async def test_ends_are_counted(store: Store) -> None:
    async def counted(name: str) -> float:
        lines = (await store.http.get("/metrics")).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    paid, seconds = 'souk_purchases_total{outcome="paid"}', "souk_purchase_duration_seconds_count"
    before = await counted(paid), await counted(seconds)
    await store.buy(store.user(), store.catalogue.offer())
    assert (await counted(paid), await counted(seconds)) == (before[0] + 1, before[1] + 1)


async def test_the_api_describes_itself(store: Store) -> None:
    schema = (await store.http.get("/schema/openapi.json")).json()
    operations = {
        operation["operationId"]: operation for methods in schema["paths"].values() for operation in methods.values()
    }
    mine = {"getCart", "setCartLine", "removeCartLine", "clearCart", "placePurchase", "getPurchase", "listPurchases"}
    mine |= {"reviewOrder", "answerReview", "getReview", "listReviews", "reportReview"}
    mine |= {"listReviewCases", "getReviewCase", "decideReviewCase"}
    mine |= {"cancelPurchase", "listOrders", "getOrder", "shipOrder", "confirmOrder", "cancelOrder"}
    mine |= {"makeOffer", "listOffers", "getOffer", "acceptOffer", "counterOffer", "declineOffer", "withdrawOffer"}
    assert mine <= operations.keys()
    for name in mine:
        assert operations[name]["summary"]
        assert operations[name]["tags"]
    key = next(p for p in operations["placePurchase"]["parameters"] if p["in"] == "header")
    assert (key["name"].lower(), key["required"]) == ("idempotency-key", True)


async def test_running_with_relay_consumers_and_sweepers(database: Database, clock: ManualClock) -> None:
    store = Store(database, clock, ship_within=timedelta(days=1))
    async with store.app.lifespan():
        assert (await store.http.get("/health/ready")).status_code == 200
        buyer = store.user()
        purchase = await buyer.place(store.catalogue.offer())
        worker = store.transport._workers["store"]["store.saga"]
        assert await worker.submit(message(StockReserved(purchase_id=UUID(purchase["id"])))) == "done"
        assert await worker.submit(message(captured(UUID(purchase["id"])))) == "done"
        assert (await buyer.purchase(purchase["id"], wait_ms=2000))["status"] == "paid"
        forgotten = await buyer.place(store.catalogue.offer())
        clock.advance(timedelta(minutes=3))
        for _ in range(50):
            if (await buyer.purchase(forgotten["id"]))["status"] == "cancelled":
                break
            await asyncio.sleep(0.1)
        assert (await buyer.purchase(forgotten["id"]))["status"] == "cancelled"
    await store.http.aclose()


async def test_nobody_without_a_signed_identity_gets_in(store: Store) -> None:
    for path in (
        "/cart",
        "/purchases",
        f"/purchases/{new_id()}",
        "/orders?role=buyer",
        f"/orders/{new_id()}",
        "/offers?role=buyer",
    ):
        for headers in ({}, {"authorization": "Bearer forged"}):
            assert (await store.http.get(path, headers=headers)).status_code == 401
