"""Partial refunds: a seller, or an admin, gives back parts of a paid order, line by line."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, update

from souk.clock import Clock
from souk.contracts.payment.events import RefundBooked
from souk.contracts.store.events import OrderLine, RefundLine, RefundRequested, RefundSource
from souk.contracts.store.orders import NewRefund, Refund, RefundedBy
from souk.database import AnySession, Session
from souk.errors import Forbidden, KeyReused, NotFound, RuleBroken
from souk.events import NotYet, Sequenced
from souk.http import Identity
from souk.ids import derived_id
from souk.money import Money
from store.log_fields import noted
from store.orders.rules import NotPossibleNow, not_possible
from store.orders.shares import Left, postage_share, rest_of, shares
from store.orders.status_updates import Mover, these
from store.orders.tables import OrderLineRow, OrderRow, OrderStepRow, RefundLineRow, RefundRow
from store.orders.views import lines_of
from store.texts import paragraph
from store.user_replica.user_replica import has_closed_wallet

FROM_ESCROW = frozenset({"paid", "shipped"})
FROM_SELLER = frozenset({"delivered", "completed"})


class BuyerWalletClosed(RuleBroken):
    """There is nowhere to give the money back to."""

    title = "The buyer's wallet is closed"


class Refunds:
    """What is given back, and what is left to give. The order's row is locked while that is decided."""

    def __init__(self, clock: Clock, mover: Mover, within: timedelta) -> None:
        self._clock = clock
        self._mover = mover
        self._within = within

    async def request(
        self, session: Session, identity: Identity, order_id: UUID, key: str, new: NewRefund
    ) -> tuple[OrderRow, list[Sequenced]]:
        """Give back what is named, or all that is left: the order, and what to tell. The same key again does nothing.

        Raises NotFound, Forbidden, NotPossibleNow, BuyerWalletClosed, KeyReused, and InvalidInput for a line with
        less left.
        """
        user_id, reason = identity.user(), paragraph("reason", new.reason)
        order = await session.get(OrderRow, order_id, with_for_update=True)
        noted([order] if order else [])
        by = _by(order, identity)
        assert order is not None
        refund_id = derived_id("order-refund", user_id, key)
        earlier = await session.get(RefundRow, refund_id)
        if earlier is not None:
            if earlier.request_hash != _hash(order_id, new):
                raise KeyReused(
                    "This Idempotency-Key was used for another refund; nothing was done now. Use a new key.",
                    code="key-of-another-refund",
                )
            return order, []
        await self._check_possible(session, order)
        lines, left = await left_of(session, [order_id])
        postage = postage_share(new, postage_left(order, lines[order_id], left))
        wanted = [] if new.postage and not new.lines else shares(new.lines, lines[order_id], left)
        amount = sum(line.amount.amount for line in wanted) + postage
        rest = order.amount - order.refunded - amount
        if order.status == "paid" and not rest:
            raise NotPossibleNow(
                "To give everything back, cancel the order: then the goods are for sale again.", code="cancel-instead"
            )
        asked = {"id": refund_id, "request_hash": _hash(order_id, new), "by": by, "requested_by": user_id}
        asked |= {"reason": reason, "requested_at": self._clock.now()}
        event = await note_refund(session, order, wanted, postage, asked)
        if order.status == "shipped" and not rest:
            await self._end(session, order, by, reason)
        return order, [event]

    async def booked(self, session: Session, event: RefundBooked) -> None:
        """The buyer has the money. Raises NotYet if nobody asked for this refund here."""
        done = update(RefundRow).where(RefundRow.id == event.refund_id, RefundRow.booked_at.is_(None))
        values = {"booked_at": event.booked_at, "fee": event.fee.amount}
        noted = await session.scalar(done.values(values).returning(RefundRow.id))
        if noted is None and await session.get(RefundRow, event.refund_id) is None:
            raise NotYet(f"refund {event.refund_id} was not asked for yet")

    async def seen(self, session: AnySession, order: OrderRow, identity: Identity) -> dict[str, Any]:
        """What an order says of its refunds to whoever asks, as fields of `Order`."""
        refunds = await _refunds_of(session, order)
        until = await self._until(session, order)
        fields: dict[str, Any] = {"refunds": refunds, "refundable_until": until}
        if refunds:
            fields["refunded"] = Money(order.refunded, order.currency)
        if _may(order, identity) and _in_time(order, until, self._clock.now()):
            lines, left = await left_of(session, [order.id])
            fields["refundable"] = rest_of(lines[order.id], left)
            fields["refundable_postage"] = postage_left(order, lines[order.id], left)
        return fields

    async def _check_possible(self, session: Session, order: OrderRow) -> None:
        if order.under_problem or order.status not in FROM_ESCROW | FROM_SELLER:
            raise not_possible("refund", order)
        until = await self._until(session, order)
        if not _in_time(order, until, self._clock.now()):
            raise NotPossibleNow(
                "This order could be refunded until {until:%Y-%m-%d}. Nothing was refunded; send the money instead.",
                code="refund-too-late",
                until=until,
            )
        if order.refunded == order.amount:
            raise NotPossibleNow("All of this order was refunded already.", code="refunded-already")
        if await has_closed_wallet(session, order.buyer_id):
            raise BuyerWalletClosed(
                "Nothing can be paid into the buyer's wallet any more. Nothing was refunded; agree with the buyer on "
                "another way, or ask an operator to reopen it."
            )

    async def _until(self, session: AnySession, order: OrderRow) -> datetime | None:
        if order.status != "completed":
            return None
        query = select(OrderStepRow.at).where(OrderStepRow.order_id == order.id, OrderStepRow.status == "completed")
        return self.until(cast(datetime, await session.scalar(query)))

    def until(self, completed_at: datetime) -> datetime:
        """When an order that was completed then can no longer be refunded."""
        return completed_at + self._within

    async def _end(self, session: Session, order: OrderRow, by: RefundedBy, reason: str) -> None:
        """All was refunded while it was on its way: there is nothing left to settle."""
        actor: Literal["seller", "system"] = "seller" if by == "seller" else "system"
        await self._mover.move(
            session, these([order.id]), after="refunded", by=actor, at=self._clock.now(), note=reason
        )
        await session.refresh(order)


async def note_refund(
    session: Session, order: OrderRow, lines: Sequence[RefundLine], postage: int, asked: Mapping[str, Any]
) -> Sequenced:
    """Count a refund of these lines, and of so much postage (minor units), on its locked order; what to tell. `asked` are
    the refund's other columns: its id, who asked, when and why."""
    amount = sum(line.amount.amount for line in lines) + postage
    source: RefundSource = "escrow" if order.status in FROM_ESCROW else "seller"
    row = {"order_id": order.id, "source": source, "amount": amount, "postage": postage, "currency": order.currency}
    await session.execute(insert(RefundRow).values({**asked, **row}))
    if lines:
        await session.execute(insert(RefundLineRow), [_line_row(asked["id"], line) for line in lines])
    order.refunded += amount
    order.returned += amount if source == "seller" else 0
    await session.flush()
    event = RefundRequested(
        refund_id=asked["id"],
        order_id=order.id,
        purchase_id=order.purchase_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        number=order.number,
        amount=Money(amount, order.currency),
        lines=list(lines),
        source=source,
        reason=asked["reason"],
        postage=Money(postage, order.currency) if postage else None,
    )
    return Sequenced(event, 1)


async def left_of(
    session: AnySession, order_ids: Iterable[UUID]
) -> tuple[dict[UUID, list[OrderLine]], dict[UUID, Left]]:
    """The lines of these orders, and what is left to refund on each line."""
    lines = await lines_of(session, order_ids)
    ids = [line.id for some in lines.values() for line in some]
    quantity, amount = func.sum(RefundLineRow.quantity), func.sum(RefundLineRow.amount)
    query = select(RefundLineRow.line_id, quantity, amount).where(RefundLineRow.line_id.in_(ids))
    rows = await session.execute(query.group_by(RefundLineRow.line_id))
    refunded = {line_id: (int(units), int(minor)) for line_id, units, minor in rows}
    left = {}
    for line in (line for some in lines.values() for line in some):
        units, minor = refunded.get(line.id, (0, 0))
        left[line.id] = Left(line.quantity - units, line.total.amount - minor)
    return lines, left


def postage_left(order: OrderRow, lines: Sequence[OrderLine], left: Mapping[UUID, Left]) -> Money | None:
    """What was not refunded of an order's postage: what is left of the order besides its lines. None if nothing is."""
    rest = order.amount - order.refunded - sum(left[line.id].amount for line in lines)
    return Money(rest, order.currency) if rest else None


def _may(order: OrderRow, identity: Identity) -> bool:
    """The seller may refund, and an admin who is not the buyer."""
    user_id = identity.user()
    return user_id == order.seller_id or ("admin" in identity.roles and user_id != order.buyer_id)


def _by(order: OrderRow | None, identity: Identity) -> RefundedBy:
    """Who refunds; raises NotFound for strangers and Forbidden for the buyer."""
    user_id = identity.user()
    if order is not None and order.paid_at is not None and _may(order, identity):
        return "seller" if user_id == order.seller_id else "admin"
    if order is not None and user_id == order.buyer_id:
        raise Forbidden("Only the seller can do this. Nothing was changed.", code="sellers-only")
    raise NotFound("There is no such order among yours.", code="order-not-yours")


def _in_time(order: OrderRow, until: datetime | None, now: datetime) -> bool:
    return not order.under_problem and order.status in FROM_ESCROW | FROM_SELLER and (until is None or now < until)


def _hash(order_id: UUID, new: NewRefund) -> str:
    """SHA-256 over all that was asked for, to tell a repeated request from another one with the same key."""
    return hashlib.sha256(msgspec.json.encode((order_id, new), order="sorted")).hexdigest()


async def _refunds_of(session: AnySession, order: OrderRow) -> list[Refund]:
    if not order.refunded:
        return []
    result = await session.scalars(
        select(RefundRow).where(RefundRow.order_id == order.id).order_by(RefundRow.requested_at, RefundRow.id)
    )
    rows = result.all()
    query = (
        select(RefundLineRow, OrderLineRow.title)
        .join(OrderLineRow, OrderLineRow.id == RefundLineRow.line_id)
        .where(RefundLineRow.refund_id.in_([row.id for row in rows]))
        .order_by(OrderLineRow.position)
    )
    lines: dict[UUID, list[RefundLine]] = defaultdict(list)
    for row, title in await session.execute(query):
        amount = Money(row.amount, order.currency)
        lines[row.refund_id].append(RefundLine(line_id=row.line_id, title=title, quantity=row.quantity, amount=amount))
    return [
        Refund(
            id=row.id,
            amount=Money(row.amount, row.currency),
            lines=lines[row.id],
            reason=row.reason,
            by=row.by,
            at=row.requested_at,
            booked=row.booked_at is not None,
            fee=None if row.fee is None else Money(row.fee, row.currency),
            postage=Money(row.postage, row.currency) if row.postage else None,
        )
        for row in rows
    ]


def _line_row(refund_id: UUID, line: RefundLine) -> dict[str, object]:
    return {
        "refund_id": refund_id,
        "line_id": line.line_id,
        "quantity": line.quantity,
        "amount": line.amount.amount,
    }
