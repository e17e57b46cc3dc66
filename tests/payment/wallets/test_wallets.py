"""Wallets as their owners see them, deposits and issuances."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from payment.escrow.consumers import escrow_consumers
from payment.parties.consumers import parties_consumer
from payment.settings import PaymentSettings
from payment.wallets.consumers import wallets_consumer
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.database import Database
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, fund, handle, now, payment
from tests.payment.conftest import Service, running_service


async def deposit(
    service: Service, user_id: UUID, amount: Any, key: Any = None, currency: str = "EUR"
) -> httpx.Response:
    headers = {"idempotency-key": str(key or new_id())}
    body = {"amount": {"amount": amount, "currency": currency}}
    return await service.ask("POST", "/wallet/deposits", user_id, headers=headers, json=body)


async def test_a_wallet_nobody_has_opened_is_empty(service: Service) -> None:
    answer = await service.ask("GET", "/wallet", new_id())
    zero = {"amount": 0, "currency": "EUR"}
    assert answer.json() == {
        "available": zero,
        "held": zero,
        "holds": [],
        "incoming": zero,
        "deposit_limit_left": {"amount": 200_000, "currency": "EUR"},
        "status": "open",
        "reason": "",
        "owed": zero,
        "transfer_limit_left": {"amount": 100_000, "currency": "EUR"},
        "waiting": [],
    }


async def test_who_registers_gets_a_wallet_and_a_name(database: Database) -> None:
    user_id = new_id()
    first = UserRegistered(user_id=user_id, display_name="Anna", country="SE", registered_at=now(), language="fr")
    later = UserChanged(user_id=user_id, display_name="Anna L", country="NO", language="de-DE")
    last = UserChanged(user_id=user_id, display_name="Anna L", country="NO")  # nobody knows how she reads by now
    consumers = [wallets_consumer(PaymentSettings()), parties_consumer()]
    await handle(database, consumers, "payment.wallets", first, first)
    await handle(database, consumers, "payment.parties", later)
    await handle(database, consumers, "payment.parties", first)  # came late: it does not undo what is newer
    await handle(database, consumers, "payment.parties", last)
    async with database.reading() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM account WHERE owner = :u"), {"u": user_id}) == 1
        party = (await reader.execute(text("SELECT display_name, country, language FROM party"))).one()
    assert tuple(party) == ("Anna L", "NO", "de-DE")


async def test_held_and_incoming_money_is_shown_to_each_side(database: Database, service: Service) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    consumers = escrow_consumers(service.kernel, PaymentSettings())
    request = payment(buyer, [(seller, 300), (seller, 200), (new_id(), 100)])
    await handle(database, consumers, "payment.captures", request)
    mine = (await service.ask("GET", "/wallet", buyer)).json()
    theirs = (await service.ask("GET", "/wallet", seller)).json()
    assert (mine["available"]["amount"], mine["held"]["amount"], mine["incoming"]["amount"]) == (400, 600, 0)
    assert {hold["order_id"]: hold["amount"]["amount"] for hold in mine["holds"]} == {
        str(order.order_id): order.amount.amount for order in request.orders
    }
    assert (theirs["available"]["amount"], theirs["held"]["amount"], theirs["incoming"]["amount"]) == (
        0,
        0,
        500,
    )
    await handle(database, consumers, "payment.settlements", delivered(request, 0))
    await handle(database, consumers, "payment.refunds", cancelled(request, 1))
    mine = (await service.ask("GET", "/wallet", buyer)).json()
    theirs = (await service.ask("GET", "/wallet", seller)).json()
    assert (mine["available"]["amount"], mine["held"]["amount"], len(mine["holds"])) == (600, 100, 1)
    assert (theirs["available"]["amount"], theirs["incoming"]["amount"]) == (285, 0)


async def test_the_statement_is_read_page_by_page(database: Database, service: Service) -> None:
    buyer = new_id()
    for amount in range(1, 8):
        await fund(database, buyer, amount)
    request = payment(buyer, [(new_id(), 5)])
    await handle(database, escrow_consumers(service.kernel, PaymentSettings()), "payment.captures", request)
    seen: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 3}
    while True:
        page = (await service.ask("GET", "/wallet/statement", buyer, params=params)).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert [line["amount"]["amount"] for line in seen] == [-5, 7, 6, 5, 4, 3, 2, 1]
    assert [line["balance_after"]["amount"] for line in seen] == [23, 28, 21, 15, 10, 6, 3, 1]
    assert (seen[0]["kind"], seen[0]["reference"]) == ("capture", str(request.purchase_id))
    assert seen[1]["kind"] == "issuance"
    nobody = await service.ask("GET", "/wallet/statement", new_id())
    assert nobody.json() == {"items": [], "next_cursor": None}


async def test_a_deposit_can_be_repeated_safely(service: Service) -> None:
    anna, key = new_id(), new_id()
    first = await deposit(service, anna, 500, key)
    await deposit(service, anna, 100)
    again = await deposit(service, anna, 500, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["available"] == {"amount": 500, "currency": "EUR"}
    other = await deposit(service, anna, 501, key)
    assert other.status_code == 409
    assert other.json()["type"].endswith("/key-reused")
    assert (await service.ask("GET", "/wallet", anna)).json()["available"]["amount"] == 600
    assert (await deposit(service, new_id(), 501, key)).status_code == 201  # keys are each user's own


async def test_twenty_deposits_at_once_keep_the_daily_limit(database: Database, clock: ManualClock) -> None:
    anna, key = new_id(), new_id()
    async with running_service(database, clock, deposit_daily_limit=1000) as service:
        answers = await asyncio.gather(*(deposit(service, anna, 90) for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [201] * 11 + [409] * 9
        refused = next(answer for answer in answers if answer.status_code == 409).json()
        assert refused["type"].endswith("/deposit-limit-reached")
        assert refused["left"] == {"amount": 10, "currency": "EUR"}
        assert (await service.ask("GET", "/wallet", anna)).json()["deposit_limit_left"]["amount"] == 10
        same = await asyncio.gather(*(deposit(service, anna, 10, key) for _ in range(10)))
        assert {answer.text for answer in same} == {same[0].text} and same[0].status_code == 201
        assert (await service.ask("GET", "/wallet", anna)).json()["available"]["amount"] == 1000
        clock.advance(timedelta(days=1))
        assert (await deposit(service, anna, 1000)).status_code == 201


async def test_what_cannot_be_deposited(service: Service) -> None:
    anna = new_id()
    for amount, currency, status in (
        (0, "EUR", 422),
        (-5, "EUR", 422),
        (10**9 + 1, "EUR", 422),
        (10**30, "EUR", 422),
        (5, "USD", 422),
        ("five", "EUR", 400),
        (5.5, "EUR", 400),
        (200_001, "EUR", 409),
    ):
        answer = await deposit(service, anna, amount, currency=currency)
        assert answer.status_code == status, (amount, currency, answer.text)
    assert (await deposit(service, anna, 5, "x" * 256)).status_code == 422
    body = {"amount": {"amount": 5, "currency": "EUR"}}
    assert (await service.ask("POST", "/wallet/deposits", anna, json=body)).status_code == 400
    assert (
        await service.ask("POST", "/wallet/deposits", json=body, headers={"idempotency-key": str(new_id())})
    ).status_code == 401
    assert (await service.ask("GET", "/wallet", anna)).json()["available"]["amount"] == 0


@pytest.mark.parametrize(
    ("name", "values"),
    [("cursor", ("-1", "x", "1" * 30, "1;DROP", "42")), ("limit", ("0", "101", "many"))],
)
async def test_a_question_for_a_page_that_cannot_be(service: Service, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        answer = await service.ask("GET", "/wallet/statement", new_id(), params={name: value})
        assert answer.status_code == 400, value


async def test_deposits_can_be_switched_off(database: Database, clock: ManualClock) -> None:
    async with running_service(database, clock, self_deposit=False) as service:
        anna = new_id()
        answer = await deposit(service, anna, 5)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (403, "deposits-closed")
        assert (await service.ask("GET", "/wallet", anna)).json()["deposit_limit_left"] is None


def test_only_the_embedded_size_lets_users_deposit_unless_told() -> None:
    outside = {"size": "compose", "database_url": "x", "amqp_url": "x", "identity_private_key": "x"}
    outside |= {"identity_public_keys": {"x": "y"}}  # type: ignore[dict-item]
    assert PaymentSettings().users_may_deposit
    assert not PaymentSettings(self_deposit=False).users_may_deposit
    assert not PaymentSettings(**outside).users_may_deposit  # type: ignore[arg-type]
    assert PaymentSettings(**outside, self_deposit=True).users_may_deposit  # type: ignore[arg-type]


async def test_admins_issue_money_and_it_is_known_who_did(database: Database, service: Service) -> None:
    admin, anna = new_id(), new_id()
    body = {"user_id": str(anna), "amount": {"amount": 10**9, "currency": "EUR"}, "reason": "opening gift"}
    assert (await service.ask("POST", "/issuances", anna, json=body)).status_code == 403
    assert (await service.ask("POST", "/issuances", anna, roles=("moderator",), json=body)).status_code == 403
    key = {"idempotency-key": str(new_id())}
    answers = [
        await service.ask("POST", "/issuances", admin, roles=("admin",), json=body, headers=key) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["available"]["amount"] == 10**9
    for reason in ("", "  ", "x" * 201, "a\x00b"):
        refused = await service.ask("POST", "/issuances", admin, roles=("admin",), json=body | {"reason": reason})
        assert refused.status_code == 422
    async with database.reading() as reader:
        rows = await reader.execute(text("SELECT kind, user_id, issued_by, amount, reason FROM issuance"))
        assert [tuple(row) for row in rows] == [("issuance", anna, admin, 10**9, "opening gift")]


async def test_a_closed_wallet_takes_no_money(database: Database, service: Service) -> None:
    anna = new_id()
    await fund(database, anna, 5)
    async with database.transaction() as session:
        await session.execute(text("UPDATE account SET status = 'closed' WHERE owner = :o"), {"o": anna})
    answer = await deposit(service, anna, 5)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (409, "wallet-closed")


async def test_anybody_may_see_the_proof(database: Database, service: Service) -> None:
    await fund(database, new_id(), 123)
    proof = (await service.http.get("/proof")).json()
    assert proof["issued"] == proof["wallets"] == {"amount": 123, "currency": "EUR"}
    assert proof["difference"]["amount"] == 0 and proof["transfers"] == 1


async def test_the_proof_names_the_newest_block(database: Database, clock: ManualClock) -> None:
    user_id = new_id()
    await fund(database, user_id, 123)
    async with running_service(database, clock, background=True) as service, asyncio.timeout(30):
        while True:
            proof = (await service.http.get("/proof")).json()
            if proof["newest_block"] is not None:
                break
            await asyncio.sleep(0.1)
        async with database.reading() as reader:
            kept = (await reader.execute(text("SELECT number, encode(hash, 'hex') FROM block"))).one()
        assert (proof["newest_block"]["number"], proof["newest_block"]["hash"]) == tuple(kept)
