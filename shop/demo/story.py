"""The demo's past: what people bought, said and sent each other over two months, scene by scene.

Everything is done through the services' own routes, for the people whose deeds they are, as the entrypoint passes on
what users do. A scene is all that happens at one time; before each one the clock is turned to it, so that the services
date what is done, and what follows from it, as it would have been. Each deed stands being repeated: an id of its own
names it, or it finds itself done.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from math import ceil
from random import Random
from typing import Any
from uuid import UUID

from shop.demo.deeds import Deeds, Front, NotBought, Player
from shop.demo.fill import LAMP, LAMP_AGE, Report
from shop.demo.listings import listing
from shop.demo.logins import ADMIN, JONAS, MAYA
from shop.demo.past import PastClock, telling
from shop.demo.people import DemoPerson
from shop.demo.plan import SEED, Deal, Stock, listing_id
from shop.demo.reviews import review
from shop.demo.state import AFTER_ONE_RESUMED, DemoState
from souk.http.client import Refused
from souk.observability.logging import get_logger

SCENES_A_DAY = 2
OPENED_DAYS = 60
"""So many days ago everybody opened their account and was given money."""

GIFT, GIFT_OF_OTHERS, SECOND_GIFT = 60_000, 40_000, 30_000
"""Minor units."""

SCENES_DIFFER_BY = 37
"""Minutes, so that not all scenes of the past are at the same time of the day; within six hours."""

SHIPPED_AFTER, ARRIVED_AFTER, REVIEWED_AFTER, ANSWERED_AFTER = 1.1, 4.3, 5.2, 6.4
REFUNDED_AFTER, CALLED_OFF_AFTER = 5.6, 0.8
"""Days from the purchase on."""

NOW = 1 / 24
"""What would happen less than this many days before the present has not happened yet."""

STEPS_AT_ONCE = 4
VISITS_FOR_DAYS, VISITS_MAX = 21, 4
"""For so many days the funded users' listings were looked at, so often in a scene at the most."""

ANSWERS = ("open", "countered", "accepted", "declined")
"""What became of the offers that Maya made."""

Deed = Callable[[], Awaitable[None]]


REPORTS = (
    ("misleading", "The text says new, the picture does not."),
    ("counterfeit", "The maker never sold it in this colour."),
    ("wrong_category", ""),
)


@dataclass(frozen=True)
class Scene:
    """What happened so many days before the demo's present."""

    day: float
    deeds: list[Deed]


class Story:
    """Tells what is left of a filling's past. `left_out` counts deeds that the shop refused."""

    def __init__(
        self,
        players: Mapping[DemoPerson, Player],
        stock: Stock,
        deals: Sequence[Deal],
        *,
        state: DemoState,
        front: Front,
        currency: str,
    ) -> None:
        self._players = players
        self._stock = stock
        self._deals = deals
        self._state = state
        self._front = front
        resumed = state.resumed > 0
        self._deeds = Deeds(players, stock, begun=state.begun, front=front, currency=currency, resumed=resumed)
        self._begun_before = state.scenes if resumed else None
        self._room = asyncio.Semaphore(STEPS_AT_ONCE)
        self._happened: dict[int, list[Deed]] = defaultdict(list)
        self.left_out = 0
        self._write()

    def scenes(self) -> list[Scene]:
        """All of it, the oldest first."""
        return [Scene(slot / SCENES_A_DAY, self._happened[slot]) for slot in sorted(self._happened, reverse=True)]

    async def tell(self, clock: PastClock | None, keep: Callable[[], Awaitable[None]], report: Report) -> None:
        """Tell the scenes that were not told yet; `keep` is called when the state has changed.

        Without a clock all of it happens now.
        """
        scenes = self.scenes()
        with telling():
            for number, scene in enumerate(scenes):
                if number >= self._state.scenes:
                    self._begin(number, scene, clock)
                    await keep()
                    await self._perform(number, scene)
                report("Story", number + 1, len(scenes))
        self._state.scenes = len(scenes)

    def _begin(self, number: int, scene: Scene, clock: PastClock | None) -> None:
        later = timedelta(minutes=number * SCENES_DIFFER_BY % 360) + self._state.resumed * AFTER_ONE_RESUMED
        self._state.scenes = number
        self._state.told_at = self._state.begun - timedelta(days=scene.day) + later
        if clock is not None:
            clock.turn_to(self._state.told_at)

    async def _perform(self, number: int, scene: Scene) -> None:
        # Visits are no deeds that could be found done: those of a scene that was begun before are not counted again.
        if scene.day <= VISITS_FOR_DAYS and number != self._begun_before:
            await self._visit(number, timedelta(days=scene.day))
        async with asyncio.TaskGroup() as work:
            for deed in scene.deeds:
                work.create_task(self._do(deed))

    async def _do(self, deed: Deed) -> None:
        try:
            async with self._room:
                await deed()
        except (Refused, NotBought) as why:
            if isinstance(why, Refused) and why.status >= 500:
                raise
            self.left_out += 1
            get_logger("demo").warning("left out of the demo's past", deed=repr(deed)[:300], why=str(why))

    async def _visit(self, number: int, ago: timedelta) -> None:
        """The funded users' listings are looked at, those that are on sale."""
        random = Random(number)
        for seen, age in self._looked_at():
            visitors = random.randint(0, VISITS_MAX)
            for visitor in range(visitors if age > ago else 0):
                self._front.viewed(seen, f"{number} {visitor}")
        await self._front.tell()

    def _looked_at(self) -> Iterator[tuple[UUID, timedelta]]:
        yield LAMP.id, LAMP_AGE
        for index in self._stock.own:
            item = listing(SEED, index)
            yield listing_id(item), self._stock.age(item)

    # -- what happens, and when -----------------------------------------------------------------------------------

    def _at(self, day: float, deed: Callable[..., Awaitable[None]], *about: Any) -> None:
        if day > NOW:
            self._happened[ceil(day * SCENES_A_DAY)].append(partial(deed, *about))

    def _write(self) -> None:
        others = [person for person in self._players if person not in (MAYA, JONAS, ADMIN)]
        for person in (MAYA, JONAS, *others):
            self._at(OPENED_DAYS - 1, self._deeds.give, person, GIFT_OF_OTHERS if person in others else GIFT, "first")
        for person in (MAYA, JONAS):
            self._at(40, self._deeds.give, person, SECOND_GIFT, "second")
        self._at(36, self._deeds.send, JONAS, MAYA, 2_450, "Half of the concert tickets")
        self._at(14, self._deeds.send, MAYA, JONAS, 1_250, "For the book, thank you")
        for deal in self._deals:
            self._write_deal(deal)
        for person in (MAYA, JONAS):
            self._at(2, self._deeds.read_news, person)
        self._write_offers(others)
        self._write_rest(others)

    def _write_deal(self, deal: Deal) -> None:
        self._at(deal.day, self._deeds.buy, deal)
        if deal.fate == "called off":
            self._at(deal.day - CALLED_OFF_AFTER, self._deeds.call_off, deal)
            return
        self._at(deal.day - SHIPPED_AFTER, self._deeds.ship, deal)
        self._at(deal.day - ARRIVED_AFTER, self._deeds.confirm, deal)
        if deal.fate == "partly refunded":
            self._at(deal.day - REFUNDED_AFTER, self._deeds.refund_some, deal)
        if deal.fate != "confirmed":
            self._at(deal.day - REVIEWED_AFTER, self._deeds.review, deal)
            self._at(deal.day - ANSWERED_AFTER, self._deeds.answer_review, deal)

    def _write_offers(self, others: Sequence[DemoPerson]) -> None:
        """Everybody has an offer under way, as far as everybody has something that takes offers."""
        sellers = list(self._stock.negotiable)
        for number, seller in enumerate(sellers):
            buyer, day = others[(others.index(seller) + 5) % len(others)], 1.6 - number / len(sellers)
            answer = ANSWERS[number % 2]
            self._at(day, self._deeds.offer, buyer, seller, answer)
        for number, answer in enumerate(ANSWERS):
            if number < len(sellers):
                self._at(1.5, self._deeds.offer, MAYA, sellers[number], answer)
        for number, answer in enumerate(ANSWERS[:3], start=len(ANSWERS)):
            if number < len(sellers):
                self._at(1.2, self._deeds.offer, JONAS, sellers[number], answer)
        self._at(1.0, self._deeds.offer_for_the_lamp, JONAS, "I could come by for it on Saturday.")
        self._at(0.5, self._deeds.offer_for_the_lamp, others[0], "Would you send it?")

    def _write_rest(self, others: Sequence[DemoPerson]) -> None:
        items = list(self._stock.negotiable.items())
        for number, (seller, item) in enumerate(items):
            watcher = others[(others.index(seller) + 11) % len(others)]
            self._at(1.9, self._deeds.watch, watcher, item)
            if number < 6:
                self._at(1.8, self._deeds.watch, (MAYA, JONAS)[number % 2], item)
        for number, index in enumerate(self._stock.own):
            self._at(1.7, self._deeds.watch, others[3 * number % len(others)], listing(SEED, index))
        for seller, item in items[:2]:
            self._at(0.9, self._deeds.lower, seller, item)
        self._at(10, self._deeds.save_search, MAYA, "Lamps up to 60", {"q": "lamp", "price_max": 6_000})
        self._at(10, self._deeds.save_search, MAYA, "Bicycles nearby", {"q": "bicycle", "country": ["IE", "GB"]})
        self._at(7, self._deeds.save_search, JONAS, "Vinyl", {"q": "vinyl"})
        for (seller, item), (reason, text) in zip(items[-3:], REPORTS, strict=False):
            self._at(0.6, self._deeds.report, others[(others.index(seller) + 2) % len(others)], item, reason, text)
        bad = (
            deal for deal in self._deals if deal.day > 8 and deal.fate == "reviewed" and review(deal.number).stars < 3
        )
        for deal in islice(bad, 2):
            self._at(0.6, self._deeds.report_review, deal)
        if (doubtful := self._stock.doubtful) is not None:
            self._at(1.4, self._deeds.take_down, doubtful)
            self._at(0.7, self._deeds.appeal, self._stock.seller(doubtful), doubtful)
        for _, item in items[4:6]:
            self._at(0.3, self._deeds.put_in_cart, MAYA, item)
        self._at(0.5, self._deeds.draft, MAYA)
