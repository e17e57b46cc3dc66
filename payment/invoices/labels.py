"""Every word that a document says by itself, in the languages that documents are written in.

The terms are those that accounting uses in Germany, France, Spain and Poland; where the law names one (a correction is no
`Gutschrift`, which in Germany is an invoice that the buyer writes), it is that one.
"""

from collections.abc import Mapping

LANGUAGES = ("en", "de", "fr", "es", "pl")
"""In the order of the columns below."""

_WORDS: dict[str, tuple[str, str, str, str, str]] = {
    "invoice": ("Invoice", "Rechnung", "Facture", "Factura", "Faktura"),
    "credit_note": ("Credit note", "Rechnungskorrektur", "Avoir", "Factura rectificativa", "Faktura korygująca"),
    "seller": ("Seller", "Verkäufer", "Vendeur", "Vendedor", "Sprzedawca"),
    "buyer": ("Buyer", "Käufer", "Acheteur", "Comprador", "Nabywca"),
    "vat_id": ("VAT ID {value}", "USt-IdNr. {value}", "N° TVA {value}", "NIF-IVA {value}", "Nr VAT UE {value}"),
    "tax_number": (
        "Tax number {value}", "Steuernummer {value}", "N° fiscal {value}", "NIF {value}", "NIP {value}",
    ),
    "issued_on": ("Date of issue", "Ausstellungsdatum", "Date d’émission", "Fecha de expedición", "Data wystawienia"),
    "delivered_on": (
        "Date of supply", "Leistungsdatum", "Date de livraison ou prestation", "Fecha de la operación",
        "Data dostawy lub wykonania usługi",
    ),
    "supplied_by": (
        "by {day} at the latest; paid in advance", "spätestens {day}; im Voraus bezahlt",
        "au plus tard le {day} ; payé d’avance", "a más tardar el {day}; pagado por anticipado",
        "najpóźniej {day}; zapłacono z góry",
    ),
    "not_supplied": (
        "none: the order was cancelled", "keines: Die Bestellung wurde storniert", "aucune : commande annulée",
        "ninguna: pedido anulado", "brak: zamówienie anulowano",
    ),
    "order_placed_on": (
        "Order placed", "Bestelldatum", "Date de commande", "Fecha del pedido", "Data złożenia zamówienia",
    ),
    "order": ("Order number", "Bestellnummer", "N° de commande", "N.º de pedido", "Nr zamówienia"),
    "purchase": ("Purchase", "Kauf", "Achat", "Compra", "Zakup"),
    "preceding": (
        "Corrects invoice", "Korrigiert Rechnung", "Rectifie la facture", "Rectifica la factura", "Koryguje fakturę",
    ),
    "dated": ("{number} of {day}", "{number} vom {day}", "{number} du {day}", "{number} del {day}", "{number} z {day}"),
    "position": ("#", "#", "#", "#", "#"),
    "item": ("Item", "Bezeichnung", "Désignation", "Descripción", "Nazwa towaru lub usługi"),
    "quantity": ("Qty", "Menge", "Qté", "Cant.", "Ilość"),
    "unit_price": ("Unit price", "Einzelpreis", "Prix unitaire", "Precio unitario", "Cena jedn."),
    "unit_price_net": (
        "Unit price\nnet", "Einzelpreis\nnetto", "Prix unitaire\nHT", "Precio unit.\nsin IVA", "Cena jedn.\nnetto",
    ),
    "unit_price_gross": (
        "Unit price\ngross", "Einzelpreis\nbrutto", "Prix unitaire\nTTC", "Precio unit.\ncon IVA",
        "Cena jedn.\nbrutto",
    ),
    "rate": ("VAT", "USt.", "TVA", "IVA", "VAT"),
    "net_amount": ("Amount\nnet", "Betrag\nnetto", "Montant\nHT", "Importe\nsin IVA", "Wartość\nnetto"),
    "gross_amount": ("Amount\ngross", "Betrag\nbrutto", "Montant\nTTC", "Importe\ncon IVA", "Wartość\nbrutto"),
    "amount": ("Amount", "Betrag", "Montant", "Importe", "Wartość"),
    "amounts_in": (
        "Amounts in {currency}", "Beträge in {currency}", "Montants en {currency}", "Importes en {currency}",
        "Kwoty w {currency}",
    ),
    "tax_exclusive": ("Net total", "Summe netto", "Total HT", "Base imponible", "Razem netto"),
    "tax": ("VAT", "Umsatzsteuer", "TVA", "IVA", "Kwota VAT"),
    "tax_inclusive": ("Total", "Gesamtbetrag", "Total TTC", "Total con IVA", "Razem brutto"),
    "total": ("Total", "Gesamtbetrag", "Total", "Total", "Razem"),
    "paid": ("Paid", "Bezahlt", "Payé", "Pagado", "Zapłacono"),
    "due": ("Amount due", "Offener Betrag", "Reste à payer", "Importe pendiente", "Do zapłaty"),
    "refunded": ("Given back", "Erstattet", "Remboursé", "Reembolsado", "Zwrócono"),
    "outstanding": (
        "Still to be given back", "Noch zu erstatten", "Reste à rembourser", "Pendiente de reembolso",
        "Pozostało do zwrotu",
    ),
    "tax_breakdown": (
        "VAT breakdown", "Aufschlüsselung der Umsatzsteuer", "Détail de la TVA", "Desglose del IVA", "Zestawienie VAT",
    ),
    "taxable": ("Net", "Netto", "Base HT", "Base imponible", "Netto"),
    "S": ("Standard rate", "Steuersatz", "Taux", "Tipo", "Stawka"),
    "Z": ("Zero rated", "Nullsatz", "Taux zéro", "Tipo cero", "Stawka 0%"),
    "E": ("Exempt", "Steuerbefreit", "Exonéré de TVA", "Exento de IVA", "Zwolnione z VAT"),
    "AE": (
        "Reverse charge", "Steuerschuldnerschaft des Leistungsempfängers", "Autoliquidation",
        "Inversión del sujeto pasivo", "Odwrotne obciążenie",
    ),
    "O": (
        "Not subject to VAT", "Nicht umsatzsteuerbar", "Hors champ de la TVA", "No sujeto a IVA", "Nie podlega VAT",
    ),
    "private_seller": (
        "The seller is a private person: no VAT is charged",
        "Der Verkäufer ist eine Privatperson: Es wird keine Umsatzsteuer berechnet",
        "Le vendeur est un particulier : aucune TVA n’est facturée",
        "El vendedor es un particular: no se repercute IVA",
        "Sprzedawca jest osobą prywatną: nie nalicza się VAT",
    ),
    "reverse_charge": (
        "Reverse charge: the buyer owes the VAT",
        "Steuerschuldnerschaft des Leistungsempfängers: Der Käufer schuldet die Umsatzsteuer",
        "Autoliquidation : la TVA est due par l’acheteur",
        "Inversión del sujeto pasivo: el comprador debe el IVA",
        "Odwrotne obciążenie: VAT rozlicza nabywca",
    ),
    "payment": ("Payment", "Zahlung", "Paiement", "Pago", "Płatność"),
    "delivery": ("Delivery", "Lieferung", "Livraison", "Entrega", "Dostawa"),
    "notes": ("Notes", "Hinweise", "Remarques", "Observaciones", "Uwagi"),
    "order_link": (
        "Scan to open your order", "Scannen öffnet die Bestellung", "Scannez pour ouvrir la commande",
        "Escanee para abrir el pedido", "Zeskanuj, aby otworzyć zamówienie",
    ),
    "page": (
        "Page {page} of {pages}", "Seite {page} von {pages}", "Page {page} sur {pages}", "Página {page} de {pages}",
        "Strona {page} z {pages}",
    ),
    "due_at_once": ("Due at once", "Sofort fällig", "Payable immédiatement", "Pago inmediato", "Płatne natychmiast"),
    "paid_by_wallet": (
        "Paid from the buyer's wallet. Souk holds the money until the goods have arrived.",
        "Vom Guthaben des Käufers bezahlt. Souk verwahrt das Geld, bis die Ware angekommen ist.",
        "Payé depuis le portefeuille de l’acheteur. Souk garde l’argent jusqu’à l’arrivée de la marchandise.",
        "Pagado desde el monedero del comprador. Souk guarda el dinero hasta que llegue la mercancía.",
        "Zapłacono z portfela nabywcy. Souk przechowuje pieniądze, dopóki towar nie dotrze.",
    ),
    "refunded_to_wallet": (
        "Given back to the buyer's wallet.",
        "Dem Guthaben des Käufers gutgeschrieben.",
        "Remboursé sur le portefeuille de l’acheteur.",
        "Reembolsado en el monedero del comprador.",
        "Zwrócono do portfela nabywcy.",
    ),
    "fee_kept": (
        "Kept from the proceeds of the order.",
        "Vom Erlös der Bestellung einbehalten.",
        "Retenue sur le produit de la commande.",
        "Retenida del importe del pedido.",
        "Potrącono z wpływów z zamówienia.",
    ),
    "fee_refunded": (
        "Given back with the refund to the buyer.",
        "Mit der Erstattung an den Käufer zurückgegeben.",
        "Rendue avec le remboursement à l’acheteur.",
        "Devuelta con el reembolso al comprador.",
        "Zwrócono wraz ze zwrotem dla nabywcy.",
    ),
    "postage": ("Postage", "Versandkosten", "Frais de port", "Gastos de envío", "Koszty wysyłki"),
    "fee": (
        "Marketplace fee", "Marktplatzgebühr", "Commission de la place de marché", "Comisión de la plataforma",
        "Prowizja platformy handlowej",
    ),
    "fee_for_sale": (
        "For the sale that you invoiced as {number}",
        "Für den Verkauf, den Sie mit {number} berechnet haben",
        "Pour la vente que vous avez facturée sous le n° {number}",
        "Por la venta que usted facturó con el n.º {number}",
        "Za sprzedaż udokumentowaną fakturą {number}",
    ),
    "order_cancelled": (
        "Order {number} was cancelled", "Bestellung {number} wurde storniert", "La commande {number} a été annulée",
        "El pedido {number} fue anulado", "Zamówienie {number} zostało anulowane",
    ),
    "part_of_order": (
        "Part of order {number}", "Teil der Bestellung {number}", "Partie de la commande {number}",
        "Parte del pedido {number}", "Część zamówienia {number}",
    ),
    "part_of_price": (
        "Part of the price: {name}", "Teil des Preises: {name}", "Partie du prix : {name}", "Parte del precio: {name}",
        "Część ceny: {name}",
    ),
}  # fmt: skip

_BY_LANGUAGE: dict[str, Mapping[str, str]] = {
    language: {key: words[column] for key, words in _WORDS.items()} for column, language in enumerate(LANGUAGES)
}


def labels_for(language: str) -> Mapping[str, str]:
    """The words of a language tag (BCP 47), English where there are none."""
    return _BY_LANGUAGE.get(language.partition("-")[0], _BY_LANGUAGE["en"])
