"""An invoice's XML as its PDF carries it: Factur-X 1.0, and how that describes itself in the PDF's metadata."""

from payment.invoices.cii import write_cii
from payment.invoices.document import Document
from payment.pdf.pdfa import Attachment

FILE_NAME = "factur-x.xml"  # as Factur-X 1.0 prescribes
PROFILE = "EN 16931"


def as_data(document: Document) -> Attachment:
    """The document as data. It says the same as the page (Factur-X 1.0, 6.2.2: for the profile EN 16931)."""
    return Attachment(
        name=FILE_NAME,
        media_type="text/xml",
        description="The invoice as data, by EN 16931",
        relationship="Alternative",
        content=write_cii(document),
        metadata=METADATA,
    )


def _property(name: str, description: str) -> str:
    return f"""<rdf:li rdf:parseType="Resource">
            <pdfaProperty:name>{name}</pdfaProperty:name>
            <pdfaProperty:valueType>Text</pdfaProperty:valueType>
            <pdfaProperty:category>external</pdfaProperty:category>
            <pdfaProperty:description>{description}</pdfaProperty:description>
          </rdf:li>"""


METADATA = f"""  <rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
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
