"""Issued documents are written once; who changes one all the same is found, in the end by what lies outside the database."""

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.audit import verify_documents
from payment.invoices import redrawing
from payment.invoices.edition import INVOICES, PDF, edition
from payment.invoices.stored_pdfs import StoredPdfs
from payment.invoices.tables import Invoice
from payment.ledger import witness
from payment.ledger.blocks import Broken, Closer, Sound
from payment.ledger.witness import Witness
from payment.pdf.renderer import Renderer
from souk.clock import SystemClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import cancelled, handle, paid
from tests.payment.conftest import violations
from tests.payment.invoices.conftest import Captured
from tests.payment.invoices.test_downloading import the_invoice
from tests.payment.ledger.test_blocks import chain, close, verified
from tests.payment.ledger.test_laws import connect

SEALED = "documents and PDFs have the hashes that were sealed: "
NO_PDF = b"%PDF-1.7 of somebody else"
SWAP = "UPDATE invoice_pdf SET content = $1, content_hash = $2"


@pytest.fixture
async def pdfs(database: Database) -> AsyncIterator[StoredPdfs]:
    renderer = Renderer(database.service, 1)
    yield StoredPdfs(database, renderer)
    await renderer.close()


@pytest.fixture
async def invoice(database: Database, consumers: Sequence[Consumer], captured: Captured, pdfs: StoredPdfs) -> Invoice:
    """An invoice that was drawn, and its credit note that was not."""
    request = await captured(new_id())
    for event in (paid(request), cancelled(request)):
        assert await handle(database, consumers, "payment.invoices", event) == ["done"]
    found = await the_invoice(database)
    await pdfs.pdf(found)
    return found


@pytest.fixture
async def superuser(postgres: EmbeddedServer, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Whom no trigger holds back."""
    connection = await connect(postgres, database, "postgres")
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice_pdf SET content = 'x', content_hash = encode(sha256('x'), 'hex') WHERE content IS NOT NULL",
        "UPDATE invoice_pdf SET content = NULL, content_hash = NULL WHERE content IS NOT NULL",
        "UPDATE invoice_pdf SET drawn_by = 'me' WHERE content IS NOT NULL",
        "UPDATE invoice_pdf SET content = 'x', content_hash = repeat('0', 64) WHERE content IS NULL",
        "DELETE FROM invoice_pdf",
        "UPDATE invoice SET issued_on = issued_on - 1",
        "UPDATE invoice SET document = '{}'",
        "UPDATE invoice SET document_hash = repeat('0', 64)",
        "DELETE FROM sealed_document",
        "UPDATE sealed_document SET hash = repeat('0', 64)",
    ],
)
@pytest.mark.parametrize("role", ["souk_payment", "souk_payment_owner"])
async def test_nothing_of_a_document_is_written_twice(
    postgres: EmbeddedServer, database: Database, invoice: Invoice, statement: str, role: str
) -> None:
    connection = await connect(postgres, database, role)
    with pytest.raises(asyncpg.PostgresError):
        await connection.execute(statement)
    await connection.close()


async def test_the_service_seals_nothing_by_hand(database: Database, invoice: Invoice) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction() as session:
            await session.execute(
                text("INSERT INTO sealed_document VALUES (999, :i, 'pdf', repeat('0', 64))"), {"i": invoice.id}
            )


async def test_a_document_and_its_pdf_are_in_the_blocks(database: Database, invoice: Invoice) -> None:
    await close(database)
    assert sum(block.documents for block in await chain(database)) == 3
    found = await verified(database)
    assert isinstance(found, Sound) and found.waiting == 0


async def test_a_swapped_pdf_is_found_whatever_else_is_swapped(
    database: Database, invoice: Invoice, superuser: asyncpg.Connection, tmp_path: Path
) -> None:
    noted = Witness(tmp_path / "blocks.txt")
    await close(database, Closer(SystemClock(), noted))
    assert (await verify_documents(database, everything=True)).sound
    known = witness.read(noted.path)
    assert known == {block.number: block.hash.hex() for block in await chain(database)}

    database.tampered = True  # type: ignore[attr-defined]
    digest = hashlib.sha256(NO_PDF).hexdigest()
    await superuser.execute(f"{SWAP} WHERE invoice_id = $3", NO_PDF, digest, invoice.id)
    told = await verify_documents(database, everything=False)
    assert not told.sound and invoice.number in told.summary, "it is not what the document draws"
    assert any(found.startswith(SEALED) for found in await violations(database)), "nor what was sealed"

    await superuser.execute("UPDATE sealed_document SET hash = $1 WHERE part = 'pdf'", digest)
    assert not any(found.startswith(SEALED) for found in await violations(database))
    broken = await verified(database)
    assert isinstance(broken, Broken) and "another hash than its rows" in broken.why

    await superuser.execute("DELETE FROM block")
    await close(database)
    assert isinstance(await verified(database), Sound), "the chain inside was made anew"
    broken = await verified(database, known)
    assert isinstance(broken, Broken)


async def test_what_another_edition_drew_is_known_by_its_hash(
    database: Database, invoice: Invoice, superuser: asyncpg.Connection
) -> None:
    await superuser.execute("UPDATE invoice_pdf SET drawn_by = 'before' WHERE content IS NOT NULL")
    found = await redrawing.redraw(database, everything=True)
    assert (found.stored, found.drawn, found.others, list(found.different)) == (1, 0, 1, [])


def test_the_edition_is_of_all_code_that_draws() -> None:
    folders = ("payment.invoices.", "payment.pdf.")
    loaded = f"import sys, payment.invoices.pdf; print(*(m for m in sys.modules if m.startswith({folders})))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    drawing = [*(f"payment.invoices.{name}" for name in INVOICES), *(f"payment.pdf.{name}" for name in PDF)]
    assert sorted(told) == sorted(drawing)
    assert len(edition()) == 64 and edition() == edition.__wrapped__()


async def test_all_documents_are_drawn_if_wanted_and_a_sample_else(
    database: Database,
    consumers: Sequence[Consumer],
    captured: Captured,
    pdfs: StoredPdfs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redrawing, "SAMPLE", 2)
    monkeypatch.setattr(redrawing, "READ_AT_ONCE", 2)
    request = await captured(*(new_id() for _ in range(5)))
    await handle(database, consumers, "payment.invoices", *(paid(request, which) for which in range(5)))
    while await pdfs.draw_due(database):
        pass
    for everything, drawn in ((True, 5), (False, 2)):
        found = await redrawing.redraw(database, everything=everything)
        assert (found.stored, found.drawn, found.others) == (5, drawn, 0)
