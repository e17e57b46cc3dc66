"""Every word the PDF prints by itself, by language; a new language is one more dictionary."""

ENGLISH: dict[str, str] = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "seller": "Seller",
    "buyer": "Buyer",
    "vat_id": "VAT ID {value}",
    "tax_number": "Tax number {value}",
    "number": "Number",
    "issued_on": "Date of issue",
    "order_placed_on": "Order placed",
    "delivered_on": "Date of supply",
    "order": "Order",
    "purchase": "Purchase",
    "preceding": "Corrects invoice",
    "position": "#",
    "item": "Item",
    "quantity": "Qty",
    "unit_price": "Unit price",
    "rate": "VAT",
    "net_amount": "Net",
    "amount": "Amount",
    "amounts_in": "Amounts in {currency}, unit prices and amounts include VAT",
    "amounts_in_private": "Amounts in {currency}",
    "tax_exclusive": "Net total",
    "tax": "VAT",
    "tax_inclusive": "Total",
    "paid": "Paid",
    "due": "Amount due",
    "refunded": "Given back",
    "outstanding": "Still to be given back",
    "tax_breakdown": "VAT breakdown",
    "category": "Category",
    "taxable": "Taxable",
    "S": "Standard rate",
    "Z": "Zero rated",
    "E": "Exempt",
    "AE": "Reverse charge",
    "O": "Not subject to VAT",
    "payment": "Payment",
    "delivery": "Delivery",
    "notes": "Notes",
    "order_link": "Scan to open your order",
    "page": "Page {page} of {pages}",
}
LANGUAGES: dict[str, dict[str, str]] = {"en": ENGLISH}


def labels_for(locale: str) -> dict[str, str]:
    """The labels of the locale's language, English where there are none."""
    return LANGUAGES.get(locale.replace("-", "_").split("_")[0], ENGLISH)
