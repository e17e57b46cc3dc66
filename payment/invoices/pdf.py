"""The invoice as an A4 PDF/A-3b with its data attached: the same document always gives the same bytes.

It is drawn in the document's language, with dates and numbers as its region writes them.
"""

from collections.abc import Sequence

from payment.invoices.document import Document
from payment.invoices.facturx import as_data
from payment.invoices.heading import draw_heading
from payment.invoices.layout import ACCENT, CELL, EARLIER, GAP, HAIRLINE, INK, INNER, LEFT, MUTED, RIGHT, Layout
from payment.invoices.line_table import LineTable
from payment.invoices.sums import draw_sums
from payment.pdf.pdfa import Metadata
from payment.pdf.sheet import Sheet
from payment.pdf.typesetting import single_line, wrap

QR_SIDE = 62.0
FOOTER = 7.2  # size at the most


def render(document: Document) -> bytes:
    """Draw `document`."""
    layout = Layout(document)
    draw_heading(layout)
    LineTable(layout).draw()
    draw_sums(layout)
    _remarks(layout)
    _footers(layout)
    return layout.sheet.render(
        Metadata(
            title=layout.title,
            author=document.seller.name,
            subject=f"{layout.words['order']} {layout.order}",
            language=document.language or EARLIER,
            created_on=document.issued_on,
            fingerprint=bytes.fromhex(document.content_hash())[:16],
        ),
        as_data(document),
    )


def _remarks(layout: Layout) -> None:
    """The QR code with, to its right, payment, delivery and notes."""
    if not layout.need(QR_SIDE + 62):
        layout.y -= 20
        layout.sheet.rule(LEFT, layout.y, INNER, 0.6, HAIRLINE)
        layout.y -= 18
    top = layout.y
    layout.sheet.qr_code(LEFT, top - QR_SIDE, QR_SIDE, layout.document.order_url, INK)
    for i, line in enumerate(wrap(layout.words["order_link"], QR_SIDE + 14, 6.5)):
        layout.sheet.line(LEFT, top - QR_SIDE - 11 - 8 * i, line, 6.5, MUTED)
    layout.y = top + 4
    x = LEFT + QR_SIDE + GAP
    remarks = [
        (layout.words["payment"], [layout.document.payment_note]),
        (layout.words["delivery"], [_ship_to(layout), layout.document.delivery_note]),
        (layout.words["notes"], list(layout.document.notes)),
    ]
    for label, texts in remarks:
        _remark(layout, x, label, [text for text in texts if text.strip()])


def _ship_to(layout: Layout) -> str:
    """Where the goods go, if not to the address that stands under the buyer."""
    there, buyer = layout.document.ship_to, layout.document.buyer
    if there is None or (there.address_lines, there.postcode, there.city) == (
        buyer.address_lines,
        buyer.postcode,
        buyer.city,
    ):
        return ""
    country = layout.territories.get(there.country, there.country)
    return ", ".join(
        part for part in (there.name, *there.address_lines, f"{there.postcode} {there.city}".strip(), country) if part
    )


def _remark(layout: Layout, x: float, label: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    layout.need(26)
    layout.y -= 10
    layout.sheet.text(x, layout.y, label, 7.5, ACCENT, bold=True)
    layout.y -= 1
    for text in texts:
        for line in wrap(text, RIGHT - x, CELL):
            layout.need(12)
            layout.y -= 12
            layout.sheet.line(x, layout.y, line, CELL, INK)
        layout.y -= 3
    layout.y -= 6


def _footers(layout: Layout) -> None:
    pages = layout.sheet.pages
    title = single_line(layout.title)
    named = single_line(f"{layout.title} \u00b7 {layout.document.seller.name}")
    room = (INNER - 90) * 1000
    if named.width * FOOTER <= room:  # else it is left out whole: it stands in the head
        title = named
    size = min(FOOTER, room / title.width)
    for number, marks in enumerate(pages, start=1):
        footer = Sheet([marks])
        footer.rule(LEFT, 50, INNER, 0.6, HAIRLINE)
        footer.line(LEFT, 37, title, size, MUTED)
        text = layout.words["page"].format(page=number, pages=len(pages))
        footer.text(RIGHT, 37, text, FOOTER, MUTED, align="right")
