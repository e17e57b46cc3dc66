"""Money sent to addresses that nobody has proved: it waits, arrives once, or comes back."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from payment.wallets.pending import LOOKED_AT_AFTER, TRIED_AGAIN_AFTER, WAITS_FOR, Settle
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import AddressProved
from souk.contracts.payment.events import TransferBooked, TransferReturned, TransferWaiting
from souk.database import Database
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.http.background import emitting
from souk.ids import new_id
from souk.mailboxes import mark_of
from tests.payment.builders import fund, proves, told
from tests.payment.conftest import Service, violations

BEN = "ben@bücher.example"


@pytest.fixture
async def anna(database: Database) -> UUID:
    user_id = new_id()
    await fund(database, user_id, 1000, proved=False)
    await proves(database, user_id, "anna@example.org")
    return user_id


@pytest.fixture
async def ben(database: Database) -> UUID:
    user_id = new_id()
    await fund(database, user_id, 1, proved=False)
    return user_id


async def send(service: Service, sender: UUID, *, key: Any = None, amount: int = 300, **to: Any) -> Any:
    body = {"amount": {"amount": amount, "currency": "EUR"}, "note": "for you"} | to
    headers = {"idempotency-key": str(key or new_id())}
    return await service.ask("POST", "/wallet/transfers", sender, headers=headers, json=body)


async def available(service: Service, user_id: UUID) -> int:
    return int((await service.ask("GET", "/wallet", user_id)).json()["available"]["amount"])


async def settle(service: Service, database: Database, clock: ManualClock, after: timedelta = LOOKED_AT_AFTER) -> int:
    clock.advance(after)
    async with database.transaction() as session:
        return await emitting(service.kernel.outbox, Settle(clock))(session)


async def test_it_waits_for_whoever_proves_the_address_and_both_are_told(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    answer = (await send(service, anna, email=BEN)).json()
    assert (answer["available"]["amount"], await available(service, ben)) == (700, 1)
    wallet = (await service.ask("GET", "/wallet", anna)).json()
    assert [(one["email"], one["amount"]["amount"]) for one in wallet["waiting"]] == [(BEN, 300)]
    assert wallet["waiting"][0]["returns_at"] == answer["waits_until"]
    proof = (await service.ask("GET", "/proof")).json()
    assert (proof["waiting"]["amount"], proof["difference"]["amount"]) == (300, 0)
    assert await settle(service, database, clock) == 1, "it is looked at"
    assert await settle(service, database, clock) == 0, "and then left alone"
    await proves(database, ben, "BEN@xn--bcher-kva.example")
    assert await settle(service, database, clock) == 1
    assert (await available(service, anna), await available(service, ben)) == (700, 301)
    for user, kind, name in ((anna, "transfer_waiting", BEN), (ben, "transfer_delivered", "")):
        line = (await service.ask("GET", "/wallet/statement", user)).json()["items"][0]
        assert (line["kind"], line["other_name"], line["note"]) == (kind, name, "for you")
    kinds = [type(event) for event in await told(database)]
    assert (kinds.count(TransferWaiting), kinds.count(TransferBooked)) == (1, 1)
    [booked] = [event for event in await told(database) if isinstance(event, TransferBooked)]
    assert (booked.sender_id, booked.recipient_id, booked.amount.amount) == (anna, ben, 300)
    assert await settle(service, database, clock, WAITS_FOR) == 0
    assert await violations(database) == []


async def test_nobody_proves_it_in_time_and_it_comes_back_once(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    await send(service, anna, email=BEN)
    await send(service, anna, recipient_id=str(ben), amount=200)
    assert await available(service, anna) == 500
    await settle(service, database, clock)
    await settle(service, database, clock, WAITS_FOR - 2 * LOOKED_AT_AFTER)
    assert await available(service, anna) == 500
    await asyncio.gather(*(settle(service, database, clock, LOOKED_AT_AFTER) for _ in range(4)))
    assert (await available(service, anna), await available(service, ben)) == (1000, 1)
    assert sum(isinstance(event, TransferReturned) for event in await told(database)) == 2
    await proves(database, ben, BEN)
    assert await settle(service, database, clock) == 0, "too late"
    assert await violations(database) == []


async def test_a_user_who_has_not_proved_anything_gets_it_after_that(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    answer = (await send(service, anna, recipient_id=str(ben))).json()
    assert answer["waits_until"] is not None and await available(service, ben) == 1
    await proves(database, ben, "elsewhere@example.org")
    assert await settle(service, database, clock) == 1
    assert await available(service, ben) == 301
    assert (await send(service, anna, recipient_id=str(ben))).json().get("waits_until") is None, "from now on at once"
    assert await available(service, ben) == 601
    assert await violations(database) == []


async def test_a_proof_that_comes_while_it_is_sent_is_not_missed(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    for number in range(5):
        sent, *_ = await asyncio.gather(
            send(service, anna, email=BEN, amount=10), proves(database, ben, BEN, version=number + 1)
        )
        assert sent.status_code == 201
    await settle(service, database, clock)
    assert (await available(service, anna), await available(service, ben)) == (950, 51)
    assert await violations(database) == []


async def test_the_same_key_sends_once_whatever_is_proved_meanwhile(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    key = new_id()
    first = await asyncio.gather(*(send(service, anna, key=key, email=BEN) for _ in range(5)))
    assert {(answer.status_code, answer.text) for answer in first} == {(201, first[0].text)}
    await proves(database, ben, BEN)
    await settle(service, database, clock)
    again = await send(service, anna, key=key, email=BEN)
    assert (again.status_code, again.json()["transfer_id"]) == (201, first[0].json()["transfer_id"])
    assert (await available(service, anna), await available(service, ben)) == (700, 301)
    for other in ({"email": "else@example.org"}, {"recipient_id": str(ben)}):
        assert (await send(service, anna, key=key, **other)).status_code == 409, other
    at_once = new_id()
    for _ in range(2):
        assert (await send(service, anna, key=at_once, email=BEN, amount=5)).status_code == 201
    assert await available(service, ben) == 306
    assert await violations(database) == []


async def test_the_newest_proof_counts_in_any_order_and_once(
    database: Database, service: Service, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    runner = next(one for one in service.kernel.runners if one.consumer.name == "payment.wallets")
    for times, order in enumerate(permutations((1, 2, 3))):
        news = []
        for version in order:
            mark = mark_of(f"ben{version}@example.org")
            event = AddressProved(user_id=ben, address_mark=mark, proved_at=clock.now())
            body = seal(
                "entrypoint", event, event_id=new_id(), time=clock.now(), sequence=10 * times + version, traceparent=""
            )
            news.append(Message(body, 1))
        for message in (*news, *news):
            await runner.handle([message])
        assert (await send(service, anna, email="ben3@example.org", amount=1)).json().get("waits_until") is None
        assert (await send(service, anna, email="ben1@example.org", amount=1)).json()["waits_until"] is not None
    assert await available(service, ben) == 1 + 6


async def test_it_counts_for_the_days_limit_and_is_refused_as_any_other(
    service: Service, anna: UUID, ben: UUID, database: Database
) -> None:
    for body, status in (
        ({"email": BEN, "recipient_id": str(ben)}, 422),
        ({}, 422),
        ({"email": "no address"}, 422),
        ({"email": "ANNA@example.org"}, 422),
        ({"recipient_id": str(new_id())}, 422),
        ({"email": BEN, "amount": 2000}, 409),
        ({"email": BEN, "amount": 100_001}, 409),
    ):
        assert (await send(service, anna, **body)).status_code == status, body
    before = (await service.ask("GET", "/wallet", anna)).json()["transfer_limit_left"]["amount"]
    await send(service, anna, email=BEN)
    after = (await service.ask("GET", "/wallet", anna)).json()["transfer_limit_left"]["amount"]
    assert before - after == 300
    assert await violations(database) == []


async def test_a_closed_wallet_takes_it_not_and_it_comes_back(
    database: Database, service: Service, clock: ManualClock, anna: UUID
) -> None:
    carl = new_id()
    await fund(database, carl, 1, proved=False)
    await send(service, anna, email=BEN)
    async with database.transaction() as session:
        await session.execute(text("UPDATE account SET status = 'closed' WHERE owner = :carl"), {"carl": carl})
    await proves(database, carl, BEN)
    assert await settle(service, database, clock) == 1
    assert await available(service, anna) == 700
    await settle(service, database, clock, WAITS_FOR + TRIED_AGAIN_AFTER)
    assert (await available(service, anna), await available(service, carl)) == (1000, 1)
    assert await violations(database) == []


async def test_a_wallet_whose_money_waits_is_not_closed(service: Service, anna: UUID, database: Database) -> None:
    await send(service, anna, email=BEN, amount=1000)
    body = {"status": "closed", "reason": "left"}
    refused = await service.ask("POST", f"/wallets/{anna}/status", new_id(), roles=("admin",), json=body)
    assert refused.status_code == 409 and refused.json()["waiting"]["amount"] == 1000
