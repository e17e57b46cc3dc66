"""How a document begins: what it is, its number and dates, and who is on it."""

from payment.invoices.layout import ACCENT, BOTTOM, CELL, GAP, INK, INNER, LEFT, MUTED, RIGHT, TINT, TOP, Layout
from payment.parties.party import Party
from payment.pdf.sheet import HEIGHT, WIDTH, Colour
from payment.pdf.typesetting import Line, single_line, wrap

TITLE = 28.0  # its size at the most
META_WIDTH = 186.0
META_SIZE = 7.6


def draw_heading(layout: Layout) -> None:
    """Draw what a document begins with: title, number, the box of facts, and the parties."""
    document, sheet = layout.document, layout.sheet
    sheet.box(0, HEIGHT - 7, WIDTH, 7, ACCENT)
    left_width = INNER - META_WIDTH - GAP
    y = TOP - 14
    title = single_line(layout.words[document.kind], bold=True)
    sheet.line(LEFT, y, title, min(TITLE, left_width * 1000 / title.width), INK)
    y -= 21
    for line in wrap(document.number, left_width, 11.5, bold=True):
        sheet.line(LEFT, y, line, 11.5, ACCENT)
        y -= 16
    meta_bottom = _meta(layout, RIGHT - META_WIDTH, TOP + 12)
    layout.y = y - 16
    _parties(layout, (left_width - 18) / 2)
    if len(sheet.pages) == 1:
        layout.y = min(meta_bottom, layout.y)
    layout.y -= 22


def _meta(layout: Layout, x: float, top: float) -> float:
    wrapped = [(label, wrap(value, META_WIDTH - 24, META_SIZE)) for label, value in _facts(layout)]
    height = 19 + sum(19 + 11 * len(lines) for _, lines in wrapped) - 8
    layout.sheet.box(x, top - height, META_WIDTH, height, TINT, radius=4)
    y = top - 18
    for label, lines in wrapped:
        layout.sheet.text(x + 12, y, label, 6.8, MUTED)
        for line in lines:
            y -= 11
            layout.sheet.line(x + 12, y, line, META_SIZE, INK)
        y -= 19
    return top - height


def _facts(layout: Layout) -> list[tuple[str, str]]:
    """What stands in the box of the head, each with its label."""
    document, words = layout.document, layout.words
    facts = []
    if document.preceding_number is not None:
        preceding = document.preceding_number
        if document.preceding_issued_on is not None:
            preceding = words["dated"].format(number=preceding, day=layout.day(document.preceding_issued_on))
        facts.append((words["preceding"], preceding))
    facts.append((words["issued_on"], layout.day(document.issued_on)))
    if supplied := _supplied(layout):
        facts.append((words["delivered_on"], supplied))
    facts += [(words["order"], layout.order), (words["order_placed_on"], layout.day(document.order_placed_on))]
    if not document.order_number:
        facts.append((words["purchase"], document.purchase_id))
    return facts


def _supplied(layout: Layout) -> str:
    """The date of supply, as far as it is known."""
    document = layout.document
    if document.called_off:
        return layout.words["not_supplied"]
    if document.supply_until:
        return layout.words["supplied_by"].format(day=layout.day(document.supply_until))
    return "" if document.delivered_on is None else layout.day(document.delivered_on)


def _parties(layout: Layout, width: float) -> None:
    """Seller and buyer side by side, on further pages if they are as long as that."""
    document, words = layout.document, layout.words
    columns = (
        (LEFT, _party(layout, words["seller"], document.seller, width)),
        (LEFT + width + 18, _party(layout, words["buyer"], document.buyer, width)),
    )
    tallest = max(sum(row[-1] for row in rows) for _, rows in columns)
    if layout.y - tallest >= BOTTOM:
        for x, rows in columns:
            y = layout.y
            for line, size, colour, leading in rows:
                y -= leading
                layout.sheet.line(x, y, line, size, colour)
        layout.y -= tallest
        return
    for row in range(max(len(rows) for _, rows in columns)):
        there = [(x, *rows[row]) for x, rows in columns if row < len(rows)]
        down = max(leading for *_, leading in there)
        if not layout.need(down):
            layout.y -= down
        for x, line, size, colour, _ in there:
            layout.sheet.line(x, layout.y, line, size, colour)


def _party(layout: Layout, label: str, party: Party, width: float) -> list[tuple[Line, float, Colour, float]]:
    """The lines of a party: each with its size, its colour, and how far it is below the one before."""
    country = layout.territories.get(party.country, party.country)
    details = [party.contact, *party.address_lines, f"{party.postcode} {party.city}".strip(), country]
    if party.tax_number:
        details.append(layout.words["tax_number"].format(value=party.tax_number))
    if party.vat_id:
        details.append(layout.words["vat_id"].format(value=party.vat_id))
    details.append(party.email or "")
    name = wrap(party.name, width, 10, bold=True)
    return [
        (single_line(label, bold=True), 7.5, ACCENT, 0.0),
        *((line, 10.0, INK, 17.0 if number == 0 else 14.0) for number, line in enumerate(name)),
        *((line, CELL, INK, 12.0) for detail in details for line in wrap(detail, width, CELL)),
    ]
