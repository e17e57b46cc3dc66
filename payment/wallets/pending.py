"""Money sent to an address that nobody has proved: it waits, and goes to whoever proves it, or back to its sender.

It lies in an account of its own meanwhile. One sweeper moves it: a proof that came while it was being sent is seen by
the look that follows soon after, so that neither the order of news nor two at once can leave it lying.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from payment.ledger import accounts
from payment.ledger.ledger import Answer, NewEntry, TransferRequest, post
from payment.wallets.tables import ProvedAddress, WaitingTransferRow
from souk.clock import Clock
from souk.contracts.entrypoint.events import AddressProved
from souk.contracts.payment.events import TransferBooked, TransferReturned, TransferWaiting
from souk.contracts.payment.wallets import WaitingTransfer
from souk.database import AnySession, ReadSession, Session
from souk.events import Sequenced
from souk.ids import derived_id
from souk.money import Money

WAITS_FOR = timedelta(days=14)
"""How long money waits for somebody to prove the address before it goes back."""

LOOKED_AT_AFTER = timedelta(seconds=10)
"""When it is first looked at: longer than sending it may take, so that a proof meanwhile is not missed."""

TRIED_AGAIN_AFTER = timedelta(days=1)
"""If neither wallet takes it, for both are closed."""

BATCH_MAX = 100
SHOWN_MAX = 100


async def address_proved(session: Session, event: AddressProved, version: int) -> None:
    """Learn that a user proved an address, unless something newer is known; what waits for them is looked at."""
    row = {"user_id": event.user_id, "address_mark": event.address_mark, "version": version}
    statement = insert_or(ProvedAddress).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={name: statement.excluded[name] for name in ("address_mark", "version")},
            where=ProvedAddress.version < statement.excluded.version,
        )
    )
    theirs = or_(
        WaitingTransferRow.address_mark == event.address_mark, WaitingTransferRow.recipient_id == event.user_id
    )
    looked_at = update(WaitingTransferRow).where(WaitingTransferRow.status == "waiting", theirs)
    await session.execute(looked_at.values(due_at=event.proved_at).execution_options(synchronize_session=False))


async def proved_user(session: AnySession, mark: str) -> UUID | None:
    """Who proved the address last."""
    query = select(ProvedAddress.user_id).where(ProvedAddress.address_mark == mark)
    user_id: UUID | None = await session.scalar(query.order_by(ProvedAddress.version.desc()).limit(1))
    return user_id


async def has_proved(session: AnySession, user_id: UUID) -> bool:
    """Whether a user proved an address at all."""
    return await session.get(ProvedAddress, user_id) is not None


async def list_of(session: ReadSession, sender_id: UUID) -> list[WaitingTransfer]:
    """What a user sent that waits, the latest first."""
    query = select(WaitingTransferRow).where(
        WaitingTransferRow.sender_id == sender_id, WaitingTransferRow.status == "waiting"
    )
    rows = await session.scalars(query.order_by(WaitingTransferRow.sent_at.desc()).limit(SHOWN_MAX))
    return [
        WaitingTransfer(
            transfer_id=row.transfer_id,
            recipient_id=row.recipient_id,
            email=row.email,
            amount=Money(row.amount, row.currency),
            note=row.note,
            sent_at=row.sent_at,
            returns_at=row.returns_at,
        )
        for row in rows
    ]


def has_any(sender_id: UUID) -> ColumnElement[bool]:
    """Whether something of a user's waits: most wallets never have anything to list."""
    return exists().where(WaitingTransferRow.sender_id == sender_id, WaitingTransferRow.status == "waiting")


async def waits(session: AnySession, sender_id: UUID) -> int:
    """How much of a user's money waits, in minor units."""
    query = select(func.coalesce(func.sum(WaitingTransferRow.amount), 0)).where(
        WaitingTransferRow.sender_id == sender_id, WaitingTransferRow.status == "waiting"
    )
    return int(await session.scalar(query) or 0)


async def keep(session: Session, row: dict[str, object], now: datetime) -> TransferWaiting:
    """Remember what waits from now on; what to tell."""
    times = {"sent_at": now, "returns_at": now + WAITS_FOR, "due_at": now + LOOKED_AT_AFTER, "status": "waiting"}
    transfer = await session.scalar(insert(WaitingTransferRow).values(row | times).returning(WaitingTransferRow))
    assert transfer is not None
    return TransferWaiting(
        transfer_id=transfer.transfer_id,
        sender_id=transfer.sender_id,
        recipient_id=transfer.recipient_id,
        email=transfer.email,
        amount=Money(transfer.amount, transfer.currency),
        returns_at=transfer.returns_at,
    )


@dataclass(frozen=True, slots=True)
class _Move:
    row: WaitingTransferRow
    recipient_id: UUID
    request: TransferRequest

    @property
    def returned(self) -> bool:
        return self.recipient_id == self.row.sender_id


class Settle:
    """The sweeper: delivers what waits for who proved the address, and gives back what waited long enough."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> tuple[int, list[Sequenced]]:
        """How many were looked at, and what to tell."""
        now = self._clock.now()
        due = select(WaitingTransferRow).where(WaitingTransferRow.status == "waiting", WaitingTransferRow.due_at <= now)
        due = due.order_by(WaitingTransferRow.transfer_id).limit(BATCH_MAX).with_for_update(skip_locked=True)
        rows = list(await session.scalars(due))
        moves = [move for row in rows if (move := await self._move(session, row, now)) is not None]
        answers = await post(session, [one.request for one in moves], at=now)
        news = [one for move, answer in zip(moves, answers, strict=True) for one in _settled(move, answer, now)]
        await session.flush()
        return len(rows), news

    async def _move(self, session: Session, row: WaitingTransferRow, now: datetime) -> _Move | None:
        to = await self._whose(session, row)
        if to is None or row.refused:
            if row.returns_at > now:
                row.due_at = row.returns_at
                return None
            to = row.sender_id
        await accounts.open_accounts(session, [accounts.wallet(to, row.currency)])
        return _Move(row, to, _request(row, to))

    async def _whose(self, session: Session, row: WaitingTransferRow) -> UUID | None:
        if row.address_mark is not None:
            return await proved_user(session, row.address_mark)
        assert row.recipient_id is not None
        return row.recipient_id if await has_proved(session, row.recipient_id) else None


def _settled(move: _Move, answer: Answer, now: datetime) -> list[Sequenced]:
    """Note what became of it; what to tell."""
    row, amount = move.row, Money(move.row.amount, move.row.currency)
    if not answer.accepted:  # a closed wallet: the other side is tried, and a day later this one again
        row.attempts += 1
        row.refused = not row.refused
        row.due_at = max(row.returns_at, now + TRIED_AGAIN_AFTER) if row.refused else now + TRIED_AGAIN_AFTER
        return []
    row.settled_by = move.request.id
    if move.returned:
        row.status = "returned"
        back = TransferReturned(
            transfer_id=row.transfer_id, sender_id=row.sender_id, email=row.email, amount=amount, returned_at=now
        )
        return [Sequenced(back, 2)]
    row.status, row.recipient_id = "delivered", move.recipient_id
    booked = TransferBooked(
        transfer_id=move.request.id,
        sender_id=row.sender_id,
        recipient_id=move.recipient_id,
        amount=amount,
        note=row.note,
        booked_at=now,
    )
    return [Sequenced(booked, 1)]


def _request(row: WaitingTransferRow, to: UUID) -> TransferRequest:
    held, wallet = accounts.waiting(row.transfer_id, row.currency), accounts.wallet(to, row.currency)
    entries = (NewEntry(held.id, -row.amount, row.currency), NewEntry(wallet.id, row.amount, row.currency))
    kind = "transfer_returned" if to == row.sender_id else "transfer_delivered"
    return TransferRequest(derived_id(kind, row.transfer_id, row.attempts), kind, str(row.transfer_id), entries)


KINDS: Sequence[str] = ("transfer_waiting", "transfer_delivered", "transfer_returned")
"""What the ledger calls its transfers; their reference is the first one's id."""
