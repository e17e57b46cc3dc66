"""Numbers without gaps and dates in their order: 1..n in each seller's series of invoices and of credit notes.

A sequence would leave a gap wherever a transaction is rolled back, so the counter is a row that whoever issues
locks until the commit; sellers do not wait for each other.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from payment.invoices.tables import Series
from souk.contracts.payment.events import InvoiceKind
from souk.database import Session

PREFIXES: dict[InvoiceKind, str] = {"invoice": "INV", "credit_note": "CN"}

CODE_LENGTHS = (6, 10, 16, 32)
"""How long a seller's short code is: the first that no other seller has."""


async def lock_series(session: Session, kind: InvoiceKind, seller_ids: Iterable[UUID]) -> dict[UUID, Series]:
    """The sellers' series, started if need be, and locked in the order of the sellers' ids until the commit."""
    wanted = sorted(set(seller_ids))
    missing = set(wanted)
    for length in CODE_LENGTHS:
        rows = [{"seller_id": s, "kind": kind, "code": short_code(s, length)} for s in wanted if s in missing]
        await session.execute(insert(Series).values(rows).on_conflict_do_nothing())
        found = await session.scalars(
            select(Series)
            .where(Series.kind == kind, Series.seller_id.in_(wanted))
            .order_by(Series.seller_id)
            .with_for_update()
        )
        series = {row.seller_id: row for row in found}
        missing = set(wanted) - series.keys()
        if not missing:
            return series
    raise RuntimeError(f"no short code is left for seller {min(missing)}")


def take_number(series: Series, kind: InvoiceKind) -> tuple[int, str]:
    """The next position in a locked series, and how it reads, e.g. `INV-4XQ7KD-000001`."""
    series.last_position += 1
    return series.last_position, f"{PREFIXES[kind]}-{series.code}-{series.last_position:06d}"


def take_time(series: Series, now: datetime, corrects_of: date | None = None) -> datetime:
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
