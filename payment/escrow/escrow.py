"""How the money of orders leaves escrow: settled to the seller, or refunded to the buyer when the order is called off."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from payment.escrow import receivables
from payment.escrow.tables import Escrow, RefundRow
from payment.ledger import accounts
from payment.ledger.accounts import AccountSpec
from payment.ledger.ledger import Answer, NewEntry, TransferRequest, post
from souk.contracts import Event
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled
from souk.contracts.store.events import OrderCancelled, OrderCompleted, OrderDelivered
from souk.database import Session
from souk.events import NotYet
from souk.ids import derived_id
from souk.money import Money, share_half_up


class EscrowEnded(Exception):
    """The escrow was settled and should be refunded, or the other way round: an operator must look at it."""


class EscrowDiffers(Exception):
    """The order's parties or amount are not what was captured."""


class TransferRefused(Exception):
    """The ledger refused a transfer that must not fail, such as one to a closed wallet."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one order's escrow ends."""

    order_id: UUID
    party_id: UUID
    """Who gets the money: the seller of a settlement, the buyer of a refund."""
    amount: Money
    """All that is left once the refunds that were asked for before are booked."""


async def settle(
    session: Session, orders: Sequence[OrderDelivered], fee_basis_points: int, now: datetime
) -> list[Event]:
    """Pay the sellers, less the fee (rounded half up; the seller gets the rest). Orders settled before tell nothing.

    What a seller owes after refunds is paid off first. Raises NotYet before the capture and before the refunds that
    were asked for, EscrowEnded after a refund of everything, EscrowDiffers, TransferRefused.
    """
    wanted = [Ending(order.order_id, order.seller_id, order.amount) for order in orders]
    held = await _to_settle(session, wanted)
    touched = [account for row in held for account in _settled_accounts(row)]
    await accounts.open_accounts(session, [account for account in touched if account.kind != "receivable"])
    balances = await receivables.lock(session, touched)
    requests: list[TransferRequest] = []
    events: list[Event] = []
    for row in held:
        settled, currency = row.held, row.currency
        fee = share_half_up(settled, fee_basis_points)
        recovered, earned = balances.earn(row.seller_id, currency, settled - fee)
        kept = [NewEntry(accounts.fees(currency).id, fee, currency)] if fee else []
        out = NewEntry(accounts.escrow(row.order_id, currency).id, -settled, currency)
        request = TransferRequest(
            derived_id("settlement", row.order_id), "settlement", str(row.order_id), (out, *earned, *kept)
        )
        requests.append(request)
        row.fee = fee
        row.take_out(settled=settled, at=now)
        events.append(
            EscrowSettled(
                order_id=row.order_id,
                transfer_id=request.id,
                to_seller=Money(settled - fee, currency),
                fee=Money(fee, currency),
                recovered=Money(recovered, currency) if recovered else None,
            )
        )
    all_accepted(await post(session, requests, at=now))
    await session.flush()
    return events


async def refund(session: Session, orders: Sequence[OrderCancelled], now: datetime) -> list[Event]:
    """Give the buyers back all that is left of what they paid. Orders cancelled before tell nothing.

    Raises NotYet before the capture and before the refunds that were asked for, EscrowEnded after the settlement,
    EscrowDiffers, TransferRefused.
    """
    wanted = [Ending(order.order_id, order.buyer_id, order.amount) for order in orders]
    held = await _to_refund(session, wanted)
    requests = [_refund_transfer(row) for row in held]
    all_accepted(await post(session, requests, at=now))
    events: list[Event] = [
        EscrowRefunded(order_id=row.order_id, transfer_id=request.id, amount=Money(row.held, row.currency))
        for row, request in zip(held, requests, strict=True)
    ]
    if held:
        await session.execute(insert(RefundRow), [_refund_row(row, now) for row in held])
    for row in held:
        row.take_out(refunded=row.held, at=now)
    await session.flush()
    return events


async def note_refundable(session: Session, orders: Sequence[OrderCompleted]) -> None:
    """Remember until when these orders may be refunded; the latest time that was told counts."""
    told = [(order.order_id, order.refundable_until) for order in orders if order.refundable_until is not None]
    found = await lock_escrows(session, {order_id for order_id, _ in told})
    for order_id, until in told:
        known = found[order_id].refundable_until
        found[order_id].refundable_until = until if known is None else max(known, until)
    await session.flush()


async def lock_escrows(session: Session, order_ids: AbstractSet[UUID]) -> dict[UUID, Escrow]:
    """These orders' escrows, locked in the order of their ids; raises NotYet if one has not been captured."""
    query = select(Escrow).where(Escrow.order_id.in_(order_ids)).order_by(Escrow.order_id).with_for_update()
    found = {row.order_id: row for row in await session.scalars(query)}
    missing = order_ids - found.keys()
    if missing:
        raise NotYet(f"order {min(missing)} has not been captured")
    return found


async def _to_settle(session: Session, endings: Sequence[Ending]) -> list[Escrow]:
    """Those that were not settled before, in the order of their ids."""
    wanted = {ending.order_id: ending for ending in endings}
    found = await lock_escrows(session, wanted.keys())
    for row in found.values():
        ending = wanted[row.order_id]
        if row.status == "refunded":
            raise EscrowEnded(f"The escrow of order {row.order_id} was refunded; it cannot be settled.")
        _check(row, ending, row.seller_id, row.settled or row.held)
    return [row for row in found.values() if not row.settled]


async def _to_refund(session: Session, endings: Sequence[Ending]) -> list[Escrow]:
    """Those that were not refunded as cancelled before, in the order of their ids."""
    wanted = {ending.order_id: ending for ending in endings}
    found = await lock_escrows(session, wanted.keys())
    ids = [derived_id("refund", order_id) for order_id in found]
    query = select(RefundRow.order_id, RefundRow.amount).where(RefundRow.id.in_(ids))
    done: dict[UUID, int] = {row.order_id: row.amount for row in await session.execute(query)}
    for row in found.values():
        if row.settled:
            raise EscrowEnded(f"The escrow of order {row.order_id} was settled; it cannot be refunded.")
        _check(row, wanted[row.order_id], row.buyer_id, done.get(row.order_id, row.held))
    return [row for row in found.values() if row.order_id not in done]


def _check(row: Escrow, wanted: Ending, party_id: UUID, left: int) -> None:
    """Raise unless the party is the order's and the amount is what is left, now or once other refunds are booked."""
    if (party_id, row.currency) != (wanted.party_id, wanted.amount.currency) or wanted.amount.amount > left:
        raise EscrowDiffers(f"The escrow of order {row.order_id} is to end, but another party or amount was captured.")
    if wanted.amount.amount < left:
        raise NotYet(f"order {row.order_id} has {left} left and ends with {wanted.amount.amount}: a refund is to come")


def _settled_accounts(row: Escrow) -> list[AccountSpec]:
    return [
        accounts.escrow(row.order_id, row.currency),
        accounts.wallet(row.seller_id, row.currency),
        accounts.receivable(row.seller_id, row.currency),
        accounts.fees(row.currency),
    ]


def _refund_transfer(row: Escrow) -> TransferRequest:
    entries = (
        NewEntry(accounts.escrow(row.order_id, row.currency).id, -row.held, row.currency),
        NewEntry(accounts.wallet(row.buyer_id, row.currency).id, row.held, row.currency),
    )
    return TransferRequest(derived_id("refund", row.order_id), "refund", str(row.order_id), entries)


def _refund_row(row: Escrow, now: datetime) -> dict[str, object]:
    return {
        "id": derived_id("refund", row.order_id),
        "order_id": row.order_id,
        "source": "escrow",
        "amount": row.held,
        "fee": 0,
        "from_seller": 0,
        "owed": 0,
        "currency": row.currency,
        "booked_at": now,
    }


def all_accepted(answers: Sequence[Answer]) -> None:
    """Raise TransferRefused unless all were."""
    for answer in answers:
        if not answer.accepted:
            raise TransferRefused(f"Transfer {answer.transfer_id} was refused: {answer.outcome}.")
