"""Closed blocks: a chain of hashes over all transfers and issued documents, so that no row can be edited, removed or inserted
unnoticed.

A block holds what has a `position` above the last block's and at most its own `last_position`; its hash is

    SHA-256(header + "\\n" + lines)

where the header is a JSON array

    [number, previous hash, last position, number of transfers, closed at, number of documents' hashes (left out if 0)]

and the lines are one JSON array for each transfer and each hash of a document, by position, joined by line feeds:

    [position, id, kind, reference, request hash, created at, [[account, amount, version, balance after] ...], decline]
    [position, document's id, "document" or "pdf", hash]

with the entries by account id, `decline` as null or [reason, account, missing], hashes as hex and times as
microseconds since 1970. Everything is UTF-8, as PostgreSQL's `json_build_array` writes it. The first block's previous
hash is 32 zero bytes.

Which transfers a block holds must not change once it is closed, though transactions commit in any order. So a
position is closed over only when no transaction that could still bring a lower one is running: see `Closer`.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from sqlalchemy import func, select, text

from payment import metrics
from payment.ledger.tables import Block, Transfer
from payment.ledger.witness import Witness
from souk.clock import Clock
from souk.database import AnySession, ReadSession, Session
from souk.observability.logging import get_logger

CONTENT_MAX = 5000
"""Transfers and hashes of documents in one block."""

BLOCKS_READ = 500
"""Rows of the chain read at once to verify it."""

BACKDATED_MAX = timedelta(hours=1)
"""A transfer may be made out so long before the last block was closed, by slow transactions and differing clocks."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_START = Block(number=0, hash=bytes(32), last_position=-(2**63), transfers=0, documents=0, closed_at=_EPOCH)
"""What the first block follows; its position is below any that somebody could make up."""

# JSON escapes line feeds, so lines and fields cannot run into each other whatever a reference says.
_CONTENT = text("""
    SELECT count(created_at) AS transfers, count(*) - count(created_at) AS documents, max(position) AS last_position,
        min(created_at) AS oldest, coalesce(string_agg(line, chr(10) ORDER BY position), '') AS lines
    FROM ((
        SELECT t.position, t.created_at, json_build_array(
            t.position, t.id, t.kind, t.reference, encode(t.request_hash, 'hex'),
            (extract(epoch FROM t.created_at) * 1000000)::bigint,
            (SELECT coalesce(json_agg(json_build_array(e.account_id, e.amount, e.account_version, e.balance_after)
                ORDER BY e.account_id), '[]') FROM entry e WHERE e.transfer_id = t.id),
            (SELECT json_build_array(d.reason, d.account_id, d.missing) FROM decline d WHERE d.transfer_id = t.id)
        )::text AS line
        FROM transfer t WHERE t.position > :after AND t.position <= :upto ORDER BY t.position LIMIT :most
    ) UNION ALL (
        SELECT s.position, NULL, json_build_array(s.position, s.invoice_id, s.part, s.hash)::text
        FROM sealed_document s WHERE s.position > :after AND s.position <= :upto ORDER BY s.position LIMIT :most
    ) ORDER BY position LIMIT :most) content
""")

_GIVEN = text("""
    SELECT pg_sequence_last_value('transfer_position_seq'), pg_current_xact_id_if_assigned() IS NOT NULL
""")
"""The highest position given so far, whether its transfer was committed or not; whether this transaction has a number."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first block that is not what was closed, or does not follow the one before."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Sound:
    """The whole chain is as it was closed."""

    blocks: int
    transfers: int
    newest_hash: str
    """In hex; all zero before the first block."""
    waiting: int
    """Transfers that no block holds yet."""


class Closer:
    """Closes what is settled, as the service's sweeper asks; any instance may, one at a time does.

    A position is taken by a transaction that has its number already (the database sees to it). So after reading the
    highest position L, every transaction that could still commit one up to L has a lower number than one that is given
    now: the closer's own. Once a later snapshot shows none below it running, what there is up to L is all that there
    will ever be. (A snapshot's upper end would not do: it is above what is done, not above what is running.)
    """

    def __init__(self, clock: Clock, witness: Witness | None = None) -> None:
        self._clock = clock
        self._witness = witness
        self._fence: tuple[int, int, datetime] | None = None
        """A position, the transaction number that must be passed for it to be settled, and when it was the highest."""

    async def sweep(self, session: Session) -> int:
        """Close one block of what is settled; asks to be called again at once (by its count) only if it is full."""
        if not await session.scalar(
            select(func.pg_try_advisory_xact_lock(func.hashtextextended("souk payment blocks", 0)))
        ):
            return 0
        fence = await self._passed(session)
        if fence is None:
            return 0
        settled, _, closed_at = fence
        newest = await newest_block(session) or _START
        if self._witness is not None and newest.number:
            self._witness.catch_up(newest.number, newest.hash, newest.closed_at)
        reach = {"after": newest.last_position, "upto": settled, "most": CONTENT_MAX}
        found = (await session.execute(_CONTENT, reach)).one()
        if found.last_position is None:
            return 0
        block = Block(
            number=newest.number + 1,
            previous_hash=newest.hash,
            last_position=found.last_position,
            transfers=found.transfers,
            documents=found.documents,
            closed_at=closed_at,
        )
        block.hash = _hash(block, found.lines)
        session.add(block)
        await session.flush()
        session.after_commit(partial(self._tell, block))
        return CONTENT_MAX if block.transfers + block.documents == CONTENT_MAX else 0

    def _tell(self, block: Block) -> None:
        """Outside the database, whoever rewrites the chain inside cannot reach it."""
        told = {"number": block.number, "hash": block.hash.hex(), "transfers": block.transfers}
        get_logger("payment").info("block closed", **told, documents=block.documents)
        if self._witness is not None:
            self._witness.note(block.number, block.hash, block.closed_at)

    async def _passed(self, session: Session) -> tuple[int, int, datetime] | None:
        """The fence that is known to be settled, if there is news; one that was passed makes room for the next."""
        oldest = await session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
        passed = self._fence if self._fence and oldest >= self._fence[1] else None
        if self._fence is None or passed is not None:
            # What gets a higher position is made out later than this, but for slow transactions: see BACKDATED_MAX.
            at = self._clock.now()
            highest, numbered = (await session.execute(_GIVEN)).one()
            # The number is given after the position was read; that order is the point.
            assert not numbered, "blocks are closed in a transaction that has written nothing yet"
            number = await session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
            self._fence = None if highest is None else (highest, number, at)
        return passed


async def newest_block(session: AnySession) -> Block | None:
    """The block that the next one will follow."""
    found: Block | None = await session.scalar(select(Block).order_by(Block.number.desc()).limit(1))
    return found


async def measure(session: ReadSession, clock: Clock) -> None:
    """Show how long ago a block was closed, and for how long the oldest transfer has been in none."""
    newest = await newest_block(session) or _START
    waiting = await session.scalar(
        select(Transfer.created_at).where(Transfer.position > newest.last_position).order_by(Transfer.position).limit(1)
    )
    metrics.note_chain(newest.closed_at, clock.now() - waiting if waiting else timedelta(0))


async def verify(reader: ReadSession, known: Mapping[int, str] | None = None) -> Broken | Sound:
    """Compute every block's hash anew from the rows; ends at the first block that differs.

    Somebody who may write everything can also make all hashes anew, or drop the newest blocks. `known` holds hashes (in
    hex, by number) that were published or logged: blocks with those hashes must be there.
    """
    expected = dict(known or {})
    before = _START
    transfers = 0
    async for block in _blocks(reader):
        why = await _wrong(reader, block, before)
        if why is None and expected.pop(block.number, block.hash.hex()) != block.hash.hex():
            why = "has another hash than the one that was known"
        if why is not None:
            return Broken(before.number + 1, why)
        before, transfers = block, transfers + block.transfers
    if expected:
        return Broken(min(expected), "is not there, though its hash was known")
    tail = await _tail(reader, before)
    if isinstance(tail, str):
        return Broken(before.number + 1, tail)
    return Sound(before.number, transfers, before.hash.hex(), tail)


async def _wrong(reader: ReadSession, block: Block, before: Block) -> str | None:
    """What is wrong with a block that should follow the one before; None if nothing is."""
    if block.number != before.number + 1:
        return f"is missing; the next one is {block.number}"
    if block.previous_hash != before.hash:
        return "does not name the hash of the block before it"
    most = block.transfers + block.documents + CONTENT_MAX
    reach = {"after": before.last_position, "upto": block.last_position, "most": most}
    found = (await reader.execute(_CONTENT, reach)).one()
    if found.transfers != block.transfers:
        return f"was closed over {block.transfers} transfers and now holds {found.transfers}"
    if found.documents != block.documents:
        return f"was closed over {block.documents} hashes of documents and now holds {found.documents}"
    if _hash(block, found.lines) != block.hash:
        return "has another hash than its rows: something in it was edited"
    # A block that is closed before the one that it follows tells that the clock was put back in between.
    return _backdated(found.oldest, min(before.closed_at, block.closed_at))


async def _tail(reader: ReadSession, last: Block) -> int | str:
    """How many transfers no block holds yet, or why these cannot have been made since the last one."""
    newest, oldest, waiting, now = (
        await reader.execute(
            select(func.max(Transfer.position), func.min(Transfer.created_at), func.count(), func.now()).where(
                Transfer.position > last.last_position
            )
        )
    ).one()
    given = await reader.scalar(_GIVEN) or 0  # read after the rows, or a new one would look made up
    highest = max(newest or 0, last.last_position)
    if highest > given:
        return f"would hold position {highest}, but only {given} were given"
    return _backdated(oldest, min(last.closed_at, now)) or int(waiting)


def _backdated(oldest: datetime | None, closed_at: datetime) -> str | None:
    if oldest is None or oldest + BACKDATED_MAX >= closed_at:
        return None
    return f"holds a transfer of {oldest.isoformat()}, but {closed_at.isoformat()} a block was closed after it"


async def _blocks(reader: ReadSession) -> AsyncIterator[Block]:
    seen = 0
    while True:
        query = select(Block).where(Block.number > seen).order_by(Block.number).limit(BLOCKS_READ)
        blocks = (await reader.scalars(query)).all()
        for block in blocks:
            yield block
        if not blocks:
            return
        seen = blocks[-1].number


def _hash(block: Block, lines: str) -> bytes:
    closed_at = (block.closed_at - _EPOCH) // timedelta(microseconds=1)
    header = [block.number, block.previous_hash.hex(), block.last_position, block.transfers, closed_at]
    header += [block.documents] if block.documents else []
    return hashlib.sha256(msgspec.json.encode(header) + b"\n" + lines.encode()).digest()
