"""Partial refunds: out of escrow while the money is there, afterwards from the seller and the marketplace's fee."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from payment.escrow import receivables
from payment.escrow.escrow import EscrowDiffers, EscrowEnded, all_accepted, lock_escrows
from payment.escrow.receivables import Receivables
from payment.escrow.tables import Escrow, RefundRow
from payment.ledger import accounts
from payment.ledger.accounts import AccountSpec
from payment.ledger.ledger import NewEntry, TransferRequest, post
from souk.contracts.payment.events import RefundBooked
from souk.contracts.store.events import RefundRequested
from souk.database import Session
from souk.events import NotYet
from souk.money import Money, part_half_up


async def refund_parts(session: Session, asked: Sequence[RefundRequested], now: datetime) -> list[RefundBooked]:
    """Give parts of orders back to their buyers. Refunds booked before tell nothing.

    Raises NotYet before the capture, or before the settlement that a refund from the seller follows; EscrowEnded for a
    refund from an escrow that was settled; EscrowDiffers if more is asked for than there was; TransferRefused.
    """
    escrows = await lock_escrows(session, {event.order_id for event in asked})
    new = await _new(session, asked)
    touched = [account for event in new for account in _accounts_of(event)]
    await accounts.open_accounts(session, touched)
    balances = await receivables.lock(session, touched)
    booked, requests = [], []
    for event in new:
        told, entries = _book(escrows[event.order_id], event, balances, now)
        booked.append(told)
        requests.append(TransferRequest(event.refund_id, "refund", str(event.order_id), entries))
    all_accepted(await post(session, requests, at=now))
    if booked:
        await session.execute(insert(RefundRow), [_row(told) for told in booked])
    await session.flush()
    return booked


async def _new(session: Session, asked: Sequence[RefundRequested]) -> list[RefundRequested]:
    wanted = {event.refund_id: event for event in asked}
    done = set(await session.scalars(select(RefundRow.id).where(RefundRow.id.in_(wanted))))
    return [event for refund_id, event in wanted.items() if refund_id not in done]


def _accounts_of(event: RefundRequested) -> list[AccountSpec]:
    currency = event.amount.currency
    buyer = accounts.wallet(event.buyer_id, currency)
    if event.source == "escrow":
        return [buyer, accounts.escrow(event.order_id, currency)]
    seller = event.seller_id
    return [buyer, accounts.wallet(seller, currency), accounts.receivable(seller, currency), accounts.fees(currency)]


def _book(
    row: Escrow, event: RefundRequested, balances: Receivables, now: datetime
) -> tuple[RefundBooked, tuple[NewEntry, ...]]:
    """Count the refund on its order; what to tell, and the entries of its transfer."""
    _check(row, event)
    amount, currency = event.amount.amount, row.currency
    fee = taken = owed = 0
    if event.source == "escrow":
        sources: Sequence[NewEntry] = [NewEntry(accounts.escrow(row.order_id, currency).id, -amount, currency)]
        row.take_out(refunded=amount, at=now)
    else:
        fee = fee_part(row, amount)
        taken, charged = balances.charge(row.seller_id, currency, amount - fee)
        owed = amount - fee - taken
        returned = [NewEntry(accounts.fees(currency).id, -fee, currency)] if fee else []
        sources = [*returned, *charged]
        row.returned, row.fee_returned = row.returned + amount, row.fee_returned + fee
    told = RefundBooked(
        refund_id=event.refund_id,
        order_id=row.order_id,
        buyer_id=row.buyer_id,
        seller_id=row.seller_id,
        number=event.number,
        amount=event.amount,
        lines=event.lines,
        source=event.source,
        fee=Money(fee, currency),
        from_seller=Money(taken, currency),
        owed=Money(owed, currency),
        reason=event.reason,
        booked_at=now,
        postage=event.postage,
    )
    return told, (*sources, *balances.give(row.buyer_id, currency, amount))


def fee_part(row: Escrow, amount: int) -> int:
    """The part of the marketplace fee, in minor units, that goes back with `amount`.

    In proportion to all that was returned with it, rounded half up, less what went back before: however an order is
    refunded in parts, the parts return the whole fee in the end, and the seller bears each rounding.
    """
    return part_half_up(row.fee, row.returned + amount, row.settled) - row.fee_returned


def _check(row: Escrow, event: RefundRequested) -> None:
    parties = (event.buyer_id, event.seller_id, event.amount.currency)
    if parties != (row.buyer_id, row.seller_id, row.currency):
        raise EscrowDiffers(f"Order {row.order_id} was paid between other parties or in another currency.")
    if event.source == "escrow" and row.settled:
        raise EscrowEnded(f"The escrow of order {row.order_id} was settled; it cannot be refunded.")
    if event.source == "seller" and not row.settled:
        raise NotYet(f"order {row.order_id} has not been settled")
    left = row.held if event.source == "escrow" else row.settled - row.returned
    if not 0 < event.amount.amount <= left:
        raise EscrowDiffers(f"Order {row.order_id} has {left} left to refund, not {event.amount.amount}.")


def _row(told: RefundBooked) -> dict[str, object]:
    return {
        "id": told.refund_id,
        "order_id": told.order_id,
        "source": told.source,
        "amount": told.amount.amount,
        "fee": told.fee.amount,
        "from_seller": told.from_seller.amount,
        "owed": told.owed.amount,
        "currency": told.amount.currency,
        "booked_at": told.booked_at,
    }
