"""Freezing, closing and reopening wallets: an admin's decision, with its reason, kept for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, literal, or_, select, text, union_all, update

from payment.escrow.tables import Escrow
from payment.ledger import accounts
from payment.ledger.tables import Account
from payment.wallets import pending
from payment.wallets.tables import WalletChangeRow
from payment.wallets.wallets import sums_of
from souk.contracts.payment.events import WalletChanged, WalletStatus
from souk.contracts.payment.wallets import OpenOrder, WalletChange, WalletOverview
from souk.database import AnySession, Session
from souk.errors import NotFound, RuleBroken
from souk.ids import new_id
from souk.money import Money

CHANGES_MAX = 50
"""Decisions shown of one wallet, newest first."""

OPEN_ORDERS_MAX = 20
"""Open orders named of one wallet."""

SIDES = {"buyer": Escrow.buyer_id, "seller": Escrow.seller_id}

UNDER_WAY = timedelta(days=1)
"""How long a refund that was asked for in time may be on its way here."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin wants of a wallet."""

    user_id: UUID
    status: WalletStatus
    reason: str
    admin_id: UUID


class WalletNotEmpty(RuleBroken):
    """A wallet that is to be closed still has, awaits or owes money."""

    title = "The wallet is not empty"
    members = ("available", "held", "incoming", "owed", "waiting", "open_orders")


class WalletStillNeeded(RuleBroken):
    """An empty wallet that is to be closed may yet get money, or be asked for some: an order of its user can be refunded."""

    title = "The wallet is still needed"
    members = ("open_orders",)


async def overview(reader: AnySession, user_id: UUID, currency: str, now: datetime) -> WalletOverview:
    """A user's wallet with all decisions on it and what keeps it open; all zero if it is not open yet."""
    sums = await sums_of(reader, user_id, currency)
    return WalletOverview(
        user_id=user_id,
        status=sums.status,
        available=Money(sums.available, currency),
        held=Money(sums.held, currency),
        incoming=Money(sums.incoming, currency),
        owed=Money(sums.owed, currency),
        changes=await _changes_of(reader, user_id),
        open_orders=await _open_orders(reader, user_id, now),
    )


async def decide(session: Session, decision: Decision, currency: str, now: datetime) -> WalletChanged | None:
    """Freeze, close or reopen a wallet; what to tell, or None if it has that status.

    Frozen, nothing leaves it and money still comes in. Raises NotFound; if it is to be closed, WalletNotEmpty while it has
    money, or its user has something in escrow on either side, or owes something, and WalletStillNeeded while an order of
    the user's, on either side, may be refunded.
    """
    wallet = await _lock_wallet(session, decision.user_id, currency)
    if wallet.status == decision.status:
        return None
    if decision.status == "closed":
        await _check_done_with(session, decision.user_id, currency, now)
    await _note(session, wallet, decision, now)
    return WalletChanged(user_id=decision.user_id, status=decision.status, reason=decision.reason, changed_at=now)


async def _check_done_with(session: Session, user_id: UUID, currency: str, now: datetime) -> None:
    """Whoever refuses a refund to a closed wallet must not have promised one before: so none may be possible."""
    sums = await sums_of(session, user_id, currency)
    orders = await _open_orders(session, user_id, now)
    left = {name: getattr(sums, name) for name in ("available", "held", "incoming", "owed")}
    left["waiting"] = await pending.waits(session, user_id)
    remainders: dict[str, Any] = {name: Money(amount, currency) for name, amount in left.items() if amount}
    if remainders:
        listed = ", ".join(f"{amount} {name}" for name, amount in remainders.items())
        raise WalletNotEmpty(
            "Only an empty wallet can be closed; this one has {listed}. Freeze it instead.",
            listed=listed,
            **remainders,
            open_orders=orders,
        )
    if orders:
        latest = orders[0].until
        if latest is None:
            raise WalletStillNeeded(
                "This wallet is needed for now: an order of its user can still be refunded. Freeze it instead.",
                code="wallet-still-needed",
                open_orders=orders,
            )
        raise WalletStillNeeded(
            "This wallet is needed until {until:%Y-%m-%d}: an order of its user can still be refunded. Freeze it instead.",
            code="wallet-needed-until",
            until=latest + UNDER_WAY,
            open_orders=orders,
        )


async def _open_orders(reader: AnySession, user_id: UUID, now: datetime) -> list[OpenOrder]:
    """Orders of the user, on either side, through which money can still move; what lasts longest first."""
    parts = (part for side in SIDES for part in _open_on(side, user_id, now))
    orders = union_all(*parts).subquery()
    longest_first = func.coalesce(orders.c.until, text("'infinity'::timestamptz")).desc()
    rows = await reader.execute(select(orders).order_by(longest_first, orders.c.order_id).limit(OPEN_ORDERS_MAX))
    return [
        OpenOrder(
            order_id=row.order_id,
            purchase_id=row.purchase_id,
            side=row.side,
            state=row.state,
            amount=Money(row.amount, row.currency),
            until=row.until,
        )
        for row in rows
    ]


def _open_on(side: str, user_id: UUID, now: datetime) -> tuple[Select[Any], Select[Any]]:
    """What is held for the user's orders on this side, and what of the settled ones may be refunded."""
    mine = SIDES[side] == user_id
    held, left = Escrow.amount - Escrow.settled - Escrow.refunded, Escrow.settled - Escrow.returned
    possible = or_(Escrow.refundable_until.is_(None), Escrow.refundable_until > now - UNDER_WAY)

    def orders(state: str, amount: ColumnElement[int]) -> Select[Any]:
        until = Escrow.refundable_until.label("until")
        columns: Any = (literal(side).label("side"), literal(state).label("state"), amount.label("amount"), until)
        return select(Escrow.order_id, Escrow.purchase_id, Escrow.currency, *columns).where(mine)

    return (
        orders("held", held).where(Escrow.status == "held"),
        orders("refundable", left).where(Escrow.status == "settled", left > 0, possible),
    )


async def _lock_wallet(session: Session, user_id: UUID, currency: str) -> Account:
    """The whole row, so that what is booked to it has ended and the next waits; raises NotFound."""
    wallet_id = accounts.wallet(user_id, currency).id
    wallet = await session.scalar(select(Account).where(Account.id == wallet_id).with_for_update())
    if wallet is None:
        raise NotFound("This user has no wallet.", code="no-wallet")
    return wallet


async def _note(session: Session, wallet: Account, decision: Decision, now: datetime) -> None:
    """Set the status and keep who decided it and why."""
    row = {
        "id": new_id(),
        "user_id": decision.user_id,
        "status": decision.status,
        "reason": decision.reason,
        "changed_by": decision.admin_id,
        "changed_at": now,
    }
    await session.execute(update(Account).where(Account.id == wallet.id).values(status=decision.status))
    await session.execute(insert(WalletChangeRow).values(row))


async def _changes_of(reader: AnySession, user_id: UUID) -> list[WalletChange]:
    query = select(WalletChangeRow).where(WalletChangeRow.user_id == user_id).order_by(WalletChangeRow.id.desc())
    return [
        WalletChange(
            status=row.status,
            reason=row.reason,
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in await reader.scalars(query.limit(CHANGES_MAX))
    ]
