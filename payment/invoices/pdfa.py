"""What makes a PDF an archival one (PDF/A-3b, ISO 19005-3) that carries the invoice as data (Factur-X 1.0).

Metadata (XMP), the colour profile that all colours are meant in, and the attached XML. Everything follows from the
document, so that the same document gives the same bytes.
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

from payment.invoices.cii import FILE_NAME, PROFILE, UNWRITABLE
from payment.invoices.embedding import stream

PROFILE_FILE = Path(__file__).with_name("srgb.icc")
"""sRGB as LittleCMS (MIT licence) builds it, with a fixed date in its header."""

RELATIONSHIP = "Alternative"
"""The XML says the same as the page (Factur-X 1.0, 6.2.2: for the profile EN 16931)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the PDF says about itself; `fingerprint` (16 bytes) becomes its identifier."""

    title: str
    author: str
    subject: str
    language: str
    created_on: date
    fingerprint: bytes


def make_archival(
    pdf: Any, reference: Callable[[PDFObject], PDFObject], metadata: Metadata, attachment: bytes | None
) -> None:
    """Add to reportlab's document what PDF/A-3b asks for, and Factur-X if `attachment`, an invoice's XML, is given."""
    for held in pdf.idToObject.values():
        if isinstance(held, PDFPage):
            held.Trans = None  # reportlab writes an empty one
    catalog = pdf.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]
    catalog.OutputIntents = PDFArray([_output_intent(reference)])
    if attachment is not None:
        file = reference(_attached(attachment, metadata.created_on, reference))
        catalog.AF = PDFArray([file])
        catalog.Names = PDFDictionary(
            {"EmbeddedFiles": PDFDictionary({"Names": PDFArray([PDFString(FILE_NAME), file])})}
        )
    entries = {"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}
    # Not compressed, so that programs that know nothing of PDF find it.
    catalog.Metadata = PDFStream(PDFDictionary(entries), _xmp(metadata, FACTUR_X if attachment else ""), [])


def _attached(content: bytes, day: date, reference: Callable[[PDFObject], PDFObject]) -> PDFDictionary:
    changed = PDFString(f"D:{day:%Y%m%d}000000Z")
    params = PDFDictionary({"Size": len(content), "ModDate": changed})
    embedded = stream(content, Type=PDFName("EmbeddedFile"), Subtype="/text#2Fxml", Params=params)
    held = reference(embedded)
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(FILE_NAME),
            "UF": PDFString(FILE_NAME),
            "Desc": PDFString("The invoice as data, by EN 16931"),
            "AFRelationship": PDFName(RELATIONSHIP),
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
    known = {key: escape(UNWRITABLE.sub("", value)) for key, value in values.items()}
    return XMP.substitute(known, extension=extension).encode()


def _property(name: str, description: str) -> str:
    return f"""<rdf:li rdf:parseType="Resource">
            <pdfaProperty:name>{name}</pdfaProperty:name>
            <pdfaProperty:valueType>Text</pdfaProperty:valueType>
            <pdfaProperty:category>external</pdfaProperty:category>
            <pdfaProperty:description>{description}</pdfaProperty:description>
          </rdf:li>"""


FACTUR_X = f"""  <rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
    <fx:DocumentType>INVOICE</fx:DocumentType>
    <fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName>
    <fx:Version>1.0</fx:Version>
    <fx:ConformanceLevel>{PROFILE}</fx:ConformanceLevel>
  </rdf:Description>
  <rdf:Description rdf:about=""
      xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
      xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
      xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
    <pdfaExtension:schemas><rdf:Bag>
      <rdf:li rdf:parseType="Resource">
        <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
        <pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
        <pdfaSchema:prefix>fx</pdfaSchema:prefix>
        <pdfaSchema:property><rdf:Seq>
          {_property("DocumentFileName", "name of the embedded XML invoice file")}
          {_property("DocumentType", "INVOICE")}
          {_property("Version", "version of the Factur-X schema")}
          {_property("ConformanceLevel", "profile of the Factur-X data")}
        </rdf:Seq></pdfaSchema:property>
      </rdf:li>
    </rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
"""

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
