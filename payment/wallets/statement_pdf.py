"""The statement as an A4 PDF. Importing this module is cheap: reportlab is loaded with the first document drawn."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from souk.contracts.payment.statements import StatementLine, StatementSummary
from souk.money import Money, exponent

if TYPE_CHECKING:
    from payment.pdf.sheet import Align, Mark, Sheet

KINDS = {
    "deposit": "Money added",
    "issuance": "Money issued",
    "capture": "Paid",
    "settlement": "Sold",
    "refund": "Refund",
    "transfer": "Transfer",
    "transfer_waiting": "Sent, waiting for the address to be proved",
    "transfer_delivered": "Received after your address was proved",
    "transfer_returned": "Came back: the address was not proved",
}

SIZE, SMALL = 8.5, 7.2
ROW = 15.0
WHAT_X, AMOUNT_X, BALANCE_X = 100.0, 390.0, 544.0
LEFT, RIGHT = 51.0, 544.0
TOP, BOTTOM = 788.0, 72.0
INK, MUTED, HAIRLINE = (0.10, 0.13, 0.16), (0.38, 0.43, 0.46), (0.85, 0.87, 0.88)


class StatementDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that a statement says."""

    owner: str
    summary: StatementSummary
    lines: list[StatementLine]
    """Oldest first."""
    made_at: datetime


def draw(data: bytes) -> bytes:
    """The PDF of a StatementDocument as JSON; runs in the drawing process."""
    from payment.pdf.pdfa import Metadata  # noqa: PLC0415 - keeps reportlab out of the main process

    document = msgspec.json.decode(data, type=StatementDocument)
    title = f"Statement {_period(document.summary)}"
    metadata = Metadata(
        title=title,
        author="Souk",
        subject=document.owner,
        language="en",
        created_on=document.made_at.date(),
        fingerprint=hashlib.sha256(data).digest()[:16],
    )
    return _Layout(document).pages().render(metadata)


class _Layout:
    """Walks down the pages."""

    def __init__(self, document: StatementDocument) -> None:
        from payment.pdf.sheet import Sheet  # noqa: PLC0415 - see above

        self.document = document
        self.sheet: Sheet = Sheet()
        self.y = TOP

    def pages(self) -> Sheet:
        """The laid-out sheet."""
        self._head()
        self._totals()
        self._columns()
        for line in self.document.lines:
            self._line(line)
        for number, page in enumerate(self.sheet.pages, 1):
            self._foot(page, number, len(self.sheet.pages))
        return self.sheet

    def _text(
        self, x: float, text: str, *, size: float = SIZE, align: Align = "left", bold: bool = False, muted: bool = False
    ) -> None:
        self.sheet.text(x, self.y, text, size, MUTED if muted else INK, align=align, bold=bold)

    def _down(self, by: float) -> bool:
        """Go down; True if that began a new page."""
        self.y -= by
        if self.y >= BOTTOM:
            return False
        self.sheet.new_page()
        self.y = TOP
        return True

    def _head(self) -> None:
        summary = self.document.summary
        self._text(LEFT, "Wallet statement", size=18, bold=True)
        self._down(20)
        self._text(LEFT, self.document.owner, size=10)
        self._down(14)
        self._text(LEFT, f"{_period(summary)}. Times are UTC.", muted=True)
        for label, amount in (("Opening balance", summary.opening), ("Closing balance", summary.closing)):
            self._down(18)
            self._text(LEFT, label, size=10)
            self._text(RIGHT, _money(amount), size=10, align="right", bold=True)
        self._down(24)

    def _totals(self) -> None:
        if not self.document.summary.totals:
            self._text(LEFT, "Nothing moved in this period.", muted=True)
            return
        for x, text, align in _heads(("In", AMOUNT_X), ("Out", BALANCE_X)):
            self._text(x, text, size=SMALL, align=align, muted=True)
        for kind in self.document.summary.totals or ():
            self._down(ROW)
            self._text(LEFT, f"{KINDS.get(kind.kind, kind.kind)} ({kind.count})")
            self._text(AMOUNT_X, _money(kind.money_in), align="right")
            self._text(BALANCE_X, _money(kind.money_out), align="right")
        self._down(28)

    def _columns(self) -> None:
        if not self.document.lines:
            return
        self._text(LEFT, "When", size=SMALL, muted=True)
        self._text(WHAT_X + 40, "What", size=SMALL, muted=True)
        for x, text, align in _heads(("Amount", AMOUNT_X + 50), ("Balance", BALANCE_X)):
            self._text(x, text, size=SMALL, align=align, muted=True)
        self.sheet.rule(LEFT, self.y - 5, RIGHT - LEFT, 0.6, HAIRLINE)

    def _line(self, line: StatementLine) -> None:
        from payment.pdf.typesetting import wrap  # noqa: PLC0415 - see above

        what = wrap(_what(line), AMOUNT_X - WHAT_X - 50, SIZE)
        if self._down(ROW + (len(what) - 1) * SIZE * 1.3):
            self._columns()
            self._down(ROW + (len(what) - 1) * SIZE * 1.3)
        first = self.y + (len(what) - 1) * SIZE * 1.3
        for number, part in enumerate(what):
            self.sheet.line(WHAT_X + 40, first - number * SIZE * 1.3, part, SIZE, INK)
        at, self.y = self.y, first
        self._text(LEFT, line.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))
        self._text(AMOUNT_X + 50, _money(line.amount), align="right")
        self._text(BALANCE_X, _money(line.balance_after), align="right")
        self.y = at

    def _foot(self, page: list[Mark], number: int, count: int) -> None:
        foot = type(self.sheet)(pages=[page])
        made = self.document.made_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        foot.text(LEFT, 40, f"Drawn up {made} UTC", SMALL, MUTED)
        foot.text(RIGHT, 40, f"{number} / {count}", SMALL, MUTED, align="right")


def _heads(*heads: tuple[str, float]) -> list[tuple[float, str, Align]]:
    return [(x, text, "right") for text, x in heads]


def _period(summary: StatementSummary) -> str:
    since, until = (
        moment and moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") for moment in (summary.since, summary.until)
    )
    if since and until:
        return f"from {since} to before {until}"
    return f"from {since}" if since else f"until {until}" if until else "from the beginning"


def _what(line: StatementLine) -> str:
    words = KINDS.get(line.kind, line.kind)
    if line.kind == "transfer":
        words = ("From " if line.amount.amount > 0 else "To ") + (line.other_name or "another user")
    elif line.other_name:
        words = f"{words} ({line.other_name})"
    numbers = ", ".join(document.number for document in line.documents)
    return " · ".join(part for part in (words, line.note, numbers or line.reference) if part)


def _money(amount: Money) -> str:
    return f"{amount.decimal():,.{exponent(amount.currency)}f}".replace("-", "\u2212") + f" {amount.currency}"
