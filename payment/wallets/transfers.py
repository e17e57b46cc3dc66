"""Money that users send to each other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from payment.ledger import accounts
from payment.ledger.grouping import GroupCommit, Posting
from payment.ledger.ledger import Answer, NewEntry, TransferRequest
from payment.ledger.tables import Account
from payment.wallets.tables import UserTransfer
from payment.wallets.wallets import IdempotencyConflict, WalletClosed, check_amount, receipt, sent_today
from souk.contracts.payment import TransferBooked, TransferReceipt
from souk.database import Session
from souk.errors import InvalidInput, RuleBroken
from souk.events import Outbox
from souk.money import Money

NOTE_CHARS_MAX = 140


class TransferLimitReached(RuleBroken):
    """The day's transfers would exceed the limit."""

    title = "That is more than you can send today"


class InsufficientFunds(RuleBroken):
    """The wallet has less than is to be sent."""

    title = "Your wallet has less than that"


class WalletFrozen(RuleBroken):
    """Nothing may leave the wallet."""

    title = "Your wallet is frozen"


@dataclass(frozen=True, slots=True)
class Sending:
    """A user's wish to send money, made once for its `transfer_id`."""

    transfer_id: UUID
    sender_id: UUID
    recipient_id: UUID
    amount: Money
    note: str

    def check(self, currency: str) -> None:
        """Raise InvalidInput unless this can be asked for at all."""
        check_amount(self.amount, currency)
        if self.recipient_id == self.sender_id:
            raise InvalidInput("recipient_id", "You cannot send money to yourself.")
        if len(self.note) > NOTE_CHARS_MAX or any(ord(letter) < 32 or ord(letter) == 127 for letter in self.note):
            raise InvalidInput("note", f"Use one line of at most {NOTE_CHARS_MAX} characters.")


async def send(group: GroupCommit, outbox: Outbox, new: Sending, *, daily_limit: int, now: datetime) -> TransferReceipt:
    """Move money from one user's wallet to another's, and tell it; the same id again gives the same receipt.

    Raises InvalidInput for a recipient whom nobody knows, TransferLimitReached, InsufficientFunds, WalletFrozen,
    WalletClosed (either side's) and IdempotencyConflict. A decline is remembered: to try again, use another id.
    """
    source, target = (accounts.wallet(user_id, new.amount.currency) for user_id in (new.sender_id, new.recipient_id))
    amount, currency = new.amount.amount, new.amount.currency

    async def check(session: Session) -> None:
        if await session.scalar(select(Account.id).where(Account.id == target.id)) is None:
            raise InvalidInput("recipient_id", "Nobody here has this id. Nothing was sent.")
        left = daily_limit - await sent_today(session, new.sender_id, now)
        if amount > left:
            allowance = Money(max(left, 0), currency)
            raise TransferLimitReached(
                f"You can still send {allowance.decimal()} {currency} today; nothing was sent.", left=allowance
            )

    async def finish(session: Session, answer: Answer) -> TransferReceipt | RuleBroken:
        if answer.outcome == "conflict" or (answer.duplicate and not await _same(session, new)):
            return IdempotencyConflict(
                "This Idempotency-Key was used for another request; nothing was sent now. Use a new key."
            )
        if not answer.accepted:
            return _refusal(answer, source.id)
        if not answer.duplicate:
            await session.execute(insert(UserTransfer).values(_row(new, now)))
            await outbox.emit(session, _told(new, now), sequence=1)
        return await receipt(session, new.transfer_id, new.sender_id, new.amount)

    entries = (NewEntry(source.id, -amount, currency), NewEntry(target.id, amount, currency))
    request = TransferRequest(new.transfer_id, "transfer", "", entries)
    return await group.post(Posting(request, finish, check, opens=(source,), counts_for=new.sender_id))


async def _same(session: Session, new: Sending) -> bool:
    """What was sent with this id has the same note; the ledger has compared the rest. True if nothing was sent."""
    known = await session.get(UserTransfer, new.transfer_id)
    return known is None or known.note == new.note


def _refusal(answer: Answer, source_id: UUID) -> RuleBroken:
    if answer.outcome == "insufficient_funds":
        missing = answer.missing
        assert missing is not None
        return InsufficientFunds(f"It lacks {missing.decimal()} {missing.currency}; nothing was sent.", missing=missing)
    if answer.outcome == "account_frozen":
        return WalletFrozen("Nothing can leave it until an operator reopens it; nothing was sent.")
    whose = "Your wallet" if answer.account_id == source_id else "The recipient's wallet"
    return WalletClosed(f"{whose} is closed; nothing was sent.")


def _row(new: Sending, now: datetime) -> dict[str, object]:
    return {
        "transfer_id": new.transfer_id,
        "sender_id": new.sender_id,
        "recipient_id": new.recipient_id,
        "amount": new.amount.amount,
        "currency": new.amount.currency,
        "note": new.note,
        "sent_at": now,
    }


def _told(new: Sending, now: datetime) -> TransferBooked:
    return TransferBooked(
        transfer_id=new.transfer_id,
        sender_id=new.sender_id,
        recipient_id=new.recipient_id,
        amount=new.amount,
        note=new.note,
        booked_at=now,
    )
