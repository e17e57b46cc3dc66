"""Pages as lists of marks (text, rules, boxes, codes), and their way into a PDF by reportlab.

Pages are collected before anything is drawn, so that every footer knows how many there are. Lengths are points, the
origin is the lower left corner.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

from reportlab import rl_config
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase.pdfdoc import PDFName
from reportlab.pdfgen.canvas import Canvas

from payment.pdf.embedding import EmbeddedFont
from payment.pdf.pdfa import Attachment, Metadata, make_archival
from payment.pdf.typeface import face_of
from payment.pdf.typesetting import Line, Run, single_line

rl_config.useA85 = 0  # pages as bytes: a fifth smaller, and faster

WIDTH, HEIGHT = A4
Colour = tuple[float, float, float]
Align = Literal["left", "right", "centre"]
OUTLINE = 0.028  # of the font size: how thick the line is that imitates bold
PRINT_FLAG = 4  # annotations that PDF/A allows are printed


class ShapedCanvas(Canvas):
    """A reportlab canvas that draws shaped runs and starts without the fonts that a PDF may leave out."""

    _doc: Any
    _code: list[str]

    def __init__(self, target: io.BytesIO, metadata: Metadata) -> None:
        super().__init__(target, pagesize=A4, pageCompression=1, invariant=1, lang=metadata.language, pdfVersion=(1, 7))
        self.setTitle(metadata.title)
        self.setAuthor(metadata.author)
        self.setSubject(metadata.subject)
        self.setCreator("Souk")
        self.setProducer("Souk")
        identifier = metadata.fingerprint.hex().encode("ascii")
        self._doc._ID = b"[<" + identifier + b"><" + identifier + b">]\n"
        self._doc._timeStamp = _midnight(metadata.created_on)
        self._metadata = metadata
        self._fonts: dict[str, EmbeddedFont] = {}

    def _make_preamble(self) -> None:
        self._preamble = "1 0 0 1 0 0 cm"

    def draw_line(self, x: float, y: float, line: Line, size: float, colour: Colour) -> None:
        """Draw a line of runs with its left end at `x` and its baseline at `y`."""
        for run in line.runs:
            self._draw_run(x, y, run, size, colour)
            x += run.width * size / 1000

    def _draw_run(self, x: float, y: float, run: Run, size: float, colour: Colour) -> None:
        typeface, imitate_bold = face_of(run.font, run.bold)
        font = self._fonts.setdefault(typeface.name, EmbeddedFont(f"F{len(self._fonts) + 1}", typeface))
        paint = " ".join(f"{part:g}" for part in colour)
        code = [f"BT {paint} rg /{font.name} {size:g} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm"]
        if imitate_bold:
            code.append(f"{paint} RG {size * OUTLINE:.3f} w 2 Tr")
        code.append(_show(font, run, size))
        code.append("0 Tr ET" if imitate_bold else "ET")
        joined = " ".join(code)
        # Marks that were reordered or merged cannot be read glyph by glyph. A run from right to left gets no such
        # text: readers turn it around themselves, and would turn the text around with it.
        if not run.right_to_left and any(not glyph.text for glyph in run.glyphs):
            spoken = run.text.encode("utf-16-be").hex().upper()
            joined = f"/Span <</ActualText <FEFF{spoken}>>> BDC {joined} EMC"
        self._code.append(joined)

    def draw_marks(self, operators: str) -> None:
        """Add drawing operators (ISO 32000-1, 8) as they are."""
        self._code.append(operators)

    def finish(self, attachment: Attachment | None) -> None:
        """Put the fonts, and the attached file, into the document and write it."""
        resources = self._doc.idToObject["BasicFonts"].dict
        for font in self._fonts.values():
            resources[font.name] = font.write(self._doc.Reference)
        if attachment is not None:
            make_archival(self._doc, self._doc.Reference, self._metadata, attachment)
        self.save()


def _midnight(day: date) -> TimeStamp:
    stamp = TimeStamp(1)
    stamp.YMDhms = (day.year, day.month, day.day, 0, 0, 0)
    stamp.dhh = stamp.dmm = 0
    return stamp


def _show(font: EmbeddedFont, run: Run, size: float) -> str:
    """The operators that show a run: glyph codes with the corrections that shaping asks for."""
    out: list[str] = []
    array: list[str] = []
    rise = pending = 0.0
    for glyph in run.glyphs:
        if glyph.y_offset != rise:
            if array:
                out.append(f"[{''.join(array)}] TJ")
                array = []
            rise = glyph.y_offset
            out.append(f"{rise * size / 1000:.3f} Ts")
        natural = font.typeface.width(glyph.id) * 1000 / font.typeface.units_per_em
        shift = glyph.x_offset + pending
        if abs(shift) > 0.01:
            array.append(f"{-shift:.2f} ")
        array.append(f"<{font.code(glyph):04X}>")
        pending = glyph.advance - natural - glyph.x_offset
    if array:
        out.append(f"[{''.join(array)}] TJ")
    if rise:
        out.append("0 Ts")
    return " ".join(out).replace("><", "")


Mark = Callable[[ShapedCanvas], None]


@dataclass
class Sheet:
    """The pages of a document while they are laid out."""

    pages: list[list[Mark]] = field(default_factory=lambda: [[]])

    def new_page(self) -> None:
        """Go on with an empty page."""
        self.pages.append([])

    def line(self, x: float, y: float, line: Line, size: float, colour: Colour, *, align: Align = "left") -> None:
        """Put a typeset line; `x` is its left end, middle or right end."""
        width = line.width * size / 1000
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
        self.pages[-1].append(lambda canvas: canvas.draw_line(left, y, line, size, colour))

    def text(
        self, x: float, y: float, text: str, size: float, colour: Colour, *, align: Align = "left", bold: bool = False
    ) -> None:
        """Put a text on one line."""
        self.line(x, y, single_line(text, bold), size, colour, align=align)

    def rule(self, x: float, y: float, width: float, thickness: float, colour: Colour) -> None:
        """Put a horizontal rule; `y` is its middle."""
        self.box(x, y - thickness / 2, width, thickness, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, *, radius: float = 0) -> None:
        """Put a filled box with its lower left corner at (x, y)."""
        self.pages[-1].append(partial(_draw_box, x=x, y=y, width=width, height=height, colour=colour, radius=radius))

    def qr_code(self, x: float, y: float, side: float, url: str, colour: Colour) -> None:
        """Put a QR code of `url` that is a link as well."""
        self.pages[-1].append(partial(_draw_qr_code, x=x, y=y, side=side, url=url, colour=colour))

    def render(self, metadata: Metadata, attachment: Attachment | None = None) -> bytes:
        """The PDF; with an attached file it is an archival one (PDF/A-3b)."""
        target = io.BytesIO()
        canvas = ShapedCanvas(target, metadata)
        for page in self.pages:
            for mark in page:
                mark(canvas)
            canvas.showPage()
        canvas.finish(attachment)
        return target.getvalue()


def _draw_box(
    canvas: ShapedCanvas, *, x: float, y: float, width: float, height: float, colour: Colour, radius: float
) -> None:
    canvas.setFillColor(colour)
    if radius:
        canvas.roundRect(x, y, width, height, radius, stroke=0, fill=1)
    else:
        canvas.rect(x, y, width, height, stroke=0, fill=1)


def _draw_qr_code(canvas: ShapedCanvas, *, x: float, y: float, side: float, url: str, colour: Colour) -> None:
    """Draw the modules as one path, a rectangle for each dark stretch of a row."""
    widget: Any = QrCodeWidget(url, barLevel="M")
    code = widget.qr
    code.make()
    # In whole modules, turned and scaled as one: reportlab would write each corner with six decimals.
    scale, count = side / len(code.modules), len(code.modules)
    paint = " ".join(f"{part:g}" for part in colour)
    marks = [f"q {paint} rg {scale:.5f} 0 0 {scale:.5f} {x:.2f} {y:.2f} cm"]
    for row, modules in enumerate(code.modules):
        start = None
        for column, dark in enumerate([*modules, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                marks.append(f"{start} {count - 1 - row} {column - start} 1 re")
                start = None
    canvas.draw_marks(" ".join([*marks, "f Q"]))
    canvas.linkURL(url, (x, y, x + side, y + side), F=PRINT_FLAG, H=PDFName("N"))
