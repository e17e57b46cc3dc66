"""The tables of legal transitions, pair by pair, as the database applies them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from souk.contracts.store.orders import OrderActor, OrderStatus
from souk.contracts.store.purchases import PurchaseStatus
from souk.database import Session
from souk.ids import new_id
from store.offers.transitions import TRANSITIONS as OFFERS
from store.orders import status_updates
from store.orders.status_updates import Mover
from store.orders.transitions import TRANSITIONS
from store.problems.transitions import TRANSITIONS as PROBLEMS
from store.purchases import transitions as purchase_transitions
from store.settings import StoreSettings
from tests.store.harness import Store

LEGAL_ORDERS = {
    ("placed", "paid"): {"system"},
    ("placed", "cancelled"): {"buyer", "deadline", "system"},
    ("paid", "shipped"): {"seller"},
    ("paid", "cancelled"): {"buyer", "seller", "deadline"},
    ("shipped", "delivered"): {"buyer", "deadline", "system"},
    ("shipped", "refunded"): {"seller", "system"},
    ("delivered", "completed"): {"system"},
    ("cancelled", "cancelled"): {"system"},
    ("cancelled", "refunded"): {"system"},
}
LEGAL_PURCHASES = {
    ("placed", "awaiting_payment"),
    ("placed", "rejected"),
    ("placed", "cancelled"),
    ("awaiting_payment", "paid"),
    ("awaiting_payment", "declined"),
    ("awaiting_payment", "cancelled"),
}
ORDER_STATUSES = get_args(OrderStatus)
PURCHASE_STATUSES = get_args(PurchaseStatus)
ACTORS = get_args(OrderActor)


@pytest.mark.parametrize(("before", "after"), itertools.product(ORDER_STATUSES, ORDER_STATUSES))
def test_who_may_move_an_order(before: OrderStatus, after: OrderStatus) -> None:
    may = {actor for actor in ACTORS if before in TRANSITIONS.sources(after, actor)}
    assert may == LEGAL_ORDERS.get((before, after), set())


@pytest.mark.parametrize(("before", "after"), itertools.product(PURCHASE_STATUSES, PURCHASE_STATUSES))
def test_which_way_a_purchase_may_go(before: PurchaseStatus, after: PurchaseStatus) -> None:
    assert (before in purchase_transitions.sources(after)) == ((before, after) in LEGAL_PURCHASES)


def test_every_status_that_waits_for_people_has_a_deadline_and_a_default() -> None:
    settings, now = StoreSettings(), datetime(2030, 1, 1, tzinfo=UTC)
    for status in ORDER_STATUSES:
        waits = any(TRANSITIONS.possible(status, actor) for actor in ACTORS)
        default = TRANSITIONS.default(status)
        assert (TRANSITIONS.deadline(status, now, settings) is not None) == (waits or status == "placed")
        assert default is None or "deadline" in default.by
    assert TRANSITIONS.deadline("paid", now, settings) == now + timedelta(days=7)
    assert TRANSITIONS.deadline("shipped", now, settings) == now + timedelta(days=14)
    assert TRANSITIONS.deadline("placed", now, settings) == now + timedelta(minutes=2)


FIELDS = {
    "paid": "paid_at = now(), captured_at = now(), deadline = now()",
    "shipped": "paid_at = now(), captured_at = now(), deadline = now()",
    "delivered": "paid_at = now(), captured_at = now(), deadline = NULL",
    "completed": "paid_at = now(), captured_at = now(), deadline = NULL, to_seller = amount, fee = 0",
    "cancelled": "paid_at = now(), captured_at = now(), deadline = NULL",
    "refunded": "paid_at = now(), captured_at = now(), deadline = NULL",
    "placed": "deadline = now()",
}
"""What must come with a status, so that the table's own constraints hold."""


async def test_the_database_moves_orders_only_along_the_table(store: Store) -> None:
    placed = await store.user().place(store.catalogue.offer())
    order_id = UUID(placed["orders"][0]["id"])
    mover, now = Mover(StoreSettings()), store.clock.now()
    for before, after in itertools.product(ORDER_STATUSES, ORDER_STATUSES):
        values = {"to_seller": 1000, "fee": 0} if after == "completed" else {"to_seller": None, "fee": None}
        values |= {"paid_at": now, "captured_at": now} if after != "placed" else {}
        legal = LEGAL_ORDERS.get((before, after), set())
        async with store.database.engine.connect() as connection, Session(bind=connection) as session:
            set_up = f"UPDATE orders SET status = '{before}', {FIELDS[before]} WHERE id = '{order_id}'"
            await connection.exec_driver_sql(set_up)
            for actor in sorted(set(ACTORS) - legal) + sorted(legal)[:1]:
                moved = await mover.move(
                    session, status_updates.these([order_id]), after=after, by=actor, at=now, **values
                )
                assert [(row.status, row.version) for row in moved] == ([(after, 2)] if actor in legal else [])
            await connection.rollback()


async def test_the_database_moves_purchases_only_along_the_table(store: Store) -> None:
    placed = await store.user().place(store.catalogue.offer())
    purchase_id, now = UUID(placed["id"]), store.clock.now()
    for before, after in itertools.product(PURCHASE_STATUSES, PURCHASE_STATUSES):
        finished = "NULL" if before in purchase_transitions.OPEN else "now()"
        async with store.database.engine.connect() as connection:
            await connection.exec_driver_sql(f"UPDATE purchase SET status = '{before}', finished_at = {finished}")
            async with Session(bind=connection) as session:
                moved = await purchase_transitions.move(
                    session, purchase_transitions.these([purchase_id]), after=after, at=now
                )
                assert bool(moved) == ((before, after) in LEGAL_PURCHASES), (before, after)
            await connection.rollback()


async def test_an_unknown_order_moves_nowhere(store: Store) -> None:
    async with store.database.transaction() as session:
        mover = Mover(StoreSettings())
        assert not await mover.move(
            session, status_updates.these([new_id()]), after="shipped", by="seller", at=store.clock.now()
        )


def test_every_table_names_a_setting_for_each_of_its_waits() -> None:
    for table in (TRANSITIONS, OFFERS, PROBLEMS):
        for transition in table:
            limit = getattr(StoreSettings(), transition.within) if transition.within else timedelta(days=1)
            assert isinstance(limit, timedelta) and limit > timedelta(0)
