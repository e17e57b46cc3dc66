"""What makes a PDF an archival one (PDF/A-3b, ISO 19005-3) that carries a file: as a rule the same document as data.

Metadata (XMP), the colour profile that all colours are meant in, and the attached file. Everything follows from what is
given, so that the same document gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Template
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject, PDFPage, PDFStream, PDFString

from payment.pdf.embedding import stream
from payment.pdf.xml_text import writable

PROFILE_FILE = Path(__file__).with_name("srgb.icc")
"""sRGB as LittleCMS (MIT licence) builds it, with a fixed date in its header."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the PDF says about itself; `fingerprint` (16 bytes) becomes its identifier."""

    title: str
    author: str
    subject: str
    language: str
    created_on: date
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a PDF."""

    name: str
    media_type: str
    description: str
    relationship: str
    """To the pages (ISO 19005-3, 6.8): `Alternative` if it says the same."""
    content: bytes
    metadata: str
    """What the PDF's metadata (XMP) say of it: further `rdf:Description`s."""


def make_archival(
    pdf: Any, reference: Callable[[PDFObject], PDFObject], metadata: Metadata, attachment: Attachment
) -> None:
    """Add to reportlab's document what PDF/A-3b asks for, and the attached file."""
    for held in pdf.idToObject.values():
        if isinstance(held, PDFPage):
            held.Trans = None  # reportlab writes an empty one
    catalog = pdf.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]
    catalog.OutputIntents = PDFArray([_output_intent(reference)])
    file = reference(_attached(attachment, metadata.created_on, reference))
    catalog.AF = PDFArray([file])
    names = PDFArray([PDFString(attachment.name), file])
    catalog.Names = PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": names})})
    entries = {"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}
    # Not compressed, so that programs that know nothing of PDF find it.
    catalog.Metadata = PDFStream(PDFDictionary(entries), _xmp(metadata, attachment.metadata), [])


def _attached(file: Attachment, day: date, reference: Callable[[PDFObject], PDFObject]) -> PDFDictionary:
    changed = PDFString(f"D:{day:%Y%m%d}000000Z")
    params = PDFDictionary({"Size": len(file.content), "ModDate": changed})
    subtype = "/" + file.media_type.replace("/", "#2F")
    embedded = stream(file.content, Type=PDFName("EmbeddedFile"), Subtype=subtype, Params=params)
    held = reference(embedded)
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(file.name),
            "UF": PDFString(file.name),
            "Desc": PDFString(file.description),
            "AFRelationship": PDFName(file.relationship),
            "EF": PDFDictionary({"F": held, "UF": held}),
        }
    )


def _output_intent(reference: Callable[[PDFObject], PDFObject]) -> PDFDictionary:
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString("sRGB"),
            "DestOutputProfile": reference(stream(_colour_profile(), N=3)),
        }
    )


@cache
def _colour_profile() -> bytes:
    return PROFILE_FILE.read_bytes()


def _xmp(metadata: Metadata, extension: str) -> bytes:
    values = {
        "title": metadata.title,
        "author": metadata.author,
        "subject": metadata.subject,
        "time": f"{metadata.created_on:%Y-%m-%d}T00:00:00Z",
    }
    known = {key: escape(writable(value)) for key, value in values.items()}
    return XMP.substitute(known, extension=extension).encode()


XMP = Template("""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <pdfaid:part>3</pdfaid:part>
    <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:title><rdf:Alt><rdf:li xml:lang="x-default">$title</rdf:li></rdf:Alt></dc:title>
    <dc:creator><rdf:Seq><rdf:li>$author</rdf:li></rdf:Seq></dc:creator>
    <dc:description><rdf:Alt><rdf:li xml:lang="x-default">$subject</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
    <xmp:CreatorTool>Souk</xmp:CreatorTool>
    <xmp:CreateDate>$time</xmp:CreateDate>
    <xmp:ModifyDate>$time</xmp:ModifyDate>
    <pdf:Producer>Souk</pdf:Producer>
  </rdf:Description>
$extension</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
""")
