"""Font subsets inside a PDF: composite fonts (ISO 32000-1, 9.7) that hold just the glyphs a document uses.

reportlab's own TrueType support numbers shaped glyphs in the order a process met them, so that the same invoice
would give other bytes tomorrow; here the numbers belong to one document. Each pair of glyph and text gets a code, so
that a reader that copies or searches text finds the letters and not the shapes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import uharfbuzz as hb
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObject,
    PDFStream,
    PDFString,
    PDFZCompress,
)

from payment.pdf.typeface import Typeface
from payment.pdf.typesetting import Glyph

UNSEEN = "\u200b"  # text of a glyph that adds nothing to read: a zero width space
CMAP_BLOCK = 100  # entries allowed in one block of a CMap
# Tables that a PDF viewer does not use: it gets glyphs placed, by number.
DROPPED_TABLES = ("GSUB", "GPOS", "GDEF", "STAT", "cmap", "name", "OS/2", "post", "kern", "gasp", "FFTM", "DSIG")


def stream(content: bytes, **entries: object) -> PDFStream:
    """A compressed PDF stream."""
    return PDFStream(PDFDictionary(entries), content, [PDFZCompress])


@dataclass
class EmbeddedFont:
    """The part of one typeface that one document uses; `name` is its resource name."""

    name: str
    typeface: Typeface
    codes: dict[tuple[int, str], int] = field(default_factory=dict)

    def code(self, glyph: Glyph) -> int:
        """The two-byte code of a glyph in this document; 0 stays the missing glyph."""
        return self.codes.setdefault((glyph.id, glyph.text or UNSEEN), len(self.codes) + 1)

    def write(self, reference: Callable[[PDFObject], PDFObject]) -> PDFObject:
        """Add the font's objects to a PDF by `reference`; gives the Type0 font for the pages' resources."""
        base_name = PDFName(f"{self._tag()}+{self.typeface.name}")
        program, new_ids = self._subset()
        descendant = PDFDictionary(
            {
                "Type": PDFName("Font"),
                "Subtype": PDFName("CIDFontType2"),
                "BaseFont": base_name,
                "CIDSystemInfo": PDFDictionary(
                    {"Registry": PDFString("Adobe"), "Ordering": PDFString("Identity"), "Supplement": 0}
                ),
                "FontDescriptor": reference(self._descriptor(base_name, program)),
                "DW": 1000,
                "W": PDFArray([1, PDFArray([self._width(glyph) for glyph, _ in self.codes])]),
                "CIDToGIDMap": stream(
                    bytes(2) + b"".join(new_ids[glyph].to_bytes(2, "big") for glyph, _ in self.codes)
                ),
            }
        )
        return reference(
            PDFDictionary(
                {
                    "Type": PDFName("Font"),
                    "Subtype": PDFName("Type0"),
                    "BaseFont": base_name,
                    "Encoding": PDFName("Identity-H"),
                    "DescendantFonts": PDFArray([reference(descendant)]),
                    "ToUnicode": stream(self._to_unicode()),
                }
            )
        )

    def _tag(self) -> str:
        """Six capital letters that mark a subset (ISO 32000-1, 9.6.4), from the resource name."""
        number = int(self.name.removeprefix("F"))
        return "SOUK" + chr(65 + number // 26) + chr(65 + number % 26)

    def _subset(self) -> tuple[bytes, dict[int, int]]:
        wanted = hb.SubsetInput()
        wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        wanted.glyph_set.update({glyph for glyph, _ in self.codes})
        wanted.drop_table_tag_set.update({int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES})
        plan = hb.SubsetPlan(self.typeface.face, wanted)
        return plan.execute().blob.data, dict(plan.old_to_new_glyph_mapping)

    def _width(self, glyph: int) -> float:
        return round(self.typeface.width(glyph) * 1000 / self.typeface.units_per_em, 2)

    def _descriptor(self, base_name: object, program: bytes) -> PDFDictionary:
        scale = 1000 / self.typeface.units_per_em
        ascent, descent = (round(value * scale) for value in self.typeface.extents)
        return PDFDictionary(
            {
                "Type": PDFName("FontDescriptor"),
                "FontName": base_name,
                "Flags": 4,  # symbolic: glyphs are addressed by number
                "FontBBox": PDFArray([-1000, descent, 3000, ascent]),
                "ItalicAngle": 0,
                "Ascent": ascent,
                "Descent": descent,
                "CapHeight": 714,
                "StemV": 80,
                "FontFile2": stream(program, Length1=len(program)),
            }
        )

    def _to_unicode(self) -> bytes:
        entries = [f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>" for (_, text), code in self.codes.items()]
        blocks = [entries[i : i + CMAP_BLOCK] for i in range(0, len(entries), CMAP_BLOCK)]
        body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")
