"""Posting transfers: the only way money moves.

A batch is locked, checked, written and answered by one call of the database function `post_transfers`; the laws
that must hold for whoever writes (sums of zero, chains of versions, covered balances) are the database's own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from payment import metrics
from payment.ledger.tables import DeclineReason, Transfer
from souk.database import Session, Statement
from souk.money import AMOUNT_MAX, Money

TRANSFERS_MAX = 1000
"""Transfers in one batch."""

ENTRIES_MAX = 200
"""Entries in one transfer."""

Outcome = DeclineReason | Literal["accepted", "conflict"]
"""`conflict`: the id was used for another request; nothing is remembered of this one."""


class BadTransfer(ValueError):
    """A request that no ledger could book: a mistake of the code that made it, not of a user."""


class NewEntry(NamedTuple):
    """What a transfer does to one account, in minor units; negative takes away."""

    account_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Money to move. The id comes from the caller and makes the request repeatable."""

    id: UUID
    kind: str
    reference: str
    entries: tuple[NewEntry, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.entries) <= ENTRIES_MAX:
            raise BadTransfer(f"A transfer has 2 to {ENTRIES_MAX} entries, not {len(self.entries)}.")
        if len({entry.account_id for entry in self.entries}) != len(self.entries):
            raise BadTransfer("A transfer has one entry per account.")
        sums: dict[str, int] = {}
        for entry in self.entries:
            if not 0 < abs(entry.amount) <= AMOUNT_MAX:
                raise BadTransfer(f"{entry.amount} minor units cannot be moved.")
            sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount
        if any(sums.values()):
            raise BadTransfer(f"The entries do not sum to zero: {sums}.")

    def content_hash(self) -> bytes:
        """SHA-256 over all that the request says, whatever the order of its entries."""
        content = (
            self.kind,
            self.reference,
            sorted((str(e.account_id), e.amount, e.currency) for e in self.entries),
        )
        return hashlib.sha256(msgspec.json.encode(content)).digest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request."""

    transfer_id: UUID
    outcome: Outcome
    duplicate: bool
    """The same request was answered before; `outcome` and the rest are that first answer."""
    account_id: UUID | None = None
    """The account that a decline is about."""
    missing: Money | None = None
    """How much the account lacks, with `insufficient_funds`."""

    @property
    def accepted(self) -> bool:
        """The money has moved, now or when it was first asked."""
        return self.outcome == "accepted"


# The usual batch, all booked now, is answered by one row at position 0: its locks are held until this side has read on.
_POST: Statement[Any] = Statement("""
    SELECT "position", known, same_request, reason, account_id, missing FROM post_transfers(
        CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:refs AS text[]), CAST(:hashes AS bytea[]),
        CAST(:at AS timestamptz), CAST(:positions AS int[]), CAST(:accounts AS uuid[]),
        CAST(:amounts AS bigint[]), CAST(:currencies AS text[]))
""")


_LOCK: Statement[None] = Statement("""
    SELECT FROM account WHERE id = ANY (CAST(:ids AS uuid[])) AND kind NOT IN ('fees', 'issuance')
    ORDER BY id FOR NO KEY UPDATE
""")


async def lock_accounts(session: Session, requests: Sequence[TransferRequest]) -> None:
    """Lock the accounts that `post` will lock for these requests, before it does: to look at limits in between."""
    ids = {entry.account_id for request in requests for entry in request.entries}
    await _LOCK.run(session, ids=list(ids))


async def existing_transfers(session: Session, requests: Sequence[TransferRequest]) -> set[UUID]:
    """The ids that were asked before; whatever the request was then, its answer stands."""
    query = select(Transfer.id).where(Transfer.id.in_([request.id for request in requests]))
    return set(await session.scalars(query))


async def post(session: Session, requests: Sequence[TransferRequest], *, at: datetime) -> list[Answer]:
    """Book the requests in their order and answer each; one that fails leaves its neighbours alone.

    Locks the touched wallets, escrows and receivables until the transaction ends. A transfer is booked `at` this time, or
    at the last one on any of these accounts if that is later: times on an account never fall. Call it once per transaction:
    a second batch could wait for accounts in another order than someone else's. Declines are remembered with the
    transaction; raise to forget them.
    """
    if len(requests) > TRANSFERS_MAX:
        raise BadTransfer(f"A batch has at most {TRANSFERS_MAX} transfers, not {len(requests)}.")
    if not requests:
        return []
    rows = await _POST.all(session, **_arguments(requests, at))
    if rows[0].position == 0:
        answers = [Answer(request.id, "accepted", duplicate=False) for request in requests]
    else:
        by_position = {row.position: _answer(requests[row.position - 1], row) for row in rows}
        answers = [by_position[position] for position in range(1, len(requests) + 1)]
    told = [
        (request.kind, "duplicate" if answer.duplicate else answer.outcome)
        for request, answer in zip(requests, answers, strict=True)
    ]
    session.after_commit(partial(metrics.note_posted, told))
    return answers


def _arguments(requests: Sequence[TransferRequest], at: datetime) -> dict[str, object]:
    entries = [(position, entry) for position, request in enumerate(requests, 1) for entry in request.entries]
    return {
        "ids": [request.id for request in requests],
        "kinds": [request.kind for request in requests],
        "refs": [request.reference for request in requests],
        "hashes": [request.content_hash() for request in requests],
        "at": at,
        "positions": [position for position, _ in entries],
        "accounts": [entry.account_id for _, entry in entries],
        "amounts": [entry.amount for _, entry in entries],
        "currencies": [entry.currency for _, entry in entries],
    }


def _answer(request: TransferRequest, row: Any) -> Answer:
    if row.known and not row.same_request:
        return Answer(request.id, "conflict", duplicate=False)
    if row.reason is None:
        return Answer(request.id, "accepted", duplicate=row.known)
    lacking = None
    if row.missing is not None:
        currency = next(entry.currency for entry in request.entries if entry.account_id == row.account_id)
        lacking = Money(row.missing, currency)
    return Answer(request.id, row.reason, row.known, row.account_id, lacking)
