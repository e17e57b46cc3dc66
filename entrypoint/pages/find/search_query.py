"""A search as it stands in an address, and as the catalogue is asked."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar.datastructures import MultiDict

from entrypoint.pages.cards import CONDITIONS
from entrypoint.pages.fields import mend_of
from entrypoint.pages.words import LISTING_LANGUAGES
from entrypoint.web.reader import Reader
from souk.amounts import AmountError, read_amount
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.listings import PRICE_MAX, Rating
from souk.contracts.catalogue.search import Sort
from souk.paging import CURSOR_CHARS_MAX

WORDS_CHARS_MAX = 200
VALUES_MAX = 20
"""Values of one filter that an address may hold."""

WITHIN = (1, 7, 30)
"""Days to choose from: listed in the last so many."""

_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,3})?")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is looked for, as it stands in the address: prices and numbers are texts that people typed."""

    q: str = ""
    category: str = ""
    price_min: str = ""
    price_max: str = ""
    conditions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    pictured: str = ""
    offers: str = ""
    rating: str = ""
    within: str = ""
    attributes: tuple[str, ...] = ()
    """Each `key:value`."""
    numbers: tuple[tuple[str, str, str], ...] = ()
    """(key, from, to)."""
    seller: str = ""
    sort: str = ""
    cursor: str = ""

    @property
    def effective_sort(self) -> str:
        """The order in force: with words the best match comes first, unless somebody chose."""
        return self.sort or ("relevance" if self.q else "newest")

    def pairs(self) -> list[tuple[str, str]]:
        """The fields of the address, in a fixed order."""
        named: list[tuple[str, str]] = []
        for name in (one.name for one in fields(self) if one.name != "numbers"):
            value = getattr(self, name)
            values = (value,) if isinstance(value, str) else value
            named += [(NAMES.get(name, name), one) for one in values]
        named += [(f"{end}-{key}", text) for key, *ends in self.numbers for end, text in zip(ENDS, ends, strict=True)]
        return [(name, value) for name, value in named if value]

    def href(self, path: str = "/browse") -> str:
        """The address of this search."""
        query = urlencode(self.pairs())
        return f"{path}?{query}" if query else path


NAMES = {"conditions": "condition", "languages": "language", "countries": "country", "attributes": "attribute"}
"""Fields that may be several, by the name that one has in the address."""

ENDS = ("from", "to")


@dataclass
class Asked:
    """A search as the catalogue is asked, with what could not be understood of it."""

    search: Search
    params: list[tuple[str, Any]]
    errors: dict[str, str]


def read_search(query: MultiDict[Any]) -> Search:
    """The search that an address names; whatever is unknown in it is ignored."""

    def text(name: str, most: int) -> str:
        return str(query.get(name) or "").replace("\x00", "").strip()[:most]

    def texts(name: str) -> tuple[str, ...]:
        sent = (str(value).replace("\x00", "").strip()[:100] for value in query.getall(name, []))
        return tuple(dict.fromkeys(value for value in sent if value))[:VALUES_MAX]

    keys = [name.partition("-")[2] for name in query if name.partition("-")[0] in ENDS]
    numbers = ((key, text(f"from-{key}", 20), text(f"to-{key}", 20)) for key in dict.fromkeys(keys))
    conditions = set(texts("condition"))
    return Search(
        q=text("q", WORDS_CHARS_MAX),
        category=text("category", 60),
        price_min=text("price_min", 30),
        price_max=text("price_max", 30),
        conditions=tuple(value for value in CONDITIONS if value in conditions),
        languages=tuple(value for value in texts("language") if value in LISTING_LANGUAGES),
        countries=tuple(value for value in texts("country") if _COUNTRY.fullmatch(value)),
        pictured="yes" if text("pictured", 3) == "yes" else "",
        offers="yes" if text("offers", 3) == "yes" else "",
        rating=text("rating", 4) if text("rating", 4) in get_args(Rating) else "",
        within=text("within", 3) if text("within", 3) in map(str, WITHIN) else "",
        attributes=tuple(value for value in texts("attribute") if ":" in value),
        numbers=tuple(number for number in numbers if number[1] or number[2])[:VALUES_MAX],
        seller=text("seller", 36),
        sort=text("sort", 20),
        cursor=text("cursor", CURSOR_CHARS_MAX + 1),
    )


def asked_in(by_slug: dict[str, Category], category: str) -> dict[str, CategoryAttribute]:
    """What can be filtered by: what the category asks for; without one nothing."""
    here = by_slug.get(category)
    return {one.key: one for one in here.attributes} if here else {}


def understand(search: Search, currency: str, by_slug: dict[str, Category], reader: Reader) -> Asked:
    """Turn it into the catalogue's parameters. What makes no sense is left out and said."""
    errors: dict[str, str] = {}
    prices = _prices(search, currency, reader, errors)
    if search.category and search.category not in by_slug:
        errors["category"] = reader.gettext("There is no such category, so all are shown.")
    seller = _uuid(search.seller)
    if search.seller and seller is None:
        errors["seller"] = reader.gettext("There is no such seller, so all are shown.")
    if search.sort and search.sort not in get_args(Sort):
        errors["sort"] = reader.gettext("Results cannot be sorted like that, so the usual order is shown.")
    known = asked_in(by_slug, search.category)
    chosen = tuple(one for one in search.attributes if _is_choice(one, known))
    ranges = _ranges(search, known, reader, errors)
    understood = replace(
        search,
        category="" if "category" in errors else search.category,
        seller=str(seller or ""),
        sort="" if "sort" in errors else search.sort,
        attributes=chosen,
        numbers=tuple(number for number in search.numbers if number[0] in known),
    )
    params: list[tuple[str, Any]] = [
        ("q", understood.q),
        ("category", understood.category),
        ("seller", understood.seller),
        ("sort", understood.effective_sort),
        ("cursor", understood.cursor),
        ("pictured", "true" if understood.pictured else ""),
        ("accepts_offers", "true" if understood.offers else ""),
        ("rating_min", understood.rating),
        ("within_days", understood.within),
        *prices.items(),
        *(("condition", one) for one in understood.conditions),
        *(("language", one) for one in understood.languages),
        *(("country", one) for one in understood.countries),
        *(("attribute", one) for one in (*chosen, *ranges)),
    ]
    return Asked(understood, [(name, value) for name, value in params if value != ""], errors)


def _prices(search: Search, currency: str, reader: Reader, errors: dict[str, str]) -> dict[str, int]:
    prices: dict[str, int] = {}
    for name in ("price_min", "price_max"):
        text = getattr(search, name)
        if not text.strip("0., "):
            continue
        try:
            prices[name] = min(read_amount(text, currency).amount, PRICE_MAX)
        except AmountError as error:
            errors[name] = mend_of(error, currency, reader)
    if prices.get("price_min", 0) > prices.get("price_max", PRICE_MAX):
        errors["price_range"] = reader.gettext("The highest price is below the lowest. Both were left out.")
        return {}
    return prices


def _is_choice(text: str, known: dict[str, CategoryAttribute]) -> bool:
    """Attributes of another category are left out in silence: whoever changes the category did not choose them."""
    key = text.partition(":")[0]
    return key in known and known[key].kind != "number"


def _ranges(
    search: Search, known: dict[str, CategoryAttribute], reader: Reader, errors: dict[str, str]
) -> tuple[str, ...]:
    ranges = []
    for key, low, high in search.numbers:
        if key not in known or known[key].kind != "number":
            continue
        wrong = [text for text in (low, high) if text and not (text.isascii() and _NUMBER.fullmatch(text))]
        if wrong:
            errors[f"from-{key}"] = reader.gettext("Enter a number such as 12 or 12.5.")
        elif low and high and float(low.replace(",", ".")) > float(high.replace(",", ".")):
            errors[f"from-{key}"] = reader.gettext("The highest number is below the lowest. Both were left out.")
        else:
            ranges.append(f"{key}:{low}..{high}".replace(",", "."))
    return tuple(ranges)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
