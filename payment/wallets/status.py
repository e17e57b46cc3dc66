"""Freezing, closing and reopening wallets: an admin's decision, with its reason, kept for ever."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import insert, select, update

from payment.ledger import accounts
from payment.ledger.tables import Account
from payment.wallets import waiting
from payment.wallets.tables import WalletChangeRow
from payment.wallets.wallets import AnySession, sums_of
from souk.contracts.payment import WalletChange, WalletChanged, WalletOverview, WalletStatus
from souk.database import Session
from souk.errors import NotFound, RuleBroken
from souk.ids import new_id
from souk.money import Money

CHANGES_MAX = 50
"""Decisions shown of one wallet, newest first."""


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


async def overview(reader: AnySession, user_id: UUID, currency: str) -> WalletOverview:
    """A user's wallet with all decisions on it; all zero if it is not open yet."""
    sums = await sums_of(reader, user_id, currency)
    return WalletOverview(
        user_id=user_id,
        status=sums.status,
        available=Money(sums.available, currency),
        held=Money(sums.held, currency),
        incoming=Money(sums.incoming, currency),
        owed=Money(sums.owed, currency),
        changes=await _changes_of(reader, user_id),
    )


async def decide(session: Session, decision: Decision, currency: str, now: datetime) -> WalletChanged | None:
    """Freeze, close or reopen a wallet; what to tell, or None if it has that status.

    Frozen, nothing leaves it and money still comes in. Raises NotFound, and WalletNotEmpty if it is to be closed and
    has money, or its user has something in escrow on either side, or owes something.
    """
    wallet = await _lock_wallet(session, decision.user_id, currency)
    if wallet.status == decision.status:
        return None
    if decision.status == "closed":
        await _check_empty(session, decision.user_id, currency)
    await _note(session, wallet, decision, now)
    return WalletChanged(user_id=decision.user_id, status=decision.status, reason=decision.reason, changed_at=now)


async def _check_empty(session: Session, user_id: UUID, currency: str) -> None:
    sums = await sums_of(session, user_id, currency)
    left = {name: getattr(sums, name) for name in ("available", "held", "incoming", "owed")}
    left["waiting"] = await waiting.waits(session, user_id)
    kept = {name: Money(amount, currency) for name, amount in left.items() if amount}
    if kept:
        listed = ", ".join(f"{amount.decimal()} {currency} {name}" for name, amount in kept.items())
        raise WalletNotEmpty(f"Only an empty wallet can be closed; this one has {listed}. Freeze it instead.", **kept)


async def _lock_wallet(session: Session, user_id: UUID, currency: str) -> Account:
    """The whole row, so that what is booked to it has ended and the next waits; raises NotFound."""
    wallet_id = accounts.wallet(user_id, currency).id
    wallet = await session.scalar(select(Account).where(Account.id == wallet_id).with_for_update())
    if wallet is None:
        raise NotFound("This user has no wallet.")
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
            status=cast(WalletStatus, row.status),
            reason=row.reason,
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in await reader.scalars(query.limit(CHANGES_MAX))
    ]
