"""Money that users send to each other."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from souk.clock import ManualClock
from souk.contracts.payment.events import TransferBooked
from souk.database import Database
from souk.ids import derived_id, new_id
from tests.payment.builders import eur, fund, told
from tests.payment.conftest import Service, running_service


async def send(
    service: Service,
    sender: UUID,
    recipient: Any,
    amount: Any,
    *,
    key: Any = None,
    note: Any = "",
    currency: str = "EUR",
) -> httpx.Response:
    body = {"recipient_id": str(recipient), "amount": {"amount": amount, "currency": currency}, "note": note}
    headers = {"idempotency-key": str(key or new_id())}
    return await service.ask("POST", "/wallet/transfers", sender, headers=headers, json=body)


async def available(service: Service, user_id: UUID) -> int:
    return int((await service.ask("GET", "/wallet", user_id)).json()["available"]["amount"])


@pytest.fixture
async def anna(database: Database) -> UUID:
    user_id = new_id()
    await fund(database, user_id, 1000)
    return user_id


@pytest.fixture
async def ben(database: Database) -> UUID:
    user_id = new_id()
    await fund(database, user_id, 1)
    return user_id


async def test_money_is_sent_with_a_note_and_both_can_be_told(
    database: Database, service: Service, anna: UUID, ben: UUID
) -> None:
    key = new_id()
    answer = await send(service, anna, ben, 300, key=key, note=" for the tickets ")
    transfer_id = derived_id("transfer", anna, key)
    assert answer.status_code == 201
    assert answer.json() == {
        "transfer_id": str(transfer_id),
        "amount": {"amount": 300, "currency": "EUR"},
        "available": {"amount": 700, "currency": "EUR"},
        "waits_until": None,
    }
    [event] = [event for event in await told(database) if isinstance(event, TransferBooked)]
    assert (event.transfer_id, event.sender_id, event.recipient_id) == (transfer_id, anna, ben)
    assert (event.amount, event.note) == (eur(300), "for the tickets")
    for user, other, amount in ((anna, ben, -300), (ben, anna, 300)):
        line = (await service.ask("GET", "/wallet/statement", user)).json()["items"][0]
        assert (line["kind"], line["amount"]["amount"], line["other_id"], line["note"]) == (
            "transfer",
            amount,
            str(other),
            "for the tickets",
        )


async def test_the_same_key_sends_once(database: Database, service: Service, anna: UUID, ben: UUID) -> None:
    key = new_id()
    answers = await asyncio.gather(*(send(service, anna, ben, 300, key=key, note="once") for _ in range(8)))
    answers.append(await send(service, anna, ben, 300, key=key, note="once"))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert (await available(service, anna), await available(service, ben)) == (700, 301)
    assert len([event for event in await told(database) if isinstance(event, TransferBooked)]) == 1
    for changed in ({"amount": 301}, {"note": "other"}, {"recipient": new_id()}):
        fields: dict[str, Any] = {"recipient": ben, "amount": 300, "note": "once"} | changed
        other = await send(service, anna, fields["recipient"], fields["amount"], key=key, note=fields["note"])
        assert (other.status_code, other.json()["type"].rsplit("/", 1)[-1]) == (409, "key-reused"), changed
    assert (await send(service, ben, anna, 300, key=key)).status_code == 201  # keys are each user's own
    assert (await available(service, anna), await available(service, ben)) == (1000, 1)


async def test_many_at_once_keep_the_balance(database: Database, service: Service, anna: UUID, ben: UUID) -> None:
    """In both directions, so that two that lock in another order would wait for each other for ever."""
    await fund(database, ben, 999)
    there = [send(service, anna, ben, 70) for _ in range(30)]
    back = [send(service, ben, anna, 70) for _ in range(30)]
    answers = await asyncio.gather(*(call for pair in zip(there, back, strict=True) for call in pair))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {a.json()["type"].rsplit("/", 1)[-1] for a in answers if a.status_code == 409} <= {"insufficient-funds"}
    sent = sum(70 if a.status_code == 201 else 0 for a in answers[::2])
    came = sum(70 if a.status_code == 201 else 0 for a in answers[1::2])
    assert (await available(service, anna), await available(service, ben)) == (1000 - sent + came, 1000 + sent - came)


async def test_one_wallet_is_never_overdrawn(service: Service, anna: UUID, ben: UUID) -> None:
    answers = await asyncio.gather(*(send(service, anna, ben, 90) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 11 + [409] * 9
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert (refused["type"].rsplit("/", 1)[-1], refused["missing"]["amount"]) == ("insufficient-funds", 80)
    assert await available(service, anna) == 10


async def test_many_at_once_keep_the_limit_also_over_two_instances(
    database: Database, clock: ManualClock, anna: UUID, ben: UUID
) -> None:
    limit = {"transfer_daily_limit": 500}
    async with running_service(database, clock, **limit) as one, running_service(database, clock, **limit) as two:
        answers = await asyncio.gather(*(send((one, two)[n % 2], anna, ben, 45) for n in range(24)))
        assert sorted(answer.status_code for answer in answers) == [201] * 11 + [409] * 13
        refused = next(answer for answer in answers if answer.status_code == 409).json()
        assert refused["type"].rsplit("/", 1)[-1] == "transfer-limit-reached"
        assert refused["left"] == {"amount": 5, "currency": "EUR"}
        left = (await one.ask("GET", "/wallet", anna)).json()["transfer_limit_left"]
        assert left == {"amount": 5, "currency": "EUR"}
        clock.advance(timedelta(days=1))
        assert (await send(one, anna, ben, 45)).status_code == 201


async def test_a_decline_is_remembered(database: Database, service: Service, anna: UUID, ben: UUID) -> None:
    key = new_id()
    assert (await send(service, anna, ben, 1001, key=key)).status_code == 409
    await fund(database, anna, 1000)
    again = await send(service, anna, ben, 1001, key=key)
    assert (again.status_code, again.json()["missing"]["amount"]) == (409, 1)
    assert (await send(service, anna, ben, 1001)).status_code == 201


async def test_what_cannot_be_sent(service: Service, anna: UUID, ben: UUID) -> None:
    for recipient, amount, currency, note, status, field in (
        (anna, 5, "EUR", "", 422, "recipient_id"),
        (new_id(), 5, "EUR", "", 422, "recipient_id"),
        ("nobody", 5, "EUR", "", 400, "recipient_id"),
        (ben, 0, "EUR", "", 422, "amount"),
        (ben, -5, "EUR", "", 422, "amount"),
        (ben, 10**30, "EUR", "", 422, "amount"),
        (ben, 5, "USD", "", 422, "amount"),
        (ben, 5.5, "EUR", "", 400, "amount"),
        (ben, 5, "EUR", "x" * 141, 400, "note"),
        (ben, 5, "EUR", "two\nlines", 422, "note"),
        (ben, 5, "EUR", "a\x00b", 422, "note"),
    ):
        answer = await send(service, anna, recipient, amount, note=note, currency=currency)
        assert answer.status_code == status, (recipient, amount, currency, note, answer.text)
        assert field in answer.text
    assert (await send(service, anna, ben, 100_001)).json()["type"].endswith("/transfer-limit-reached")
    assert (await send(service, anna, ben, 5, key="two words")).status_code == 422
    assert await available(service, anna) == 1000


async def test_sending_can_be_switched_off(database: Database, clock: ManualClock, anna: UUID, ben: UUID) -> None:
    async with running_service(database, clock, transfer_daily_limit=0) as service:
        assert (await send(service, anna, ben, 1)).status_code == 409


async def test_what_was_sent_is_never_changed(database: Database, service: Service, anna: UUID, ben: UUID) -> None:
    await send(service, anna, ben, 5)
    for statement in ("UPDATE user_transfer SET note = 'x'", "DELETE FROM user_transfer", "TRUNCATE user_transfer"):
        with pytest.raises(DBAPIError):
            async with database.transaction() as session:
                await session.execute(text(statement))
