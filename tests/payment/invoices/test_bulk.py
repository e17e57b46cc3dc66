"""A month's documents at once, and what happens when a stored one was changed."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from payment.invoices import bulk
from payment.invoices.bulk import Month
from souk.contracts.payment.events import RefundBooked
from souk.contracts.store.events import BillingDetails
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.errors import InvalidInput
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, handle, now, paid, refund_of, settled_with, told
from tests.payment.conftest import Service
from tests.payment.invoices.conftest import Captured
from tests.payment.invoices.test_correcting import RAD, give_profile
from tests.payment.invoices.test_issuing import INVOICES
from tests.payment.ledger.test_laws import connect

MONTH = f"{now():%Y-%m}"


@pytest.fixture
async def parties(
    database: Database, service: Service, consumers: Sequence[Consumer], captured: Captured
) -> tuple[UUID, UUID]:
    """A business that sold three times and took one back, and its buyer with a name that a spreadsheet would run."""
    seller, buyer = new_id(), new_id()
    await give_profile(service, seller)
    billing = BillingDetails(address=RAD, company="=HYPERLINK(1)", vat_id="FR40303265045")
    for _ in range(3):
        request = await captured(seller, buyer=buyer)
        await handle(database, consumers, INVOICES, msgspec.structs.replace(paid(request), billing=billing))
    await handle(database, consumers, "payment.refunds", cancelled(request))
    await handle(database, consumers, INVOICES, cancelled(request))
    return seller, buyer


async def ask(service: Service, what: str, user: UUID | None, **params: Any) -> Any:
    return await service.ask("GET", f"/invoices/{what}", user, params={"month": MONTH} | params)


async def test_a_month_as_zip_and_journal(
    service: Service, parties: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    seller, buyer = parties
    for user, role in ((seller, "seller"), (buyer, "buyer")):
        [month] = (await service.ask("GET", "/invoices/months", user, params={"role": role})).json()
        assert month == {"month": MONTH, "documents": 4, "parts": 1, "journals": 1}
        answer = await ask(service, "archive", user, role=role)
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == f'attachment; filename="invoices-{MONTH}-{role}-1.zip"'
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        assert packed.testzip() is None
        assert [name[:3] + name[-8:] for name in packed.namelist()] == [
            "INV0001.pdf", "INV0002.pdf", "INV0003.pdf", "CN-0001.pdf",
        ]  # fmt: skip
        listed = (await service.ask("GET", "/invoices", user)).json()["items"]
        for item in listed:
            alone = await service.ask("GET", f"/invoices/{item['id']}/pdf", user)
            assert packed.read(f"{item['number']}.pdf") == alone.content
        assert (await ask(service, "archive", user, role=role)).content == answer.content
        rows = list(csv.DictReader(io.StringIO((await ask(service, "journal", user, role=role)).text)))
        assert [(row["kind"], row["net"], row["VAT"], row["gross"], row["VAT rate"]) for row in rows] == [
            ("invoice", "2.52", "0.48", "3.00", "19.00"),
            ("invoice", "2.52", "0.48", "3.00", "19.00"),
            ("invoice", "2.52", "0.48", "3.00", "19.00"),
            ("credit_note", "-2.52", "-0.48", "-3.00", "19.00"),
        ]
        assert {row["buyer"] for row in rows} == {"'=HYPERLINK(1)"}
        assert rows[3]["corrects"] == rows[2]["number"]
    monkeypatch.setattr(bulk, "ARCHIVE_PART", 3)
    [month] = (await service.ask("GET", "/invoices/months", seller)).json()
    assert month["parts"] == 2
    assert len(zipfile.ZipFile(io.BytesIO((await ask(service, "archive", seller, part=2)).content)).namelist()) == 1
    assert (await ask(service, "archive", seller, part=3)).status_code == 404


async def test_nobody_gets_what_is_anothers(service: Service, parties: tuple[UUID, UUID]) -> None:
    seller, buyer = parties
    for what in ("archive", "journal"):
        assert (await ask(service, what, None)).status_code == 401
        for user, role in ((new_id(), "seller"), (new_id(), "buyer"), (buyer, "seller"), (seller, "buyer")):
            assert (await ask(service, what, user, role=role)).status_code == 404
    assert (await service.ask("GET", "/invoices/months", buyer)).json() == []


async def test_admins_get_the_marketplaces_own(
    database: Database, service: Service, consumers: Sequence[Consumer], captured: Captured
) -> None:
    boss, seller = new_id(), new_id()
    requests = [await captured(seller) for _ in range(2)]
    for request in requests:
        await handle(database, consumers, INVOICES, paid(request))
        await handle(database, consumers, "payment.settlements", delivered(request))
        await handle(database, consumers, "payment.fee-invoices", settled_with(request, fee=15))
    refund = refund_of(requests[0], 100, "seller")
    await handle(database, consumers, "payment.partial-refunds", refund)
    [booked] = [event for event in await told(database) if isinstance(event, RefundBooked)]
    await handle(database, consumers, "payment.fee-invoices", booked)

    async def own(path: str, **more: Any) -> Any:
        params = {"role": "marketplace"} | more
        return await service.ask("GET", f"/invoices{path}", boss, roles=("admin",), params=params)

    listed = (await own("")).json()["items"]
    assert [(item["kind"], item["about"], item["total"]["amount"]) for item in listed] == [
        ("credit_note", "fee", 5), ("invoice", "fee", 15), ("invoice", "fee", 15),
    ]  # fmt: skip
    [month] = (await own("/months")).json()
    assert month == {"month": MONTH, "documents": 3, "parts": 1, "journals": 1}
    packed = zipfile.ZipFile(io.BytesIO((await own("/archive", month=MONTH)).content))
    assert sorted(packed.namelist()) == sorted(f"{item['number']}.pdf" for item in listed)
    rows = list(csv.DictReader(io.StringIO((await own("/journal", month=MONTH)).text)))
    assert sorted(row["gross"] for row in rows) == ["-0.05", "0.15", "0.15"]
    assert {row["about"] for row in rows} == {"fee"}
    for path, params in (("", {}), ("/months", {}), ("/archive", {"month": MONTH}), ("/journal", {"month": MONTH})):
        for user, roles, status in ((None, (), 401), (seller, (), 403), (boss, ("moderator",), 403)):
            asked = params | {"role": "marketplace"}
            answer = await service.ask("GET", f"/invoices{path}", user, roles=roles, params=asked)
            assert answer.status_code == status, (path, roles)


async def test_bad_questions(service: Service) -> None:
    for params in ({"month": "2026-1"}, {"part": 0}, {"role": "any"}, {"part": bulk.PARTS_MAX + 1}):
        assert (await ask(service, "archive", new_id(), **params)).status_code == 400, params
    answer = await ask(service, "journal", new_id(), month="2026-13")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "month")
    assert (await service.ask("GET", "/invoices/journal", new_id())).status_code == 400


def test_months() -> None:
    assert Month.parse("2026-12") == Month(date(2026, 12, 1), date(2027, 1, 1))
    assert Month.parse("2028-02").following == date(2028, 3, 1)
    for wrong in ("1999-01", "2026-00", "2026-13", "2026/01", "٢٠٢٦-01"):
        with pytest.raises(InvalidInput):
            Month.parse(wrong)


async def test_too_many_undrawn_documents_are_not_waited_for(
    service: Service, parties: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "UNDRAWN_MAX", 3)
    assert (await ask(service, "archive", parties[0])).status_code == 503


async def test_a_damaged_file_is_drawn_again_and_a_changed_document_is_not_given_out(
    postgres: EmbeddedServer, database: Database, service: Service, parties: tuple[UUID, UUID]
) -> None:
    [item] = (await service.ask("GET", "/invoices", parties[0], params={"limit": 1})).json()["items"]
    path = f"/invoices/{item['id']}/pdf"
    whole = (await service.ask("GET", path, parties[0])).content
    damage = "UPDATE invoice_pdf SET content = '\\x25' WHERE invoice_id = $1"
    database.tampered = True  # type: ignore[attr-defined]
    superuser = await connect(postgres, database, "postgres")
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(damage, item["id"])
    assert (await service.ask("GET", path, parties[0])).content == whole
    await superuser.execute("UPDATE invoice SET document = replace(document, 'Rad GmbH', 'Rat GmbH')")
    await superuser.close()
    answer = await service.ask("GET", path, parties[0])
    assert (answer.status_code, answer.json()["title"]) == (503, "The document is damaged")
    assert (await ask(service, "archive", parties[0])).status_code == 503
