"""What columns are called: here, in the shop's languages, and in the files that other shops' programs write."""

import re
from collections.abc import Sequence
from typing import get_args
from uuid import UUID

from souk.contracts.catalogue.imports import ImportField

FIELDS: tuple[ImportField, ...] = get_args(ImportField)
"""What a column can be for."""

NEEDED: tuple[ImportField, ...] = ("title", "price")
"""Without columns for these there is no listing. A category and a condition may be chosen for all rows."""

CHOSEN: tuple[ImportField, ...] = ("category", "condition")

SEVERAL: tuple[ImportField, ...] = ("pictures",)
"""What more than one column may be for."""

_NAMES: dict[ImportField, str] = {
    "id": "id",
    "title": (
        "title|name|product name|product title|item name|listing title|titel|bezeichnung|artikelname|produktname|titre|nom|"
        "nom du produit|título|nombre|nombre del producto|tytuł|nazwa|nazwa produktu|titolo|nome"
    ),
    "description": (
        "description|body html|body|product description|item description|long description|beschreibung|"
        "artikelbeschreibung|produktbeschreibung|description du produit|descripción|opis|opis produktu|descrizione"
    ),
    "price": (
        "price|variant price|regular price|start price|startprice|buy it now price|standard price|your price|preis|"
        "regulärer preis|verkaufspreis|prix|tarif régulier|precio|precio normal|cena|cena regularna|prezzo"
    ),
    "currency": "currency|currency code|währung|währungscode|devise|code devise|moneda|divisa|waluta|valuta|codice valuta",
    "category": (
        "category|categories|product category|product type|kategorie|kategorien|catégorie|catégories|categoría|"
        "categorías|kategoria|kategorie produktu|categoria"
    ),
    "condition": (
        "condition|condition id|conditionid|item condition|condition type|zustand|artikelzustand|état|estado|"
        "estado del artículo|condición|stan|condizione"
    ),
    "quantity": (
        "quantity|qty|stock|variant inventory qty|available quantity|in stock|menge|anzahl|bestand|lagerbestand|quantité|"
        "stock disponible|cantidad|existencias|inventario|ilość|stan magazynowy|quantità"
    ),
    "pictures": (
        "pictures|picture|picture url|picture urls|pic url|picurl|images|image|image src|image url|image urls|item photo url|"
        "main image url|other image url|photos|photo|photo url|bilder|bild|fotos|foto|imágenes|imagen|zdjęcia|zdjęcie|"
        "obrazy|immagini|immagine"
    ),
    "language": "language|sprache|langue|idioma|język|lingua",
    "attributes": "attributes|merkmale|eigenschaften|attributs|atributos|atrybuty",
    "accepts_offers": "accepts offers|preisvorschläge|accepte les offres|acepta ofertas|przyjmuje oferty|best offer enabled",
    "status": "status|published|listing status|veröffentlicht|publié|statut|publicado|opublikowano|stato",
}
"""Of Souk (English, German, French, Spanish, Polish) and of exports from Shopify, WooCommerce, Etsy, eBay and Amazon."""

_KNOWN = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_RANKS = {name: rank for rank, name in enumerate(_KNOWN)}
_HANDLE = "handle"
_NUMBER = re.compile(r" ?[0-9]{1,2}$")


def plain(heading: str) -> str:
    """A heading as it is compared: `*StartPrice`, `Start price` and `START_PRICE` are nearly one."""
    return " ".join(re.sub(r"\W|_", " ", heading.casefold()).split())


def field_of(heading: str) -> ImportField | None:
    """What a column of this name is for, as far as that is known. Pictures may stand in several: `IMAGE1`, `IMAGE2`."""
    name = plain(heading)
    field = _KNOWN.get(name) or _KNOWN.get(_NUMBER.sub("", name))
    return field if name in _KNOWN or field in SEVERAL else None


def recognised(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> dict[str, ImportField]:
    """What the columns are for, by their headings, each thing once but pictures; those that nothing is known of are left out.

    An `id` is only Souk's own if it looks so: other programs number their products.
    """
    found: dict[str, ImportField] = {}
    for heading in sorted(columns, key=lambda heading: _RANKS.get(plain(heading), -1)):  # the surest names first
        field = field_of(heading)
        if field and (field in SEVERAL or field not in found.values()):
            found[heading] = field
    ids = next((heading for heading, field in found.items() if field == "id"), None)
    if ids is not None:
        values = [row[ids] for row in rows if row.get(ids, "").strip()]
        if values and not any(map(_is_uuid, values)):
            del found[ids]
    return found


def handle_in(columns: Sequence[str]) -> str | None:
    """The column that joins the rows of one product (Shopify)."""
    return next((heading for heading in columns if plain(heading) == _HANDLE), None)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text.strip())
    except ValueError:
        return False
    return True
