"""Money that users send to each other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from payment.ledger import accounts
from payment.ledger.grouping import Finished, GroupCommit, Posting
from payment.ledger.ledger import Answer, NewEntry, TransferRequest
from payment.ledger.tables import Account
from payment.wallets import pending
from payment.wallets.tables import UserTransfer, WaitingTransferRow
from payment.wallets.wallets import WalletClosed, check_amount, receipt, sent_today
from souk.contracts.payment.events import TransferBooked, TransferWaiting
from souk.contracts.payment.wallets import TransferReceipt
from souk.database import Database, ReadSession, Session
from souk.errors import InvalidInput, KeyReused, RuleBroken
from souk.events import Sequenced
from souk.mailboxes import clean_email, mark_of
from souk.money import Money

NOTE_CHARS_MAX = 140


class TransferLimitReached(RuleBroken):
    """The day's transfers would exceed the limit."""

    title = "That is more than you can send today"
    members = ("left",)


class InsufficientFunds(RuleBroken):
    """The wallet has less than is to be sent."""

    title = "Your wallet has less than that"
    members = ("missing",)


class WalletFrozen(RuleBroken):
    """Nothing may leave the wallet."""

    title = "Your wallet is frozen"


@dataclass(frozen=True, slots=True)
class Sending:
    """A user's wish to send money, made once for its `transfer_id`."""

    transfer_id: UUID
    sender_id: UUID
    recipient_id: UUID | None
    email: str | None
    """Instead of the id: whoever proved this address, or does so in time."""
    amount: Money
    note: str

    def check(self, currency: str) -> None:
        """Raise InvalidInput unless this can be asked for at all."""
        check_amount(self.amount, currency)
        if (self.recipient_id is None) == (self.email is None):
            raise InvalidInput(
                "recipient_id", "Name the recipient by their id, or by their email address.", code="recipient-needed"
            )
        if self.email is not None and clean_email(self.email) is None:
            raise InvalidInput(
                "email", "This is not an email address. Nothing was sent.", code="recipient-not-an-address"
            )
        if self.recipient_id == self.sender_id:
            raise InvalidInput("recipient_id", "You cannot send money to yourself.", code="recipient-yourself")
        if len(self.note) > NOTE_CHARS_MAX or any(ord(letter) < 32 or ord(letter) == 127 for letter in self.note):
            raise InvalidInput(
                "note", "Use one line of at most {most} characters.", code="note-unusable", most=NOTE_CHARS_MAX
            )


async def send(
    group: GroupCommit, database: Database, new: Sending, *, daily_limit: int, now: datetime
) -> TransferReceipt:
    """Move money from one user's wallet to another's, and tell it; the same id again gives the same receipt.

    If the recipient has not proved their address, or nobody has proved the one that is named, the money waits for that.

    Raises InvalidInput for a recipient whom nobody knows, TransferLimitReached, InsufficientFunds, WalletFrozen,
    WalletClosed (either side's) and KeyReused. A decline is remembered: to try again, use another id.
    """
    async with database.reading() as reader:
        recipient = await _recipient(reader, new)
    if recipient == new.sender_id:
        raise InvalidInput("email", "This is your own address. Nothing was sent.", code="own-address")
    amount, currency = new.amount.amount, new.amount.currency
    source = accounts.wallet(new.sender_id, currency)
    user = recipient or new.recipient_id
    recipient_wallet = accounts.wallet(user, currency) if user else None
    target = accounts.wallet(recipient, currency) if recipient else accounts.waiting(new.transfer_id, currency)

    async def check(session: Session) -> None:
        if (
            recipient_wallet is not None
            and await session.scalar(select(Account.id).where(Account.id == recipient_wallet.id)) is None
        ):
            raise InvalidInput("recipient_id", "Nobody here has this id. Nothing was sent.", code="unknown-recipient")
        left = daily_limit - await sent_today(session, new.sender_id, now)
        if amount > left:
            allowance = Money(max(left, 0), currency)
            raise TransferLimitReached("You can still send {left} today; nothing was sent.", left=allowance)

    async def finish(session: Session, answer: Answer) -> Finished[TransferReceipt] | RuleBroken:
        if answer.outcome == "conflict" or (answer.duplicate and not await _same(session, new)):
            return KeyReused(
                "This Idempotency-Key was used for another request; nothing was sent now. Use a new key.",
                code="key-of-another-transfer",
            )
        if not answer.accepted:
            return _refusal(answer, source.id)
        news = [] if answer.duplicate else [Sequenced(await _keep(session, new, recipient, now), 1)]
        confirmation = await receipt(session, new.transfer_id, new.sender_id, new.amount)
        if recipient is None:
            row = await session.get(WaitingTransferRow, new.transfer_id)
            confirmation = msgspec.structs.replace(confirmation, waits_until=row.returns_at if row else None)
        return Finished(confirmation, news)

    entries = (NewEntry(source.id, -amount, currency), NewEntry(target.id, amount, currency))
    request = TransferRequest(new.transfer_id, "transfer" if recipient else "transfer_waiting", "", entries)
    opens = (source,) if recipient else (source, target)
    return await group.post(Posting(request, finish, check, opens=opens, counts_for=new.sender_id))


async def _recipient(reader: ReadSession, new: Sending) -> UUID | None:
    """The user who gets it at once; None if it has to wait. What was sent with this id before stays as it was."""
    if await reader.get(WaitingTransferRow, new.transfer_id) is not None:
        return None
    sent = await reader.get(UserTransfer, new.transfer_id)
    if sent is not None and (new.recipient_id is None or sent.recipient_id == new.recipient_id):
        return sent.recipient_id
    if new.email is not None:
        return await pending.proved_user(reader, mark_of(new.email))
    assert new.recipient_id is not None
    return new.recipient_id if await pending.has_proved(reader, new.recipient_id) else None


def _waiting_row(new: Sending) -> dict[str, object]:
    return {
        "transfer_id": new.transfer_id,
        "sender_id": new.sender_id,
        "recipient_id": new.recipient_id,
        "address_mark": mark_of(new.email) if new.email is not None else None,
        "email": clean_email(new.email) if new.email is not None else "",
        "amount": new.amount.amount,
        "currency": new.amount.currency,
        "note": new.note,
    }


async def _same(session: Session, new: Sending) -> bool:
    """What was sent with this id has the same note and recipient; the ledger has compared the rest. True if nothing was."""
    sent = await session.get(UserTransfer, new.transfer_id)
    if sent is not None:
        return sent.note == new.note
    waiting = await session.get(WaitingTransferRow, new.transfer_id)
    if waiting is None:
        return True
    mark = mark_of(new.email) if new.email is not None else None
    for_one = waiting.address_mark == mark if waiting.address_mark is not None else mark is None
    return waiting.note == new.note and for_one


def _refusal(answer: Answer, source_id: UUID) -> RuleBroken:
    if answer.outcome == "insufficient_funds":
        missing = answer.missing
        assert missing is not None
        return InsufficientFunds("It lacks {missing}; nothing was sent.", missing=missing)
    if answer.outcome == "account_frozen":
        return WalletFrozen("Nothing can leave it until an operator reopens it; nothing was sent.")
    if answer.account_id == source_id:
        return WalletClosed("Your wallet is closed; nothing was sent.", code="wallet-closed")
    return WalletClosed("The recipient's wallet is closed; nothing was sent.", code="recipient-wallet-closed")


def _row(new: Sending, recipient_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "transfer_id": new.transfer_id,
        "sender_id": new.sender_id,
        "recipient_id": recipient_id,
        "amount": new.amount.amount,
        "currency": new.amount.currency,
        "note": new.note,
        "sent_at": now,
    }


async def _keep(
    session: Session, new: Sending, recipient: UUID | None, now: datetime
) -> TransferBooked | TransferWaiting:
    """Write down what was sent, or waits; what to tell."""
    if recipient is None:
        return await pending.keep(session, _waiting_row(new), now)
    await session.execute(insert(UserTransfer).values(_row(new, recipient, now)))
    return _booked(new, recipient, now)


def _booked(new: Sending, recipient_id: UUID, now: datetime) -> TransferBooked:
    return TransferBooked(
        transfer_id=new.transfer_id,
        sender_id=new.sender_id,
        recipient_id=recipient_id,
        amount=new.amount,
        note=new.note,
        booked_at=now,
    )
