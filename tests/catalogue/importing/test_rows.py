"""Rows of files, understood or refused with every fault at once."""

import pytest

from catalogue.categories.categories import CategoryTree
from catalogue.categories.tables import CategoryRow
from catalogue.categories.tree import DEFAULT_TREE
from catalogue.house_rules import Allowance, HouseRules
from catalogue.importing import files
from catalogue.importing.files import write
from catalogue.importing.headings import FIELDS
from catalogue.importing.markup import plain_text
from catalogue.importing.rows import Entry, Fault, Reader
from catalogue.importing.shapes import read
from catalogue.settings import CatalogueSettings
from souk.contracts.catalogue.imports import ImportMapping

GOOD = {"title": "Lamp", "price": "12.50", "category": "lighting", "condition": "good"}
TREE = CategoryTree(
    [CategoryRow(slug=c.slug, name=c.name, icon=c.icon, parent=c.parent, path=c.path) for c in DEFAULT_TREE], {}
)
RULES = HouseRules(CatalogueSettings(forbidden_words=("ivory",)))


def understand(row: dict[str, str], **chosen: str) -> tuple[Entry | None, list[Fault]]:
    mapping = ImportMapping(columns={field: field for field in FIELDS}, **chosen)  # type: ignore[arg-type]
    return Reader(mapping, "EUR", TREE, RULES, Allowance(30, price_max=100_000)).read(7, row)


def understood(row: dict[str, str], **chosen: str) -> Entry:
    entry, faults = understand(row, **chosen)
    assert entry is not None, faults
    return entry


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "7"),
        ("title", "xy"),
        ("title", "A lamp\x07"),
        ("description", "x" * 8001),
        ("price", ""),
        ("price", "12.505"),
        ("price", "1.000"),
        ("price", "0.500"),
        ("price", "-1"),
        ("price", "1e3"),
        ("price", "NaN"),
        ("price", "10000000.01"),
        ("currency", "USD"),
        ("category", ""),
        ("category", "nowhere"),
        ("condition", "fine"),
        ("condition", ""),
        ("quantity", "10000"),
        ("quantity", "1.5"),
        ("quantity", "²"),
        ("language", "english"),
        ("accepts_offers", "maybe"),
        ("attributes", "red"),
        ("attributes", "colour of nothing: red"),
        ("status", "sale"),
    ],
)
def test_what_is_wrong_with_a_row_is_named(field: str, value: str) -> None:
    entry, faults = understand(GOOD | {field: value})
    assert entry is None
    assert [fault.field.partition(".")[0] for fault in faults] == [field]
    assert faults[0].message


@pytest.mark.parametrize(
    ("price", "minor"), [("1.234,50", 123450), ("1'234.50", 123450), ("€12.50", 1250), ("12,50 €", 1250)]
)
def test_prices_are_read_as_in_the_form(price: str, minor: int) -> None:
    assert understood(GOOD | {"price": price}).price == minor


def test_a_price_that_may_be_two_is_refused_with_both() -> None:
    _, faults = understand(GOOD | {"price": "1.234"})
    [fault] = faults
    assert fault.message == "1.23 or 1,234.00? Write it with two decimal places."
    readings = {name: {"amount": amount, "currency": "EUR"} for name, amount in (("small", 123), ("large", 123400))}
    assert (fault.code, fault.params) == ("price-ambiguous", readings), "so that people are told in their own way"


def test_all_faults_of_a_row_are_named_at_once() -> None:
    row = {"title": "Ivory lamp", "price": "2000", "category": "nowhere", "condition": "?", "attributes": "a: b; red"}
    _, faults = understand(row | {"status": "published"})
    assert [fault.field for fault in faults] == ["category", "condition", "title", "price"]
    _, faults = understand(row | {"title": "?", "price": "?", "category": "lighting", "language": "?"})
    assert [fault.field for fault in faults] == [
        "title", "price", "condition", "language", "attributes", "attributes.a",
    ]  # fmt: skip


def test_a_row_is_understood() -> None:
    entry = understood(GOOD | {"price": "1 234,50", "condition": "Good", "status": "draft", "language": "de_DE"})
    assert (entry.price, entry.condition, entry.publish, entry.quantity, entry.language, entry.notes) == (
        123450, "good", False, 1, "de", (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Lighting", "lighting"),
        ("Home & Garden > Lighting", "lighting"),
        ("Toys and games/Puzzles", "toys"),
        ("Sale, Lighting", "lighting"),
        ("Apparel & Accessories", "garden"),
        ("", "garden"),
    ],
)
def test_a_category_is_found_by_its_name_or_is_the_one_for_all_rows(text: str, slug: str) -> None:
    entry = understood(GOOD | {"category": text}, category="garden")
    assert entry.category == slug
    assert entry.notes == (("default_category",) if text.startswith("Apparel") else ())


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("NEW", "new"),
        ("Gebraucht", "good"),
        ("Comme neuf", "like_new"),
        ("7000", "for_parts"),
        ("11", "new"),
        ("", "fair"),
    ],
)
def test_a_condition_is_known_by_what_others_call_it(text: str, condition: str) -> None:
    assert understood(GOOD | {"condition": text}, condition="fair").condition == condition


def test_a_title_that_is_too_long_is_cut_at_a_word() -> None:
    entry = understood(GOOD | {"title": "Antique " * 14 + "candlestick pair"})
    assert entry.title == ("Antique " * 14).strip()
    assert entry.notes == ("shortened",)
    assert len(understood(GOOD | {"title": "x" * 200}).title) == 120
    assert understood(GOOD | {"title": "x" * 120}).notes == ()


@pytest.mark.parametrize("stock", ["0", "-3", "0.0"])
def test_what_is_out_of_stock_stays_a_draft(stock: str) -> None:
    entry = understood(GOOD | {"quantity": stock, "status": "published"})
    assert (entry.quantity, entry.publish, entry.notes) == (1, False, ("no_stock",))
    _, faults = understand(GOOD | {"quantity": stock, "id": "0192c1de-0000-7000-8000-000000000000"})
    assert [fault.field for fault in faults] == ["quantity"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Soft <b>cotton</b>&nbsp;shirt</p>", "Soft cotton shirt"),
        (
            "<h2>Lamp</h2><ul><li>brass</li><li>40&nbsp;cm</li></ul>Ships&nbsp;soon",
            "Lamp\n\n- brass\n- 40 cm\nShips soon",
        ),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<style>p {color: red}</style><script>alert(1)</script>Lamp", "Lamp"),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("Two\n\nparagraphs", "Two\n\nparagraphs"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_what_a_spreadsheet_would_run_is_defused_and_comes_back() -> None:
    row = dict.fromkeys(files.COLUMNS, "") | GOOD | {"title": '=HYPERLINK("x")', "description": "-1\n+2"}
    [(_, read_back)] = read(write([row], heading=True).encode()).rows
    assert read_back["title"] == '\'=HYPERLINK("x")'
    entry = understood(read_back)
    assert (entry.title, entry.description) == ('=HYPERLINK("x")', "-1\n+2")
