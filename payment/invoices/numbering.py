"""Numbers without gaps and dates in their order: 1..n in each seller's series of invoices and of credit notes.

A sequence would leave a gap wherever a transaction is rolled back, so the counter is a row that whoever issues
locks until the commit; sellers do not wait for each other.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from payment.invoices.tables import Series
from souk.contracts.payment.events import InvoiceKind
from souk.database import Session, Statement

PREFIXES: dict[InvoiceKind, str] = {"invoice": "INV", "credit_note": "CN"}

_START: Statement[None] = Statement("""
    INSERT INTO series (seller_id, kind, code)
    SELECT id, :kind, code FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[])) AS new (id, code) ORDER BY id
    ON CONFLICT DO NOTHING
""")
_LOCK: Statement[Series] = Statement("""
    SELECT seller_id, code, last_position, last_issued_at FROM series
    WHERE kind = :kind AND seller_id = ANY(CAST(:ids AS uuid[])) ORDER BY seller_id FOR UPDATE
""")
_KEEP: Statement[None] = Statement("""
    UPDATE series SET last_position = counted.position, last_issued_at = counted.at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:positions AS bigint[]), CAST(:times AS timestamptz[])) AS counted (id, position, at)
    WHERE kind = :kind AND seller_id = counted.id
""")

CODE_LENGTHS = (6, 10, 16, 32)
"""How long a seller's short code is: the first that no other seller has."""


@dataclass(slots=True)
class Counter:
    """A series whose row is locked, as it is counted on."""

    code: str
    last_position: int
    last_issued_at: datetime | None
    """When its last document was issued: the next is not earlier, whatever the clock says."""


async def lock_series(session: Session, kind: InvoiceKind, seller_ids: Iterable[UUID]) -> dict[UUID, Counter]:
    """The sellers' series, started if need be, and locked in the order of the sellers' ids until the commit."""
    wanted = sorted(set(seller_ids))
    missing = set(wanted)
    for length in CODE_LENGTHS:
        new = [seller_id for seller_id in wanted if seller_id in missing]
        await _START.run(session, ids=new, kind=kind, codes=[short_code(seller_id, length) for seller_id in new])
        found = await _LOCK.all(session, ids=wanted, kind=kind)
        series = {row.seller_id: Counter(row.code, row.last_position, row.last_issued_at) for row in found}
        missing = set(wanted) - series.keys()
        if not missing:
            return series
    raise RuntimeError(f"no short code is left for seller {min(missing)}")


async def keep_series(session: Session, kind: InvoiceKind, series: Mapping[UUID, Counter]) -> None:
    """Write down how far the locked series were counted."""
    await _KEEP.run(
        session,
        kind=kind,
        ids=list(series),
        positions=[each.last_position for each in series.values()],
        times=[each.last_issued_at for each in series.values()],
    )


def take_number(series: Counter, kind: InvoiceKind) -> tuple[int, str]:
    """The next position in a locked series, and how it reads, e.g. `INV-4XQ7KD-000001`."""
    series.last_position += 1
    return series.last_position, f"{PREFIXES[kind]}-{series.code}-{series.last_position:06d}"


def take_time(series: Counter, now: datetime, corrects_of: date | None = None) -> datetime:
    """When the next document of a locked series is issued: now, or with its last one if the clock was put back since.

    A document that corrects another is not dated before that one's day.
    """
    floors = [] if corrects_of is None else [datetime.combine(corrects_of, time(), UTC)]
    floors += [] if series.last_issued_at is None else [series.last_issued_at]
    series.last_issued_at = issued_at = max([now, *floors])
    return issued_at


def short_code(seller_id: UUID, length: int) -> str:
    """Letters and digits (A-Z, 2-7) that stand for a seller and tell nothing of when they joined."""
    return base64.b32encode(hashlib.sha256(seller_id.bytes).digest()).decode()[:length]
