"""The PDFs of invoices: drawn once, when somebody asks or nobody waits, and kept."""

import asyncio
import hashlib
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Interval, bindparam, func, select, update

from payment.invoices import worker
from payment.invoices.edition import edition
from payment.invoices.tables import Invoice, InvoicePdf
from payment.pdf.renderer import Renderer
from souk.database import Database, Session
from souk.errors import RuleBroken
from souk.observability.logging import get_logger
from souk.processes import Load

AT_ONCE = 4
"""Documents that are claimed together."""

CLAIMED_FOR = timedelta(minutes=1)
"""After that another instance may draw them; longer than drawing may take."""

RETRY_DELAY_MAX = timedelta(hours=1)
"""The longest pause before a document that could not be drawn is tried again."""

PUT_OFF_MAX = timedelta(minutes=10)
"""Where there is always something more urgent, documents wait no longer than this. Whoever asks for one has it drawn."""

_DUE = (
    select(InvoicePdf.invoice_id)
    .where(InvoicePdf.content.is_(None), InvoicePdf.due_at <= func.now() - bindparam("rest", type_=Interval()))
    .order_by(InvoicePdf.due_at)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(InvoicePdf)
    .where(InvoicePdf.invoice_id.in_(_DUE.scalar_subquery()), InvoicePdf.invoice_id == Invoice.id)
    .values(due_at=func.now() + CLAIMED_FOR)
    .returning(InvoicePdf.invoice_id, Invoice.document)
    .execution_options(synchronize_session=False)
)
_PUT_OFF = (
    update(InvoicePdf)
    .where(InvoicePdf.invoice_id == bindparam("id"), InvoicePdf.content.is_(None))
    .values(
        attempts=InvoicePdf.attempts + 1,
        due_at=func.now()
        + func.least(func.make_interval(0, 0, 0, 0, 0, 0, func.power(2.0, InvoicePdf.attempts + 1)), RETRY_DELAY_MAX),
    )
    .execution_options(synchronize_session=False)
)


class StoredPdf(NamedTuple):
    """A drawn document."""

    content: bytes
    content_hash: str
    """SHA-256, hex."""


class Damaged(RuleBroken):
    """A stored document is not what was issued; `souk audit` names it too."""

    status = 503
    title = "The document is damaged"


class StoredPdfs:
    """The PDFs in the database; those that are not there yet are drawn."""

    def __init__(self, database: Database, renderer: Renderer, load: Load | None = None) -> None:
        """`load` tells whether this process has more urgent things to do than to draw what nobody asks for."""
        self._database = database
        self._renderer = renderer
        self._load = load
        self._log = get_logger(database.service)

    async def pdf(self, invoice: Invoice) -> StoredPdf:
        """The invoice's PDF, drawn now if that has not been done yet.

        What is given out is what was issued: its hash is verified, and a stored file that changed is drawn again. Raises
        Unavailable if drawing takes too long, Damaged if neither the file nor the document is what was hashed.
        """
        async with self._database.reading() as reader:
            stored = await reader.get(InvoicePdf, invoice.id)
        known = stored.content_hash if stored is not None else None
        if stored is not None and stored.content is not None and known == _hash(stored.content):
            return StoredPdf(stored.content, known)
        if _hash(invoice.document.encode()) != invoice.document_hash:
            raise self._damaged(invoice, "the document is not what was hashed")
        content = await self._drawn(invoice.document)
        if known is not None:
            if _hash(content) != known:
                raise self._damaged(invoice, "the PDF is not what was hashed, nor is it drawn like that again")
            self._log.error("a stored PDF was damaged and drawn again", invoice_id=str(invoice.id))
            return StoredPdf(content, known)
        async with self._database.transaction() as session:
            return await _keep(session, invoice.id, content)

    def _damaged(self, invoice: Invoice, error: str) -> Damaged:
        self._log.error("invoice damaged", invoice_id=str(invoice.id), number=invoice.number, error=error)
        return Damaged("This document was changed after it was issued, so it is not given out. We look into it.")

    async def draw_due(self, database: Database) -> int:
        """An errand: draws what has been issued and not drawn, when there is little else to do; returns how many were tried.

        They are claimed in one transaction, drawn without any, and kept in another: drawing takes seconds, and rows that
        are locked meanwhile would be waited for. Whoever dies in between leaves a claim that lapses.
        """
        rest = PUT_OFF_MAX if self._load is not None and self._load.is_high() else timedelta()
        async with database.transaction(leaves_work=False) as session:
            claimed = (await session.execute(_CLAIM, {"rest": rest})).all()
        if not claimed:
            return 0
        drawn = await asyncio.gather(*(self._drawn(document) for _, document in claimed), return_exceptions=True)
        if self._renderer.closed:
            return 0  # the service is stopping; the next start draws them
        async with database.transaction() as session:
            for (invoice_id, _), content in zip(claimed, drawn, strict=True):
                if isinstance(content, bytes):
                    await _keep(session, invoice_id, content)
                else:
                    await session.execute(_PUT_OFF, {"id": invoice_id})
                    self._log.error("invoice not drawn", invoice_id=str(invoice_id), error=repr(content))
        return len(claimed)

    async def _drawn(self, document: str) -> bytes:
        return await self._renderer.draw(worker.draw, document.encode())


async def _keep(session: Session, invoice_id: UUID, content: bytes) -> StoredPdf:
    """Store it unless somebody else just did; a document always gives the same bytes."""
    content_hash = _hash(content)
    await session.execute(
        update(InvoicePdf)
        .where(InvoicePdf.invoice_id == invoice_id, InvoicePdf.content.is_(None))
        .values(content=content, content_hash=content_hash, drawn_by=edition())
        .execution_options(synchronize_session=False)
    )
    return StoredPdf(content, content_hash)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
