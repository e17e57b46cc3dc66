"""Draws issued documents anew and compares: a PDF that somebody put in its place is found, whatever hash stands beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from payment.invoices import worker
from payment.invoices.edition import edition
from payment.invoices.tables import Invoice, InvoicePdf
from souk.database import Database

SAMPLE = 25
"""Documents drawn unless all are wanted; some 40 take a second."""

READ_AT_ONCE = 100

NAMED_MAX = 20
"""Documents named that differ; one is enough to fail."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What came of it."""

    stored: int
    drawn: int
    others: int
    """Drawn by another edition of the code, which may have drawn other bytes: not compared."""
    different: Sequence[str]
    """Numbers of documents whose stored PDF is not what they draw."""


async def redraw(database: Database, *, everything: bool) -> Redrawn:
    """Draw a random sample, or everything, that this edition drew."""
    mine = InvoicePdf.drawn_by == edition()
    counted = select(func.count(InvoicePdf.content_hash), func.count().filter(mine))
    async with database.reading() as reader:
        stored, comparable = (await reader.execute(counted)).one()
    ids = None if everything else await _sample(database)
    drawn, different = 0, list[str]()
    after = UUID(int=0)
    while len(different) < NAMED_MAX:
        rows = await _read(database, after, ids)
        for row in rows:
            content = await asyncio.to_thread(worker.draw, row.document.encode())
            drawn += 1
            different += [row.number] if content != row.content else []
        if len(rows) < READ_AT_ONCE:
            break
        after = rows[-1].id
    return Redrawn(stored, drawn, stored - comparable, different[:NAMED_MAX])


async def _sample(database: Database) -> list[UUID]:
    query = select(InvoicePdf.invoice_id).where(InvoicePdf.drawn_by == edition()).order_by(func.random()).limit(SAMPLE)
    async with database.reading() as reader:
        return list(await reader.scalars(query))


async def _read(database: Database, after: UUID, ids: Sequence[UUID] | None) -> Sequence[Any]:
    """The next documents, by id, with what is stored of them; only those of `ids`, if given."""
    query = (
        select(Invoice.id, Invoice.number, Invoice.document, InvoicePdf.content)
        .join(InvoicePdf, InvoicePdf.invoice_id == Invoice.id)
        .where(InvoicePdf.drawn_by == edition(), Invoice.id > after)
        .order_by(Invoice.id)
        .limit(READ_AT_ONCE)
    )
    if ids is not None:
        query = query.where(Invoice.id.in_(ids))
    async with database.reading() as reader:
        return (await reader.execute(query)).all()
