"""What is in a demo shop: who sells which listing, and who bought what of whom, and when. The same for the same counts."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal
from uuid import UUID

from shop.demo.listings import DemoListing, listing, listings
from shop.demo.logins import JONAS, MAYA
from shop.demo.people import DemoPerson
from souk.ids import derived_id

SEED = 20
SOLD_SEED, DEARER_SEED = SEED + 1, SEED + 2
"""What was sold in the past comes from series of its own, so that those on sale can be any number."""

LISTED_EVERY = timedelta(minutes=37)
LISTED_WITHIN = timedelta(days=120)
"""The newest listing is from now; the others go back evenly, no further than this."""

FIRST = 24
"""The newest so many listings come first: they fill the home page."""

HOME = 12
"""So many of them stand on the home page."""

OWN_EACH = 4
"""How many of the listings each of the two funded users has on sale; they are in the middle of the series."""

LOOKED_AT = 2000
"""The oldest so many listings are looked through for those that the story is about."""

CAST_MAX = 32
"""People with a past; shops with very many listings have more sellers than that."""

SOLD_FOR, DEARER = range(800, 7_001), range(3_000, 16_001)
"""What things cost that were sold, in minor units: everybody could afford them. The funded users' are dearer."""

Fate = Literal["reviewed", "confirmed", "partly refunded", "called off"]


@dataclass(frozen=True, slots=True)
class Deal:
    """Something that was sold. What the fate says takes some days, and has not happened yet if these are not over."""

    number: int
    seller: DemoPerson
    buyer: DemoPerson
    item: DemoListing
    day: float
    """Bought so many days before the demo's present."""
    fate: Fate

    @property
    def listing_id(self) -> UUID:
        """The listing that was bought."""
        return derived_id("demo sold", SEED, self.number)


def listing_id(item: DemoListing) -> UUID:
    """The id of a listing on sale."""
    return derived_id("demo listing", SEED, item.index)


MAYA_BUYS: tuple[tuple[float, Fate], ...] = (
    (55, "reviewed"), (48, "called off"), (41, "reviewed"), (33, "partly refunded"), (26, "reviewed"),
    (18, "reviewed"), (11, "confirmed"), (2.4, "reviewed"), (0.6, "reviewed"),
)  # fmt: skip
MAYA_SELLS: tuple[tuple[float, Fate], ...] = (
    (52, "reviewed"), (44, "reviewed"), (31, "confirmed"), (22, "reviewed"), (13, "partly refunded"),
    (6.5, "reviewed"), (2.7, "reviewed"), (0.6, "reviewed"),
)  # fmt: skip
JONAS_BUYS: tuple[tuple[float, Fate], ...] = (
    (53, "reviewed"), (38, "confirmed"), (29, "reviewed"), (16, "reviewed"), (9, "reviewed"), (3.1, "reviewed"), (0.5, "reviewed"),
)  # fmt: skip
JONAS_SELLS: tuple[tuple[float, Fate], ...] = (
    (50, "reviewed"), (35, "called off"), (24, "reviewed"), (12, "reviewed"), (5, "reviewed"), (1.2, "reviewed"),
)  # fmt: skip
RING_FROM, RING_TO = 56.0, 9.0
"""Everybody sells to their neighbour in this time, so that all of it is over, with a review."""


def deals(people: Sequence[DemoPerson]) -> list[Deal]:
    """All that was sold, of and to these people and the two funded users."""
    usual, dearer = _Shelf(SOLD_SEED, SOLD_FOR), _Shelf(DEARER_SEED, DEARER)
    made: list[Deal] = []

    def sold(seller: DemoPerson, buyer: DemoPerson, day: float, fate: Fate) -> None:
        shelf = dearer if {MAYA, JONAS} & {seller, buyer} else usual
        language = "en" if seller in (MAYA, JONAS) else seller.listing_language
        made.append(Deal(len(made), seller, buyer, shelf.take(language), day, fate))

    for number, person in enumerate(people):
        day = RING_FROM - number * (RING_FROM - RING_TO) / len(people)
        sold(person, people[(number + 1) % len(people)], day, "reviewed")
    for who, buys, sells, step in ((MAYA, MAYA_BUYS, MAYA_SELLS, 3), (JONAS, JONAS_BUYS, JONAS_SELLS, 7)):
        for number, (day, fate) in enumerate(buys):
            sold(people[step * number % len(people)], who, day, fate)
        for number, (day, fate) in enumerate(sells):
            sold(who, people[(step * number + 1) % len(people)], day, fate)
    for number in range(0, len(people), 6):  # not all is over
        sold(people[number], people[(number + 2) % len(people)], 0.4 + number % 5, "reviewed")
    return made


class _Shelf:
    """Gives out things of a series that cost so much, by the language that they are described in."""

    def __init__(self, seed: int, prices: range) -> None:
        self._series = (item for item in listings(seed, 10**9) if item.price in prices)
        self._waiting: dict[str, deque[DemoListing]] = defaultdict(deque)

    def take(self, language: str) -> DemoListing:
        """The next one."""
        while not self._waiting[language]:
            item = next(self._series)
            self._waiting[item.language].append(item)
        return self._waiting[language].popleft()


class Stock:
    """What is on sale, and by whom."""

    def __init__(self, count: int, people: Sequence[DemoPerson]) -> None:
        self.count = count
        self._people = people
        self._spacing = min(LISTED_EVERY, LISTED_WITHIN / count)
        self._speakers: dict[str, list[DemoPerson]] = defaultdict(list)
        for person in people:
            self._speakers[person.listing_language].append(person)
        middle = listings(SEED, count - count // 3, start=count // 3)
        english = islice((item for item in middle if item.language == "en"), 2 * OWN_EACH)
        self.own = {item.index: (MAYA, JONAS)[number % 2] for number, item in enumerate(english)}
        """Who of the funded users sells which listing, by its index."""
        self.negotiable = self._negotiable()
        """For people of the cast, a listing of theirs for which they take offers; not everybody has one."""
        negotiable = {item.index for item in self.negotiable.values()}
        self.doubtful = next((item for item in self._newest() if item.index not in negotiable), None)
        """What a moderator takes down."""

    def seller(self, item: DemoListing) -> DemoPerson:
        """Who sells a listing: somebody who speaks its language, if anybody does."""
        speakers = self._speakers.get(item.language) or self._people
        return self.own.get(item.index) or speakers[item.index * 7919 % len(speakers)]

    def age(self, item: DemoListing) -> timedelta:
        """How long ago it was listed."""
        return self._spacing * (item.index + 1)

    def _negotiable(self) -> dict[DemoPerson, DemoListing]:
        cast = set(self._people[:CAST_MAX])
        found: dict[DemoPerson, DemoListing] = {}
        for item in listings(SEED, min(LOOKED_AT, self.count), start=max(0, self.count - LOOKED_AT)):
            if item.accepts_offers and item.price >= 1000 and (seller := self.seller(item)) in cast:
                found[seller] = item  # the oldest one in the end
        return {person: found[person] for person in self._people if person in found}

    def _newest(self) -> Iterator[DemoListing]:
        """Of those that come first, the ones behind the home page's, of people of the cast."""
        cast = set(self._people[:CAST_MAX])
        newest = listings(SEED, max(0, min(FIRST, self.count) - HOME), start=HOME)
        return (item for item in newest if self.seller(item) in cast)

    def first(self) -> list[DemoListing]:
        """What must be there before the story is told: the newest, and what it is about."""
        indexes = {*range(min(FIRST, self.count)), *self.own, *(item.index for item in self.negotiable.values())}
        return [listing(SEED, index) for index in sorted(indexes)]

    def rest(self) -> Iterator[DemoListing]:
        """All others, the newest first."""
        first = {item.index for item in self.first()}
        return (item for item in listings(SEED, self.count) if item.index not in first)
