"""Reading and writing CSV: what people and spreadsheets send."""

import pytest

from catalogue.importing import files
from catalogue.importing.files import read, understand, write
from souk.errors import InvalidInput

HEAD = "title,price,category,condition"
GOOD = {"title": "Lamp", "price": "12.50", "category": "lighting", "condition": "good"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "missing: title"),
        (b"title,price,category\n", "missing: condition"),
        (f"{HEAD},colour\nLamp,1,a,b,red".encode(), "Unknown column 'colour'"),
        (f"{HEAD},title\n".encode(), "named twice"),
        (f"{HEAD}\n\n , ,,\n".encode(), "no row"),
        (b"\xff\xfe" + HEAD.encode(), "UTF-8"),
        (f"{HEAD}\nLamp\x00".encode(), "not a CSV"),
        (f'{HEAD}\n"Lamp,1,a,b'.encode(), "cannot be read"),
        (f'{HEAD}\n"Lamp"x,1,a,b'.encode(), "Line 2 cannot be read"),
        (f"{HEAD}\n".encode() + b"a,1,b,c\n" * (files.ROWS_MAX + 1), "At most 10000 rows"),
        (b"x" * (files.FILE_BYTES_MAX + 1), "At most 16 MB"),
    ],
)
def test_files_that_cannot_be_used_say_why(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        read(content)
    assert refused.value.fields["errors"][0]["field"] == "file"


def test_lines_are_counted_as_an_editor_does() -> None:
    text = f'{HEAD},description\r\nA,1,b,c,"two\r\nlines"\r\n\r\nB,1,b,c,\r\n'
    assert [(line, row["title"]) for line, row in read(text.encode("utf-8-sig"))] == [(2, "A"), (5, "B")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_may_separate_as_they_like(separator: str) -> None:
    text = f"{HEAD}\nLamp,12,lighting,good".replace(",", separator)
    assert read(text.encode()) == [(2, GOOD | {"price": "12"})]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "7"),
        ("title", "x" * 121),
        ("description", "x" * 8001),
        ("price", ""),
        ("price", "12.505"),
        ("price", "1.000"),
        ("price", "0.500"),
        ("price", "-1"),
        ("price", "1e3"),
        ("price", "NaN"),
        ("price", "10000000.01"),
        ("condition", "fine"),
        ("quantity", "0"),
        ("quantity", "10000"),
        ("quantity", "²"),
        ("language", "english"),
        ("accepts_offers", "maybe"),
        ("status", "sale"),
    ],
)
def test_what_is_wrong_with_a_row_is_named(field: str, value: str) -> None:
    entry, faults = understand(7, GOOD | {field: value}, "EUR")
    assert entry is None
    assert [fault.field for fault in faults] == [field]
    assert faults[0].message


@pytest.mark.parametrize(
    ("price", "minor"), [("1.234,50", 123450), ("1'234.50", 123450), ("€12.50", 1250), ("12,50 €", 1250)]
)
def test_prices_are_read_as_in_the_form(price: str, minor: int) -> None:
    entry, _ = understand(7, GOOD | {"price": price}, "EUR")
    assert entry is not None and entry.price == minor


def test_a_price_that_may_be_two_is_refused_with_both() -> None:
    _, faults = understand(7, GOOD | {"price": "1.234"}, "EUR")
    assert [fault.message for fault in faults] == ["1.23 or 1,234.00? Write it with two decimal places."]


def test_all_faults_of_a_row_are_named_at_once() -> None:
    _, faults = understand(7, {"title": "x" * 200, "price": "?", "condition": "?"}, "EUR")
    assert [fault.field for fault in faults] == ["title", "price", "condition"]


def test_a_row_is_understood() -> None:
    entry, faults = understand(2, GOOD | {"price": "1 234,50", "condition": "Good", "status": "PUBLISHED"}, "EUR")
    assert entry is not None and not faults
    assert (entry.price, entry.condition, entry.publish, entry.quantity, entry.language) == (
        123450,
        "good",
        True,
        1,
        "en",
    )


def test_what_a_spreadsheet_would_run_is_defused_and_comes_back() -> None:
    row = dict.fromkeys(files.COLUMNS, "x") | {"title": '=HYPERLINK("x")', "description": "-1\n+2"}
    text = write([row], heading=True)
    [(_, read_back)] = read(text.encode())
    assert read_back["title"] == '\'=HYPERLINK("x")'
    entry, _ = understand(
        2,
        read_back
        | GOOD
        | {
            "title": read_back["title"],
            "id": "",
            "quantity": "1",
            "language": "en",
            "attributes": "",
            "accepts_offers": "",
            "status": "",
        },
        "EUR",
    )
    assert entry is not None
    assert (entry.title, entry.description) == ('=HYPERLINK("x")', "-1\n+2")
