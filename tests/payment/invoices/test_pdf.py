"""The PDF of an invoice: readable in every script, the same bytes every time, nothing outside the page."""

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from payment.invoices.document import Document, Party, SoldItem, build_document
from payment.invoices.pdf import render
from payment.invoices.sheet import InvoiceCanvas
from payment.invoices.typeface import FONT_FOLDER, REPLACEMENT, clean, first_cover
from payment.invoices.typesetting import single_line, wrap

PRIVATE = Party("Anna Lindqvist", "SE", ("Storgatan 14",), "411 38", "Göteborg", email="anna@souk.example")
BUSINESS = Party("Fahrradwerk GmbH", "DE", ("Ring 1",), "50823", "Köln", vat_id="DE123456789", is_business=True)
BUYER = Party("Nguyễn Thị Phương", "FR", ("12 rue des Martyrs",), "75009", "Paris")
CAMERA = SoldItem("Vintage camera", 1, 124900)
BICYCLE = SoldItem("Touring bicycle", 1, 89900, "S", 1900)
TITLES = [
    "Zażółć gęślą jaźń", "Ηλεκτρική κιθάρα", "Đồng hồ cổ điển", "كتاب قديم عن الخط العربي", "ספר ישן בעברית",
    "हिन्दी की पुरानी किताब, क्षत्रिय", "สวัสดีครับน้ำ", "古い日本のカメラ", "臺北市信義區", "빈티지 카메라", "Україна ґ", "বাংলা বই",
    "தமிழ் புத்தகம்", "తెలుగు పుస్తకం", "ಕನ್ನಡ ಪುಸ್ತಕ", "മലയാളം പുസ്തകം", "ગુજરાતી", "ਪੰਜਾਬੀ", "සිංහල පොත", "ភាសាខ្មែរ", "မြန်မာ",
    "የአማርኛ", "Հայերեն", "ქართული", "ພາສາລາວ", "می‌خواهم", "★ ✓ → ½ € ₹ ₫",
]  # fmt: skip


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


def read(document: Document, locale: str = "en") -> PdfReader:
    return PdfReader(io.BytesIO(render(document, locale)))


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
    assert render(document, "de") != first


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


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("bold", [False, True])
def test_every_script_has_glyphs(title: str, bold: bool) -> None:
    line = single_line(title, bold)
    assert line.text == title
    assert all(glyph.id != 0 for run in line.runs for glyph in run.glyphs)


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


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    (run,) = single_line("محمد").runs
    assert run.right_to_left
    assert [glyph.text for glyph in run.glyphs] == list("دمحم")
    alone = {single_line(letter).runs[0].glyphs[0].id for letter in "محمد"}
    assert not alone & {glyph.id for glyph in run.glyphs[1:]}  # forms inside a word differ from the isolated ones


def test_latin_words_inside_hebrew_stay_in_order() -> None:
    line = single_line("ספר Souk book 1984 ישן")
    assert [run.text for run in line.runs if run.text.strip()] == ["ישן", "Souk book 1984", "ספר "]


def test_what_no_font_covers_becomes_a_question_mark() -> None:
    unknown = "\U000e0fff\U0001f9ff"
    assert all(first_cover(character) is None for character in unknown)
    assert clean(f"a{unknown}b") == f"a{REPLACEMENT * 2}b"
    assert "a??b" in text_of(read(build([SoldItem(f"a{unknown}b", 1, 100)])))


@given(st.text(max_size=80), st.floats(20, 300), st.booleans())
@settings(max_examples=60, deadline=None)
def test_lines_keep_every_character_and_fit(text: str, width: float, bold: bool) -> None:
    lines = wrap(text, width, 8.5, bold)
    assert "".join("".join(line.text for line in lines).split()) == "".join(clean(text).split())
    for line in lines:
        assert len(line.text) <= 2 or line.width * 8.5 / 1000 <= width + 4
        assert all(glyph.id != 0 for run in line.runs for glyph in run.glyphs)


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    lines = wrap("word " * 200, 100, 9, max_lines=2)
    assert len(lines) == 2
    assert lines[1].text.endswith("\u2026")
    assert all(line.width * 9 / 1000 <= 101 for line in lines)


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
        InvoiceCanvas,
        "draw_line",
        lambda _, x, y, line, size, __: places.append((x, x + line.width * size / 1000, y)),
    )
    long = Party("Name-without-a-space" * 20, "DE", ("Donaudampfschiff" * 20,) * 3, "1" * 40, "Llanfair" * 20,
                 vat_id="DE1", email="a" * 200 + "@example.org", is_business=True)  # fmt: skip
    items = [SoldItem("W" * 300, 1, 10**17, "S", 1900), SoldItem("x " * 2000, 99, 10**15, "S", 700)]
    render(build(items, long, buyer=long, notes=["y" * 3000, "note " * 1500], number="N" * 90))
    assert len(places) > 200
    assert [place for place in places if place[0] < 50 or place[1] > 547 or not 30 <= place[2] <= 812] == []


def test_an_amount_in_yen_has_no_decimals_and_locales_write_their_own_way() -> None:
    assert "JPY 1,234,567" in text_of(read(build([SoldItem("A", 1, 1234567)], currency="JPY")))
    german = text_of(read(build([SoldItem("A", 1, 1234567)]), "de"))
    assert "EUR 12.345,67" in german
    assert "20. November 2026" in german


def test_every_font_file_has_its_licence() -> None:
    licences = {path.name for path in FONT_FOLDER.glob("LICENSE-*.txt")}
    assert licences == {"LICENSE-Noto.txt", "LICENSE-DejaVu.txt", "LICENSE-Droid.txt"}
    owners = {path.name[:4] for path in FONT_FOLDER.glob("*.ttf")}
    assert owners == {"Noto", "Deja", "Droi"}
