"""Demo people: sellers and buyers with names, places and languages that belong together."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from shop.demo.names import PLACES, Place
from shop.demo.products import LANGUAGES

_NOT_ACCENTS = str.maketrans({"ł": "l", "ß": "ss", "đ": "d", "ı": "i", "ø": "o", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`country` is an ISO 3166 alpha-2 code, `language` an ISO 639-1 code; `business` sells with VAT."""

    index: int
    name: str
    email: str
    country: str
    language: str
    city: str
    postcode: str
    street: str
    business: bool

    @property
    def listing_language(self) -> str:
        """The language that this person's listings are in: their own, or English."""
        return self.language if self.language in LANGUAGES else "en"


def people(seed: int, count: int, *, start: int = 0) -> Iterator[DemoPerson]:
    """People start … start + count - 1 of the endless series that the seed stands for."""
    for index in range(start, start + count):
        yield person(seed, index)


def person(seed: int, index: int) -> DemoPerson:
    """One person of the series; the email address is unique within it."""
    random = Random(seed << 40 | 1 << 39 | index)
    place = random.choices(PLACES, [p.weight for p in PLACES])[0]
    given, latin_given = _spelled(random.choice(place.given))
    family, latin_family = _spelled(random.choice(place.families(given)))
    business = random.random() < 0.18
    city, postcode = random.choice(place.cities)
    full = place.order.format(given=given, family=family)
    return DemoPerson(
        index=index,
        name=_business(place, family, random) if business else full,
        email=f"{latin_given}.{latin_family}.{index}@example.org",
        country=place.country,
        language=place.language,
        city=city,
        postcode=postcode,
        street=place.street.format(name=random.choice(place.streets), number=random.randint(1, 140)),
        business=business,
    )


def _business(place: Place, family: str, random: Random) -> str:
    return random.choice(place.firms).format(family=family)


def _spelled(entry: str) -> tuple[str, str]:
    """A name and the letters it has in an email address ("Олена=olena")."""
    name, _, latin = entry.partition("=")
    return name, latin or _plain(name)


def _plain(name: str) -> str:
    """A name in the letters a to z, for names in Latin script."""
    bare = unicodedata.normalize("NFKD", name.lower().translate(_NOT_ACCENTS))
    return "".join(c for c in bare if "a" <= c <= "z")
