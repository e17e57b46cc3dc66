"""What demo people do, through the services' own routes, as the entrypoint passes on what users do.

Each deed stands being repeated: an id of its own names it, or it finds itself done.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shop.demo.fill import LAMP
from shop.demo.listings import DemoListing
from shop.demo.logins import ADMIN
from shop.demo.people import DemoPerson
from shop.demo.plan import SEED, Deal, Stock, listing_id
from shop.demo.reviews import review
from souk.http import Identity, ServiceClient
from souk.http.client import Refused, check
from souk.ids import derived_id, derived_id_at

TRIES_MAX = 4
"""A purchase that a crash let lapse is tried anew."""

VISITS_MAX = 7
"""How often a thing that is bought was looked at on that day, at the most."""

OFFERED, COUNTERED = 80, 90
"""Of the asking price, in percent."""


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
        answer = await self.clients[service].send(method, path, identity=identity, headers=headers, **more)
        check(answer)
        return answer.json() if answer.body else None


class Deeds:
    """Everything that the story can tell; raises Refused, NotBought and Unavailable."""

    def __init__(
        self,
        players: Mapping[DemoPerson, Player],
        stock: Stock,
        *,
        begun: datetime,
        front: Front,
        currency: str,
        resumed: bool,
    ) -> None:
        """`resumed`: some of it may have been done before."""
        self._players = players
        self._stock = stock
        self._begun = begun
        self._front = front
        self._currency = currency
        self._resumed = resumed
        self._orders: dict[int, str] = {}
        self._shopped: set[DemoPerson] = set()

    async def give(self, person: DemoPerson, amount: int, which: str) -> None:
        to = self._players[person].id
        body = {"user_id": str(to), "amount": self._money(amount), "reason": "Something to try the shop with"}
        key = derived_id("demo issuance", SEED, to, which)
        await self._players[ADMIN].ask("payment", "POST", "/issuances", key=key, json=body)

    async def send(self, sender: DemoPerson, recipient: DemoPerson, amount: int, note: str) -> None:
        body = {"recipient_id": str(self._players[recipient].id), "amount": self._money(amount), "note": note}
        key = derived_id("demo transfer", SEED, sender.email, note)
        await self._players[sender].ask("payment", "POST", "/wallet/transfers", key=key, json=body)

    async def buy(self, deal: Deal) -> None:
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
        for visitor in range(1 + deal.number % VISITS_MAX):
            self._front.viewed(deal.listing_id, f"{deal.number} {visitor}")
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
            await self.buy(deal)
        return self._orders[deal.number]

    async def _move(self, who: DemoPerson, deal: Deal, what: str, body: Any = None) -> Any:
        path = f"/orders/{await self._order(deal)}/{what}"
        return await self._players[who].ask("store", "POST", path, json=body)

    async def ship(self, deal: Deal) -> None:
        shipment = {"carrier": "City Post", "tracking_code": f"CP{deal.number:06}"}
        await self._move(deal.seller, deal, "shipment", shipment)

    async def confirm(self, deal: Deal) -> None:
        await self._move(deal.buyer, deal, "receipt")

    async def call_off(self, deal: Deal) -> None:
        await self._move(deal.seller, deal, "cancellation", {"reason": "It broke while I packed it, sorry."})

    async def refund_some(self, deal: Deal) -> None:
        seller, order_id = self._players[deal.seller], await self._order(deal)
        order = await seller.ask("store", "GET", f"/orders/{order_id}")
        part = {"line_id": order["lines"][0]["id"], "amount": self._money(deal.item.price // 5)}
        body = {"lines": [part], "reason": "For the scratch that I had not seen."}
        key = derived_id("demo refund", SEED, deal.number)
        await seller.ask("store", "POST", f"/orders/{order_id}/refunds", key=key, json=body)

    async def review(self, deal: Deal) -> Any:
        said, path = review(deal.number), f"/orders/{await self._order(deal)}/review"
        body = {"stars": said.stars, "text": said.text}
        return await self._players[deal.buyer].ask("store", "PUT", path, json=body)

    async def answer_review(self, deal: Deal) -> None:
        if answer := review(deal.number).answer:
            written = await self.review(deal)  # the same again changes nothing
            path = f"/reviews/{written['id']}/answer"
            await self._players[deal.seller].ask("store", "PUT", path, json={"text": answer})

    async def report_review(self, deal: Deal) -> None:
        written = await self.review(deal)
        body = {"reason": "untrue", "text": "We had spoken about this before it was sent."}
        await self._players[deal.seller].ask("store", "POST", f"/reviews/{written['id']}/reports", json=body)

    async def offer(self, buyer: DemoPerson, seller: DemoPerson, answer: str) -> None:
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

    async def offer_for_the_lamp(self, buyer: DemoPerson, message: str) -> None:
        await self._make_offer(buyer, LAMP.id, LAMP.price.amount, message)

    async def _make_offer(self, buyer: DemoPerson, listing: UUID, price: int, message: str) -> Any:
        offer_id = derived_id_at(self._begun, "demo offer", SEED, buyer.email, listing)
        body = {"listing_id": str(listing), "price": self._part(price, OFFERED), "message": message}
        return await self._players[buyer].ask("store", "POST", "/offers", json=body | {"id": str(offer_id)})

    async def watch(self, who: DemoPerson, item: DemoListing) -> None:
        await self._players[who].ask("catalogue", "PUT", f"/me/watches/{listing_id(item)}")

    async def lower(self, seller: DemoPerson, item: DemoListing) -> None:
        body = {"price": self._part(item.price, COUNTERED)}
        await self._players[seller].ask("catalogue", "PATCH", f"/listings/{listing_id(item)}", json=body)

    async def save_search(self, who: DemoPerson, name: str, filters: Any) -> None:
        search_id = derived_id_at(self._begun, "demo search", SEED, who.email, name)
        body = {"name": name, "filters": filters, "id": str(search_id)}
        await self._players[who].ask("catalogue", "POST", "/me/searches", json=body)

    async def report(self, who: DemoPerson, item: DemoListing, reason: str, text: str) -> None:
        body = {"reason": reason, "text": text}
        await self._players[who].ask("catalogue", "POST", f"/listings/{listing_id(item)}/reports", json=body)

    async def take_down(self, item: DemoListing) -> None:
        body = {"action": "hide", "reason": "misleading", "text": "The picture shows another model than the text."}
        path = f"/moderation/cases/{listing_id(item)}/decisions"
        await self._players[ADMIN].ask("catalogue", "POST", path, json=body)

    async def appeal(self, seller: DemoPerson, item: DemoListing) -> None:
        body = {"text": "It is this model; only the lid is from another one, as I wrote."}
        await self._players[seller].ask("catalogue", "POST", f"/listings/{listing_id(item)}/appeals", json=body)

    async def put_in_cart(self, who: DemoPerson, item: DemoListing) -> None:
        await self._players[who].ask("store", "PUT", f"/cart/lines/{listing_id(item)}", json={"quantity": 1})

    async def draft(self, who: DemoPerson) -> None:
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

    async def read_news(self, who: DemoPerson) -> None:
        await self._front.read_news(self._players[who].id)

    def _money(self, amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": self._currency}

    def _part(self, price: int, percent: int) -> dict[str, Any]:
        """So many percent of a price, rounded down to whole units of the currency where that leaves something."""
        amount = price * percent // 100
        return self._money(amount - amount % 100 if amount > 100 else amount)
