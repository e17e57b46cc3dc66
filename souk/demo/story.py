"""The demo's past: what people bought, said and sent each other over two months, scene by scene.

Everything is done through the services' own routes, for the people whose deeds they are, as the entrypoint passes on
what users do. A scene is all that happens at one time; before each one the clock is turned to it, so that the services
date what is done, and what follows from it, as it would have been. Each deed stands being repeated: an id of its own
names it, or it finds itself done.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from math import ceil
from random import Random
from typing import Any, Protocol
from uuid import UUID

import msgspec

from souk.demo.fill import LAMP, LAMP_AGE, Report
from souk.demo.listings import DemoListing, listing
from souk.demo.logins import ADMIN, JONAS, MAYA
from souk.demo.past import PastClock, telling
from souk.demo.people import DemoPerson
from souk.demo.plan import SEED, Deal, Stock, listing_id
from souk.demo.reviews import review
from souk.demo.state import AFTER_ONE_RESUMED, DemoState
from souk.http import Identity, ServiceClient
from souk.http.client import Refused
from souk.ids import derived_id, derived_id_at
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
TRIES_MAX = 4
"""A purchase that a crash let lapse is tried anew."""

VISITS_FOR_DAYS, VISITS_MAX = 21, 4
"""For so many days the funded users' listings were looked at, so often in a scene at the most."""

OFFERED, COUNTERED = 80, 90
"""Of the asking price, in percent."""

ANSWERS = ("open", "countered", "accepted", "declined")
"""What became of the offers that Maya made."""

Deed = Callable[[], Awaitable[None]]


class NotBought(Exception):
    """The purchase that a deed is about came to nothing."""


class Front(Protocol):
    """What the entrypoint itself keeps of what people do."""

    def viewed(self, listing_id: UUID, visitor: str) -> None:
        """Somebody looked at a listing."""

    def put_in_cart(self, listing_id: UUID) -> None:
        """Somebody put it into a cart."""

    async def tell(self) -> None:
        """Have the others know what was looked at."""

    async def read_news(self, user_id: UUID) -> None:
        """Somebody read their notifications."""


@dataclass(frozen=True)
class Player:
    """A demo person with an account."""

    id: UUID
    person: DemoPerson
    clients: Mapping[str, ServiceClient]
    roles: frozenset[str] = frozenset()
    shopping: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Everybody has one cart."""

    async def ask(self, service: str, method: str, path: str, *, key: UUID | None = None, **more: Any) -> Any:
        """The decoded answer of a service to this person; raises Refused and Unavailable."""
        identity = Identity(service="entrypoint", user_id=self.id, roles=self.roles)
        headers = {"idempotency-key": str(key)} if key else None
        response = await self.clients[service].send(method, path, identity=identity, headers=headers, **more)
        if response.status_code >= 400:
            raise Refused(response.status_code, msgspec.json.decode(response.content))
        return msgspec.json.decode(response.content) if response.content else None


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
        self._currency = currency
        self._orders: dict[int, str] = {}
        self._resumed, self._first = state.resumed > 0, state.scenes
        self._shopped: set[DemoPerson] = set()
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
        if scene.day <= VISITS_FOR_DAYS and not (self._resumed and number == self._first):
            await self._visit(
                number, timedelta(days=scene.day)
            )  # no deeds: of a scene that was begun before, they are not counted twice
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
            self._at(OPENED_DAYS - 1, self._give, person, GIFT_OF_OTHERS if person in others else GIFT, "first")
        for person in (MAYA, JONAS):
            self._at(40, self._give, person, SECOND_GIFT, "second")
        self._at(36, self._send, JONAS, MAYA, 2_450, "Half of the concert tickets")
        self._at(14, self._send, MAYA, JONAS, 1_250, "For the book, thank you")
        for deal in self._deals:
            self._write_deal(deal)
        for person in (MAYA, JONAS):
            self._at(2, self._read_news, person)
        self._write_offers(others)
        self._write_rest(others)

    def _write_deal(self, deal: Deal) -> None:
        self._at(deal.day, self._buy, deal)
        if deal.fate == "called off":
            self._at(deal.day - CALLED_OFF_AFTER, self._call_off, deal)
            return
        self._at(deal.day - SHIPPED_AFTER, self._ship, deal)
        self._at(deal.day - ARRIVED_AFTER, self._confirm, deal)
        if deal.fate == "partly refunded":
            self._at(deal.day - REFUNDED_AFTER, self._refund_some, deal)
        if deal.fate != "confirmed":
            self._at(deal.day - REVIEWED_AFTER, self._review, deal)
            self._at(deal.day - ANSWERED_AFTER, self._answer_review, deal)

    def _write_offers(self, others: Sequence[DemoPerson]) -> None:
        """Everybody has an offer under way, as far as everybody has something that takes offers."""
        sellers = list(self._stock.negotiable)
        for number, seller in enumerate(sellers):
            buyer, day = others[(others.index(seller) + 5) % len(others)], 1.6 - number / len(sellers)
            answer = ANSWERS[number % 2]
            self._at(day, self._offer, buyer, seller, answer)
        for number, answer in enumerate(ANSWERS):
            if number < len(sellers):
                self._at(1.5, self._offer, MAYA, sellers[number], answer)
        for number, answer in enumerate(ANSWERS[:3], start=len(ANSWERS)):
            if number < len(sellers):
                self._at(1.2, self._offer, JONAS, sellers[number], answer)
        self._at(1.0, self._offer_for_the_lamp, JONAS, "I could come by for it on Saturday.")
        self._at(0.5, self._offer_for_the_lamp, others[0], "Would you send it?")

    def _write_rest(self, others: Sequence[DemoPerson]) -> None:
        items = list(self._stock.negotiable.items())
        for number, (seller, item) in enumerate(items):
            watcher = others[(others.index(seller) + 11) % len(others)]
            self._at(1.9, self._watch, watcher, item)
            if number < 6:
                self._at(1.8, self._watch, (MAYA, JONAS)[number % 2], item)
        for number, index in enumerate(self._stock.own):
            self._at(1.7, self._watch, others[3 * number % len(others)], listing(SEED, index))
        for seller, item in items[:2]:
            self._at(0.9, self._lower, seller, item)
        self._at(10, self._save_search, MAYA, "Lamps up to 60", {"q": "lamp", "price_max": 6_000})
        self._at(10, self._save_search, MAYA, "Bicycles nearby", {"q": "bicycle", "country": ["IE", "GB"]})
        self._at(7, self._save_search, JONAS, "Vinyl", {"q": "vinyl"})
        for (seller, item), (reason, text) in zip(items[-3:], REPORTS, strict=False):
            self._at(0.6, self._report, others[(others.index(seller) + 2) % len(others)], item, reason, text)
        bad = (
            deal for deal in self._deals if deal.day > 8 and deal.fate == "reviewed" and review(deal.number).stars < 3
        )
        for deal in islice(bad, 2):
            self._at(0.6, self._report_review, deal)
        if (doubtful := self._stock.doubtful) is not None:
            self._at(1.4, self._take_down, doubtful)
            self._at(0.7, self._appeal, self._stock.seller(doubtful), doubtful)
        for _, item in items[4:6]:
            self._at(0.3, self._put_in_cart, MAYA, item)
        self._at(0.5, self._draft, MAYA)

    # -- deeds ----------------------------------------------------------------------------------------------------

    async def _give(self, person: DemoPerson, amount: int, which: str) -> None:
        to = self._players[person].id
        body = {"user_id": str(to), "amount": self._money(amount), "reason": "Something to try the shop with"}
        key = derived_id("demo issuance", SEED, to, which)
        await self._players[ADMIN].ask("payment", "POST", "/issuances", key=key, json=body)

    async def _send(self, sender: DemoPerson, recipient: DemoPerson, amount: int, note: str) -> None:
        body = {"recipient_id": str(self._players[recipient].id), "amount": self._money(amount), "note": note}
        key = derived_id("demo transfer", SEED, sender.email, note)
        await self._players[sender].ask("payment", "POST", "/wallet/transfers", key=key, json=body)

    async def _buy(self, deal: Deal) -> None:
        buyer = self._players[deal.buyer]
        async with buyer.shopping:
            for attempt in range(TRIES_MAX):
                purchase = await self._placed_before(deal, attempt) if self._resumed else None
                purchase = purchase or await self._check_out(deal, attempt)
                while purchase["status"] in ("placed", "awaiting_payment"):
                    path = f"/purchases/{purchase['id']}"
                    purchase = await buyer.ask("store", "GET", path, params={"wait_ms": 1000})
                if purchase["status"] == "paid":
                    self._orders[deal.number] = purchase["orders"][0]["id"]
                    return
        raise NotBought(f"{deal.listing_id} could not be bought")

    async def _check_out(self, deal: Deal, attempt: int) -> Any:
        buyer = self._players[deal.buyer]
        if deal.buyer in self._shopped:
            await buyer.ask("store", "DELETE", "/cart")  # what was bought just now may still be in it
        self._shopped.add(deal.buyer)
        await buyer.ask("store", "PUT", f"/cart/lines/{deal.listing_id}", json={"quantity": 1})
        self._front.put_in_cart(deal.listing_id)
        return await self._place(deal, attempt)

    async def _place(self, deal: Deal, attempt: int) -> Any:
        home = deal.buyer
        address = {
            "name": home.name,
            "line1": home.street,
            "postcode": home.postcode,
            "city": home.city,
            "country": home.country,
        }
        body = {"address": address, "total": self._money(deal.item.price)}
        key = derived_id("demo purchase", SEED, deal.number, attempt)
        return await self._players[home].ask("store", "POST", "/purchases", key=key, json=body)

    async def _placed_before(self, deal: Deal, attempt: int) -> Any:
        """The purchase, if its key was used before the interruption: then the cart is not looked at."""
        try:
            return await self._place(deal, attempt)
        except Refused as refused:
            if refused.status >= 500:
                raise
            return None

    async def _order(self, deal: Deal) -> str:
        if deal.number not in self._orders:
            await self._buy(deal)
        return self._orders[deal.number]

    async def _move(self, who: DemoPerson, deal: Deal, what: str, body: Any = None) -> Any:
        path = f"/orders/{await self._order(deal)}/{what}"
        return await self._players[who].ask("store", "POST", path, json=body)

    async def _ship(self, deal: Deal) -> None:
        shipment = {"carrier": "City Post", "tracking_code": f"CP{deal.number:06}"}
        await self._move(deal.seller, deal, "shipment", shipment)

    async def _confirm(self, deal: Deal) -> None:
        await self._move(deal.buyer, deal, "receipt")

    async def _call_off(self, deal: Deal) -> None:
        await self._move(deal.seller, deal, "cancellation", {"reason": "It broke while I packed it, sorry."})

    async def _refund_some(self, deal: Deal) -> None:
        seller, order_id = self._players[deal.seller], await self._order(deal)
        order = await seller.ask("store", "GET", f"/orders/{order_id}")
        part = {"line_id": order["lines"][0]["id"], "amount": self._money(deal.item.price // 5)}
        body = {"lines": [part], "reason": "For the scratch that I had not seen."}
        key = derived_id("demo refund", SEED, deal.number)
        await seller.ask("store", "POST", f"/orders/{order_id}/refunds", key=key, json=body)

    async def _review(self, deal: Deal) -> Any:
        said, path = review(deal.number), f"/orders/{await self._order(deal)}/review"
        body = {"stars": said.stars, "text": said.text}
        return await self._players[deal.buyer].ask("store", "PUT", path, json=body)

    async def _answer_review(self, deal: Deal) -> None:
        if answer := review(deal.number).answer:
            written = await self._review(deal)  # the same again changes nothing
            path = f"/reviews/{written['id']}/answer"
            await self._players[deal.seller].ask("store", "PUT", path, json={"text": answer})

    async def _report_review(self, deal: Deal) -> None:
        written = await self._review(deal)
        body = {"reason": "untrue", "text": "We had spoken about this before it was sent."}
        await self._players[deal.seller].ask("store", "POST", f"/reviews/{written['id']}/reports", json=body)

    async def _offer(self, buyer: DemoPerson, seller: DemoPerson, answer: str) -> None:
        item = self._stock.negotiable[seller]
        made = await self._make_offer(buyer, listing_id(item), item.price, "")
        path, seen = f"/offers/{made['id']}", {"round": 1}
        asked = self._players[seller].ask
        if answer == "countered":
            body = seen | {"price": self._part(item.price, COUNTERED), "message": "It is as good as new."}
            await asked("store", "POST", f"{path}/counteroffer", json=body)
        elif answer == "accepted":
            await asked("store", "POST", f"{path}/acceptance", json=seen)
        elif answer == "declined":
            await asked("store", "POST", f"{path}/refusal", json=seen)

    async def _offer_for_the_lamp(self, buyer: DemoPerson, message: str) -> None:
        await self._make_offer(buyer, LAMP.id, LAMP.price.amount, message)

    async def _make_offer(self, buyer: DemoPerson, listing: UUID, price: int, message: str) -> Any:
        offer_id = derived_id_at(self._state.begun, "demo offer", SEED, buyer.email, listing)
        body = {"listing_id": str(listing), "price": self._part(price, OFFERED), "message": message}
        return await self._players[buyer].ask("store", "POST", "/offers", json=body | {"id": str(offer_id)})

    async def _watch(self, who: DemoPerson, item: DemoListing) -> None:
        await self._players[who].ask("catalogue", "PUT", f"/me/watches/{listing_id(item)}")

    async def _lower(self, seller: DemoPerson, item: DemoListing) -> None:
        body = {"price": self._part(item.price, COUNTERED)}
        await self._players[seller].ask("catalogue", "PATCH", f"/listings/{listing_id(item)}", json=body)

    async def _save_search(self, who: DemoPerson, name: str, filters: Any) -> None:
        search_id = derived_id_at(self._state.begun, "demo search", SEED, who.email, name)
        body = {"name": name, "filters": filters, "id": str(search_id)}
        await self._players[who].ask("catalogue", "POST", "/me/searches", json=body)

    async def _report(self, who: DemoPerson, item: DemoListing, reason: str, text: str) -> None:
        body = {"reason": reason, "text": text}
        await self._players[who].ask("catalogue", "POST", f"/listings/{listing_id(item)}/reports", json=body)

    async def _take_down(self, item: DemoListing) -> None:
        body = {"action": "hide", "reason": "misleading", "text": "The picture shows another model than the text."}
        path = f"/moderation/cases/{listing_id(item)}/decisions"
        await self._players[ADMIN].ask("catalogue", "POST", path, json=body)

    async def _appeal(self, seller: DemoPerson, item: DemoListing) -> None:
        body = {"text": "It is this model; only the lid is from another one, as I wrote."}
        await self._players[seller].ask("catalogue", "POST", f"/listings/{listing_id(item)}/appeals", json=body)

    async def _put_in_cart(self, who: DemoPerson, item: DemoListing) -> None:
        await self._players[who].ask("store", "PUT", f"/cart/lines/{listing_id(item)}", json={"quantity": 1})

    async def _draft(self, who: DemoPerson) -> None:
        title = "Picnic basket for four"
        mine = await self._players[who].ask("catalogue", "GET", "/me/listings", params={"status": "draft"})
        if not any(listing["title"] == title for listing in mine["items"]):
            body = {
                "title": title,
                "description": "With all the plates. One glass is missing.",
                "price": self._money(2_800),
                "category": "kitchen",
                "condition": "good",
            }
            await self._players[who].ask("catalogue", "POST", "/listings", json=body)

    async def _read_news(self, who: DemoPerson) -> None:
        await self._front.read_news(self._players[who].id)

    def _money(self, amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": self._currency}

    def _part(self, price: int, percent: int) -> dict[str, Any]:
        """So many percent of a price, rounded down to whole units of the currency where that leaves something."""
        amount = price * percent // 100
        return self._money(amount - amount % 100 if amount > 100 else amount)


REPORTS = (
    ("misleading", "The text says new, the picture does not."),
    ("counterfeit", "The maker never sold it in this colour."),
    ("wrong_category", ""),
)
