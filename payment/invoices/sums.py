"""What a document comes to: the VAT breakdown and the totals, side by side."""

from collections.abc import Sequence

from payment.invoices.layout import (
    ACCENT,
    CELL,
    COLUMN_GAP,
    GAP,
    HAIRLINE,
    INK,
    INNER,
    LEFT,
    MUTED,
    NUMBER_SIZES,
    RIGHT,
    TINT,
    WHITE,
    Layout,
)
from payment.pdf.sheet import Colour
from payment.pdf.typesetting import Line, single_line, wrap

TOTALS_WIDTH = 214.0
TOTALS_ROW, TOTALS_BAR = 20.0, 36.0


def draw_sums(layout: Layout) -> None:
    """Draw the VAT breakdown on the left, totals on the right, kept together unless the reasons fill a page."""
    rows = _total_rows(layout)
    breakdown = _Breakdown(layout)
    layout.need(max(_totals_height(rows), min(breakdown.height, 400)) + 24)
    layout.y -= 18
    page = len(layout.sheet.pages)
    totals_bottom = _totals(layout, layout.y, rows)
    breakdown.draw()
    if len(layout.sheet.pages) == page:
        layout.y = min(totals_bottom, layout.y)
    layout.y -= 6


def _total_rows(layout: Layout) -> list[tuple[str, int, bool]]:
    totals, words = layout.document.totals, layout.words
    credit = layout.document.kind == "credit_note"
    rows = [(words["tax_inclusive" if layout.taxed else "total"], totals.tax_inclusive, True)]
    if layout.taxed:
        rows = [(words["tax_exclusive"], totals.tax_exclusive, False), (words["tax"], totals.tax, False), *rows]
    rows.append((words["refunded" if credit else "paid"], totals.paid, False))
    rows.append((words["outstanding" if credit else "due"], totals.due, False))
    return rows


def _totals_height(rows: Sequence[tuple[str, int, bool]]) -> float:
    return 14 + sum(TOTALS_BAR if strong else TOTALS_ROW for _, _, strong in rows)


def _totals(layout: Layout, top: float, rows: Sequence[tuple[str, int, bool]]) -> float:
    x, height = RIGHT - TOTALS_WIDTH, _totals_height(rows)
    layout.sheet.box(x, top - height, TOTALS_WIDTH, height, TINT, radius=4)
    y = top - 7
    for label, amount, strong in rows:
        y -= TOTALS_BAR if strong else TOTALS_ROW
        baseline = y + (13.5 if strong else 6.5)
        if strong:
            layout.sheet.box(x, y + 4, TOTALS_WIDTH, TOTALS_BAR - 8, ACCENT)
        _total(layout, baseline, label, amount, strong)
    return top - height


def _total(layout: Layout, baseline: float, label: str, amount: int, strong: bool) -> None:
    size = 11.5 if strong else 9.0
    name = single_line(label, strong)
    value = single_line(layout.money(amount, with_currency=True), strong)
    room = TOTALS_WIDTH - 24 - 10 - name.width * size / 1000
    layout.sheet.line(RIGHT - TOTALS_WIDTH + 12, baseline, name, size, WHITE if strong else MUTED)
    fitting = min(size, room * 1000 / value.width)
    layout.sheet.line(RIGHT - 12, baseline, value, fitting, WHITE if strong else INK, align="right")


class _Breakdown:
    """The VAT breakdown beside the totals: taxable amount and tax for each category, and why there is none."""

    width = INNER - TOTALS_WIDTH - GAP

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        headings = [single_line(layout.words[key], bold=True) for key in ("taxable", "tax")]
        taxes = layout.document.taxes
        amounts = [[single_line(layout.money(part)) for part in (tax.taxable, tax.tax)] for tax in taxes]
        for self.size in NUMBER_SIZES:
            self.columns = [
                max(headings[i].width * 7.5, *(row[i].width * self.size for row in amounts)) / 1000 for i in (0, 1)
            ]
            label_width = self.width - sum(self.columns) - 2 * COLUMN_GAP
            if label_width >= 90:
                break
        self.headings = headings
        self.rows = []
        for tax, cells in zip(taxes, amounts, strict=True):
            rate = f" {layout.percent(tax.rate)}" if tax.category == "S" else ""
            name = wrap(layout.words[tax.category] + rate, label_width if layout.taxed else self.width, CELL)
            reason = tax.exemption_reason if tax.exemption_reason != layout.words[tax.category] else ""
            self.rows.append((name, wrap(reason, self.width, 7.5), cells))
        self.height = 20 + sum(12.0 * len(name) + 11.0 * len(reason) + 8 for name, reason, _ in self.rows)

    def draw(self) -> None:
        layout = self.layout
        layout.y -= 9
        layout.sheet.text(LEFT, layout.y, layout.words["tax_breakdown"], 7.5, ACCENT, bold=True)
        if layout.taxed:
            self._cells_right(self.headings, 7.5, ACCENT)
        layout.y -= 6
        layout.sheet.rule(LEFT, layout.y, self.width, 0.6, HAIRLINE)
        for name, reason, cells in self.rows:
            layout.need(min(12.0 * len(name) + 11.0 * len(reason) + 8, 300))
            layout.y -= 3
            for position, line in enumerate(name):
                layout.y -= 12
                layout.sheet.line(LEFT, layout.y, line, CELL, INK)
                if layout.taxed and position == 0:
                    self._cells_right(cells, self.size, INK)
            for line in reason:
                layout.need(11)
                layout.y -= 11
                layout.sheet.line(LEFT, layout.y, line, 7.5, MUTED)
            layout.y -= 5

    def _cells_right(self, cells: Sequence[Line], size: float, colour: Colour) -> None:
        right = LEFT + self.width
        for x, cell in zip((right - self.columns[1] - COLUMN_GAP, right), cells, strict=True):
            self.layout.sheet.line(x, self.layout.y, cell, size, colour, align="right")
