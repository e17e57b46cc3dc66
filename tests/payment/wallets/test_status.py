"""Freezing, closing and reopening wallets."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.escrow.consumers import escrow_consumers
from payment.settings import PaymentSettings
from souk.contracts.payment import PaymentCaptured, PaymentDeclined, WalletChanged
from souk.database import Database
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, eur, fund, handle, payment, told
from tests.payment.conftest import Service

ADMIN = new_id()


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


async def test_nothing_is_bought_from_a_closed_wallet(database: Database, service: Service) -> None:
    buyer, seller, other = new_id(), new_id(), new_id()
    await fund(database, buyer, 1000)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    first = payment(buyer, [(seller, 100)])
    await handle(database, consumers, "payment.captures", first)
    await handle(database, consumers, "payment.settlements", delivered(first))
    body = {"recipient_id": str(buyer), "amount": {"amount": 95, "currency": "EUR"}}
    await service.ask("POST", "/wallet/transfers", seller, headers={"idempotency-key": str(new_id())}, json=body)
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
