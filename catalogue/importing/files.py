"""Listings as CSV (RFC 4180): reading a seller's file, writing one that can be edited and brought back."""

import csv
import io
from collections.abc import Iterable
from typing import Any, get_args
from uuid import UUID

import msgspec

from souk.amounts import AmountError, example, read_amount
from souk.contracts.catalogue import (
    DESCRIPTION_CHARS_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    TITLE_CHARS_MAX,
    Condition,
)
from souk.errors import InvalidInput
from souk.money import Money, exponent

COLUMNS = (
    "id",
    "title",
    "description",
    "price",
    "category",
    "condition",
    "quantity",
    "language",
    "attributes",
    "accepts_offers",
    "status",
)
NEEDED = ("title", "price", "category", "condition")
"""Columns that a file must have; the others have a default."""

ROWS_MAX = 10_000
BYTE_ORDER_MARK = "\ufeff"

FILE_BYTES_MAX = 16 * 1024 * 1024
STATUSES = ("draft", "published")
ANSWERS = {"": None, "yes": True, "no": False}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run (OWASP, CSV injection)."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row, understood."""

    line: int
    id: UUID | None
    """The listing to change; None makes a new one."""
    title: str
    description: str
    price: int
    """Minor units."""
    category: str
    condition: Condition
    quantity: int
    language: str
    attributes: dict[str, str] | None
    """None leaves them as they are."""
    accepts_offers: bool | None
    """None leaves it as it is; a new listing then takes none."""
    publish: bool


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row."""

    field: str
    message: str
    """How to mend it."""


def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows with the number of the line each begins on. Raises InvalidInput if the file as a whole cannot be used."""
    if len(content) > FILE_BYTES_MAX:
        raise InvalidInput("file", f"At most {FILE_BYTES_MAX // 1024**2} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise InvalidInput("file", "Save it as UTF-8: some of it cannot be read.") from wrong
    if "\x00" in text:
        raise InvalidInput("file", "This is not a CSV file.")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        heading = [name.strip().lower() for name in next(rows, [])]
        _check_heading(heading)
        found: list[tuple[int, dict[str, str]]] = []
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                found.append((line, dict(zip(heading, row, strict=False))))
            line = rows.line_num + 1
            if len(found) > ROWS_MAX:
                raise InvalidInput("file", f"At most {ROWS_MAX} rows. Cut it into several files.")
    except csv.Error as wrong:
        raise InvalidInput("file", f"Line {rows.line_num} cannot be read: {wrong}.") from wrong
    if not found:
        raise InvalidInput("file", "There is no row below the heading.")
    return found


def _check_heading(heading: list[str]) -> None:
    missing = [name for name in NEEDED if name not in heading]
    if missing:
        raise InvalidInput("file", f"The first line must name the columns; missing: {', '.join(missing)}.")
    unknown = [name for name in heading if name not in COLUMNS]
    if unknown:
        raise InvalidInput("file", f"Unknown column {unknown[0]!r}. There can be: {', '.join(COLUMNS)}.")
    if len(set(heading)) < len(heading):
        raise InvalidInput("file", "A column is named twice.")


def understand(line: int, row: dict[str, str], currency: str) -> tuple[Entry | None, list[Fault]]:
    """A row's entries, or everything that has to be mended in it."""
    texts = {name: _unquoted(row.get(name, "")) for name in COLUMNS}
    faults: list[Fault] = []

    def wrong(field: str, message: str) -> None:
        faults.append(Fault(field=field, message=message))

    listing_id = _uuid(texts["id"])
    if texts["id"] and listing_id is None:
        wrong("id", "Leave it empty for a new listing, or use an id from an export.")
    if len(texts["title"]) > TITLE_CHARS_MAX:
        wrong("title", f"At most {TITLE_CHARS_MAX} characters.")
    if len(texts["description"]) > DESCRIPTION_CHARS_MAX:
        wrong("description", f"At most {DESCRIPTION_CHARS_MAX} characters.")
    price = 0
    try:
        price = read_amount(texts["price"], currency).amount
    except AmountError as error:
        wrong("price", _mend_of(error, currency))
    if price > PRICE_MAX:
        wrong("price", f"At most {_major(PRICE_MAX, currency)}.")
    condition = next((value for value in get_args(Condition) if value == texts["condition"].lower()), None)
    if condition is None:
        wrong("condition", f"One of {', '.join(get_args(Condition))}.")
    quantity = texts["quantity"] or "1"
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 4 and 1 <= int(quantity) <= QUANTITY_MAX):
        wrong("quantity", f"A whole number from 1 to {QUANTITY_MAX}.")
    language = texts["language"].lower() or "en"
    if not (language.isascii() and language.isalpha() and 2 <= len(language) <= 3):
        wrong("language", "A code of two or three letters, such as en.")
    status = texts["status"].lower() or "draft"
    if status not in (*STATUSES, "withdrawn", "sold", "hidden"):
        wrong("status", f"{' or '.join(STATUSES)}.")
    if texts["accepts_offers"].lower() not in ANSWERS:
        wrong("accepts_offers", "yes or no.")
    attributes = _attributes(texts["attributes"])
    if attributes is not None and "" in attributes:
        wrong("attributes", "Write them like brand: Veloro; size: M.")
    if faults or condition is None:
        return None, faults
    entry = Entry(
        line=line,
        id=listing_id,
        title=texts["title"],
        description=texts["description"],
        price=price,
        category=texts["category"],
        condition=condition,
        quantity=int(quantity),
        language=language,
        attributes=attributes,
        accepts_offers=ANSWERS[texts["accepts_offers"].lower()],
        publish=status == "published",
    )
    return entry, []


def _attributes(text: str) -> dict[str, str] | None:
    """`brand: Veloro; size: M` by key; what has no key stands under the empty one."""
    if not text:
        return None
    pairs = (part.partition(":") for part in text.split(";") if part.strip())
    return {key.strip() if colon else "": value.strip() for key, colon, value in pairs}


def _mend_of(error: AmountError, currency: str) -> str:
    """What to do about a price; of one that may be two, both stand there."""
    if error.reason == "ambiguous":
        small, large = (_major(reading.amount, currency) for reading in error.readings)
        return f"{small} or {large}? Write it with two decimal places."
    if error.reason == "decimals":
        return f"Write it with {exponent(currency)} decimal places at the most."
    return f"Write it like {example(currency)}, above zero."


def _major(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).decimal():,f}"


def write(rows: Iterable[dict[str, Any]], *, heading: bool) -> str:
    """Rows of CSV, with the heading or as its continuation; the heading begins with the mark by which spreadsheets know
    that the file is UTF-8."""
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK if heading else "")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    if heading:
        writer.writeheader()
    for row in rows:
        writer.writerow({name: _quoted(str(row[name])) for name in COLUMNS})
    return out.getvalue()


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unquoted(text: str) -> str:
    tidy = text.strip()
    return tidy[1:] if tidy.startswith("'") and tidy[1:].startswith(_FORMULA) else tidy


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
