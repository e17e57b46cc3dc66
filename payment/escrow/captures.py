"""Capturing purchases: a buyer's money goes into escrow for all orders of a purchase, or none of it does."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from payment.escrow.escrow import TransferRefused
from payment.escrow.tables import Capture, Escrow
from payment.ledger import accounts
from payment.ledger.ledger import Answer, NewEntry, TransferRequest, post
from souk.contracts import Event
from souk.contracts.payment.events import PaymentCaptured, PaymentDeclined
from souk.contracts.store.events import PaymentRequested
from souk.database import Session, Statement, as_columns, insert_rows
from souk.ids import derived_id
from souk.money import Money

_CLAIM: Statement[Capture] = Statement("""
    INSERT INTO capture (purchase_id, buyer_id, outcome, decided_at)
    SELECT id, buyer_id, 'captured', :now FROM unnest(CAST(:ids AS uuid[]), CAST(:buyers AS uuid[])) AS new (id, buyer_id)
    ON CONFLICT DO NOTHING RETURNING purchase_id
""")
_HELD = ("order_id", "purchase_id", "buyer_id", "seller_id", "amount", "postage", "currency", "captured_at")
_HOLD: Statement[None] = Statement(insert_rows(Escrow, _HELD))
_DECLINE: Statement[None] = Statement(
    "UPDATE capture SET outcome = :reason WHERE purchase_id = ANY(CAST(:ids AS uuid[]))"
)


async def capture(session: Session, requests: Sequence[PaymentRequested], now: datetime) -> list[Event]:
    """Move each purchase's money into escrow, all of it or nothing; what to tell, only for purchases not decided before.

    A purchase is one transfer from the buyer to one escrow per order, so it cannot be captured in part.
    """
    asked = {request.purchase_id: request for request in requests}
    new = await _claim(session, asked, now)
    in_time = [request for request in new if now <= request.expires_at]
    events: list[Event] = [
        PaymentDeclined(purchase_id=request.purchase_id, reason="expired")
        for request in new
        if now > request.expires_at
    ]
    closed = await _open_accounts(session, in_time)
    events += [
        PaymentDeclined(purchase_id=purchase_id, reason="wallet_closed", wallet="seller") for purchase_id in closed
    ]
    payable = [request for request in in_time if request.purchase_id not in closed]
    answers = await post(session, [_capture_transfer(request) for request in payable], at=now)
    captured = [request for request, answer in zip(payable, answers, strict=True) if answer.accepted]
    rows = [row for request in captured for row in _escrow_rows(request, now)]
    if rows:
        await _HOLD.run(session, **as_columns(rows, _HELD))
    events += [_captured_or_declined(r, answer, now) for r, answer in zip(payable, answers, strict=True)]
    await _remember(session, events)
    return events


async def _claim(session: Session, asked: dict[UUID, PaymentRequested], now: datetime) -> list[PaymentRequested]:
    """Those that nobody has decided; from here on it is this transaction that does."""
    ids = sorted(asked)
    new = set(await _CLAIM.scalars(session, ids=ids, buyers=[asked[key].buyer_id for key in ids], now=now))
    return [request for key, request in asked.items() if key in new]


async def _open_accounts(session: Session, requests: Sequence[PaymentRequested]) -> set[UUID]:
    """Open what is needed; gives the purchases with a seller whose wallet is closed, and so could never be settled.

    The other wallets stay open until the commit: closing one finds what is in escrow for it then.
    """
    sellers = {
        accounts.wallet(order.seller_id, order.amount.currency).id for request in requests for order in request.orders
    }
    needed = [spec for request in requests for spec in _accounts_of(request)]
    closed = await accounts.open_accounts(session, needed, kept_open=sellers)
    return {
        request.purchase_id
        for request in requests
        if any(accounts.wallet(order.seller_id, order.amount.currency).id in closed for order in request.orders)
    }


async def _remember(session: Session, events: Sequence[Event]) -> None:
    declined = [event for event in events if isinstance(event, PaymentDeclined)]
    for reason in sorted({event.reason for event in declined}):
        ids = [event.purchase_id for event in declined if event.reason == reason]
        await _DECLINE.run(session, ids=ids, reason=reason)


def _accounts_of(request: PaymentRequested) -> list[accounts.AccountSpec]:
    currency = request.orders[0].amount.currency
    return [
        accounts.wallet(request.buyer_id, currency),
        *(accounts.escrow(order.order_id, order.amount.currency) for order in request.orders),
    ]


def _capture_transfer(request: PaymentRequested) -> TransferRequest:
    total = _total(request)
    return TransferRequest(
        derived_id("capture", request.purchase_id),
        "capture",
        str(request.purchase_id),
        (
            NewEntry(accounts.wallet(request.buyer_id, total.currency).id, -total.amount, total.currency),
            *(
                NewEntry(
                    accounts.escrow(order.order_id, total.currency).id,
                    order.amount.amount,
                    order.amount.currency,
                )
                for order in request.orders
            ),
        ),
    )


def _total(request: PaymentRequested) -> Money:
    return sum((order.amount for order in request.orders[1:]), start=request.orders[0].amount)


def _escrow_rows(request: PaymentRequested, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "order_id": order.order_id,
            "purchase_id": request.purchase_id,
            "buyer_id": request.buyer_id,
            "seller_id": order.seller_id,
            "amount": order.amount.amount,
            "postage": order.postage.amount if order.postage else 0,
            "currency": order.amount.currency,
            "captured_at": now,
        }
        for order in request.orders
    ]


def _captured_or_declined(request: PaymentRequested, answer: Answer, now: datetime) -> Event:
    if answer.accepted:
        return PaymentCaptured(
            purchase_id=request.purchase_id,
            transfer_id=answer.transfer_id,
            amount=_total(request),
            captured_at=now,
        )
    if answer.outcome == "insufficient_funds":
        return PaymentDeclined(purchase_id=request.purchase_id, reason="insufficient_funds", missing=answer.missing)
    if answer.outcome in ("account_closed", "account_frozen"):
        return PaymentDeclined(purchase_id=request.purchase_id, reason="wallet_closed")
    raise TransferRefused(f"The capture of purchase {request.purchase_id} was refused: {answer.outcome}.")
