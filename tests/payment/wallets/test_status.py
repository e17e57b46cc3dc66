"""Freezing, closing and reopening wallets."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.escrow.consumers import escrow_consumers
from payment.settings import PaymentSettings
from payment.wallets.status import UNDER_WAY
from souk.clock import ManualClock
from souk.contracts.payment.events import PaymentCaptured, PaymentDeclined, WalletChanged
from souk.contracts.store.events import PaymentRequested
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import (
    book,
    cancelled,
    completed,
    delivered,
    eur,
    fund,
    handle,
    move,
    now,
    open_wallets,
    payment,
    refund_of,
    told,
)
from tests.payment.conftest import Service

ADMIN = new_id()
LONG_AGO = now() - timedelta(days=30)


async def decide(service: Service, user_id: UUID, status: str, reason: str = "a complaint") -> httpx.Response:
    body = {"status": status, "reason": reason}
    return await service.ask("POST", f"/wallets/{user_id}/status", ADMIN, roles=("admin",), json=body)


async def wallet(service: Service, user_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = (await service.ask("GET", "/wallet", user_id)).json()
    return found


async def test_a_frozen_wallet_keeps_receiving_and_pays_nothing(database: Database, service: Service) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 500)
    await fund(database, ben, 500)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    sale, bought = payment(ben, [(anna, 100)]), payment(anna, [(ben, 60)])
    await handle(database, consumers, "payment.captures", sale)
    assert (await decide(service, anna, "frozen")).json()["status"] == "frozen"
    assert await handle(database, consumers, "payment.settlements", delivered(sale)) == ["done"]
    await handle(database, consumers, "payment.captures", bought)
    key = {"idempotency-key": str(new_id())}
    body: dict[str, Any] = {"recipient_id": str(ben), "amount": {"amount": 5, "currency": "EUR"}}
    refused = await service.ask("POST", "/wallet/transfers", anna, headers=key, json=body)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "wallet-frozen")
    seen = await wallet(service, anna)
    assert (seen["available"]["amount"], seen["status"], seen["reason"]) == (595, "frozen", "a complaint")
    declined = [event for event in await told(database) if isinstance(event, PaymentDeclined)]
    assert [(event.reason, event.wallet) for event in declined] == [("wallet_closed", "buyer")]
    assert (await decide(service, anna, "open", "all is well")).json()["status"] == "open"
    key = {"idempotency-key": str(new_id())}
    assert (await service.ask("POST", "/wallet/transfers", anna, headers=key, json=body)).status_code == 201


async def test_only_an_empty_wallet_is_closed(database: Database, service: Service) -> None:
    buyer, seller, third = new_id(), new_id(), new_id()
    await fund(database, buyer, 100)
    await fund(database, third, 1)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    request = payment(buyer, [(seller, 100)])
    await service.ask(
        "POST",
        "/wallet/deposits",
        seller,
        headers={"idempotency-key": str(new_id())},
        json={"amount": {"amount": 1, "currency": "EUR"}},
    )
    with_money = await decide(service, third, "closed")
    assert (with_money.status_code, with_money.json()["type"].rsplit("/", 1)[-1]) == (409, "wallet-not-empty")
    assert with_money.json()["available"] == {"amount": 1, "currency": "EUR"}
    await handle(database, consumers, "payment.captures", request)
    assert (await decide(service, buyer, "closed")).json()["held"]["amount"] == 100
    assert (await decide(service, seller, "closed")).json()["incoming"]["amount"] == 100
    await handle(database, consumers, "payment.refunds", cancelled(request))
    body = {"recipient_id": str(third), "amount": {"amount": 100, "currency": "EUR"}}
    sent = await service.ask("POST", "/wallet/transfers", buyer, headers={"idempotency-key": str(new_id())}, json=body)
    assert sent.status_code == 201
    assert (await decide(service, buyer, "closed")).json()["status"] == "closed"
    for refused in (
        await service.ask(
            "POST",
            "/wallet/transfers",
            third,
            headers={"idempotency-key": str(new_id())},
            json={"recipient_id": str(buyer), "amount": {"amount": 1, "currency": "EUR"}},
        ),
        await service.ask(
            "POST",
            "/wallet/deposits",
            buyer,
            headers={"idempotency-key": str(new_id())},
            json={"amount": {"amount": 1, "currency": "EUR"}},
        ),
    ):
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "wallet-closed")


async def settled(database: Database, consumers: Sequence[Consumer], amount: int = 100) -> PaymentRequested:
    """A settled order without a fee, and both wallets empty."""
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, amount)
    request = payment(buyer, [(seller, amount)])
    for name, event in (("captures", request), ("settlements", delivered(request))):
        assert await handle(database, consumers, f"payment.{name}", event) == ["done"]
    [wallet] = await open_wallets(database, seller)
    [elsewhere] = await open_wallets(database, new_id())
    assert [answer.accepted for answer in await book(database, move(wallet, elsewhere, amount))] == [True]
    return request


async def test_a_wallet_that_a_refund_can_still_come_to_is_not_closed(
    database: Database, service: Service, clock: ManualClock
) -> None:
    consumers = escrow_consumers(service.kernel, PaymentSettings(fee_basis_points=0))
    request = await settled(database, consumers)
    order, until = request.orders[0], clock.now() + timedelta(days=90)
    for person, side in ((request.buyer_id, "buyer"), (order.seller_id, "seller")):
        refused = await decide(service, person, "closed")
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "wallet-still-needed")
        [open_order] = refused.json()["open_orders"]
        assert (open_order["order_id"], open_order["side"]) == (str(order.order_id), side)
        assert (open_order["state"], open_order["amount"]["amount"], open_order["until"]) == ("refundable", 100, None)
    # the same told twice, and an older time after a newer one
    for told_until in (until, until, until - timedelta(days=1)):
        event = completed(request, told_until)
        assert await handle(database, consumers, "payment.completions", event) == ["done"]
    refused = await decide(service, request.buyer_id, "closed")
    assert f"needed until {until + UNDER_WAY:%Y-%m-%d}" in refused.json()["detail"]
    seen = (await service.ask("GET", f"/wallets/{request.buyer_id}", ADMIN, roles=("admin",))).json()
    assert seen["open_orders"] == refused.json()["open_orders"] and seen["status"] == "open"
    clock.advance(timedelta(days=90, hours=1))
    assert (await decide(service, request.buyer_id, "closed")).status_code == 409, (
        "what was asked in time is on its way"
    )
    clock.advance(UNDER_WAY)
    for person in (request.buyer_id, order.seller_id):
        assert (await decide(service, person, "closed")).status_code == 200


async def test_an_order_that_was_refunded_whole_keeps_no_wallet_open(database: Database, service: Service) -> None:
    consumers = escrow_consumers(service.kernel, PaymentSettings(fee_basis_points=0))
    request = await settled(database, consumers)
    await fund(database, request.orders[0].seller_id, 100)
    assert await handle(database, consumers, "payment.partial-refunds", refund_of(request, 100, "seller")) == ["done"]
    body = {"recipient_id": str(request.orders[0].seller_id), "amount": {"amount": 100, "currency": "EUR"}}
    key = {"idempotency-key": str(new_id())}
    assert (await service.ask("POST", "/wallet/transfers", request.buyer_id, headers=key, json=body)).status_code == 201
    assert (await decide(service, request.buyer_id, "closed")).status_code == 200


async def test_a_close_and_refunds_at_once_leave_no_refund_without_a_wallet(
    database: Database, service: Service
) -> None:
    """Whichever comes first, the refund is booked and the wallet open: closing waits for what it cannot see yet."""
    consumers = escrow_consumers(service.kernel, PaymentSettings(fee_basis_points=0))
    for _ in range(8):
        request = await settled(database, consumers)
        refunded, closed = await asyncio.gather(
            handle(database, consumers, "payment.partial-refunds", refund_of(request, 100, "seller")),
            decide(service, request.buyer_id, "closed"),
        )
        assert (refunded, closed.status_code) == (["done"], 409)


async def test_nothing_is_bought_from_a_closed_wallet(database: Database, service: Service) -> None:
    buyer, seller, other = new_id(), new_id(), new_id()
    await fund(database, buyer, 1000)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    first = payment(buyer, [(seller, 100)])
    await handle(database, consumers, "payment.captures", first)
    await handle(database, consumers, "payment.settlements", delivered(first))
    body = {"recipient_id": str(buyer), "amount": {"amount": 95, "currency": "EUR"}}
    await service.ask("POST", "/wallet/transfers", seller, headers={"idempotency-key": str(new_id())}, json=body)
    assert await handle(database, consumers, "payment.completions", completed(first, LONG_AGO)) == ["done"]
    assert (await decide(service, seller, "closed")).status_code == 200
    mixed, fine = payment(buyer, [(other, 10), (seller, 10)]), payment(buyer, [(other, 10)])
    assert await handle(database, consumers, "payment.captures", mixed, fine) == ["done", "done"]
    events = await told(database)
    assert PaymentDeclined(purchase_id=mixed.purchase_id, reason="wallet_closed", wallet="seller") in events
    captured = [event.purchase_id for event in events if isinstance(event, PaymentCaptured)]
    assert captured == [first.purchase_id, fine.purchase_id]


async def test_a_close_and_sales_at_once_leave_no_money_without_a_way(database: Database, service: Service) -> None:
    """Either the purchase is declined, or the wallet stays open: both at once would strand what is in escrow."""
    buyer = new_id()
    await fund(database, buyer, 1000)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    for _ in range(12):
        seller = new_id()
        body = {"amount": {"amount": 1, "currency": "EUR"}}
        await service.ask("POST", "/wallet/deposits", seller, headers={"idempotency-key": str(new_id())}, json=body)
        back = {"recipient_id": str(buyer)} | body
        await service.ask("POST", "/wallet/transfers", seller, headers={"idempotency-key": str(new_id())}, json=back)
        request = payment(buyer, [(seller, 10)])
        _, closed = await asyncio.gather(
            handle(database, consumers, "payment.captures", request), decide(service, seller, "closed")
        )
        seen = await wallet(service, seller)
        assert (closed.status_code == 200) == (seen["status"] == "closed") == (seen["incoming"]["amount"] == 0)


async def test_who_decided_and_why_is_kept_and_told_once(database: Database, service: Service) -> None:
    anna = new_id()
    await fund(database, anna, 5)
    for status, reason in (("frozen", "a complaint"), ("frozen", "said again"), ("open", "settled")):
        assert (await decide(service, anna, status, reason)).status_code == 200
    seen = (await service.ask("GET", f"/wallets/{anna}", ADMIN, roles=("admin",))).json()
    assert [(change["status"], change["reason"], change["changed_by"]) for change in seen["changes"]] == [
        ("open", "settled", str(ADMIN)),
        ("frozen", "a complaint", str(ADMIN)),
    ]
    events = [event for event in await told(database) if isinstance(event, WalletChanged)]
    assert [(event.status, event.reason) for event in events] == [("frozen", "a complaint"), ("open", "settled")]
    assert seen["available"] == {"amount": 5, "currency": "EUR"} and eur(5).amount == 5
    for statement in ("UPDATE wallet_change SET reason = 'x'", "DELETE FROM wallet_change"):
        with pytest.raises(DBAPIError):
            async with database.transaction() as session:
                await session.execute(text(statement))


async def test_only_admins_decide_and_bad_input_is_refused(database: Database, service: Service) -> None:
    anna = new_id()
    await fund(database, anna, 5)
    body = {"status": "frozen", "reason": "because"}
    for roles in ((), ("moderator",)):
        assert (await service.ask("POST", f"/wallets/{anna}/status", anna, roles=roles, json=body)).status_code == 403
        assert (await service.ask("GET", f"/wallets/{anna}", anna, roles=roles)).status_code == 403
    for wrong, status in (
        ({"status": "melted"}, 400),
        ({"reason": ""}, 422),
        ({"reason": "  "}, 422),
        ({"reason": "x" * 201}, 422),
        ({"reason": "a\x00b"}, 422),
        ({"reason": 5}, 400),
    ):
        answer = await service.ask("POST", f"/wallets/{anna}/status", ADMIN, roles=("admin",), json=body | wrong)
        assert answer.status_code == status, wrong
    assert (await decide(service, new_id(), "frozen")).status_code == 404
    assert (await wallet(service, anna))["status"] == "open"
