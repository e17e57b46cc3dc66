"""What a search can be narrowed down by: filters with counts, the price histogram, and chips for those in force."""

from dataclasses import replace
from typing import Any, get_args

from entrypoint.pages.cards import CONDITIONS, condition_name
from entrypoint.pages.find.search_query import WITHIN, Asked, Search, asked_in
from entrypoint.pages.words import country_name, language_name
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.catalogue.listings import Rating, Seller
from souk.contracts.catalogue.search import Facet, Facets
from souk.money import Money

VALUES_SHOWN = 12
"""Values of one filter that are shown; those in force always are."""

PLOT_WIDTH, PLOT_HEIGHT = 280, 48


def filter_groups(
    reader: Reader, asked: Asked, facets: Facets | None, by_slug: dict[str, Category]
) -> list[dict[str, Any]]:
    """The filters that make sense here, each with its values and how many there are."""
    search = asked.search
    counted = {facet.name: facet for facet in facets.facets} if facets else {}
    conditions: list[tuple[str, str]] = [(value, condition_name(reader, value)) for value in CONDITIONS]
    groups = [
        _group(
            reader,
            "condition",
            reader.gettext("Condition"),
            conditions,
            chosen=search.conditions,
            facet=counted.get("condition"),
        )
    ]
    for attribute in asked_in(by_slug, search.category).values():
        groups.append(_attribute_group(reader, search, attribute, counted.get(f"attribute.{attribute.key}")))
    for name, label, chosen, named in (
        ("country", reader.gettext("Where it is"), search.countries, country_name),
        ("language", reader.gettext("Described in"), search.languages, language_name),
    ):
        values = dict.fromkeys([*_values(counted.get(name)), *chosen])
        options = [(value, named(reader, value) or value) for value in values]
        groups.append(_group(reader, name, label, options, chosen=chosen, facet=counted.get(name)))
    groups.append(_rating_group(reader, search, counted.get("rating")))
    return [group for group in groups if group.get("options") or group.get("kind") == "number"]


def rating_name(reader: Reader, rating: str) -> str:
    """What a filter by rating asks for, in words."""
    return reader.gettext("%s stars or more") % reader.number(float(rating))


def _rating_group(reader: Reader, search: Search, facet: Facet | None) -> dict[str, Any]:
    """One to choose, as each includes those above it; nothing while nobody that was found is rated."""
    options = [(value, rating_name(reader, value)) for value in reversed(get_args(Rating))]
    chosen = (search.rating,) if search.rating else ()
    group = _group(reader, "rating", reader.gettext("The seller's rating"), options, chosen=chosen, facet=facet)
    if not (chosen or (facet and facet.values)):
        return group | {"options": []}
    anything = {"value": "", "label": reader.gettext("Any")}
    return group | {"type": "radio", "options": [*group["options"], anything], "chosen": search.rating}


def _values(facet: Facet | None) -> list[str]:
    return [one.value for one in facet.values] if facet else []


def _group(
    reader: Reader,
    name: str,
    label: str,
    options: list[tuple[str, str]],
    *,
    chosen: tuple[str, ...],
    facet: Facet | None,
) -> dict[str, Any]:
    """A filter with values to tick; those that nothing has are left out, unless they are in force."""
    counts = {one.value: one.listings for one in facet.values} if facet else {}
    shown = [
        {"value": value, "label": label_of, "end": _count(reader, counts.get(value, 0), facet)}
        for value, label_of in options
        if value in chosen or value in counts or facet is None
    ]
    return {"name": name, "id": name, "label": label, "options": shown, "chosen": chosen, "open": True}


def _attribute_group(
    reader: Reader, search: Search, attribute: CategoryAttribute, facet: Facet | None
) -> dict[str, Any]:
    unit = f" ({attribute.unit})" if attribute.unit else ""
    if attribute.kind == "number":
        low, high = next(((low, high) for key, low, high in search.numbers if key == attribute.key), ("", ""))
        return {"kind": "number", "key": attribute.key, "label": attribute.name + unit, "low": low, "high": high,
                "open": bool(low or high)}  # fmt: skip
    prefix = f"{attribute.key}:"
    chosen = tuple(one for one in search.attributes if one.startswith(prefix))
    frequent = [value for value in _values(facet) if f"{prefix}{value}" not in chosen]
    values = [one.removeprefix(prefix) for one in chosen] + frequent[: max(VALUES_SHOWN - len(chosen), 0)]
    if attribute.kind == "choice":
        values = sorted(values, key=lambda value: _place(attribute, value))
    named = [(value, value) for value in values]
    group = _group(
        reader,
        "attribute",
        attribute.name + unit,
        named,
        chosen=tuple(one.removeprefix(prefix) for one in chosen),
        facet=facet,
    )
    for option in group["options"]:
        option["value"] = prefix + option["value"]
    return group | {"id": f"attribute-{attribute.key}", "chosen": chosen, "open": bool(chosen) or len(values) <= 6}


def _place(attribute: CategoryAttribute, value: str) -> int:
    return attribute.options.index(value) if value in attribute.options else len(attribute.options)


def _count(reader: Reader, listings: int, facet: Facet | None) -> str:
    if facet is None:
        return ""
    number = reader.number(listings)
    return number if facet.complete else reader.gettext("%s+") % number


def yes_count(reader: Reader, facets: Facets | None, name: str) -> str:
    """How many have what a filter without values asks for: a picture, or an ear for offers."""
    facet = next((one for one in facets.facets if one.name == name), None) if facets else None
    return _count(reader, facet.values[0].listings if facet.values else 0, facet) if facet else ""


def within_options(reader: Reader) -> list[dict[str, str]]:
    """How new it should be."""
    days = [
        {"value": str(number), "label": reader.translations.ngettext("Since yesterday", "Last %s days", number)}
        for number in WITHIN
    ]
    return [
        {"value": "", "label": reader.gettext("At any time")},
        *(each | {"label": each["label"].replace("%s", each["value"])} for each in days),
    ]


def price_plot(reader: Reader, search: Search, facets: Facets | None, currency: str) -> list[dict[str, Any]]:
    """The columns of the price histogram, each with the address that keeps to it; none where it would say nothing."""
    bands = facets.prices if facets else []
    if len(bands) < 3:
        return []
    most = max(band.listings for band in bands)
    width = PLOT_WIDTH / len(bands)
    columns = []
    for place, band in enumerate(bands):
        low, high = Money(band.low, currency), Money(band.high, currency)
        height = max(2, round(band.listings / most * PLOT_HEIGHT))
        words = reader.gettext("%(low)s to %(high)s: %(number)s") % {
            "low": reader.money(low), "high": reader.money(high), "number": reader.number(band.listings)
        }  # fmt: skip
        kept = replace(search, price_min=f"{low.decimal():f}", price_max=f"{high.decimal():f}", cursor="")
        columns.append({"x": round(place * width, 1), "width": round(width - 2, 1), "y": PLOT_HEIGHT - height,
                        "height": height, "words": words, "href": kept.href()})  # fmt: skip
    return columns


def chips(
    reader: Reader, asked: Asked, by_slug: dict[str, Category], seller: Seller | None, currency: str
) -> list[dict[str, str]]:
    """One for each filter in force, each with the address without it."""
    search = replace(asked.search, cursor="")
    found: list[tuple[str, Search]] = []
    if search.q:
        sort = "" if search.sort == "relevance" else search.sort
        found.append((f"“{search.q}”", replace(search, q="", sort=sort)))
    if search.category:
        found.append((by_slug[search.category].name, replace(search, category="", attributes=(), numbers=())))
    found += _price_chips(reader, asked, search, currency)
    for field, named in (
        ("conditions", condition_name), ("countries", country_name), ("languages", language_name)
    ):  # fmt: skip
        chosen = getattr(search, field)
        for one in chosen:
            rest: dict[str, Any] = {field: tuple(other for other in chosen if other != one)}
            found.append((named(reader, one) or one, replace(search, **rest)))
    found += _attribute_chips(reader, search, asked_in(by_slug, search.category))
    if search.pictured:
        found.append((reader.gettext("With pictures"), replace(search, pictured="")))
    if search.offers:
        found.append((reader.gettext("Takes offers"), replace(search, offers="")))
    if search.rating:
        found.append((rating_name(reader, search.rating), replace(search, rating="")))
    if search.within:
        label = next(each["label"] for each in within_options(reader) if each["value"] == search.within)
        found.append((label, replace(search, within="")))
    if search.seller:
        name = seller.display_name if seller else reader.gettext("One seller")
        found.append((reader.gettext("From %s") % name, replace(search, seller="")))
    return [{"label": label, "href": without.href()} for label, without in found]


def _price_chips(reader: Reader, asked: Asked, search: Search, currency: str) -> list[tuple[str, Search]]:
    prices = {name: Money(int(value), currency) for name, value in asked.params if name in ("price_min", "price_max")}
    labels = {"price_min": reader.gettext("From %s"), "price_max": reader.gettext("Up to %s")}
    found = []
    for name, words in labels.items():
        if name in prices:
            without = {name: ""}
            found.append((words % reader.money(prices[name]), replace(search, **without)))  # type: ignore[arg-type]
    return found


def _attribute_chips(reader: Reader, search: Search, known: dict[str, CategoryAttribute]) -> list[tuple[str, Search]]:
    found = []
    for one in search.attributes:
        key, _, value = one.partition(":")
        rest = tuple(other for other in search.attributes if other != one)
        found.append((f"{known[key].name}: {value}", replace(search, attributes=rest)))
    for number in search.numbers:
        key, low, high = number
        span = (
            f"{low}–{high}"
            if low and high
            else reader.gettext("from %s") % low
            if low
            else reader.gettext("to %s") % high
        )
        rest_numbers = tuple(other for other in search.numbers if other != number)
        label = f"{known[key].name}: {span} {known[key].unit}".strip()
        found.append((label, replace(search, numbers=rest_numbers)))
    return found
