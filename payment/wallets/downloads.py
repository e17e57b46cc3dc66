"""Statements to keep: as CSV for a spreadsheet, as PDF for people."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec

from payment.pdf.renderer import Renderer
from payment.wallets import statement_pdf
from payment.wallets.statement_pdf import StatementDocument
from payment.wallets.statements import Span
from souk.contracts.payment.statements import StatementLine, StatementSummary
from souk.errors import RuleBroken

CSV_LINES_MAX = 50_000
PDF_LINES_MAX = 2_000

COLUMNS = (
    "time",
    "kind",
    "amount",
    "balance",
    "currency",
    "with",
    "note",
    "reference",
    "documents",
    "transfer_id",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Texts that begin so are calculated by spreadsheets (OWASP, CSV injection)."""


class PeriodTooLong(RuleBroken):
    """The period has more movements than one document takes."""

    status = 422
    title = "The period is too long for one document"
    members = ("entries", "most")


def check_length(span: Span, most: int) -> None:
    """Raise PeriodTooLong if the span does not fit."""
    if span.count > most:
        raise PeriodTooLong(
            "It has {entries} movements, and a document takes {most}. Choose a shorter period.",
            entries=span.count,
            most=most,
        )


async def csv_of(batches: AsyncIterator[list[StatementLine]]) -> AsyncIterator[bytes]:
    """The movements as CSV (RFC 4180, UTF-8 with a mark so that spreadsheets know it), in pieces."""
    yield b"\xef\xbb\xbf" + _csv([COLUMNS])
    async for lines in batches:
        yield _csv([_cells(line) for line in lines])


async def pdf_of(
    renderer: Renderer,
    owner: str,
    batches: AsyncIterator[list[StatementLine]],
    summary: StatementSummary,
    now: datetime,
) -> bytes:
    """The movements as a PDF, drawn in a process of its own. Raises Unavailable if that takes too long."""
    lines = [line async for some in batches for line in some]
    document = StatementDocument(owner=owner, summary=summary, lines=lines, made_at=now)
    return await renderer.draw(statement_pdf.draw, msgspec.json.encode(document))


def _cells(line: StatementLine) -> tuple[object, ...]:
    return (
        line.at.astimezone(UTC).isoformat(timespec="seconds"),
        line.kind,
        f"{line.amount.decimal():f}",
        f"{line.balance_after.decimal():f}",
        line.amount.currency,
        _text(line.other_name),
        _text(line.note),
        line.reference,
        " ".join(document.number for document in line.documents),
        line.transfer_id,
    )


def _text(words: str) -> str:
    """What a person wrote, so that no spreadsheet takes it for a formula."""
    return f"'{words}" if words.startswith(FORMULA_STARTS) else words


def _csv(rows: list[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
