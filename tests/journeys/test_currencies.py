"""Marketplaces whose currency has no decimals, or three: from the sale to the documents, and the audit is clean."""

import csv
import re
from collections.abc import AsyncIterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person
from tests.journeys.test_money import bought, complete, refund, when

CASES = {
    "KWD": {"price": "12.345", "sum": "24.690", "fee": "1.235", "refund": "3.335", "left": "75.310"},
    "JPY": {"price": "12345", "sum": "24690", "fee": "1235", "refund": "3335", "left": "75310"},
}


@pytest.fixture(params=sorted(CASES))
async def world(request: pytest.FixtureRequest, urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path, currency=request.param) as (made, _):
        made.currency = request.param
        yield made
        await made.audit()


async def document(person: Person, order_id: str, count: int, kind: str, about: str = "sale") -> tuple[str, str]:
    """The text of a PDF, and the XML in it."""
    found = await person.invoices_when(order_id, count)
    [one] = [item for item in found if (item["kind"], item["about"]) == (kind, about)]
    reader = PdfReader(BytesIO((await person.send("GET", f"/invoices/{one['id']}/pdf")).content))
    return "".join(page.extract_text() for page in reader.pages), reader.attachments["factur-x.xml"][0].decode()


def amounts(xml: str, name: str) -> list[str]:
    return re.findall(rf"<ram:{name}[^>]*>([^<]+)<", xml)


async def test_a_purchase_a_settlement_and_a_refund_end_with_their_documents(world: World) -> None:
    said = CASES[world.currency]
    seller, buyer = await world.person("Sela"), await world.person("Ana", 100_000)
    order = await bought(seller, buyer, 12_345, 2)
    line = order["lines"][0]["id"]
    text, xml = await document(buyer, order["id"], 1, "invoice")
    assert said["sum"] in text.replace(",", "") and f"{world.currency}" in text
    assert amounts(xml, "GrandTotalAmount") == amounts(xml, "TotalPrepaidAmount") == [said["sum"]]
    assert amounts(xml, "InvoiceCurrencyCode") == [world.currency]

    done = await complete(seller, buyer, order["id"])
    assert (done["to_seller"]["amount"], done["fee"]["amount"]) == (23_455, 1_235)
    _, fee = await document(seller, order["id"], 2, "invoice", "fee")
    assert amounts(fee, "GrandTotalAmount") == [said["fee"]]

    await refund(seller, order["id"], {"line_id": line, "amount": buyer.money(3_335)})
    await when(buyer.wallet, lambda wallet: wallet == (78_645, 0))
    _, note = await document(buyer, order["id"], 2, "credit_note")
    assert amounts(note, "GrandTotalAmount") == [said["refund"]]

    statement = (await buyer.send("GET", "/wallet/statement.csv")).content.decode("utf-8-sig")
    rows = {row["kind"]: row for row in csv.DictReader(StringIO(statement))}
    assert (rows["capture"]["amount"], rows["capture"]["balance"]) == (f"-{said['sum']}", said["left"])
    month = (await seller.ask("GET", "/invoices/months"))[0]["month"]
    journal = (await seller.send("GET", "/invoices/journal", params={"month": month})).text
    grosses = [row["gross"] for row in csv.DictReader(StringIO(journal))]
    assert grosses == [said["sum"], f"-{said['refund']}"]


async def test_a_file_and_a_page_read_and_write_its_places(world: World) -> None:
    said = CASES[world.currency]
    seller = await world.person("Sela")
    category = await seller.a_category()
    columns = "title,description,price,category,condition,status"
    file = f"{columns}\nTea cup,Thin.,{said['price']},{category},good,published\n"
    headers = {"content-type": "text/csv"}
    await seller.ask("POST", "/me/imports", content=file, headers=headers)
    found = await when(
        lambda: seller.ask("GET", "/listings", params={"q": "tea cup"}), lambda page: len(page["items"]) == 1
    )
    assert found["items"][0]["price"] == seller.money(12_345)
    page = await Browser(seller.http).open(f"/listings/{found['items'][0]['id']}")
    assert {"KWD": "12.345", "JPY": "12,345"}[world.currency] in page
    exported = (await seller.send("GET", "/me/listings/export")).text
    assert f",{said['price']}," in exported
