"""A row of a seller's file, understood: every fault of it at once, or what it is to become."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, get_args
from uuid import UUID

import msgspec

from catalogue.categories.categories import CategoryTree
from catalogue.house_rules import Allowance, HouseRules
from catalogue.importing.markup import plain_text
from catalogue.importing.sources import check_source, sources_of
from catalogue.listings.attribute_values import checked_attributes
from catalogue.listings.rules import clean_description, clean_title
from souk.amounts import AmountError, example, read_amount
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.imports import ImportField, ImportMapping
from souk.contracts.catalogue.listings import (
    DESCRIPTION_CHARS_MAX,
    LANGUAGE,
    PRICE_MAX,
    QUANTITY_MAX,
    TITLE_CHARS_MAX,
    Condition,
)
from souk.contracts.catalogue.pictures import PICTURES_MAX
from souk.errors import RuleBroken, fault
from souk.money import Money, exponent

T = TypeVar("T")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run (OWASP, CSV injection)."""

_CONDITION_NAMES: dict[Condition, str] = {
    "new": "new|brand new|new with tags|new other|neu|neuf|neuve|nuevo|nueva|nowy|nowa|1000|11|newitem",
    "like_new": "like new|open box|wie neu|comme neuf|como nuevo|jak nowy|usedlikenew|1500|2750|1",
    "good": (
        "good|very good|used|gebraucht|gut|sehr gut|occasion|bon état|très bon état|usado|bueno|buen estado|używany|dobry|"
        "bardzo dobry|usedverygood|usedgood|3000|4000|5000|2|3"
    ),
    "fair": "fair|acceptable|akzeptabel|satisfaisant|état correct|aceptable|zadowalający|usedacceptable|6000|4",
    "for_parts": "for parts|for parts or not working|defekt|für bastler|pour pièces|para piezas|na części|uszkodzony|7000",
}
"""As Souk, its languages, eBay (numbers of four digits) and Amazon (of one or two) call them."""

_CONDITIONS = {name: condition for condition, names in _CONDITION_NAMES.items() for name in names.split("|")}
_PUBLISHED = frozenset(
    [
        "published",
        "active",
        "live",
        "true",
        "1",
        "yes",
        "aktiv",
        "veröffentlicht",
        "publié",
        "actif",
        "publicado",
        "activo",
        "opublikowano",
    ]
)
_NOT_PUBLISHED = frozenset(
    [
        "draft",
        "withdrawn",
        "sold",
        "hidden",
        "archived",
        "inactive",
        "unlisted",
        "private",
        "false",
        "0",
        "-1",
        "no",
        "entwurf",
        "inaktiv",
        "brouillon",
        "borrador",
        "inactivo",
        "szkic",
    ]
)
_YES, _NO = (
    frozenset(("yes", "true", "1", "ja", "oui", "sí", "si", "tak")),
    frozenset(("no", "false", "0", "nein", "non", "nie")),
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row, understood."""

    line: int
    id: UUID | None
    """The listing to change; None makes a new one."""
    title: str
    description: str
    price: int
    """Minor units."""
    category: str
    condition: Condition
    quantity: int
    language: str
    attributes: dict[str, str] | None
    """None leaves them as they are."""
    accepts_offers: bool | None
    """None leaves it as it is; a new listing then takes none."""
    publish: bool
    pictures: tuple[str, ...] = ()
    """Where they come from: addresses, or names of files in the ZIP."""
    notes: tuple[str, ...] = ()
    """What was done to it, by the kinds of `ImportNote`."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row."""

    field: str
    message: str
    """How to mend it."""
    code: str
    params: dict[str, Any]


class Reader:
    """Understands the rows of one file."""

    def __init__(
        self,
        mapping: ImportMapping,
        currency: str,
        tree: CategoryTree,
        rules: HouseRules,
        allowance: Allowance,
        *,
        columns: Sequence[str] = (),
        files: Collection[str] = (),
    ) -> None:
        """`columns` are the headings in the file's order, `files` what came in a ZIP, by `base_name`."""
        self.mapping = mapping
        self.picture_columns = [name for name in columns if mapping.columns.get(name) == "pictures"]
        self.files = files
        self.currency = currency
        self.tree = tree
        self.rules = rules
        self.allowance = allowance

    def read(self, line: int, cells: Mapping[str, str]) -> tuple[Entry | None, list[Fault]]:
        """What a row's cells (by heading) are to become, or everything that has to be mended in it."""
        row = _Row(self, cells)
        listing_id = row.id()
        title, description = row.title(), row.description()
        price, category, condition = row.price(), row.category(), row.condition()
        quantity, language, publish = row.quantity(listing_id), row.language(), row.publish()
        attributes, accepts_offers, sources = row.attributes(category), row.accepts_offers(), row.pictures()
        if publish:
            row.check_sale(title, description, price)
        if row.faults or category is None or condition is None:
            return None, row.faults
        entry = Entry(
            line=line,
            id=listing_id,
            title=title,
            description=description,
            price=price,
            category=category.slug,
            condition=condition,
            quantity=max(1, quantity),
            language=language,
            attributes=attributes,
            accepts_offers=accepts_offers,
            publish=publish and quantity > 0,
            pictures=sources,
            notes=tuple(row.notes),
        )
        return entry, []


class _Row:
    """One row while it is read: every field is looked at, whatever is wrong with the others."""

    def __init__(self, reader: Reader, cells: Mapping[str, str]) -> None:
        self._reader = reader
        self._texts: dict[ImportField, str] = {
            field: unquoted(cells.get(heading, "")) for heading, field in reader.mapping.columns.items()
        }
        self._picture_cells = [cells.get(heading, "") for heading in reader.picture_columns]
        self.faults: list[Fault] = []
        self.notes: list[str] = []

    def _say(self, field: ImportField) -> str:
        return self._texts.get(field, "")

    def _wrong(self, found: dict[str, Any]) -> None:
        self.faults.append(Fault(**found))

    def _checked(self, field: str, check: Callable[[], T], default: T) -> T:
        try:
            return check()
        except RuleBroken as broken:
            self.faults += faults_of(broken, field)
            return default

    def id(self) -> UUID | None:
        found = _uuid(self._say("id"))
        if self._say("id") and found is None:
            self._wrong(fault("id", "Leave it empty for a new listing, or use an id from an export.", code="row-id"))
        return found

    def title(self) -> str:
        text = " ".join(plain_text(self._say("title")).split())
        if len(text) > TITLE_CHARS_MAX:
            self.notes.append("shortened")
            text = _shortened(text)
        return self._checked("title", lambda: clean_title(text), "")

    def description(self) -> str:
        text = plain_text(self._say("description"))
        if len(text) > DESCRIPTION_CHARS_MAX:
            self._wrong(
                fault(
                    "description", "At most {most} characters.", code="description-too-long", most=DESCRIPTION_CHARS_MAX
                )
            )
        return self._checked("description", lambda: clean_description(text), "")

    def price(self) -> int:
        currency = self._reader.currency
        if self._say("currency") and self._say("currency").upper() != currency:
            self._wrong(fault("currency", "Prices here are in {currency}.", code="price-currency", currency=currency))
        try:
            price = read_amount(self._say("price"), currency).amount
        except AmountError as error:
            self._wrong(_mend_of(error, currency))
            return 0
        if price > PRICE_MAX:
            self._wrong(fault("price", "At most {most:,f}.", code="price-too-high", most=Money(PRICE_MAX, currency)))
        return price

    def category(self) -> Category | None:
        """By its slug, its name, or a part of a path that is one of them, the last first; else the one for all rows."""
        tree, chosen, text = self._reader.tree, self._reader.mapping.category, self._say("category")
        parts = [text, *(part for sign in (">", "/", "|", ",") for part in reversed(text.split(sign)))]
        found = next(filter(None, (tree.named(part.strip()) for part in parts)), None)
        if found is not None:
            return found
        if text and chosen:
            self.notes.append("default_category")
        found = tree.named(chosen)
        if found is None:
            self._wrong(
                fault("category", "Name one of the categories here, or choose one for all rows.", code="row-category")
            )
        return found

    def condition(self) -> Condition | None:
        text = self._say("condition")
        found = _CONDITIONS.get(text.casefold().replace("_", " ")) if text else self._reader.mapping.condition
        if found is None:
            self._wrong(
                fault("condition", "One of {choices}.", code="row-condition", choices=", ".join(get_args(Condition)))
            )
        return found

    def quantity(self, listing_id: UUID | None) -> int:
        """A listing has at least one, so what is out of stock stays a draft."""
        text = self._say("quantity").removesuffix(".0")
        if not text:
            return 1
        if not re.fullmatch(r"-?[0-9]{1,4}", text, re.ASCII):
            self._wrong(fault("quantity", "A whole number up to {most}.", code="row-quantity", most=QUANTITY_MAX))
            return 1
        if int(text) < 1 and listing_id is not None:
            self._wrong(fault("quantity", "At least 1. Take the listing off sale instead.", code="row-quantity-none"))
        elif int(text) < 1:
            self.notes.append("no_stock")
        return int(text)

    def language(self) -> str:
        code = self._say("language").lower().replace("_", "-").partition("-")[0] or "en"
        if not re.fullmatch(LANGUAGE, code):
            self._wrong(fault("language", "A code of two or three letters, such as en.", code="row-language"))
        return code

    def publish(self) -> bool:
        status = self._say("status").casefold()
        if status and status not in _PUBLISHED | _NOT_PUBLISHED:
            self._wrong(fault("status", "published or draft.", code="row-status"))
        return status in _PUBLISHED

    def accepts_offers(self) -> bool | None:
        text = self._say("accepts_offers").casefold()
        if text and text not in _YES | _NO:
            self._wrong(fault("accepts_offers", "yes or no.", code="row-offers"))
        return text in _YES if text else None

    def attributes(self, category: Category | None) -> dict[str, str] | None:
        found = _attributes(self._say("attributes"))
        if found is None or category is None:
            return found
        if "" in found:
            self._wrong(fault("attributes", "Write them like brand: Veloro; size: M.", code="row-attributes"))
        for key, value in found.items():
            if key:
                self._checked("attributes", partial(checked_attributes, {key: value}, category), dict[str, Any]())
        return found

    def pictures(self) -> tuple[str, ...]:
        """Where the first of them come from, as many as a listing may have."""
        found = sources_of(self._picture_cells)
        if len(found) > PICTURES_MAX:
            self.notes.append("more_pictures")
        for source in found[:PICTURES_MAX]:
            self._checked("pictures", partial(check_source, source, self._reader.files), None)
        return tuple(found[:PICTURES_MAX])

    def check_sale(self, title: str, description: str, price: int) -> None:
        """What is asked only of what is put on sale."""
        self._checked("title", lambda: self._reader.rules.check_words(title, description), None)
        if price:
            money = Money(price, self._reader.currency)
            self._checked("price", lambda: self._reader.allowance.check_price(money), None)


def faults_of(broken: RuleBroken, field: str = "") -> list[Fault]:
    """A broken rule as faults of a row; `field` if it names none."""
    whole = {"field": field, "message": broken.message, "code": broken.code, "params": broken.params}
    return [Fault(**error) for error in broken.fields.get("errors") or [whole]]


def _shortened(title: str) -> str:
    """A title that is too long, cut at a word."""
    cut = title[:TITLE_CHARS_MAX]
    words = cut if title[TITLE_CHARS_MAX] == " " else cut.rpartition(" ")[0] or cut
    return words.rstrip(" ,;:-–—/|(")


def _attributes(text: str) -> dict[str, str] | None:
    """`brand: Veloro; size: M` by key; what has no key stands under the empty one."""
    if not text:
        return None
    pairs = (part.partition(":") for part in text.split(";") if part.strip())
    return {key.strip() if colon else "": value.strip() for key, colon, value in pairs}


def _mend_of(error: AmountError, currency: str) -> dict[str, Any]:
    """What to do about a price; of one that may be two, both stand there."""
    if error.reason == "ambiguous":
        small, large = error.readings
        return fault(
            "price",
            "{small:,f} or {large:,f}? Write it with two decimal places.",
            code="price-ambiguous",
            small=small,
            large=large,
        )
    if error.reason == "decimals":
        return fault(
            "price",
            "Write it with {places} decimal places at the most.",
            code="price-decimals",
            places=exponent(currency),
        )
    return fault("price", "Write it like {example}, above zero.", code="price-unreadable", example=example(currency))


def unquoted(text: str) -> str:
    """A cell without what an export put before text that a spreadsheet would run."""
    tidy = text.strip()
    return tidy[1:] if tidy.startswith("'") and tidy[1:].startswith(FORMULA) else tidy


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
