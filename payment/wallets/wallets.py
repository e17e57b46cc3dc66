"""What a user has and did, and how virtual money comes into being."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from payment.escrow.tables import Escrow
from payment.ledger import accounts
from payment.ledger.grouping import Finished, GroupCommit, Posting
from payment.ledger.ledger import Answer, NewEntry, TransferRequest
from payment.ledger.tables import Account, Entry
from payment.wallets import pending
from payment.wallets.tables import Issuance, IssuanceKind, UserTransfer, WaitingTransferRow, WalletChangeRow
from souk.contracts.payment.events import WalletStatus
from souk.contracts.payment.wallets import Hold, TransferReceipt, Wallet
from souk.database import AnySession, Database, ReadSession, Session, Statement
from souk.errors import Forbidden, InvalidInput, KeyReused, RuleBroken
from souk.money import Money

HOLDS_MAX = 100
"""Holds listed in a wallet, newest first; their total counts all."""

ISSUE_MAX = 10**9
"""The most virtual money issued at once, in minor units."""

REASON_CHARS_MAX = 200


class DepositsClosed(Forbidden):
    """Users of this marketplace cannot add money themselves."""

    title = "Adding money is switched off"


class DepositLimitReached(RuleBroken):
    """The day's deposits would exceed the limit."""

    title = "That is more than you can add today"
    members = ("left",)


class WalletClosed(RuleBroken):
    """The wallet takes no more money."""

    title = "The wallet is closed"


@dataclass(frozen=True, slots=True)
class WalletRules:
    """The marketplace's rules for what users do themselves; limits are minor units per user and day (UTC)."""

    may_deposit: bool
    deposit_daily_limit: int
    transfer_daily_limit: int


@dataclass(frozen=True, slots=True)
class NewMoney:
    """A decided issuance, made once for its `transfer_id`."""

    transfer_id: UUID
    kind: IssuanceKind
    user_id: UUID
    issued_by: UUID
    amount: Money
    reason: str


def check_amount(amount: Money, currency: str) -> None:
    """Raise InvalidInput unless this much can be issued here."""
    if amount.currency != currency:
        raise InvalidInput(
            "amount",
            "This marketplace uses {currency}, not {other!r}.",
            code="another-marketplace-currency",
            currency=currency,
            other=amount.currency[:8],
        )
    if not 1 <= amount.amount <= ISSUE_MAX:
        raise InvalidInput(
            "amount", "Enter between 1 and {most} minor units.", code="issue-out-of-range", most=ISSUE_MAX
        )


def check_reason(reason: str) -> None:
    """Raise InvalidInput unless the reason can be stored and read."""
    if not reason.strip() or len(reason) > REASON_CHARS_MAX or "\x00" in reason:
        raise InvalidInput("reason", "Say why, in 1 to {most} characters.", code="say-why", most=REASON_CHARS_MAX)


async def open_wallet(session: Session, user_ids: Sequence[UUID], currency: str) -> None:
    """Make sure that these users have a wallet."""
    await accounts.open_accounts(session, [accounts.wallet(user_id, currency) for user_id in user_ids])


@dataclass(frozen=True, slots=True)
class Sums:
    """What a user has, is to get and owes, in minor units; all zero for a user whose wallet is not open yet."""

    status: WalletStatus
    available: int
    held: int
    """What the user paid that is in escrow."""
    incoming: int
    """What is in escrow for the user's sales, before fees."""
    owed: int


async def sums_of(reader: AnySession, user_id: UUID, currency: str) -> Sums:
    """In one statement, so that money on its way is seen exactly once."""
    held = select(func.coalesce(func.sum(Escrow.amount - Escrow.refunded), 0)).where(Escrow.status == "held")
    wallet = Account.id == accounts.wallet(user_id, currency).id
    row = await reader.execute(
        select(
            select(Account.status).where(wallet).scalar_subquery(),
            select(Account.balance).where(wallet).scalar_subquery(),
            held.where(Escrow.buyer_id == user_id).scalar_subquery(),
            held.where(Escrow.seller_id == user_id).scalar_subquery(),
            select(Account.balance).where(Account.id == accounts.receivable(user_id, currency).id).scalar_subquery(),
        )
    )
    status, balance, held_sum, incoming, receivable = row.one()
    return Sums(status or "open", balance or 0, int(held_sum), int(incoming), -(receivable or 0))


_BALANCE: Statement[Any] = Statement(select(Account.balance).where(Account.id == bindparam("wallet_id")))


async def available(database: Database, user_id: UUID, currency: str) -> Money:
    """What a user can spend; nothing while their wallet is not open yet."""
    row = await _BALANCE.one(database, wallet_id=accounts.wallet(user_id, currency).id)
    return Money(row.balance if row else 0, currency)


async def show(reader: ReadSession, user_id: UUID, currency: str, rules: WalletRules, now: datetime) -> Wallet:
    """The wallet now; all zero for a user whose wallet is not open yet."""
    sums = await sums_of(reader, user_id, currency)
    decided = select(WalletChangeRow.reason).where(WalletChangeRow.user_id == user_id)
    newest = decided.order_by(WalletChangeRow.id.desc()).limit(1)
    today = select(
        newest.scalar_subquery(),
        _deposited_today(user_id, now).scalar_subquery(),
        _sent_today(user_id, now).scalar_subquery(),
        pending.has_any(user_id),
    )
    reason, deposited, sent, waits = (await reader.execute(today)).one()
    holds: Sequence[Any] = ()
    if sums.held:
        rows = await reader.execute(
            select(Escrow.order_id, Escrow.amount - Escrow.refunded, Escrow.currency, Escrow.captured_at)
            .where(Escrow.status == "held", Escrow.buyer_id == user_id)
            .order_by(Escrow.captured_at.desc(), Escrow.order_id)
            .limit(HOLDS_MAX)
        )
        holds = rows.all()
    left = max(rules.deposit_daily_limit - int(deposited), 0) if rules.may_deposit else None
    return Wallet(
        available=Money(sums.available, currency),
        held=Money(sums.held, currency),
        holds=[Hold(order_id=order, amount=Money(held, unit), since=since) for order, held, unit, since in holds],
        incoming=Money(sums.incoming, currency),
        deposit_limit_left=None if left is None else Money(left, currency),
        status=sums.status,
        reason=reason or "",
        owed=Money(sums.owed, currency),
        transfer_limit_left=Money(max(rules.transfer_daily_limit - int(sent), 0), currency),
        waiting=await pending.list_of(reader, user_id) if waits else [],
    )


async def deposit(group: GroupCommit, new: NewMoney, rules: WalletRules, now: datetime) -> TransferReceipt:
    """A user adds virtual money to their own wallet; the same id again gives the same receipt.

    Raises DepositsClosed, DepositLimitReached, KeyReused, WalletClosed.
    """
    if not rules.may_deposit:
        raise DepositsClosed("On this marketplace only its administrators add money to wallets.")

    async def within_limit(session: Session) -> None:
        left = rules.deposit_daily_limit - int(await session.scalar(_deposited_today(new.user_id, now)) or 0)
        if new.amount.amount > left:
            allowance = Money(max(left, 0), new.amount.currency)
            raise DepositLimitReached(
                "You can still add {left} today; nothing was added.",
                left=allowance,
            )

    return await group.post(_issuing(new, now, within_limit))


async def issue(group: GroupCommit, new: NewMoney, now: datetime) -> TransferReceipt:
    """Issue virtual money to a user's wallet; the same id again gives the same receipt.

    Raises KeyReused, WalletClosed.
    """
    return await group.post(_issuing(new, now))


def _issuing(
    new: NewMoney, now: datetime, check: Callable[[Session], Awaitable[None]] | None = None
) -> Posting[TransferReceipt]:
    wallet, source = accounts.wallet(new.user_id, new.amount.currency), accounts.issuance(new.amount.currency)
    amount, currency = new.amount.amount, new.amount.currency
    entries = (NewEntry(source.id, -amount, currency), NewEntry(wallet.id, amount, currency))

    async def finish(session: Session, answer: Answer) -> Finished[TransferReceipt] | RuleBroken:
        if answer.accepted and not answer.duplicate:
            await session.execute(
                insert(Issuance).values(_request_facts(new) | {"transfer_id": answer.transfer_id, "issued_at": now})
            )
        issuance = await session.get(Issuance, answer.transfer_id) if answer.duplicate else None
        if answer.outcome == "conflict" or (
            issuance and any(getattr(issuance, k) != v for k, v in _request_facts(new).items())
        ):
            return KeyReused(
                "This Idempotency-Key was used for another request; nothing was done now. Use a new key.",
                code="key-of-another-payment",
            )
        if not answer.accepted:
            return WalletClosed("The wallet is closed; nothing was added.", code="wallet-closed-to-money")
        return Finished(await receipt(session, new.transfer_id, new.user_id, new.amount))

    request = TransferRequest(new.transfer_id, new.kind, "", entries)
    return Posting(request, finish, check, opens=(wallet, source), counts_for=new.user_id if check else None)


def _request_facts(new: NewMoney) -> dict[str, object]:
    """What an issuance remembers of its request."""
    return {
        "kind": new.kind,
        "user_id": new.user_id,
        "issued_by": new.issued_by,
        "amount": new.amount.amount,
        "currency": new.amount.currency,
        "reason": new.reason,
    }


async def receipt(session: Session, transfer_id: UUID, user_id: UUID, amount: Money) -> TransferReceipt:
    """A booked transfer as its user sees it."""
    wallet_id = accounts.wallet(user_id, amount.currency).id
    after = await session.scalar(
        select(Entry.balance_after).where(Entry.transfer_id == transfer_id, Entry.account_id == wallet_id)
    )
    return TransferReceipt(transfer_id=transfer_id, amount=amount, available=Money(after or 0, amount.currency))


def _deposited_today(user_id: UUID, now: datetime) -> Select[int]:
    """What the user added since midnight (UTC), in minor units."""
    return select(func.coalesce(func.sum(Issuance.amount), 0)).where(
        Issuance.kind == "deposit", Issuance.user_id == user_id, _same_day(Issuance.issued_at, now)
    )


def _sent_today(user_id: UUID, now: datetime) -> Select[int]:
    """What was sent, arrived or not, and also what came back since."""
    sums = (
        select(func.coalesce(func.sum(sent.amount), 0))
        .where(sent.sender_id == user_id, _same_day(sent.sent_at, now))
        .scalar_subquery()
        for sent in (UserTransfer, WaitingTransferRow)
    )
    return select(sum(sums, start=literal(0)))


async def sent_today(session: AnySession, user_id: UUID, now: datetime) -> int:
    """What the user sent to others since midnight (UTC), in minor units."""
    return int(await session.scalar(_sent_today(user_id, now)) or 0)


def _same_day(moment: InstrumentedAttribute[datetime], now: datetime) -> ColumnElement[bool]:
    """The moment is of the same day (UTC)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return and_(moment >= midnight, moment < midnight + timedelta(days=1))
