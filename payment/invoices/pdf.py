"""The invoice as an A4 PDF/A-3b with its data attached: the same document always gives the same bytes.

It is drawn in the document's language, with dates and numbers as its region writes them.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from payment.invoices.cii import write_cii
from payment.invoices.document import Allowance, Document, InvoiceLine
from payment.invoices.labels import labels_for
from payment.invoices.pdfa import Metadata
from payment.invoices.sheet import HEIGHT, WIDTH, Colour, Sheet
from payment.invoices.typesetting import Line, single_line, wrap
from payment.parties.party import Party

INK: Colour = (0.10, 0.13, 0.16)
MUTED: Colour = (0.38, 0.43, 0.46)
HAIRLINE: Colour = (0.85, 0.87, 0.88)
ACCENT: Colour = (0.05, 0.36, 0.37)  # deep teal
WHITE: Colour = (1.0, 1.0, 1.0)
TINT: Colour = (0.945, 0.969, 0.967)

LEFT, RIGHT = 51.0, WIDTH - 51.0
TOP, BOTTOM = HEIGHT - 54.0, 72.0
INNER = RIGHT - LEFT
META_WIDTH = 186.0
META_SIZE = 7.6
TOTALS_WIDTH = 214.0
TOTALS_ROW, TOTALS_BAR = 20.0, 36.0
GAP = 26.0
QR_SIDE = 62.0
CELL = 8.5  # font size in tables
LEADING = 1.38  # distance of baselines, in font sizes
NUMBER_SIZES = (CELL, 7.5, 6.5, 5.5, 4.8)  # tried in turn until the item column keeps ITEM_MINIMUM
ITEM_MINIMUM = 120.0
COLUMN_GAP = 12.0
HEADING, HEADING_LEADING = 7.5, 9.0
TITLE, FOOTER = 28.0, 7.2  # sizes at the most
EARLIER = "en"  # of documents from before they had a language


def render(document: Document) -> bytes:
    """Draw `document`."""
    layout = _Layout(document)
    layout.draw()
    return layout.sheet.render(
        Metadata(
            title=layout.title,
            author=document.seller.name,
            subject=f"{layout.words['order']} {layout.order}",
            language=document.language or EARLIER,
            created_on=document.issued_on,
            fingerprint=bytes.fromhex(document.content_hash())[:16],
        ),
        write_cii(document),
    )


@cache
def _locale(tag: str) -> Locale:
    """How CLDR knows a tag; English if it does not, for a document is drawn in any case."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(EARLIER)


class _Layout:
    """A cursor `y` that walks down the pages of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.locale = _locale(document.language or EARLIER)
        self.words = labels_for(document.language or EARLIER)
        self.territories = self.locale.territories
        self.sheet = Sheet()
        self.y = TOP
        self.title = f"{self.words[document.kind]} {document.number}"
        self.order = document.order_number or document.order_id
        self._exponent = document.currency_exponent
        self._code_first = self.locale.currency_formats["standard"].pattern.startswith("\u00a4")
        self.taxed = any(breakdown.category != "O" for breakdown in document.taxes)

    def draw(self) -> None:
        self._head()
        _Table(self).draw()
        self._sums()
        self._remarks()
        self._footers()

    def money(self, amount: Decimal | int, with_currency: bool = False) -> str:
        """`amount` minor units with grouping, and the currency code where the locale has it if asked for."""
        value = Decimal(amount).scaleb(-self._exponent)
        number = _number(value, _pattern(value), self.locale)
        if not with_currency:
            return number
        code = self.document.currency
        return f"{code}\u00a0{number}" if self._code_first else f"{number}\u00a0{code}"

    def percent(self, rate: int) -> str:
        """A rate of basis points as per cent, without needless zeros."""
        return _number(Decimal(rate).scaleb(-2), "0.##", self.locale) + "\u00a0%"

    def day(self, value: date) -> str:
        """A date in the locale's long form."""
        return format_date(value, format="long", locale=self.locale)

    def need(self, height: float) -> bool:
        """Go to a new page when fewer than `height` points are left; says whether it did."""
        if self.y - height >= BOTTOM:
            return False
        self.sheet.new_page()
        self.y = TOP
        for line in wrap(self.title, INNER, 9, bold=True):
            self.sheet.line(LEFT, self.y, line, 9, ACCENT)
            self.y -= 12
        self.sheet.rule(LEFT, self.y + 3, INNER, 0.6, HAIRLINE)
        self.y -= 18
        return True

    def _head(self) -> None:
        document, sheet = self.document, self.sheet
        sheet.box(0, HEIGHT - 7, WIDTH, 7, ACCENT)
        left_width = INNER - META_WIDTH - GAP
        y = TOP - 14
        title = single_line(self.words[document.kind], bold=True)
        sheet.line(LEFT, y, title, min(TITLE, left_width * 1000 / title.width), INK)
        y -= 21
        for line in wrap(document.number, left_width, 11.5, bold=True):
            sheet.line(LEFT, y, line, 11.5, ACCENT)
            y -= 16
        meta_bottom = self._meta(RIGHT - META_WIDTH, TOP + 12)
        self.y = y - 16
        self._parties((left_width - 18) / 2)
        if len(sheet.pages) == 1:
            self.y = min(meta_bottom, self.y)
        self.y -= 22

    def _meta(self, x: float, top: float) -> float:
        wrapped = [(label, wrap(value, META_WIDTH - 24, META_SIZE)) for label, value in self._facts()]
        height = 19 + sum(19 + 11 * len(lines) for _, lines in wrapped) - 8
        self.sheet.box(x, top - height, META_WIDTH, height, TINT, radius=4)
        y = top - 18
        for label, lines in wrapped:
            self.sheet.text(x + 12, y, label, 6.8, MUTED)
            for line in lines:
                y -= 11
                self.sheet.line(x + 12, y, line, META_SIZE, INK)
            y -= 19
        return top - height

    def _facts(self) -> list[tuple[str, str]]:
        """What stands in the box of the head, each with its label."""
        document, words = self.document, self.words
        facts = []
        if document.preceding_number is not None:
            preceding = document.preceding_number
            if document.preceding_issued_on is not None:
                preceding = words["dated"].format(number=preceding, day=self.day(document.preceding_issued_on))
            facts.append((words["preceding"], preceding))
        facts.append((words["issued_on"], self.day(document.issued_on)))
        if supplied := self._supplied():
            facts.append((words["delivered_on"], supplied))
        facts += [(words["order"], self.order), (words["order_placed_on"], self.day(document.order_placed_on))]
        if not document.order_number:
            facts.append((words["purchase"], document.purchase_id))
        return facts

    def _supplied(self) -> str:
        """The date of supply, as far as it is known."""
        document = self.document
        if document.called_off:
            return self.words["not_supplied"]
        if document.supply_until:
            return self.words["supplied_by"].format(day=self.day(document.supply_until))
        return "" if document.delivered_on is None else self.day(document.delivered_on)

    def _parties(self, width: float) -> None:
        """Seller and buyer side by side, on further pages if they are as long as that."""
        document, words = self.document, self.words
        columns = (
            (LEFT, self._party(words["seller"], document.seller, width)),
            (LEFT + width + 18, self._party(words["buyer"], document.buyer, width)),
        )
        tallest = max(sum(row[-1] for row in rows) for _, rows in columns)
        if self.y - tallest >= BOTTOM:
            for x, rows in columns:
                y = self.y
                for line, size, colour, leading in rows:
                    y -= leading
                    self.sheet.line(x, y, line, size, colour)
            self.y -= tallest
            return
        for row in range(max(len(rows) for _, rows in columns)):
            there = [(x, *rows[row]) for x, rows in columns if row < len(rows)]
            down = max(leading for *_, leading in there)
            if not self.need(down):
                self.y -= down
            for x, line, size, colour, _ in there:
                self.sheet.line(x, self.y, line, size, colour)

    def _party(self, label: str, party: Party, width: float) -> list[tuple[Line, float, Colour, float]]:
        """The lines of a party: each with its size, its colour, and how far it is below the one before."""
        country = self.territories.get(party.country, party.country)
        details = [party.contact, *party.address_lines, f"{party.postcode} {party.city}".strip(), country]
        if party.tax_number:
            details.append(self.words["tax_number"].format(value=party.tax_number))
        if party.vat_id:
            details.append(self.words["vat_id"].format(value=party.vat_id))
        details.append(party.email or "")
        name = wrap(party.name, width, 10, bold=True)
        return [
            (single_line(label, bold=True), 7.5, ACCENT, 0.0),
            *((line, 10.0, INK, 17.0 if number == 0 else 14.0) for number, line in enumerate(name)),
            *((line, CELL, INK, 12.0) for detail in details for line in wrap(detail, width, CELL)),
        ]

    def _sums(self) -> None:
        """VAT breakdown on the left, totals on the right, kept together unless the reasons fill a page."""
        rows = self._total_rows()
        breakdown = _Breakdown(self)
        self.need(max(self._totals_height(rows), min(breakdown.height, 400)) + 24)
        self.y -= 18
        page = len(self.sheet.pages)
        totals_bottom = self._totals(self.y, rows)
        breakdown.draw()
        if len(self.sheet.pages) == page:
            self.y = min(totals_bottom, self.y)
        self.y -= 6

    def _total_rows(self) -> list[tuple[str, int, bool]]:
        totals, words = self.document.totals, self.words
        credit = self.document.kind == "credit_note"
        rows = [(words["tax_inclusive" if self.taxed else "total"], totals.tax_inclusive, True)]
        if self.taxed:
            rows = [(words["tax_exclusive"], totals.tax_exclusive, False), (words["tax"], totals.tax, False), *rows]
        rows.append((words["refunded" if credit else "paid"], totals.paid, False))
        rows.append((words["outstanding" if credit else "due"], totals.due, False))
        return rows

    @staticmethod
    def _totals_height(rows: Sequence[tuple[str, int, bool]]) -> float:
        return 14 + sum(TOTALS_BAR if strong else TOTALS_ROW for _, _, strong in rows)

    def _totals(self, top: float, rows: Sequence[tuple[str, int, bool]]) -> float:
        x, height = RIGHT - TOTALS_WIDTH, self._totals_height(rows)
        self.sheet.box(x, top - height, TOTALS_WIDTH, height, TINT, radius=4)
        y = top - 7
        for label, amount, strong in rows:
            y -= TOTALS_BAR if strong else TOTALS_ROW
            baseline = y + (13.5 if strong else 6.5)
            if strong:
                self.sheet.box(x, y + 4, TOTALS_WIDTH, TOTALS_BAR - 8, ACCENT)
            self._total(x, baseline, label, amount, strong)
        return top - height

    def _total(self, x: float, baseline: float, label: str, amount: int, strong: bool) -> None:
        size = 11.5 if strong else 9.0
        name = single_line(label, strong)
        value = single_line(self.money(amount, with_currency=True), strong)
        room = TOTALS_WIDTH - 24 - 10 - name.width * size / 1000
        self.sheet.line(x + 12, baseline, name, size, WHITE if strong else MUTED)
        fitting = min(size, room * 1000 / value.width)
        self.sheet.line(RIGHT - 12, baseline, value, fitting, WHITE if strong else INK, align="right")

    def _remarks(self) -> None:
        """The QR code with, to its right, payment, delivery and notes."""
        if not self.need(QR_SIDE + 62):
            self.y -= 20
            self.sheet.rule(LEFT, self.y, INNER, 0.6, HAIRLINE)
            self.y -= 18
        top = self.y
        self.sheet.qr_code(LEFT, top - QR_SIDE, QR_SIDE, self.document.order_url, INK)
        for i, line in enumerate(wrap(self.words["order_link"], QR_SIDE + 14, 6.5)):
            self.sheet.line(LEFT, top - QR_SIDE - 11 - 8 * i, line, 6.5, MUTED)
        self.y = top + 4
        x = LEFT + QR_SIDE + GAP
        remarks = [
            (self.words["payment"], [self.document.payment_note]),
            (self.words["delivery"], [self._ship_to(), self.document.delivery_note]),
            (self.words["notes"], list(self.document.notes)),
        ]
        for label, texts in remarks:
            self._remark(x, label, [text for text in texts if text.strip()])

    def _ship_to(self) -> str:
        """Where the goods go, if not to the address that stands under the buyer."""
        there, buyer = self.document.ship_to, self.document.buyer
        if there is None or (there.address_lines, there.postcode, there.city) == (
            buyer.address_lines,
            buyer.postcode,
            buyer.city,
        ):
            return ""
        country = self.territories.get(there.country, there.country)
        return ", ".join(
            part
            for part in (there.name, *there.address_lines, f"{there.postcode} {there.city}".strip(), country)
            if part
        )

    def _remark(self, x: float, label: str, texts: Sequence[str]) -> None:
        if not texts:
            return
        self.need(26)
        self.y -= 10
        self.sheet.text(x, self.y, label, 7.5, ACCENT, bold=True)
        self.y -= 1
        for text in texts:
            for line in wrap(text, RIGHT - x, CELL):
                self.need(12)
                self.y -= 12
                self.sheet.line(x, self.y, line, CELL, INK)
            self.y -= 3
        self.y -= 6

    def _footers(self) -> None:
        pages = self.sheet.pages
        title = single_line(self.title)
        named = single_line(f"{self.title} \u00b7 {self.document.seller.name}")
        room = (INNER - 90) * 1000
        if named.width * FOOTER <= room:  # else it is left out whole: it stands in the head
            title = named
        size = min(FOOTER, room / title.width)
        for number, marks in enumerate(pages, start=1):
            footer = Sheet([marks])
            footer.rule(LEFT, 50, INNER, 0.6, HAIRLINE)
            footer.line(LEFT, 37, title, size, MUTED)
            text = self.words["page"].format(page=number, pages=len(pages))
            footer.text(RIGHT, 37, text, FOOTER, MUTED, align="right")


@lru_cache(4096)
def _number(value: Decimal, pattern: str, locale: Locale) -> str:
    """Rates, quantities and prices are the same ones again and again."""
    return format_decimal(value, format=pattern, locale=locale, decimal_quantization=False)


def _pattern(value: Decimal) -> str:
    """Of a number with all its decimals."""
    places = max(0, -int(value.as_tuple().exponent))
    return "#,##0" + ("." + "0" * places if places else "")


class _Table:
    """The lines of the document; its head is repeated on every page."""

    def __init__(self, layout: _Layout) -> None:
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
        quantity = _number(Decimal(line.quantity), "#,##0", layout.locale)
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


class _Breakdown:
    """The VAT breakdown beside the totals: taxable amount and tax for each category, and why there is none."""

    width = INNER - TOTALS_WIDTH - GAP

    def __init__(self, layout: _Layout) -> None:
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
