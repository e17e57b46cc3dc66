"""A seller's file as a table, in whatever shape spreadsheets and shop programs write it (RFC 4180 and what goes for it)."""

import csv
import io
import re
from dataclasses import dataclass, field

from catalogue.importing.headings import field_of, handle_in, plain
from souk.contracts.catalogue.imports import ImportNote
from souk.errors import InvalidInput

ROWS_MAX = 10_000
COLUMNS_MAX = 200
FILE_BYTES_MAX = 16 * 1024 * 1024

SEPARATORS = ",;\t|"

UNSHOWABLE_PART = 100
"""Of so many characters one may be a control character; with more it is no text."""

_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_WORKBOOK = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """A file's rows, each with the number of the line it begins on and its cells by their heading; empty ones are left out."""

    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]
    notes: list[ImportNote] = field(default_factory=list)


def read(content: bytes) -> Table:
    """The table in a file; raises InvalidInput if the file as a whole cannot be used."""
    if len(content) > FILE_BYTES_MAX:
        raise InvalidInput("file", "At most {most} MB.", code="file-too-large", most=FILE_BYTES_MAX // 1024**2)
    text, notes = _text(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True, strict=True)
    columns: list[str] | None = None
    found: list[tuple[int, dict[str, str]]] = []
    line = 1
    try:
        for row in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = None if _is_separator(row) else _heading(row)
                continue
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name and cell.strip()}
            found.append((begins, cells))
            if len(found) > ROWS_MAX:
                raise InvalidInput(
                    "file", "At most {most} rows. Cut it into several files.", code="too-many-rows", most=ROWS_MAX
                )
    except csv.Error as wrong:
        raise InvalidInput(
            "file", "Line {line} cannot be read: {why}.", code="line-unreadable", line=reader.line_num, why=str(wrong)
        ) from wrong
    if not found or columns is None:
        raise InvalidInput("file", "There is no row below the heading.", code="no-rows")
    columns = list(dict.fromkeys(name for name in columns if name))
    rows, variants = _joined(columns, found)
    if variants:
        notes.append(ImportNote(kind="variants", count=variants))
    return Table(columns, rows, notes)


def _text(content: bytes) -> tuple[str, list[ImportNote]]:
    if content.startswith(_WORKBOOK):
        raise InvalidInput("file", "This is a workbook. Save the sheet as CSV and bring that.", code="workbook")
    encoding = _wide(content)
    try:
        text, notes = content.decode(encoding or "utf-8-sig").removeprefix("\ufeff"), list[ImportNote]()
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        notes = [ImportNote(kind="encoding", names=["Windows-1252"])]
    text = text.rstrip("\x1a")  # how files once ended
    if "\x00" in text or len(_UNSHOWABLE.findall(text)) * UNSHOWABLE_PART > len(text):
        raise InvalidInput("file", "This is not a CSV file.", code="not-csv")
    return text, notes


def _wide(content: bytes) -> str:
    """UTF-16 by its mark, or by the zeros that it has beside every Latin letter; empty if it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    first = content[:2000]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) * 4 < len(first):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _separator(text: str) -> str:
    """What stands between the cells: what a first line `sep=;` says, else what makes the most of the heading."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    said = _SEPARATOR_LINE.fullmatch(first)
    if said:
        return said[1]

    def worth(separator: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in first.split(separator)]
        return sum(bool(field_of(cell)) for cell in cells), len(cells)

    return max(SEPARATORS, key=worth)


def _is_separator(row: list[str]) -> bool:
    """The line `sep=;`, as a reader that knows the separator sees it."""
    return row[0].strip().lower() == "sep=" and not any(cell.strip() for cell in row[1:])


def _heading(row: list[str]) -> list[str]:
    if len(row) > COLUMNS_MAX:
        raise InvalidInput("file", "At most {most} columns.", code="too-many-columns", most=COLUMNS_MAX)
    names = [" ".join(cell.split()) for cell in row]
    twice = {name for name in names if name and names.count(name) > 1 and field_of(name)}
    if twice:
        raise InvalidInput(
            "file", "The column {column!r} is named twice.", code="column-twice", column=sorted(twice)[0]
        )
    return names


def _joined(columns: list[str], rows: list[tuple[int, dict[str, str]]]) -> tuple[list[tuple[int, dict[str, str]]], int]:
    """The rows without those that go on with the product above (same handle, no title), and how many of these are variants.

    Such a row's picture goes to the product; its other cells are left aside.
    """
    handle = handle_in(columns)
    title = next((name for name in columns if field_of(name) == "title"), None)
    if handle is None or title is None:
        return rows, 0
    pictures = [name for name in columns if field_of(name) == "pictures"]
    kept, variants = list[tuple[int, dict[str, str]]](), 0
    for line, cells in rows:
        if not kept or cells.get(title) or cells.get(handle) != kept[-1][1].get(handle):
            kept.append((line, cells))
            continue
        product = kept[-1][1]
        for name in pictures:
            if name in cells:
                product[name] = "\n".join(filter(None, (product.get(name), cells[name])))
        variants += any(name != handle and not plain(name).startswith("image") for name in cells)
    return kept, variants
