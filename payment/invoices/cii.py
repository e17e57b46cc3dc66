"""The invoice as XML: UN/CEFACT Cross Industry Invoice (D22B) in the Factur-X profile EN 16931.

The order of elements is the schema's. What the document does not say is left out, for the schema forbids empty
elements. BT and BG numbers are in `document`, beside the fields.

Amounts have the places of their currency. EN 16931 knows two at the most (BR-DEC-01 and its siblings), and so does
every profile of Factur-X: of a currency with three (KWD), the XML keeps the schema and is exact, and a validator of those
rules objects. Rounded amounts would please it and say other sums than the page.
"""

from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from msgspec import UNSET

from payment.invoices.document import UNIT_CODE, Allowance, Document, InvoiceLine
from payment.invoices.labels import labels_for
from payment.parties.party import Party, TaxCategory
from payment.pdf.xml_text import writable

GUIDELINE = "urn:cen.eu:en16931:2017"  # BT-24
PAYMENT_MEANS = "68"  # UNTDID 4461: online payment service, BT-81

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
for _prefix, _uri in NAMESPACES.items():
    register_namespace(_prefix, _uri)


def write_cii(document: Document) -> bytes:
    """The XML of `document`; the same document always gives the same bytes."""
    root = Element(_name("rsm:CrossIndustryInvoice"))
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", GUIDELINE)
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ram:ID", document.number)
    _add(head, "ram:TypeCode", str(document.type_code))
    _day(_add(head, "ram:IssueDateTime"), document.issued_on)
    for note in document.notes:
        _add(head, "ram:IncludedNote/ram:Content", note)
    _Trade(document).write(_add(root, "rsm:SupplyChainTradeTransaction"))
    indent(root)
    xml: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return xml


class _Trade:
    """The trade transaction of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def write(self, trade: Element) -> None:
        document = self.document
        for line in document.lines:
            self._line(_add(trade, "ram:IncludedSupplyChainTradeLineItem"), line)
        agreement = _add(trade, "ram:ApplicableHeaderTradeAgreement")
        _party(_add(agreement, "ram:SellerTradeParty"), document.seller)
        _party(_add(agreement, "ram:BuyerTradeParty"), document.buyer)
        _add(
            agreement,
            "ram:SellerOrderReferencedDocument/ram:IssuerAssignedID",
            document.order_number or document.order_id,
        )
        _add(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", document.purchase_id)
        delivery = _add(trade, "ram:ApplicableHeaderTradeDelivery")
        if document.ship_to is not None:
            ship_to = _add(delivery, "ram:ShipToTradeParty")
            _add(ship_to, "ram:Name", document.ship_to.name)
            _address(ship_to, document.ship_to)
        if document.delivered_on is not None:
            event = _add(delivery, "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime")
            _day(event, document.delivered_on)
        self._settlement(_add(trade, "ram:ApplicableHeaderTradeSettlement"))

    def _line(self, item: Element, line: InvoiceLine) -> None:
        _add(item, "ram:AssociatedDocumentLineDocument/ram:LineID", line.id)
        _add(item, "ram:SpecifiedTradeProduct/ram:Name", line.name)
        agreement = _add(item, "ram:SpecifiedLineTradeAgreement")
        _add(agreement, "ram:BuyerOrderReferencedDocument/ram:LineID", line.order_line)
        price = _add(agreement, "ram:NetPriceProductTradePrice")
        _add(price, "ram:ChargeAmount", self._amount(line.net_amount))
        _quantity(price, "ram:BasisQuantity", line.quantity)
        _quantity(_add(item, "ram:SpecifiedLineTradeDelivery"), "ram:BilledQuantity", line.quantity)
        settlement = _add(item, "ram:SpecifiedLineTradeSettlement")
        _tax(_add(settlement, "ram:ApplicableTradeTax"), line.category, line.rate)
        net_amount = self._amount(line.net_amount)
        _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount", net_amount)

    def _settlement(self, settlement: Element) -> None:
        document = self.document
        _add(settlement, "ram:InvoiceCurrencyCode", document.currency)
        means = _add(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
        _add(means, "ram:TypeCode", PAYMENT_MEANS)
        _add(means, "ram:Information", document.payment_note)
        self._taxes(settlement)
        self._period(settlement)
        for allowance in document.allowances:
            self._allowance(_add(settlement, "ram:SpecifiedTradeAllowanceCharge"), allowance)
        if document.totals.due:  # BR-CO-25
            _add(
                settlement,
                "ram:SpecifiedTradePaymentTerms/ram:Description",
                labels_for(document.language or "")["due_at_once"],
            )
        self._totals(_add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"))
        if document.preceding_number is not None:
            preceding = _add(settlement, "ram:InvoiceReferencedDocument")
            _add(preceding, "ram:IssuerAssignedID", document.preceding_number)
            if document.preceding_issued_on is not None:
                issued = _add(preceding, "ram:FormattedIssueDateTime")
                _day(issued, document.preceding_issued_on, "qdt:DateTimeString")

    def _taxes(self, settlement: Element) -> None:
        for breakdown in self.document.taxes:
            tax = _add(settlement, "ram:ApplicableTradeTax")
            _add(tax, "ram:CalculatedAmount", self._amount(breakdown.tax))
            _add(tax, "ram:TypeCode", "VAT")
            _add(tax, "ram:ExemptionReason", breakdown.exemption_reason)
            _add(tax, "ram:BasisAmount", self._amount(breakdown.taxable))
            _add(tax, "ram:CategoryCode", breakdown.category)
            _add(tax, "ram:ExemptionReasonCode", breakdown.exemption_code)
            if breakdown.category != "O":
                _add(tax, "ram:RateApplicablePercent", _percent(breakdown.rate))

    def _period(self, settlement: Element) -> None:
        """When it is supplied, if that is not one day (BG-14)."""
        ends = ("Start", self.document.supply_from), ("End", self.document.supply_until)
        told = [(name, day) for name, day in ends if day is not UNSET]
        if told:
            period = _add(settlement, "ram:BillingSpecifiedPeriod")
            for name, day in told:
                _day(_add(period, f"ram:{name}DateTime"), day)

    def _allowance(self, element: Element, allowance: Allowance) -> None:
        _add(element, "ram:ChargeIndicator/udt:Indicator", "false")
        _add(element, "ram:ActualAmount", self._amount(allowance.net_amount))
        _add(element, "ram:Reason", allowance.reason)
        _tax(_add(element, "ram:CategoryTradeTax"), allowance.category, allowance.rate)

    def _totals(self, sums: Element) -> None:
        totals = self.document.totals
        _add(sums, "ram:LineTotalAmount", self._amount(totals.line_sum))
        if self.document.allowances:
            _add(sums, "ram:AllowanceTotalAmount", self._amount(totals.allowances))
        _add(sums, "ram:TaxBasisTotalAmount", self._amount(totals.tax_exclusive))
        _add(sums, "ram:TaxTotalAmount", self._amount(totals.tax)).set("currencyID", self.document.currency)
        _add(sums, "ram:GrandTotalAmount", self._amount(totals.tax_inclusive))
        _add(sums, "ram:TotalPrepaidAmount", self._amount(totals.paid))
        _add(sums, "ram:DuePayableAmount", self._amount(totals.due))

    def _amount(self, minor_units: int) -> str:
        return f"{Decimal(minor_units).scaleb(-self.document.currency_exponent):f}"


def _party(element: Element, party: Party) -> None:
    _add(element, "ram:ID", party.identifier)
    _add(element, "ram:Name", party.name)
    if party.contact or party.email:
        contact = _add(element, "ram:DefinedTradeContact")
        _add(contact, "ram:PersonName", party.contact)
        _add(contact, "ram:EmailURIUniversalCommunication/ram:URIID", party.email or "")
    _address(element, party)
    # A tax number is told of sellers alone (BT-32); a buyer has only a VAT identifier (BT-48).
    tax_number = party.tax_number if element.tag == _name("ram:SellerTradeParty") else ""
    for scheme, number in (("VA", party.vat_id), ("FC", tax_number)):
        if number:
            _add(element, "ram:SpecifiedTaxRegistration/ram:ID", number).set("schemeID", scheme)


def _address(element: Element, party: Party) -> None:
    address = _add(element, "ram:PostalTradeAddress")
    _add(address, "ram:PostcodeCode", party.postcode)
    for name, line in zip(("LineOne", "LineTwo", "LineThree"), party.address_lines, strict=False):
        _add(address, f"ram:{name}", line)
    _add(address, "ram:CityName", party.city)
    _add(address, "ram:CountryID", party.country)


def _tax(element: Element, category: TaxCategory, rate: int) -> None:
    _add(element, "ram:TypeCode", "VAT")
    _add(element, "ram:CategoryCode", category)
    if category != "O":  # BR-O-05, BR-O-06
        _add(element, "ram:RateApplicablePercent", _percent(rate))


def _quantity(parent: Element, name: str, quantity: int) -> None:
    _add(parent, name, str(quantity)).set("unitCode", UNIT_CODE)


def _day(parent: Element, day: date, name: str = "udt:DateTimeString") -> None:
    _add(parent, name, day.strftime("%Y%m%d")).set("format", "102")  # UNTDID 2379


def _percent(rate: int) -> str:
    """A rate of basis points as per cent: 1900 is 19.00."""
    return f"{Decimal(rate).scaleb(-2):f}"


def _add(parent: Element, path: str, text: str | None = None) -> Element:
    """Append the elements of `path`, each inside the one before; gives the last. Nothing is appended for an empty text."""
    *outer, last = path.split("/")
    if text is not None and not (text := writable(text).strip()):
        return Element(_name(last))
    for name in outer:
        parent = SubElement(parent, _name(name))
    element = SubElement(parent, _name(last))
    element.text = text
    return element


def _name(qualified: str) -> str:
    prefix, name = qualified.split(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"
