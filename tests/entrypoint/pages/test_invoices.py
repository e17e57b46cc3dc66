"""Documents through the pages of a running shop: who is named on them, and getting them."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from uuid import uuid4

import pikepdf
from pypdf import PdfReader

from tests.entrypoint.pages.test_buying import HOME, place, world  # noqa: F401 - fixtures
from tests.journeys.conftest import World
from tests.journeys.people import logged_in

LEGAL = {
    "kind": "business", "name": "Rad GmbH", "line1": "Ring 1", "line2": "", "postcode": "50823", "city": "Köln",
    "country": "DE", "vat_id": "DE 136 695 976", "tax_number": "", "tax_category": "S", "tax_rate": "19,0 %",
    "exemption_reason": "",
}  # fmt: skip
BILLED = {
    "bill_other": "yes", "billing_company": "Vélo SARL", "billing_vat_id": "FR40303265045", "billing_name": "Ana",
    "billing_line1": "1 rue A", "billing_line2": "", "billing_postcode": "75001", "billing_city": "Paris",
    "billing_country": "FR",
}  # fmt: skip


async def test_a_business_sells_to_a_company_and_both_get_their_documents(world: World) -> None:  # noqa: F811
    seller = await world.person("Sela")
    listing = await seller.sell("Walnut stool", 3000, quantity=2)
    shop = await logged_in(seller, "/account/legal")
    assert shop.path == "/account/legal" and shop.page.form("Save")["name"] == "Sela"
    await shop.press("Save", LEGAL | {"vat_id": "DE136695977", "city": " "})
    assert shop.status == 422 and "city" in shop.page.errors
    await shop.press("Save", LEGAL | {"vat_id": "DE136695977"})
    assert shop.status == 422 and "vat_id" in shop.page.errors and shop.page.form("Save")["name"] == "Rad GmbH"
    await shop.press("Save", LEGAL | {"tax_rate": "190"})
    assert shop.status == 422 and "tax_rate" in shop.page.errors
    shop.speaks("fr-CA")
    await shop.press("Save", LEGAL)
    assert "Saved" in shop.page
    assert (shop.page.form("Save")["vat_id"], shop.page.form("Save")["tax_rate"]) == ("DE136695976", "19")
    await shop.open("/invoices")
    assert "No invoices yet" in shop.page

    buyer = await logged_in(await world.person("Ana", 5000), "/cart")
    await buyer.open(f"/listings/{listing}")
    await buyer.press("Add to cart")
    await buyer.open("/checkout")
    form = HOME | BILLED
    await buyer.press("Pay", form | {"billing_city": ""})
    assert buyer.status == 422 and "billing_city" in buyer.page.errors
    await buyer.press("Pay", form | {"billing_vat_id": "FR40303265046"})
    assert buyer.status == 422 and "billing_vat_id" in buyer.page.errors
    assert buyer.page.form("Pay")["billing_company"] == "Vélo SARL"
    buyer.speaks("de-AT, en;q=0.5")
    await buyer.press("Pay", form)
    await buyer.until("It is paid")
    [order] = {href.rpartition("/")[2] for href in buyer.page.leads_to if href.startswith("/orders/")}
    await seller.invoices_when(order, 1)
    await buyer.open(f"/orders/{order}")
    assert "Billed to" in buyer.page and "FR40303265045" in buyer.page
    await buyer.open("/invoices?role=buyer")
    assert "Rad GmbH" in buyer.page and "10 years" in buyer.page
    pdf = await buyer.http.get(next(href for href in buyer.page.leads_to if href.endswith("/pdf")))
    with pikepdf.open(io.BytesIO(pdf.content)) as read:
        xml = read.attachments["factur-x.xml"].get_file().read_bytes().decode()
    assert "Vélo SARL" in xml and "DE136695976" in xml and '<ram:TaxTotalAmount currencyID="EUR">4.79' in xml
    assert (
        "Vom Guthaben des K\u00e4ufers bezahlt" in xml
        and "Rechnung" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    )
    await buyer.open(f"/orders/{order}")
    number = (await seller.ask("GET", f"/orders/{order}"))["number"]
    assert number in buyer.page
    assert f"<ram:IssuerAssignedID>{number}<" in xml
    month = f"{datetime.now(UTC):%Y-%m}"
    packed = await buyer.http.get(f"/invoices/archive?month={month}&role=buyer&part=1")
    [name] = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert packed.headers["content-disposition"].startswith("attachment") and name.startswith("INV-")
    [row] = csv.DictReader(io.StringIO((await buyer.http.get(f"/invoices/journal?month={month}&role=buyer")).text))
    assert (row["seller"], row["buyer"], row["gross"]) == ("Rad GmbH", "Vélo SARL", "30.00")
    wrong = {"month=2026-13": 422, "month=2001-01&role=buyer": 404, "month=x&part=0": 400, "role=any": 400}
    for params, status in wrong.items():
        assert (await buyer.http.get(f"/invoices/archive?{params}")).status_code == status
    await buyer.press("Cancel and refund")
    await seller.invoices_when(order, 2)
    await world.audit()


async def test_refunds_of_parts_are_credited_on_the_sale_and_on_the_fee(world: World) -> None:  # noqa: F811
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Walnut stool", 3000, quantity=2), 2)
    order = (await buyer.check_out())["orders"][0]["id"]
    [line] = (await buyer.ask("GET", f"/orders/{order}"))["lines"]

    async def refund(amount: int) -> None:
        part = {"line_id": line["id"], "amount": {"amount": amount, "currency": "EUR"}}
        body = {"lines": [part], "reason": "a scratch"}
        await seller.ask("POST", f"/orders/{order}/refunds", json=body, headers={"idempotency-key": str(uuid4())})

    await seller.invoices_when(order, 1)
    await refund(1000)
    await buyer.invoices_when(order, 2)
    await seller.ask("POST", f"/orders/{order}/shipment", json={})
    await buyer.ask("POST", f"/orders/{order}/receipt")
    await seller.invoices_when(order, 3)
    await refund(2500)
    found = [(i["about"], i["kind"], i["total"]["amount"]) for i in await seller.invoices_when(order, 5)]
    assert sorted(found) == [
        ("fee", "credit_note", 125),
        ("fee", "invoice", 250),
        ("sale", "credit_note", 1000),
        ("sale", "credit_note", 2500),
        ("sale", "invoice", 6000),
    ]
    assert len(await buyer.invoices_when(order, 3)) == 3  # the fee is not the buyer's to see
    await world.audit()
