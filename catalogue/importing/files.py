"""A seller's listings as CSV (RFC 4180), to be edited and brought back."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from catalogue.importing.headings import FIELDS
from catalogue.importing.rows import FORMULA

COLUMNS = tuple(field for field in FIELDS if field not in ("currency", "pictures"))
"""The currency is the shop's, and pictures stay with their listing whatever a file says."""

BYTE_ORDER_MARK = "\ufeff"


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
    return f"'{text}" if text.startswith(FORMULA) else text
