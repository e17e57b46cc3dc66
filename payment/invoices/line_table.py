"""The table of what a document is about."""

from collections.abc import Sequence

from payment.invoices.document import Allowance, InvoiceLine
from payment.invoices.layout import (
    ACCENT,
    CELL,
    COLUMN_GAP,
    HAIRLINE,
    INK,
    INNER,
    LEFT,
    MUTED,
    NUMBER_SIZES,
    RIGHT,
    Layout,
)
from payment.pdf.sheet import Colour
from payment.pdf.typesetting import Line, single_line, wrap

HEADING, HEADING_LEADING = 7.5, 9.0
LEADING = 1.38  # distance of baselines, in font sizes
ITEM_MINIMUM = 120.0  # width of the item column, which smaller numbers make room for


class LineTable:
    """The lines of the document; its head is repeated on every page."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        words = layout.words
        headings = ["quantity", "unit_price_net", "unit_price_gross", "rate", "net_amount", "gross_amount"]
        if not layout.taxed:
            headings = ["quantity", "unit_price", "amount"]
        split = [words[heading].split("\n") for heading in headings]
        self.headings = [
            [single_line(parts[row] if row < len(parts) else "", bold=True) for parts in split]
            for row in range(max(map(len, split)))
        ]
        document = layout.document
        rows = [(line.name, line.id, self._cells(line)) for line in document.lines]
        rows += [(allowance.reason, "", self._allowance_cells(allowance)) for allowance in document.allowances]
        self.rows = [(name, position, [single_line(cell) for cell in cells]) for name, position, cells in rows]
        self.position_width = 14 + 5.0 * len(str(len(self.rows)))
        for self.size in NUMBER_SIZES:
            self.widths = self._widths(self.size)
            self.item_width = INNER - self.position_width - sum(self.widths) - COLUMN_GAP * len(self.widths)
            if self.item_width >= ITEM_MINIMUM:
                break

    def _cells(self, line: InvoiceLine) -> list[str]:
        layout = self.layout
        quantity = layout.count(line.quantity)
        unit_price, amount = layout.money(line.unit_price), layout.money(line.amount)
        if not layout.taxed:
            return [quantity, unit_price, amount]
        net_price, net_amount = layout.money(line.net_price), layout.money(line.net_amount)
        return [quantity, net_price, unit_price, layout.percent(line.rate), net_amount, amount]

    def _allowance_cells(self, allowance: Allowance) -> list[str]:
        layout = self.layout
        taxed = ["", layout.percent(allowance.rate), layout.money(-allowance.net_amount)] if layout.taxed else []
        return ["", "", *taxed, layout.money(-allowance.amount)]

    def _widths(self, size: float) -> list[float]:
        """Each column is as wide as its widest cell."""
        widths = [
            max(heading.width for heading in column) * HEADING / 1000 for column in zip(*self.headings, strict=True)
        ]
        for _, _, cells in self.rows:
            widths = [max(width, cell.width * size / 1000) for width, cell in zip(widths, cells, strict=True)]
        return [max(width, 34.0) for width in widths]

    def draw(self) -> None:
        """Draw it, over as many pages as it takes."""
        layout = self.layout
        layout.need(70)
        note = layout.words["amounts_in"].format(currency=layout.document.currency)
        layout.sheet.text(RIGHT, layout.y, note, 7.2, MUTED, align="right")
        layout.y -= 8
        self._head()
        for name, position, cells in self.rows:
            self._row(name, position, cells)

    def _head(self) -> None:
        layout = self.layout
        layout.y -= 14
        words, sheet = layout.words, layout.sheet
        sheet.text(LEFT, layout.y, words["position"], HEADING, ACCENT, bold=True)
        sheet.text(LEFT + self.position_width, layout.y, words["item"], HEADING, ACCENT, bold=True)
        for number, row in enumerate(self.headings):
            layout.y -= HEADING_LEADING if number else 0
            self._cells_right(row, HEADING, ACCENT)
        layout.y -= 7
        sheet.rule(LEFT, layout.y, INNER, 1.1, ACCENT)

    def _cells_right(self, cells: Sequence[Line], size: float, colour: Colour) -> None:
        x = LEFT + self.position_width + self.item_width
        for cell, width in zip(cells, self.widths, strict=True):
            x += COLUMN_GAP + width
            self.layout.sheet.line(x, self.layout.y, cell, size, colour, align="right")

    def _row(self, name: str, position: str, cells: Sequence[Line]) -> None:
        layout = self.layout
        leading = CELL * LEADING
        names = wrap(name, self.item_width, CELL) or [single_line("")]
        if layout.need(min(leading * len(names), 300) + 14):
            self._head()
        layout.y -= leading + 3
        layout.sheet.text(LEFT, layout.y, position, 7.5, MUTED)
        for number, part in enumerate(names):
            if number:
                if layout.need(leading + 8):
                    self._head()
                    layout.y -= 3
                layout.y -= leading
            layout.sheet.line(LEFT + self.position_width, layout.y, part, CELL, INK)
            if number == 0:
                self._cells_right(cells, self.size, INK)
        layout.y -= 7.5
        layout.sheet.rule(LEFT, layout.y, INNER, 0.5, HAIRLINE)
