"""The PDF of an invoice: readable in every script, the same bytes every time, nothing outside the page."""

import io
import re
from collections import Counter
from datetime import date
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader

from payment.invoices.building import SoldItem, build_document
from payment.invoices.document import Document
from payment.invoices.labels import LANGUAGES, labels_for
from payment.invoices.pdf import render
from payment.parties.party import Party
from payment.pdf.sheet import ShapedCanvas
from payment.pdf.typeface import clean
from souk.languages import DOCUMENT_LANGUAGES
from tests.payment.pdf.test_typesetting import TITLES

PRIVATE = Party("Anna Lindqvist", "SE", ("Storgatan 14",), "411 38", "Göteborg", email="anna@souk.example")
BUSINESS = Party("Fahrradwerk GmbH", "DE", ("Ring 1",), "50823", "Köln", vat_id="DE123456789", is_business=True)
BUYER = Party("Nguyễn Thị Phương", "FR", ("12 rue des Martyrs",), "75009", "Paris")
CAMERA = SoldItem("Vintage camera", 1, 124900)
BICYCLE = SoldItem("Touring bicycle", 1, 89900, "S", 1900)


def build(items: list[SoldItem], seller: Party = PRIVATE, **changes: Any) -> Document:
    arguments: dict[str, Any] = {
        "kind": "invoice",
        "number": "A7F3-2026-000012",
        "issued_on": date(2026, 11, 20),
        "currency": "EUR",
        "seller": seller,
        "buyer": BUYER,
        "order_id": "019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        "purchase_id": "019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
        "order_placed_on": date(2026, 11, 19),
        "items": items,
        "order_url": "https://souk.example/orders/019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
    }
    return build_document(**(arguments | changes))


def read(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(render(document)))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages).replace("\u200b", "").replace("\u00a0", " ")


def test_a_private_invoice_says_what_the_law_and_the_buyer_want_to_know() -> None:
    pdf = render(build([CAMERA], payment_note="Paid from the wallet.", notes=["Thank you."]))
    assert pdf.startswith(b"%PDF-1.7")
    assert len(pdf) < 40_000
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    text = text_of(reader)
    for part in (
        "Invoice", "A7F3-2026-000012", "November 20, 2026", "November 19, 2026", "Anna Lindqvist", "411 38 Göteborg",
        "Sweden", "Nguyễn Thị Phương", "Vintage camera", "EUR 1,249.00", "EUR 0.00", "Paid from the wallet.",
        "Thank you.", "The seller is a private person: no VAT is charged", "Page 1 of 1",
        "019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90", "019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
    ):  # fmt: skip
        assert part in text
    assert "Net total" not in text


def test_a_business_invoice_shows_the_vat() -> None:
    text = text_of(read(build([BICYCLE, SoldItem("Manual", 3, 2495, "S", 700)], BUSINESS)))
    for part in ("VAT ID DE123456789", "Standard rate 19 %", "755.46", "143.54", "69.95", "EUR 973.85"):
        assert part in text


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    text = text_of(read(build([BICYCLE], BUSINESS, kind="credit_note", preceding_number="A7F3-2026-000009")))
    for part in ("Credit note", "Corrects invoice", "A7F3-2026-000009", "Given back"):
        assert part in text


def test_the_same_document_gives_the_same_bytes() -> None:
    document = build([SoldItem(title, 1, 100) for title in TITLES])
    first = render(document)
    render(build([SoldItem("كلام آخر क्षत्रिय", 1, 100)]))  # what was drawn before has no say
    assert render(document) == first
    assert render(msgspec.structs.replace(document, language="de")) != first


def test_metadata_comes_from_the_document() -> None:
    document = build([CAMERA])
    reader = read(document)
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice A7F3-2026-000012"
    assert reader.metadata.author == "Anna Lindqvist"
    assert reader.metadata["/CreationDate"].startswith("D:20261120000000")
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert read(build([CAMERA], number="A7F3-2026-000013")).trailer["/ID"] != reader.trailer["/ID"]


def test_every_font_is_embedded() -> None:
    fonts = read(build([SoldItem(title, 1, 100) for title in TITLES])).pages[0]["/Resources"]["/Font"]
    assert len(fonts) > 10
    for font in fonts.values():
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"]


def test_scripts_can_be_read_back() -> None:
    text = text_of(read(build([SoldItem(title, 1, 100) for title in TITLES])))
    for title in (
        "Zażółć gęślą jaźń",
        "Ηλεκτρική κιθάρα",
        "古い日本のカメラ",
        "빈티지 카메라",
        "كتاب قديم عن الخط العربي",
    ):
        assert title in text


def test_what_no_font_covers_stands_as_question_marks() -> None:
    assert "a??b" in text_of(read(build([SoldItem("a\U000e0fff\U00013000b", 1, 100)])))


LONG = {
    "word": "W" * 300,
    "words": "Donaudampfschifffahrtsgesellschaftskapit\u00e4n " * 8,
    "chinese": "\u53f0\u5317\u5e02\u4fe1\u7fa9\u5340\u5e02\u5e9c\u8def\u4e00\u865f" * 25,
    "arabic": "\u0634\u0631\u0643\u0629 \u0627\u0644\u062e\u0637 \u0627\u0644\u0639\u0631\u0628\u064a \u0644\u0644\u062a\u062c\u0627\u0631\u0629 "
    * 12,
    "thai": "\u0e16\u0e19\u0e19\u0e2a\u0e38\u0e02\u0e38\u0e21\u0e27\u0e34\u0e17\u0e41\u0e02\u0e27\u0e07\u0e04\u0e25\u0e2d\u0e07\u0e40\u0e15\u0e22\u0e19\u0e49\u0e33"
    * 12,
}


def letters(text: str) -> Counter[str]:
    """How often each is there: readers of PDF put words from right to left, and columns, in an order of their own."""
    return Counter(character for character in clean(text) if character.isalnum())


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_names_addresses_and_titles_wrap_and_nothing_is_cut(text: str) -> None:
    party = Party(text, "DE", (text, text), "50823", text[:160].strip(), vat_id="DE123456789", is_business=True)
    document = build([SoldItem(text, 3, 2495, "S", 1900)], party, buyer=party, notes=[text], language="de-DE")
    shown = text_of(read(document))
    assert "\u2026" not in shown
    told = [text] * 8 + [text[:160]] * 2
    missing = letters("".join(told)) - letters(shown)
    assert missing.total() == 0, missing


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (10, 1), (300, 11)])
def test_pages_are_counted_and_the_head_is_repeated(count: int, pages: int) -> None:
    reader = read(build([SoldItem(f"Part {i}", 1, 100 + i, "S", 1900) for i in range(count)], BUSINESS))
    assert len(reader.pages) == pages
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {pages}" in text
        assert "A7F3-2026-000012" in text
    assert sum(page.extract_text().count("Unit price") for page in reader.pages) >= pages - 1
    assert f"Part {count - 1}" in text_of(reader)


def test_nothing_leaves_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[tuple[float, float, float]] = []
    monkeypatch.setattr(
        ShapedCanvas,
        "draw_line",
        lambda _, x, y, line, size, __: places.append((x, x + line.width * size / 1000, y)),
    )
    long = Party("Name-without-a-space" * 20, "DE", ("Donaudampfschiff" * 20,) * 3, "1" * 40, "Llanfair" * 20,
                 vat_id="DE1", email="a" * 200 + "@example.org", is_business=True)  # fmt: skip
    items = [SoldItem("W" * 300, 1, 10**17, "S", 1900), SoldItem("x " * 2000, 99, 10**15, "S", 700)]
    render(build(items, long, buyer=long, notes=["y" * 3000, "note " * 1500], number="N" * 90))
    assert len(places) > 200
    assert [place for place in places if place[0] < 50 or place[1] > 547 or not 30 <= place[2] <= 812] == []
    places.clear()
    for text in LONG.values():
        there = Party(text, "DE", (text,) * 3, "50823", text, is_business=True, vat_id="DE1")
        render(build([SoldItem(text, 999, 99999, "S", 1900)], there, buyer=there, ship_to=PRIVATE, language="pl-PL"))
    assert [place for place in places if place[0] < 50 or place[1] > 547 or not 30 <= place[2] <= 812] == []


def test_an_amount_in_yen_has_no_decimals_and_locales_write_their_own_way() -> None:
    assert "JPY 1,234,567" in text_of(read(build([SoldItem("A", 1, 1234567)], currency="JPY")))
    german = text_of(read(build([SoldItem("A", 1, 1234567)], language="de-DE")))
    assert "12.345,67 EUR" in german
    assert "20. November 2026" in german
    swiss = text_of(read(build([SoldItem("A", 1, 1234567)], language="de-CH")))
    assert "12\u2019345.67" in swiss


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "en-GB",
            ("Invoice", "Order number", "20 November 2026", "by 27 November 2026 at the latest", "Unit price", "net"),
        ),
        (
            "de-AT",
            (
                "Rechnung",
                "Bestellnummer",
                "20. November 2026",
                "sp\u00e4testens 27. November 2026",
                "netto",
                "Frankreich",
            ),
        ),
        (
            "fr-FR",
            ("Facture", "N\u00b0 de commande", "20 novembre 2026", "au plus tard le 27 novembre", "HT", "TTC", "TVA"),
        ),
        (
            "es-ES",
            (
                "Factura",
                "N.\u00ba de pedido",
                "20 de noviembre de 2026",
                "a m\u00e1s tardar el 27",
                "sin IVA",
                "Francia",
            ),
        ),
        (
            "pl-PL",
            (
                "Faktura",
                "Nr zam\u00f3wienia",
                "20 listopada 2026",
                "najp\u00f3\u017aniej 27",
                "netto",
                "brutto",
                "Francja",
            ),
        ),
        ("pt-BR", ("Invoice", "Order number")),
    ],
)
def test_a_document_speaks_its_readers_language(language: str, parts: tuple[str, ...]) -> None:
    document = build(
        [BICYCLE],
        BUSINESS,
        language=language,
        order_number="S-ZECH8Q",
        supply_from=date(2026, 11, 20),
        supply_until=date(2026, 11, 27),
    )
    reader = read(document)
    text = text_of(reader).replace("\u202f", " ")
    assert [part for part in (*parts, "S-ZECH8Q") if part not in text] == []
    assert document.order_id not in text and document.purchase_id not in text
    assert reader.trailer["/Root"]["/Lang"] == language


def test_every_label_has_a_word_and_the_same_places_in_every_language() -> None:
    english = labels_for("en")
    for language in LANGUAGES:
        words = labels_for(language)
        assert all(words.values())
        for key, word in words.items():
            assert set(re.findall(r"{\w+}", word)) == set(re.findall(r"{\w+}", english[key])), (language, key)
    assert set(LANGUAGES) == set(DOCUMENT_LANGUAGES)


def test_the_date_of_supply_is_what_is_known() -> None:
    period = {"supply_from": date(2026, 11, 20), "supply_until": date(2026, 11, 27)}
    note = {"kind": "credit_note", "preceding_number": "A-1", "preceding_issued_on": date(2026, 11, 2)}
    ahead = " ".join(text_of(read(build([CAMERA], **period))).split())
    assert "Date of supply by November 27, 2026 at the latest; paid in advance" in ahead
    assert "Date of supply" not in text_of(read(build([CAMERA])))
    on_a_day = text_of(read(build([CAMERA], delivered_on=date(2026, 11, 18))))
    assert "Date of supply\nNovember 18, 2026" in on_a_day
    called_off = text_of(read(build([CAMERA], called_off=True, **note)))
    assert "none: the order was cancelled" in called_off and "A-1 of November 2, 2026" in called_off


def test_the_net_unit_price_stands_beside_the_gross_one() -> None:
    text = text_of(read(build([BICYCLE, SoldItem("Manual", 3, 2495, "S", 700)], BUSINESS)))
    assert "1 755.46 899.00 19 % 755.46 899.00" in " ".join(text.split())
    assert "3 23.317 24.95 7 % 69.95 74.85" in " ".join(text.split())
    assert "net" not in text_of(read(build([CAMERA]))).split(), "who is private has one price"
