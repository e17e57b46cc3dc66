"""Partial refunds: out of escrow before the settlement; from the seller, the fee and what the seller owes after it."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.audit import CHECKS
from payment.escrow.consumers import escrow_consumers
from payment.escrow.refunds import fee_part
from payment.escrow.tables import Escrow
from payment.ledger.proof import Prover
from payment.settings import PaymentSettings
from souk.clock import ManualClock
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled, RefundBooked
from souk.contracts.store.events import PaymentRequested
from souk.database import Database
from souk.events import Consumer
from souk.events.consumer import RETRY_DELAYS
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, eur, fund, handle, message, payment, refund_of, told
from tests.payment.conftest import Service

CAPTURES, SETTLEMENTS, REFUNDS, PARTIAL = (
    "payment.captures",
    "payment.settlements",
    "payment.refunds",
    "payment.partial-refunds",
)


@pytest.fixture
def consumers(service: Service) -> Sequence[Consumer]:
    return escrow_consumers(service.kernel, PaymentSettings())


async def balances(database: Database, owner: UUID) -> tuple[int, int]:
    """What a user's wallet has, and what they owe."""
    async with database.reading() as reader:
        rows = await reader.execute(text("SELECT kind, balance FROM account WHERE owner = :o"), {"o": owner})
        found = {row.kind: row.balance for row in rows}
    return found.get("wallet", 0), -found.get("receivable", 0)


async def settled(database: Database, consumers: Sequence[Consumer], seller: UUID, amount: int) -> PaymentRequested:
    """An order whose seller has been paid."""
    buyer = new_id()
    await fund(database, buyer, amount)
    request = payment(buyer, [(seller, amount)])
    assert await handle(database, consumers, CAPTURES, request) == ["done"]
    assert await handle(database, consumers, SETTLEMENTS, delivered(request)) == ["done"]
    return request


async def spend(database: Database, consumers: Sequence[Consumer], user_id: UUID, amount: int) -> PaymentRequested:
    request = payment(user_id, [(new_id(), amount)])
    assert await handle(database, consumers, CAPTURES, request) == ["done"]
    return request


async def test_parts_come_out_of_escrow_and_the_rest_is_settled(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 1000)])
    await handle(database, consumers, CAPTURES, request)
    first, second = refund_of(request, 300), refund_of(request, 100)
    assert await handle(database, consumers, PARTIAL, first, second) == ["done", "done"]
    rest = msgspec.structs.replace(delivered(request), amount=eur(600))
    assert await handle(database, consumers, SETTLEMENTS, rest, delivered(request)) == ["done", "retry"]
    booked, _, last = (await told(database))[1:]
    assert isinstance(booked, RefundBooked) and isinstance(last, EscrowSettled)
    assert (booked.refund_id, booked.amount, booked.lines, booked.reason) == (
        first.refund_id,
        eur(300),
        first.lines,
        "scratched",
    )
    assert (booked.fee, booked.from_seller, booked.owed) == (eur(0), eur(0), eur(0))
    assert (last.to_seller, last.fee, last.recovered) == (eur(570), eur(30), None)
    assert await balances(database, buyer) == (400, 0)
    assert await balances(database, seller) == (570, 0)


async def test_an_ending_waits_for_the_refunds_that_were_decided_before(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 600), (seller, 400)])
    await handle(database, consumers, CAPTURES, request)
    settle = msgspec.structs.replace(delivered(request), amount=eur(500))
    cancel = msgspec.structs.replace(cancelled(request, 1), amount=eur(390))
    assert await handle(database, consumers, SETTLEMENTS, settle) == ["retry"]
    assert await handle(database, consumers, REFUNDS, cancel) == ["retry"]
    assert (
        await handle(database, consumers, PARTIAL, refund_of(request, 100), refund_of(request, 10, which=1))
        == ["done"] * 2
    )
    assert await handle(database, consumers, SETTLEMENTS, settle) == ["done"]
    assert await handle(database, consumers, REFUNDS, cancel, cancel) == ["done"] * 2
    back = [event for event in await told(database) if isinstance(event, EscrowRefunded)]
    assert [event.amount for event in back] == [eur(390)]
    assert await balances(database, buyer) == (500, 0)


async def test_everything_refunded_in_parts_ends_the_escrow(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer = new_id()
    await fund(database, buyer, 500)
    request = payment(buyer, [(new_id(), 500)])
    await handle(database, consumers, CAPTURES, request)
    assert await handle(database, consumers, PARTIAL, refund_of(request, 200), refund_of(request, 300)) == ["done"] * 2
    last = len(RETRY_DELAYS) + 1
    for late in (refund_of(request, 1), refund_of(request, 1, "seller")):
        assert await handle(database, consumers, PARTIAL, message(late)) == ["retry"]
    assert await handle(database, consumers, SETTLEMENTS, message(delivered(request), attempt=last)) == ["dead"]
    assert await balances(database, buyer) == (500, 0)


async def test_after_the_settlement_the_fee_goes_back_in_proportion(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 1000)  # 950 and a fee of 50
    assert await handle(database, consumers, PARTIAL, refund_of(request, 100, "seller")) == ["done"]
    booked = (await told(database))[-1]
    assert isinstance(booked, RefundBooked)
    assert (booked.fee, booked.from_seller, booked.owed) == (eur(5), eur(95), eur(0))
    assert await balances(database, seller) == (855, 0)
    assert await balances(database, request.buyer_id) == (100, 0)
    assert await handle(database, consumers, PARTIAL, refund_of(request, 900, "seller")) == ["done"]
    assert await balances(database, seller) == (0, 0)
    assert await balances(database, request.buyer_id) == (1000, 0)


@pytest.mark.parametrize("seed", range(6))
async def test_however_an_order_is_refunded_all_of_the_fee_comes_back(
    database: Database, consumers: Sequence[Consumer], seed: int
) -> None:
    dice = random.Random(seed)
    amount = dice.choice([7, 99, 333, 1001])
    seller = new_id()
    request = await settled(database, consumers, seller, amount)
    left = amount
    while left:
        some = dice.randint(1, min(left, amount // 3))
        assert await handle(database, consumers, PARTIAL, refund_of(request, some, "seller")) == ["done"]
        left -= some
    assert await balances(database, seller) == (0, 0)
    assert await balances(database, request.buyer_id) == (amount, 0)
    async with database.reading() as reader:
        fees = text("SELECT sum(amount) FROM entry e JOIN account a ON a.id = e.account_id WHERE a.kind = 'fees'")
        assert not await reader.scalar(fees)


def test_no_part_returns_more_fee_than_it_is() -> None:
    for amount in range(1, 40):
        for fee in range(amount + 1):
            row = Escrow(amount=amount, settled=amount, fee=fee, refunded=0, returned=0, fee_returned=0)
            for _ in range(amount):
                back = fee_part(row, 1)
                assert 0 <= back <= 1
                row.returned, row.fee_returned = row.returned + 1, row.fee_returned + back
            assert row.fee_returned == fee


async def test_what_the_wallet_lacks_is_owed_and_recovered_from_the_next_settlements(
    database: Database, consumers: Sequence[Consumer], clock: ManualClock
) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 1000)
    await spend(database, consumers, seller, 900)  # 50 left
    await handle(database, consumers, PARTIAL, refund_of(request, 1000, "seller"))
    booked = (await told(database))[-1]
    assert isinstance(booked, RefundBooked)
    assert (booked.fee, booked.from_seller, booked.owed) == (eur(50), eur(50), eur(900))
    assert await balances(database, seller) == (0, 900)
    assert await balances(database, request.buyer_id) == (1000, 0)
    proof = await Prover(database, clock, "EUR").proof()
    assert (proof.receivables, proof.difference) == (eur(-900), eur(0))
    await settled(database, consumers, seller, 200)
    event = (await told(database))[-1]
    assert isinstance(event, EscrowSettled) and (event.to_seller, event.recovered) == (eur(190), eur(190))
    assert await balances(database, seller) == (0, 710)
    await settled(database, consumers, seller, 1000)
    event = (await told(database))[-1]
    assert isinstance(event, EscrowSettled) and (event.to_seller, event.recovered) == (eur(950), eur(710))
    assert await balances(database, seller) == (240, 0)


async def test_a_frozen_wallet_gives_nothing_and_its_owner_owes(
    database: Database, consumers: Sequence[Consumer], service: Service
) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 100)
    body = {"status": "frozen", "reason": "a complaint"}
    await service.ask("POST", f"/wallets/{seller}/status", new_id(), roles=("admin",), json=body)
    assert await handle(database, consumers, PARTIAL, refund_of(request, 100, "seller")) == ["done"]
    assert await balances(database, seller) == (95, 95)
    seen = (await service.ask("GET", "/wallet", seller)).json()
    assert (seen["owed"]["amount"], seen["available"]["amount"], seen["status"]) == (95, 95, "frozen")


async def test_one_batch_counts_what_its_own_refunds_and_settlements_do(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    """Two refunds of one seller, and a seller who is the buyer of the other refund, in one transaction."""
    anna, ben = new_id(), new_id()
    await fund(database, anna, 1000)
    await fund(database, ben, 1000)
    first, second = payment(anna, [(ben, 1000)]), payment(ben, [(anna, 1000)])
    await handle(database, consumers, CAPTURES, first, second)
    await handle(database, consumers, SETTLEMENTS, delivered(first), delivered(second))
    await spend(database, consumers, anna, 950)
    await spend(database, consumers, ben, 950)
    parts = [refund_of(first, 400, "seller"), refund_of(first, 400, "seller"), refund_of(second, 600, "seller")]
    assert await handle(database, consumers, PARTIAL, *parts) == ["done"] * 3
    # Ben had nothing and owes 2 x 380; anna got 800, of which her own refund took 570.
    assert await balances(database, ben) == (600, 760)
    assert await balances(database, anna) == (230, 0)
    sales = [payment(anna, [(ben, 100)]), payment(anna, [(ben, 100)])]
    await handle(database, consumers, CAPTURES, *sales)
    assert await handle(database, consumers, SETTLEMENTS, *map(delivered, sales)) == ["done"] * 2
    assert await balances(database, ben) == (600, 570)


async def test_everything_twice_happens_once(database: Database, consumers: Sequence[Consumer]) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 1000)
    event = refund_of(request, 400, "seller")
    delivery = message(event)
    assert await handle(database, consumers, PARTIAL, delivery, delivery) == ["done"] * 2
    assert await handle(database, consumers, PARTIAL, delivery, event, event) == ["done"] * 3
    assert len([told for told in await told(database) if isinstance(told, RefundBooked)]) == 1
    assert await balances(database, seller) == (570, 0)


async def test_out_of_order_waits_and_hurts_no_neighbour(database: Database, consumers: Sequence[Consumer]) -> None:
    seller, buyer = new_id(), new_id()
    fine = await settled(database, consumers, seller, 1000)
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 1000)])
    early = message(refund_of(request, 100))
    assert await handle(database, consumers, PARTIAL, early, refund_of(fine, 10, "seller")) == ["retry", "done"]
    await handle(database, consumers, CAPTURES, request)
    after = message(refund_of(request, 50, "seller"))
    assert await handle(database, consumers, PARTIAL, after, early) == ["retry", "done"]
    await handle(database, consumers, SETTLEMENTS, msgspec.structs.replace(delivered(request), amount=eur(900)))
    assert await handle(database, consumers, PARTIAL, after) == ["done"]
    assert await balances(database, buyer) == (150, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": eur(1001)},
        {"amount": eur(0)},
        {"seller_id": new_id()},
        {"buyer_id": new_id()},
        {"source": "escrow"},
    ],
)
async def test_what_does_not_fit_the_order_is_refused(
    database: Database, consumers: Sequence[Consumer], change: dict[str, Any]
) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 1000)
    wrong = msgspec.structs.replace(refund_of(request, 100, "seller"), **change)
    assert await handle(database, consumers, PARTIAL, wrong) == ["retry"]
    assert await balances(database, seller) == (950, 0)


async def test_refunds_settlements_and_spending_race(database: Database, consumers: Sequence[Consumer]) -> None:
    """What is refunded is taken once: from the wallet, or as owed; never more than was captured, in no order."""
    seller = new_id()
    paid = [await settled(database, consumers, seller, 100) for _ in range(6)]
    buyer = new_id()
    await fund(database, buyer, 600)
    to_settle = [payment(buyer, [(seller, 100)]) for _ in range(6)]
    await handle(database, consumers, CAPTURES, *to_settle)
    purchases = [payment(seller, [(new_id(), 60)]) for _ in range(8)]
    work = [
        handle(database, consumers, PARTIAL, refund_of(request, 30, "seller")) for request in paid for _ in range(4)
    ]
    work += [handle(database, consumers, SETTLEMENTS, delivered(request)) for request in to_settle]
    work += [handle(database, consumers, CAPTURES, request) for request in purchases]
    random.Random(7).shuffle(work)
    outcomes = await asyncio.gather(*work)
    # a fourth 30 of 100 is more than there was
    assert sum(outcome == ["retry"] for outcome in outcomes) == 6
    booked = [event for event in await told(database) if isinstance(event, RefundBooked)]
    assert sum(event.amount.amount for event in booked) == 18 * 30
    spent = 600 * 95 // 100 + 6 * 95 - sum(event.amount.amount - event.fee.amount for event in booked)
    available, owed = await balances(database, seller)
    async with database.reading() as reader:
        held = text("SELECT coalesce(sum(amount), 0) FROM escrow WHERE buyer_id = :s")
        assert available - owed == spent - int(await reader.scalar(held, {"s": seller}) or 0)


async def test_the_database_itself_refuses(database: Database, consumers: Sequence[Consumer]) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 100)
    await handle(database, consumers, PARTIAL, refund_of(request, 100, "seller"))
    for change in (
        "UPDATE refund SET amount = 1",
        "DELETE FROM refund",
        "UPDATE escrow SET returned = settled + 1",
        "UPDATE escrow SET fee_returned = fee + 1",
        "UPDATE escrow SET refunded = 1",
        "UPDATE escrow SET status = 'held', ended_at = NULL",
    ):
        with pytest.raises(DBAPIError):
            async with database.transaction() as session:
                await session.execute(text(change))


BREAKAGES = {
    "escrow says what the entries say": "UPDATE escrow SET amount = amount + 1, settled = settled + 1 WHERE status = 'settled'",
    "refunds are booked as they are noted": "UPDATE refund SET fee = fee + 1, owed = owed - 1",
    "refunds after the settlement are counted, with the fee in proportion": "UPDATE escrow SET fee_returned = 1"
    " WHERE status = 'settled'",
    "the settled fee is what the entries say": "UPDATE escrow SET fee = fee + 1 WHERE status = 'settled'",
    "what sellers owe is refunds less recoveries, and nobody is owed": "UPDATE account SET balance = balance - 1"
    " WHERE kind = 'receivable'",
    "refunds at most what was captured": "UPDATE escrow SET amount = 10, settled = 10, fee = 0, returned = 0,"
    " fee_returned = 0 WHERE status = 'settled'",
}


async def test_the_audit_notices_what_is_wrong(
    database: Database, consumers: Sequence[Consumer], postgres: Any
) -> None:
    seller = new_id()
    request = await settled(database, consumers, seller, 100)
    await spend(database, consumers, seller, 95)
    await handle(database, consumers, PARTIAL, refund_of(request, 50, "seller"))
    admin = await postgres.admin(database.engine.url.database)
    try:
        await admin.execute("SET session_replication_role = replica")  # goes round the triggers
        for name, breakage in BREAKAGES.items():
            [check] = [check for check in CHECKS if check.name == name]
            transaction = admin.transaction()
            await transaction.start()
            await admin.execute(breakage)
            assert await admin.fetch(check.sql), name
            await transaction.rollback()
    finally:
        await admin.close()
