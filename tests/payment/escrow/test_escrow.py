"""Captures, settlements and refunds, in any order and however often they are asked for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from payment.escrow.consumers import escrow_consumers
from payment.ledger.proof import Prover, roll_up
from payment.settings import PaymentSettings
from souk.clock import ManualClock
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled, PaymentCaptured, PaymentDeclined
from souk.contracts.store.events import OrderCancelled, OrderDelivered, PaymentRequested
from souk.database import Database
from souk.events import Consumer
from souk.events.consumer import RETRY_DELAYS
from souk.ids import derived_id, new_id
from tests.payment.builders import cancelled, delivered, eur, fund, handle, message, payment, told
from tests.payment.conftest import Service

CAPTURES, SETTLEMENTS, REFUNDS = "payment.captures", "payment.settlements", "payment.refunds"
ROOM = {PaymentRequested: CAPTURES, OrderDelivered: SETTLEMENTS, OrderCancelled: REFUNDS}


@pytest.fixture
def consumers(service: Service) -> Sequence[Consumer]:
    return escrow_consumers(service.kernel, PaymentSettings())


async def balance(database: Database, owner: UUID) -> int:
    async with database.reading() as reader:
        return int(await reader.scalar(text("SELECT balance FROM account WHERE owner = :o"), {"o": owner}) or 0)


async def test_a_purchase_is_captured_as_a_whole(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer, anna, ben = new_id(), new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(anna, 300), (ben, 250)])
    assert await handle(database, consumers, CAPTURES, request) == ["done"]
    [event] = await told(database)
    assert isinstance(event, PaymentCaptured)
    assert (event.purchase_id, event.amount) == (request.purchase_id, eur(550))
    assert event.transfer_id == derived_id("capture", request.purchase_id)
    assert await balance(database, buyer) == 450
    assert [await balance(database, order.order_id) for order in request.orders] == [300, 250]


async def test_operators_see_where_the_money_is_and_nobody_else(
    database: Database, service: Service, consumers: Sequence[Consumer]
) -> None:
    buyer, boss = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(new_id(), 300), (new_id(), 250)])
    path = f"/internal/captures/{request.purchase_id}"
    assert (await service.ask("GET", path, boss, roles=("admin",))).status_code == 404
    await handle(database, consumers, CAPTURES, request)
    await handle(database, consumers, SETTLEMENTS, delivered(request))
    seen = (await service.ask("GET", path, boss, roles=("admin",))).json()
    assert seen["outcome"] == "captured"
    states = {escrow["order_id"]: (escrow["status"], escrow["held"]["amount"]) for escrow in seen["escrows"]}
    settled, held = (str(order.order_id) for order in request.orders)
    assert states == {settled: ("settled", 0), held: ("held", 250)}
    for user, roles in ((None, ()), (buyer, ()), (new_id(), ("moderator",))):
        assert (await service.ask("GET", path, user, roles=roles)).status_code in (401, 403)


async def test_too_little_money_moves_nothing_and_says_how_much_is_missing(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer = new_id()
    await fund(database, buyer, 500)
    request = payment(buyer, [(new_id(), 300), (new_id(), 250)])
    await handle(database, consumers, CAPTURES, request)
    assert await told(database) == [
        PaymentDeclined(purchase_id=request.purchase_id, reason="insufficient_funds", missing=eur(50))
    ]
    assert await balance(database, buyer) == 500
    await fund(database, buyer, 500)
    await handle(database, consumers, CAPTURES, request)  # asked again by another event: the first answer stands
    assert len(await told(database)) == 1


async def test_a_buyer_nobody_has_heard_of_has_no_money(database: Database, consumers: Sequence[Consumer]) -> None:
    request = payment(new_id(), [(new_id(), 10)])
    await handle(database, consumers, CAPTURES, request)
    [event] = await told(database)
    assert isinstance(event, PaymentDeclined) and event.missing == eur(10)


async def test_a_late_request_is_declined_and_a_frozen_wallet_too(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer, frozen = new_id(), new_id()
    await fund(database, buyer, 500)
    await fund(database, frozen, 500)
    async with database.transaction() as session:
        await session.execute(text("UPDATE account SET status = 'frozen' WHERE owner = :o"), {"o": frozen})
    late, stuck = payment(buyer, [(new_id(), 10)], expires_in=-1), payment(frozen, [(new_id(), 10)])
    assert await handle(database, consumers, CAPTURES, late, stuck) == ["done", "done"]
    reasons = {event.purchase_id: event.reason for event in await told(database) if isinstance(event, PaymentDeclined)}
    assert reasons == {late.purchase_id: "expired", stuck.purchase_id: "wallet_closed"}
    assert await balance(database, buyer) == 500


async def test_a_captured_purchase_stays_captured_when_asked_again_too_late(
    database: Database, consumers: Sequence[Consumer], clock: ManualClock
) -> None:
    buyer = new_id()
    await fund(database, buyer, 100)
    request = payment(buyer, [(new_id(), 60)])
    await handle(database, consumers, CAPTURES, request)
    clock.advance(timedelta(minutes=5))
    await handle(database, consumers, CAPTURES, request)
    assert [type(event) for event in await told(database)] == [PaymentCaptured]
    assert await balance(database, buyer) == 40


async def test_settlement_pays_the_seller_less_the_fee(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 250)])
    await handle(database, consumers, CAPTURES, request)
    await handle(database, consumers, SETTLEMENTS, delivered(request))
    event = (await told(database))[-1]
    assert isinstance(event, EscrowSettled)
    assert (event.to_seller, event.fee) == (eur(237), eur(13))  # 5 % of 250 is 12.5, rounded half up
    assert await balance(database, seller) == 237
    assert await balance(database, request.orders[0].order_id) == 0


@pytest.mark.parametrize(
    ("rate", "amount", "fee"), [(0, 250, 0), (10_000, 250, 250), (500, 9, 0), (500, 10, 1), (1, 5000, 1)]
)
async def test_the_fee_at_its_edges(database: Database, service: Service, rate: int, amount: int, fee: int) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 5000)
    consumers = escrow_consumers(service.kernel, PaymentSettings(fee_basis_points=rate))
    request = payment(buyer, [(seller, amount)])
    await handle(database, consumers, CAPTURES, request)
    assert await handle(database, consumers, SETTLEMENTS, delivered(request)) == ["done"]
    assert await balance(database, seller) == amount - fee


async def test_refund_gives_everything_back(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer = new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(new_id(), 250), (new_id(), 100)])
    await handle(database, consumers, CAPTURES, request)
    await handle(database, consumers, REFUNDS, cancelled(request, 0))
    event = (await told(database))[-1]
    assert isinstance(event, EscrowRefunded) and event.amount == eur(250)
    assert await balance(database, buyer) == 900


async def test_everything_twice_happens_once(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 250), (seller, 100)])
    for event in (request, delivered(request, 0), cancelled(request, 1)):
        delivery = message(event)
        name = ROOM[type(event)]
        # the same message twice, once more in another delivery, and the same thing said by other messages
        assert await handle(database, consumers, name, delivery, delivery) == ["done"] * 2
        assert await handle(database, consumers, name, delivery, event, event) == ["done"] * 3
    assert [type(event) for event in await told(database)] == [PaymentCaptured, EscrowSettled, EscrowRefunded]
    assert (await balance(database, buyer), await balance(database, seller)) == (750, 237)


async def test_what_comes_before_the_capture_waits(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request, other = payment(buyer, [(seller, 250), (seller, 100)]), payment(buyer, [(seller, 10)])
    await handle(database, consumers, CAPTURES, other)
    settle, refund = message(delivered(request, 0)), message(cancelled(request, 1))
    # one that must wait does not keep the one beside it
    assert await handle(database, consumers, SETTLEMENTS, settle, message(delivered(other))) == [
        "retry",
        "done",
    ]
    assert await handle(database, consumers, REFUNDS, refund) == ["retry"]
    await handle(database, consumers, CAPTURES, request)
    assert await handle(database, consumers, SETTLEMENTS, settle) == ["done"]
    assert await handle(database, consumers, REFUNDS, refund) == ["done"]
    assert await balance(database, buyer) == 740


async def test_an_escrow_ends_once(database: Database, consumers: Sequence[Consumer]) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 250), (seller, 100)])
    await handle(database, consumers, CAPTURES, request)
    await handle(database, consumers, SETTLEMENTS, delivered(request, 0))
    await handle(database, consumers, REFUNDS, cancelled(request, 1))
    last = len(RETRY_DELAYS) + 1
    assert await handle(database, consumers, REFUNDS, message(cancelled(request, 0), attempt=last)) == ["dead"]
    assert await handle(database, consumers, SETTLEMENTS, message(delivered(request, 1), attempt=last)) == ["dead"]
    async with database.reading() as reader:
        errors = list(await reader.scalars(text("SELECT error FROM dead_letter ORDER BY died_at")))
    assert "was settled; it cannot be refunded" in errors[0]
    assert "was refunded; it cannot be settled" in errors[1]
    assert (await balance(database, buyer), await balance(database, seller)) == (750, 237)


@pytest.mark.parametrize("change", [{"amount": eur(249)}, {"amount": eur(251)}, {"seller_id": new_id()}])
async def test_a_settlement_that_is_not_what_was_captured_is_refused(
    database: Database, consumers: Sequence[Consumer], change: dict[str, Any]
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 250)])
    await handle(database, consumers, CAPTURES, request)
    wrong = msgspec.structs.replace(delivered(request), **change)
    assert await handle(database, consumers, SETTLEMENTS, wrong) == ["retry"]
    assert await balance(database, request.orders[0].order_id) == 250


async def test_a_settlement_to_a_closed_wallet_waits_until_it_is_open(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    await fund(database, seller, 1)
    request = payment(buyer, [(seller, 100)])
    await handle(database, consumers, CAPTURES, request)
    for status, outcome in (("closed", "retry"), ("open", "done")):
        async with database.transaction() as session:
            await session.execute(text("UPDATE account SET status = :s WHERE owner = :o"), {"s": status, "o": seller})
        assert await handle(database, consumers, SETTLEMENTS, delivered(request)) == [outcome]
    assert await balance(database, seller) == 96


async def test_a_request_that_makes_no_sense_hurts_nobody_else(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer = new_id()
    await fund(database, buyer, 1000)
    good, empty, free = payment(buyer, [(new_id(), 10)]), payment(buyer, []), payment(buyer, [(new_id(), 0)])
    assert await handle(database, consumers, CAPTURES, empty, good, free) == ["retry", "done", "retry"]
    assert await balance(database, buyer) == 990


async def test_thirty_captures_at_once_never_overdraw_a_wallet(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer = new_id()
    await fund(database, buyer, 1000)
    requests = [payment(buyer, [(new_id(), 60), (new_id(), 40)]) for _ in range(30)]
    await asyncio.gather(*(handle(database, consumers, CAPTURES, request) for request in requests))
    kinds = [type(event) for event in await told(database)]
    assert (kinds.count(PaymentCaptured), kinds.count(PaymentDeclined)) == (10, 20)
    assert await balance(database, buyer) == 0


async def test_settlements_and_refunds_that_race_end_each_escrow_once(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    requests = [payment(buyer, [(seller, 10)]) for _ in range(12)]
    await handle(database, consumers, CAPTURES, *requests)
    races = [handle(database, consumers, SETTLEMENTS, *map(delivered, requests))]
    races += [handle(database, consumers, REFUNDS, *map(cancelled, reversed(requests)))]
    races += [handle(database, consumers, SETTLEMENTS, *map(delivered, reversed(requests)))]
    await asyncio.gather(*races)
    kinds = [type(event) for event in await told(database)]
    assert kinds.count(EscrowSettled) + kinds.count(EscrowRefunded) == 12


async def test_a_crash_between_commit_and_acknowledgement_is_harmless(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    """The broker delivers again what was handled, to an instance that knows nothing but the database."""
    buyer = new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(new_id(), 100)])
    delivery = message(request)
    await handle(database, consumers, CAPTURES, delivery)
    other = Database(
        database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        service="payment",
    )
    assert await handle(other, consumers, CAPTURES, delivery, message(request)) == ["done", "done"]
    await other.close()
    assert len(await told(database)) == 1
    assert await balance(database, buyer) == 900


async def test_proof_of_money_holds_with_and_without_roll_up(
    database: Database, consumers: Sequence[Consumer], clock: ManualClock
) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 300), (seller, 200)])
    await handle(database, consumers, CAPTURES, request)
    await handle(database, consumers, SETTLEMENTS, delivered(request))
    for _ in range(2):
        proof = await Prover(database, clock, "EUR").proof()
        assert (proof.issued, proof.wallets, proof.escrow, proof.fees) == (
            eur(1000),
            eur(785),
            eur(200),
            eur(15),
        )
        assert (proof.difference, proof.receivables, proof.transfers) == (eur(0), eur(0), 3)
        async with database.transaction() as session:
            await roll_up(session)
    async with database.reading() as reader:
        cached = await reader.execute(
            text("SELECT kind, balance, version FROM account WHERE kind IN ('fees', 'issuance')")
        )
        assert {tuple(row) for row in cached} == {("fees", 15, 1), ("issuance", -1000, 1)}
