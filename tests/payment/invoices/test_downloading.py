"""Invoices over HTTP: who sees what, and the PDF that the document becomes."""

import asyncio
import hashlib
import io
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from payment.invoices import stored_pdfs, worker
from payment.invoices.stored_pdfs import CLAIMED_FOR, StoredPdfs
from payment.invoices.tables import Invoice
from payment.pdf.renderer import Renderer
from souk.clock import ManualClock
from souk.contracts.store.events import PaymentRequested
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from souk.processes import Load
from tests.payment.builders import cancelled, handle, paid
from tests.payment.conftest import Service, running_service
from tests.payment.invoices.conftest import Captured

INVOICES = "payment.invoices"


@pytest.fixture
async def order(database: Database, consumers: Sequence[Consumer], captured: Captured) -> PaymentRequested:
    """An invoiced order."""
    request = await captured(new_id())
    await handle(database, consumers, INVOICES, paid(request, title="Vieux appareil photo, 東京"))
    return request


@pytest.fixture
async def pdfs(database: Database) -> AsyncIterator[StoredPdfs]:
    renderer = Renderer(database.service, 1)
    yield StoredPdfs(database, renderer)
    await renderer.close()


async def the_invoice(database: Database, kind: str = "invoice") -> Invoice:
    async with database.reading() as reader:
        invoice_id: UUID = await reader.scalar(text("SELECT id FROM invoice WHERE kind = :k"), {"k": kind})
        found = await reader.get(Invoice, invoice_id)
    assert found is not None
    return found


async def numbers(service: Service, user_id: UUID, **params: Any) -> list[str]:
    answer = await service.ask("GET", "/invoices", user_id, params=params)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_lists_show_each_side_its_own(
    database: Database, service: Service, consumers: Sequence[Consumer], captured: Captured
) -> None:
    anna, ben = new_id(), new_id()
    to_ben, to_anna = await captured(ben, ben, buyer=anna), await captured(anna, buyer=ben)
    await handle(database, consumers, INVOICES, paid(to_ben, 0), paid(to_ben, 1), paid(to_anna, 0))
    await handle(database, consumers, INVOICES, cancelled(to_ben, 1))
    bought, sold = await numbers(service, anna, role="buyer"), await numbers(service, anna, role="seller")
    assert [n.split("-")[0] + n[-1] for n in bought] == ["CN1", "INV2", "INV1"]
    assert [n.split("-")[0] + n[-1] for n in sold] == ["INV1"]
    both = await numbers(service, anna)
    assert sorted(both) == sorted(bought + sold) and both[0] == bought[0]
    assert sorted(await numbers(service, ben, role="any")) == sorted(both)
    assert await numbers(service, anna, order_id=to_ben.orders[1].order_id) == bought[:2]
    assert await numbers(service, new_id()) == []
    paged, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await service.ask("GET", "/invoices", anna, params=params)).json()
        paged += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == both


async def test_bad_questions(service: Service) -> None:
    for params in (
        {"role": "owner"},
        {"limit": 0},
        {"limit": 101},
        {"cursor": "x"},
        {"cursor": str(new_id())},
        {"order_id": "x"},
    ):
        assert (await service.ask("GET", "/invoices", new_id(), params=params)).status_code == 400, params


async def test_only_buyer_seller_and_admin_may_read(
    database: Database, service: Service, order: PaymentRequested
) -> None:
    invoice = await the_invoice(database)
    for path in (f"/invoices/{invoice.id}", f"/invoices/{invoice.id}/pdf"):
        assert (await service.ask("GET", path)).status_code == 401
        assert (await service.http.get(path)).status_code == 401
        assert (await service.ask("GET", path, new_id())).status_code == 404
        assert (await service.ask("GET", path, new_id(), roles=("moderator",))).status_code == 404
        assert (await service.ask("GET", path, new_id(), roles=("admin",))).status_code == 200
        assert (await service.ask("GET", path, order.buyer_id)).status_code == 200
        assert (await service.ask("GET", path, order.orders[0].seller_id)).status_code == 200
    assert (await service.ask("GET", f"/invoices/{new_id()}", order.buyer_id)).status_code == 404
    assert (await service.ask("GET", "/invoices/x", order.buyer_id)).status_code == 404
    shown = (await service.ask("GET", f"/invoices/{invoice.id}", order.buyer_id)).json()
    assert shown["total"] == {"amount": 300, "currency": "EUR"} and shown["corrects"] is None
    assert shown["issued_on"] == invoice.issued_on.isoformat()


async def test_the_pdf_says_what_the_document_says(
    database: Database, service: Service, consumers: Sequence[Consumer], order: PaymentRequested
) -> None:
    await handle(database, consumers, INVOICES, cancelled(order))
    for kind in ("invoice", "credit_note"):
        invoice = await the_invoice(database, kind)
        path = f"/invoices/{invoice.id}/pdf"
        answer = await service.ask("GET", path, order.buyer_id)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == f'attachment; filename="{invoice.number}.pdf"'
        assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert invoice.number in said and "Ada Byron" in said and "東京" in said and "3.00" in said
        again = await service.ask("GET", path, order.buyer_id, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert worker.draw(invoice.document.encode()) == answer.content  # any process draws the same bytes
        async with database.reading() as reader:
            row = await reader.execute(text("SELECT content FROM invoice_pdf WHERE invoice_id = :i"), {"i": invoice.id})
            assert row.scalar_one() == answer.content


async def test_pdfs_are_drawn_before_anybody_asks(
    database: Database, clock: ManualClock, order: PaymentRequested
) -> None:
    async with running_service(database, clock, background=True):
        async with asyncio.timeout(30):
            while True:
                async with database.reading() as reader:
                    if await reader.scalar(text("SELECT count(content) FROM invoice_pdf")):
                        break
                await asyncio.sleep(0.05)


async def test_what_cannot_be_drawn_is_put_off_and_holds_nothing_up(
    database: Database, pdfs: StoredPdfs, order: PaymentRequested, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(document: str) -> bytes:
        raise ValueError("a font is missing")

    monkeypatch.setattr(pdfs, "_drawn", fail)
    assert await pdfs.draw_due(database) == 1
    assert await pdfs.draw_due(database) == 0  # it rests
    async with database.reading() as reader:
        row = (await reader.execute(text("SELECT attempts, due_at > now(), content FROM invoice_pdf"))).one()
    assert tuple(row) == (1, True, None)
    monkeypatch.undo()
    assert (await pdfs.pdf(await the_invoice(database))).content.startswith(b"%PDF")


async def test_drawing_holds_no_row_and_whoever_dies_over_it_is_followed_by_another(
    database: Database, pdfs: StoredPdfs, order: PaymentRequested, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = list[int]()

    async def draw(document: str) -> bytes:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1 FROM invoice_pdf FOR UPDATE NOWAIT"))
        others.append(await pdfs.draw_due(database))
        return b"%PDF"

    async def die(*_: Any) -> None:
        raise OSError("killed before it was kept")

    monkeypatch.setattr(pdfs, "_drawn", draw)
    monkeypatch.setattr(stored_pdfs, "_keep", die)
    with pytest.raises(OSError, match="killed"):
        await pdfs.draw_due(database)
    assert others == [0], "it is claimed"
    monkeypatch.undo()
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE invoice_pdf SET due_at = due_at - CAST(:claim AS interval)"), {"claim": CLAIMED_FOR}
        )
    assert await pdfs.draw_due(database) == 1
    assert await pdfs.draw_due(database) == 0
    async with database.reading() as reader:
        assert await reader.scalar(text("SELECT attempts FROM invoice_pdf WHERE content IS NOT NULL")) == 0


async def test_all_who_ask_at_once_get_the_same_pdf(
    database: Database, pdfs: StoredPdfs, order: PaymentRequested
) -> None:
    invoice = await the_invoice(database)
    answers = await asyncio.gather(*(pdfs.pdf(invoice) for _ in range(5)))
    assert len(set(answers)) == 1 and answers[0].content.startswith(b"%PDF")


def test_the_service_itself_stays_small() -> None:
    """reportlab and the fonts belong to the drawing process."""
    program = "import sys, payment.app; print([m for m in sys.modules if m.split('.')[0] in ('reportlab', 'uharfbuzz', 'PIL')])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_a_busy_process_draws_of_itself_only_what_waited_long(
    database: Database, pdfs: StoredPdfs, order: PaymentRequested, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load()
    monkeypatch.setattr(load, "is_high", lambda: True)
    monkeypatch.setattr(pdfs, "_load", load)
    assert await pdfs.draw_due(database) == 0
    async with database.transaction() as session:
        waited = text("UPDATE invoice_pdf SET due_at = due_at - CAST(:rest AS interval)")
        await session.execute(waited, {"rest": stored_pdfs.PUT_OFF_MAX})
    assert await pdfs.draw_due(database) == 1
