"""Statements over periods, balances at past times, and what is downloaded."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pypdf
import pytest
from sqlalchemy import text

from payment.app import consumers as all_consumers
from payment.ledger import accounts
from payment.ledger.ledger import post
from payment.settings import PaymentSettings
from payment.wallets import downloads, statements
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import UserRegistered
from souk.database import Database
from souk.ids import new_id
from tests.payment.builders import delivered, fund, handle, move, now, open_wallets, paid, payment
from tests.payment.conftest import Service

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def anna(database: Database) -> UUID:
    """Her wallet got 1 on the first day, 2 on the second, ..., 10 on the tenth, each at noon."""
    user_id = new_id()
    [bank], [wallet] = await open_wallets(database, new_id()), await open_wallets(database, user_id)
    await fund_account(database, bank)
    for day in range(10):
        async with database.transaction() as session:
            await post(session, [move(bank, wallet, day + 1)], at=START + timedelta(days=day, hours=12))
    return user_id


async def fund_account(database: Database, account_id: UUID) -> None:
    async with database.reading() as reader:
        owner = await reader.scalar(text("SELECT owner FROM account WHERE id = :id"), {"id": account_id})
    await fund(database, owner, 1000, ago=now() - START)


async def get(service: Service, user_id: UUID, path: str, **params: Any) -> Any:
    answer = await service.ask("GET", path, user_id, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def day(number: float) -> str:
    return (START + timedelta(days=number)).isoformat()


async def test_the_balance_at_any_past_time(service: Service, anna: UUID) -> None:
    sums = [n * (n + 1) // 2 for n in range(11)]
    for number, expected in ((-1, 0), (0.4, 0), (0.5, 0), (0.6, 1), (1.5, 1), (4.7, sums[5]), (9.6, 55), (300, 55)):
        seen = await get(service, anna, "/wallet/balance", at=day(number))
        assert seen["balance"] == {"amount": expected, "currency": "EUR"}, number
    assert (await get(service, new_id(), "/wallet/balance", at=day(3)))["balance"]["amount"] == 0


async def test_a_period_has_its_opening_and_closing_balance_and_its_movements(service: Service, anna: UUID) -> None:
    period = {"since": day(2), "until": day(5)}
    seen = await get(service, anna, "/wallet/statement/summary", **period)
    assert (seen["opening"]["amount"], seen["closing"]["amount"], seen["entries"]) == (3, 15, 3)
    [moved] = seen["totals"]
    assert (moved["kind"], moved["count"], moved["money_in"]["amount"], moved["money_out"]["amount"]) == (
        "move",
        3,
        12,
        0,
    )
    amounts, cursor = [], {}
    while True:
        page = await get(service, anna, "/wallet/statement", **period, limit=2, **cursor)
        amounts += [line["amount"]["amount"] for line in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert amounts == [5, 4, 3]
    whole = await get(service, anna, "/wallet/statement/summary")
    assert (whole["opening"]["amount"], whole["closing"]["amount"], whole["entries"]) == (0, 55, 10)
    empty = await get(service, anna, "/wallet/statement/summary", since=day(20), until=day(21))
    assert (empty["opening"]["amount"], empty["closing"]["amount"], empty["totals"]) == (55, 55, [])


async def test_neighbouring_periods_share_their_balance_wherever_they_are_cut(
    database: Database, service: Service, anna: UUID
) -> None:
    """Also where two transfers waited for each other, so that a later entry has the earlier time."""
    [bank], wallet = await open_wallets(database, new_id()), accounts.wallet(anna, "EUR").id
    await fund_account(database, bank)
    for minutes in (0, 2, 1, 3, 3, 2, 5):
        async with database.transaction() as session:
            await post(session, [move(bank, wallet, 7)], at=START + timedelta(days=20, minutes=minutes))
    for minute in range(7):
        cut = (START + timedelta(days=20, minutes=minute)).isoformat()
        before = await get(service, anna, "/wallet/statement/summary", until=cut)
        after = await get(service, anna, "/wallet/statement/summary", since=cut)
        assert before["closing"] == after["opening"]
        assert before["entries"] + after["entries"] == 17
        assert after["closing"]["amount"] == 104
    cut = (START + timedelta(days=20, minutes=2)).isoformat()
    before = await get(service, anna, "/wallet/statement/summary", until=cut)
    for _ in range(20):  # what comes later changes nothing about the past
        await fund(database, anna, 1)
        assert await get(service, anna, "/wallet/statement/summary", until=cut) == before


async def test_lines_say_what_they_were_for(database: Database, service: Service) -> None:
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    await fund(database, seller, 1)
    consumers = all_consumers(service.kernel, PaymentSettings())
    for user_id, name in ((buyer, "Zoë Müller"), (seller, "=SUM(1)")):
        event = UserRegistered(user_id=user_id, display_name=name, country="SE", registered_at=START)
        await handle(database, consumers, "payment.parties", event)
    request = payment(buyer, [(seller, 300), (seller, 200)])
    await handle(database, consumers, "payment.captures", request)
    await handle(database, consumers, "payment.invoices", paid(request, 0), paid(request, 1))
    await handle(database, consumers, "payment.settlements", delivered(request, 0))
    body = {"recipient_id": str(seller), "amount": {"amount": 5, "currency": "EUR"}, "note": "-2+3"}
    await service.ask("POST", "/wallet/transfers", buyer, headers={"idempotency-key": str(new_id())}, json=body)
    sent, captured, issued = (await get(service, buyer, "/wallet/statement"))["items"]
    assert (sent["other_id"], sent["other_name"], sent["note"]) == (str(seller), "=SUM(1)", "-2+3")
    assert len(captured["documents"]) == 2 and issued["documents"] == []
    came, sold, _ = (await get(service, seller, "/wallet/statement"))["items"]
    assert (came["other_name"], sold["reference"]) == ("Zoë Müller", str(request.orders[0].order_id))
    assert [document["kind"] for document in sold["documents"]] == ["invoice"]
    assert [sold[name]["amount"] for name in ("amount", "gross", "fee")] == [285, 300, 15]
    for line in (came, sent, captured, issued):  # the fee is the seller's alone
        assert (line["gross"], line["fee"]) == (None, None)
    answer = await service.ask("GET", "/wallet/statement.csv", buyer)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["kind"], row["amount"], row["balance"], row["with"], row["note"]) for row in rows] == [
        ("issuance", "10.00", "10.00", "", ""),
        ("capture", "-5.00", "5.00", "", ""),
        ("transfer", "-0.05", "4.95", "'=SUM(1)", "'-2+3"),
    ]
    assert len(rows[1]["documents"].split()) == 2


async def test_the_pdf_has_all_lines_and_both_balances(database: Database, service: Service, anna: UUID) -> None:
    [bank], wallet = await open_wallets(database, new_id()), accounts.wallet(anna, "EUR").id
    await fund_account(database, bank)
    requests = [move(bank, wallet, 2) for _ in range(120)]
    async with database.transaction() as session:
        await post(session, requests, at=START + timedelta(days=15))
    answer = await service.ask("GET", "/wallet/statement.pdf", anna, params={"since": day(9)})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    words = "\n".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) >= 3 and f"1 / {len(reader.pages)}" in words
    assert "0.45 EUR" in words and "2.95 EUR" in words  # 45 on the tenth day; 10 and 120 x 2 more
    assert words.count("2026-03-16 00:00") == 120


async def test_too_long_for_one_document_says_so(service: Service, anna: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "CSV_LINES_MAX", 9)
    monkeypatch.setattr(downloads, "PDF_LINES_MAX", 9)
    for kind in ("csv", "pdf"):
        answer = await service.ask("GET", f"/wallet/statement.{kind}", anna)
        assert (answer.status_code, answer.json()["entries"], answer.json()["most"]) == (422, 10, 9)
        assert (
            await service.ask("GET", f"/wallet/statement.{kind}", anna, params={"since": day(1)})
        ).status_code == 200


async def test_too_many_movements_are_not_added_up(
    service: Service, anna: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "TOTALS_MAX", 9)
    seen = await get(service, anna, "/wallet/statement/summary")
    assert (seen["entries"], seen["closing"]["amount"], seen["totals"]) == (10, 55, None)


async def test_times_that_cannot_be_meant(service: Service, anna: UUID) -> None:
    for params, status in (
        ({"since": "yesterday"}, 400),
        ({"since": "2026-01-01T00:00:00"}, 422),
        ({"until": "2026-01-01"}, 400),
        ({"since": "0001-01-01T00:00:00+14:00"}, 422),
        ({"until": "9999-12-31T23:59:59-14:00"}, 422),
        ({"since": day(3), "until": day(3)}, 422),
        ({"since": day(3), "until": day(2)}, 422),
    ):
        for path in (
            "/wallet/statement",
            "/wallet/statement/summary",
            "/wallet/statement.csv",
            "/wallet/statement.pdf",
        ):
            answer = await service.ask("GET", path, anna, params=params)
            assert answer.status_code == status, (path, params, answer.text)
    for at in ("", "x", "2026-01-01T00:00:00"):
        assert (await service.ask("GET", "/wallet/balance", anna, params={"at": at})).status_code in (400, 422)
    assert (await service.ask("GET", "/wallet/balance", anna)).status_code == 400
    for path in ("/wallet/statement.csv", "/wallet/statement.pdf", "/wallet/statement/summary"):
        assert (await service.ask("GET", path)).status_code == 401


async def test_a_time_is_found_without_reading_the_entries(database: Database, clock: ManualClock) -> None:
    """The search touches some forty index pages of a wallet with many entries, not the wallet."""
    [bank], [wallet] = await open_wallets(database, new_id()), await open_wallets(database, new_id())
    await fund_account(database, bank)
    for _ in range(3):
        async with database.transaction() as session:
            await post(session, [move(bank, wallet, 1) for _ in range(300)], at=clock.now())
    async with database.reading() as reader:
        plan = await reader.execute(
            text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT version_at(:w, now())"), {"w": wallet}
        )
        [found] = plan.scalar_one()
    assert found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"] < 600
