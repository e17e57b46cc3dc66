"""Demo listings: item i depends on the seed and i alone, so any slice can be made anywhere, in bulk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp
from random import Random

from shop.demo.languages import WORDINGS, Wording
from shop.demo.products import BRANDS, LANGUAGES, PRODUCTS, Detail, Product
from shop.demo.spec import COLOURS, PictureSpec

CONDITIONS: tuple[str, ...] = ("new", "like_new", "good", "fair", "for_parts")
LOWEST_PRICE, HIGHEST_PRICE = 100, 1_000_000
"""Bounds of every price, in minor units."""

OFFERS = 1 / 3
"""How many of them take offers."""

_WORTH = {"new": 0.95, "like_new": 0.78, "good": 0.6, "fair": 0.42, "for_parts": 0.2}
_CAN_BREAK = frozenset(("electronics", "music", "tools", "vehicle-parts"))
_COLOUR_NAMES = tuple(COLOURS)
COLOURS_PER_KIND = 4
"""A kind of thing is made in so many colours, so that two thousand listings need some three hundred drawings."""

_MODEL_LETTERS = "ABCDEFHKLMNPRSTVXZ"
_MODEL_NAMES = (
    "Alma", "Borough", "Cove", "Dune", "Ebba", "Fern", "Gale", "Hollis", "Iris", "Juno", "Karst", "Luna", "Mira", "Nord", "Orla", "Pico",
    "Quill", "Rune", "Sila", "Tove", "Ursa", "Vale", "Wren", "Yara", "Zephyr", "Linde", "Marlo", "Otis", "Rosa", "Tilda",
)  # fmt: skip
_QUOTES = {"en": "“”", "de": "„“", "fr": ("«\u00a0", "\u00a0»"), "es": "«»", "pl": "„”"}
_NAMED_MODELS = frozenset(("home", "kitchen", "fashion", "accessories", "garden", "toys", "baby"))
_MODEL_UNASKED = frozenset(("fashion", "accessories", "garden"))
_WITHOUT_MODEL = frozenset(("books", "art", "collectibles"))


@dataclass(frozen=True, slots=True)
class DemoListing:
    """`price` is in minor units; `attributes` has English keys and values in the listing's language; `asked` are
    the same as the catalogue asks for them, in one language and without units; `pictures` is the gallery, the main
    picture first."""

    index: int
    title: str
    description: str
    category: str
    price: int
    quantity: int
    condition: str
    language: str
    attributes: dict[str, str]
    asked: dict[str, str]
    pictures: tuple[PictureSpec, ...]
    accepts_offers: bool


def listings(seed: int, count: int, *, start: int = 0) -> Iterator[DemoListing]:
    """Listings start … start + count - 1 of the endless series that the seed stands for."""
    for index in range(start, start + count):
        yield listing(seed, index)


def listing(seed: int, index: int) -> DemoListing:
    """One listing of the series."""
    random = Random(seed << 40 | index)
    roll = random.random
    product = PRODUCTS[int(roll() * len(PRODUCTS))]
    spoken = roll()
    language = (
        "en" if spoken < 0.4 else "de" if spoken < 0.58 else "fr" if spoken < 0.74 else "es" if spoken < 0.88 else "pl"
    )
    words = WORDINGS[language]
    noun = product.nouns[LANGUAGES.index(language)]
    colour = _colour(product.kind, roll()) if product.details[0].letter == "c" else ""
    attributes, shown, asked = _variant(product, words, colour, roll)
    condition = _condition(product, roll)
    price = _price(product, condition, random)
    quantity = 1
    if condition == "new" and roll() < 0.5 and price < 30_000 and "title" not in attributes:
        quantity = 2 + int(48 * roll() ** 3)
    spec = PictureSpec(product.kind, random.getrandbits(31), colour=colour)
    views = 2 + (roll() < 0.5)
    return DemoListing(
        index=index,
        title=_title(product, noun, language=language, attributes=attributes, shown=shown, roll=roll),
        description=_description(product, noun, words, attributes=attributes, condition=condition, roll=roll),
        category=product.category,
        price=price,
        quantity=quantity,
        condition=condition,
        language=language,
        attributes=attributes,
        asked=asked,
        pictures=tuple(spec if view == 0 else spec.with_view(view) for view in range(views)),
        accepts_offers=roll() < OFFERS,  # the last to be drawn, so that it changes nothing of the others
    )


def _colour(kind: str, roll: float) -> str:
    """One of the colours that this kind is made in; which these are follows from its name."""
    first, step = sum(kind.encode()), 5  # has no divisor in common with the number of colours, so they are far apart
    return _COLOUR_NAMES[(first + step * int(roll * COLOURS_PER_KIND)) % len(_COLOUR_NAMES)]


def _pick(things: tuple[str, ...], roll: Callable[[], float]) -> str:
    return things[int(roll() * len(things))]


_SIZES = ("XS", "S", "M", "L", "XL", "XXL")
_STORAGE = ("32 GB", "64 GB", "128 GB", "256 GB", "512 GB", "1 TB")
_SCENTS = ("30 ml", "50 ml", "75 ml", "100 ml")
_WOODS = ("oak", "walnut", "beech", "pine")
_MATERIALS = {
    "w": _WOODS,
    "f": ("wool", "cotton", "linen", "leather", "velvet", "silk"),
    "p": ("stoneware", "porcelain", "earthenware"),
    "M": ("cast iron", "steel", "copper"),
    "j": ("silver", "brass", "copper"),
}
_CHOICES = {"s": ("size", _SIZES), "g": ("storage", _STORAGE), "v": ("capacity", _SCENTS)}
_ASKED = {"v": "volume", "e": "shoe-size"}
"""Where the catalogue has another key for the same."""
_MEASURES: dict[str, tuple[str, str]] = {
    "y": ("year", "{}"),
    "Y": ("year", "{}"),
    "e": ("size", "{}"),
    "d": ("diagonal", "{}″"),
    "L": ("length", "{} cm"),
    "H": ("height", "{} cm"),
    "W": ("power", "{} W"),
    "R": ("frame", "{} cm"),
    "k": ("weight", "2 × {} kg"),
    "D": ("diameter", "{}″"),
    "A": ("charge", "{} Ah"),
    "n": ("pieces", "{}"),
}


def _number(detail: Detail, roll: Callable[[], float]) -> int:
    """A number of its range, rounded as catalogues do."""
    step = (
        100
        if detail.high >= 200 and detail.letter in "Wn"
        else 5
        if detail.high > 100 and detail.letter in "LHW"
        else 1
    )
    return (detail.low + int(roll() * (detail.high - detail.low + 1))) // step * step or step


def _variant(
    product: Product, words: Wording, colour: str, roll: Callable[[], float]
) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """The attributes, those of them that a title may show, and all as the catalogue asks for them."""
    attributes = {"brand": _pick(BRANDS[product.family], roll)}
    asked = dict(attributes)
    shown: list[str] = []
    if product.family in _NAMED_MODELS:
        attributes["model"] = _pick(_MODEL_NAMES, roll)
    elif product.family not in _WITHOUT_MODEL:
        attributes["model"] = (
            f"{_pick(tuple(_MODEL_LETTERS), roll)}{_pick(tuple(_MODEL_LETTERS), roll)}-{10 + int(roll() * 890)}"
        )
    if "model" in attributes and product.family not in _MODEL_UNASKED:
        asked["model"] = attributes["model"]
    for detail in product.details:
        letter = detail.letter
        if letter == "c":
            attributes["colour"], asked["colour"] = words.colours[colour], colour
            shown.append(words.in_colour.format(words.colours[colour]))
        elif letter in _MATERIALS:
            asked["material"] = _pick(_MATERIALS[letter], roll)
            attributes["material"] = words.materials[asked["material"]]
            shown.append(attributes["material"])
        elif letter in _CHOICES:
            key, choices = _CHOICES[letter]
            attributes[key] = asked[_ASKED.get(letter, key)] = _pick(choices, roll)
            shown.append(words.size.format(attributes[key]) if key == "size" else attributes[key])
        elif letter in "ab":
            attributes["title"] = asked["title"] = _pick(words.subjects if letter == "a" else words.genres, roll)
        elif letter == "l":
            asked["capacity"] = f"{_number(detail, roll) / 2:g}"
            attributes["capacity"] = f"{asked['capacity']} l"
            shown.append(attributes["capacity"])
        else:
            key, form = _MEASURES[letter]
            number = _number(detail, roll)
            attributes[key], asked[_ASKED.get(letter, key)] = form.format(number), str(number)
            named = words.size if key == "size" else words.pieces if key == "pieces" else "{}"
            shown.append(named.format(attributes[key]))
    return attributes, shown, asked


def _condition(product: Product, roll: Callable[[], float]) -> str:
    r = roll()
    if r < 0.05:
        return "for_parts" if product.family in _CAN_BREAK else "fair"
    if r < 0.23:
        return "good" if any(d.letter == "y" for d in product.details) else "new"
    return "like_new" if r < 0.5 else "good" if r < 0.86 else "fair"


def _price(product: Product, condition: str, random: Random) -> int:
    """A log-normal spread about the usual price, then rounded the way people price things."""
    raw = product.price * _WORTH[condition] * exp(random.gauss(0, 0.32))
    end = random.random()
    if raw < 2_000:
        price = round(raw / 50) * 50 - (1 if end < 0.2 else 0)
    elif raw < 10_000:
        price = round(raw / 100) * 100 - (1 if end < 0.25 else 50 if end < 0.4 else 0)
    elif raw < 40_000:
        price = round(raw / 500) * 500 - (100 if end < 0.35 else 1 if end < 0.45 else 0)
    else:
        price = round(raw / 1_000) * 1_000 - (100 if end < 0.35 else 1_000 if end < 0.45 else 0)
    return min(max(price, LOWEST_PRICE), HIGHEST_PRICE)


def _title(
    product: Product,
    noun: str,
    *,
    language: str,
    attributes: dict[str, str],
    shown: list[str],
    roll: Callable[[], float],
) -> str:
    name = attributes["brand"]
    if "title" in attributes:
        left, right = _QUOTES[language]
        name = f"{left}{attributes['title'][0].upper()}{attributes['title'][1:]}{right}"
    elif "model" in attributes:
        name = f"{name} {attributes['model']}"
    if len(shown) > 2:
        shown = shown[:2] if roll() < 0.5 else [shown[0], shown[-1]]
    elif len(shown) == 2 and roll() < 0.3:
        shown = shown[:1] if roll() < 0.5 else shown[1:]
    head = f"{name} {noun}" if language == "en" and "title" not in attributes and roll() < 0.55 else f"{noun} {name}"
    title = ", ".join([head, *shown])
    return title[0].upper() + title[1:]


def _description(
    product: Product,
    noun: str,
    words: Wording,
    *,
    attributes: dict[str, str],
    condition: str,
    roll: Callable[[], float],
) -> str:
    """Two to six sentences, and the attributes in one more line."""
    new = condition == "new"
    openings = words.openings[:3] if new else words.openings
    sentences = [_pick(openings, roll).format(noun=noun, brand=attributes["brand"])]
    sentences.append(_pick(words.conditions[condition], roll))
    if roll() < 0.75 and condition != "for_parts":
        facts = words.facts[product.family]
        sentences.append(facts[0] if new else _pick(facts, roll))
    if roll() < 0.5 and not new:
        grown_out = product.family in ("toys", "baby")
        sentences.append(_pick(words.reasons if grown_out else words.reasons[:-1], roll))
    if roll() < 0.6:
        sentences.append(_pick(words.shipping, roll))
    if roll() < 0.4:
        sentences.append(_pick(words.closings, roll))
    text = " ".join(s[0].upper() + s[1:] for s in sentences)
    labels = words.labels
    details = " · ".join(f"{labels[key]}: {value}" for key, value in attributes.items() if key in labels)
    return f"{text}\n\n{details}" if details else text
