"""Fills a shop with demo data, the same for the same seed: people, pictures, listings in bulk, orders and reviews.

Listings go in by the catalogue's bulk route; money and orders go through the public API, as people would do it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import httpx

from souk.contracts.catalogue import BatchListing, BatchPicture, BatchReceipt, ListingBatch, PictureFile
from souk.demo.listings import DemoListing, listings
from souk.demo.people import DemoPerson, people
from souk.demo.reviews import review
from souk.demo.spec import PictureSpec
from souk.http import ServiceClient
from souk.ids import derived_id
from souk.money import Money

SEED = 20
LISTINGS_DEFAULT = 2000
BATCH = 1000
"""Listings sent to the catalogue at once."""

PICTURE_SIZE = (800, 600)
"""Drawn small: two thousand listings should not take minutes."""

GALLERIES = 96
"""The newest so many listings show all their pictures; the rest show the first."""

LISTED_EVERY = timedelta(minutes=37)
LISTED_WITHIN = timedelta(days=120)
"""The newest listing is from now; the others go back evenly, no further than this."""

UPLOADS_UNDER_WAY = 6

ORDERS = 14
"""Purchases made through the public API, each taken to another end."""

REGULAR_ORDERS = 6
"""Further purchases from one seller, so that somebody has more than one review."""

REVIEWED, CALLED_OFF = 3, 4
"""What becomes of an order, of five fates."""

OpenAccount = Callable[[DemoPerson], Awaitable[UUID]]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class DemoSeller:
    """A person with an account."""

    id: UUID
    person: DemoPerson


class Filler:
    """Fills one shop. `catalogue` is called as the entrypoint; `open_account` makes an account or finds it."""

    def __init__(
        self, catalogue: ServiceClient, open_account: OpenAccount, *, now: datetime, currency: str, progress: Progress
    ) -> None:
        self._catalogue = catalogue
        self._open_account = open_account
        self._now = now
        self._currency = currency
        self._progress = progress
        self._files: dict[PictureSpec, UUID] = {}

    async def sellers(self, count: int) -> list[DemoSeller]:
        """Accounts of demo people."""
        opened = []
        for done, person in enumerate(people(SEED, count), start=1):
            opened.append(DemoSeller(await self._open_account(person), person))
            self._progress("People", done, count)
        return opened

    async def pictures(self, count: int) -> None:
        """Draw and keep the pictures that `count` listings need: one for each kind of thing and colour."""
        wanted = list({spec: None for item in listings(SEED, count) for spec in _shown(item)})
        room = asyncio.Semaphore(UPLOADS_UNDER_WAY)
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(max(1, (os.cpu_count() or 2)), mp_context=get_context("spawn")) as processes:

            async def one(spec: PictureSpec) -> None:
                async with room:
                    content = await loop.run_in_executor(processes, _draw, spec)
                    self._files[spec] = await self._keep(content)
                    self._progress("Pictures", len(self._files), len(wanted))

            await asyncio.gather(*(one(spec) for spec in wanted))

    async def _keep(self, content: bytes) -> UUID:
        files = {"pictures": ("picture.jpg", content, "image/jpeg")}
        kept = await self._catalogue.post("/internal/pictures", PictureFile, files=files)
        return kept.id

    async def list_all(self, count: int, sellers: list[DemoSeller]) -> int:
        """Put `count` listings on sale; returns how many were new."""
        speakers: dict[str, list[DemoSeller]] = {}
        for seller in sellers:
            speakers.setdefault(seller.person.listing_language, []).append(seller)
        spacing = min(LISTED_EVERY, LISTED_WITHIN / max(count, 1))
        done = added = 0
        for chunk in _chunks(listings(SEED, count), BATCH):
            batch = [self._listing(item, speakers.get(item.language) or sellers, spacing) for item in chunk]
            receipt = await self._catalogue.post(
                "/internal/listings/batch", BatchReceipt, json=ListingBatch(listings=batch)
            )
            done, added = done + len(batch), added + receipt.added
            self._progress("Listings", done, count)
        return added

    def _listing(self, item: DemoListing, sellers: list[DemoSeller], spacing: timedelta) -> BatchListing:
        shown = [BatchPicture(file_id=self._files[s], alt=item.title) for s in _shown(item) if s in self._files]
        return BatchListing(
            id=derived_id("demo listing", SEED, item.index),
            seller_id=sellers[item.index * 7919 % len(sellers)].id,
            title=item.title,
            description=item.description,
            price=Money(item.price, self._currency),
            category=item.category,
            condition=item.condition,  # type: ignore[arg-type]
            published_at=self._now - spacing * (item.index + 1),
            quantity=item.quantity,
            language=item.language,
            attributes=item.asked,
            pictures=shown,
            accepts_offers=item.accepts_offers,
        )


def _shown(item: DemoListing) -> Iterator[PictureSpec]:
    """What a listing shows: drawings are shared between listings of one kind and colour."""
    shared = PictureSpec(item.pictures[0].kind, seed=1, colour=item.pictures[0].colour)
    yield shared
    if item.index < GALLERIES:
        for view in range(1, len(item.pictures)):
            yield shared.with_view(view)


def _draw(spec: PictureSpec) -> bytes:
    from souk.demo.pictures import draw  # noqa: PLC0415 - only the drawing processes need Pillow

    return draw(spec, size=PICTURE_SIZE)


def _chunks(items: Iterable[DemoListing], size: int) -> Iterator[list[DemoListing]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


class Customer:
    """A demo user who shops through the public API."""

    def __init__(self, http: httpx.AsyncClient, token: str, person: DemoPerson, currency: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"}
        self._person = person
        self.currency = currency

    async def ask(self, method: str, path: str, *, key: UUID | None = None, **more: Any) -> Any:
        """The decoded answer; raises RuntimeError with the problem if it was refused."""
        headers = self._headers | ({"idempotency-key": str(key)} if key else {})
        response = await self._http.request(method, f"/api/v1{path}", headers=headers, **more)
        if response.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json() if response.content else None

    async def issue_money(self, user_id: UUID, amount: int) -> None:
        """As an admin: give a user virtual money, once."""
        body = {
            "user_id": str(user_id),
            "amount": {"amount": amount, "currency": self.currency},
            "reason": "Something to try the shop with",
        }
        await self.ask("POST", "/issuances", key=derived_id("demo issuance", SEED, user_id), json=body)

    async def buy(self, listing_ids: list[str]) -> Any:
        """Buy these listings; the finished purchase."""
        for listing_id in listing_ids:
            await self.ask("PUT", f"/cart/lines/{listing_id}", json={"quantity": 1})
        cart = await self.ask("GET", "/cart")
        place = self._person
        address = {
            "name": place.name,
            "line1": place.street,
            "postcode": place.postcode,
            "city": place.city,
            "country": place.country,
        }
        key = derived_id("demo purchase", SEED, self._person.email, *listing_ids)
        purchase = await self.ask("POST", "/purchases", key=key, json={"address": address, "total": cart["total"]})
        while purchase["status"] in ("placed", "awaiting_payment"):
            purchase = await self.ask("GET", f"/purchases/{purchase['id']}", params={"wait_ms": 1000})
        return purchase


async def trade(buyers: list[Customer], customer_of: Callable[[str], Awaitable[Customer]], progress: Progress) -> None:
    """Buy from all over the shop, and take the orders to every state: paid, shipped, reviewed, refunded."""
    cards, regular = await _affordable(buyers[0], 2 * ORDERS)
    baskets = [cards[2 * number : 2 * number + 1 + number % 2] for number in range(ORDERS)]
    fates = [number % 5 for number in range(ORDERS)] + [3] * len(regular)
    baskets += [[card] for card in regular]
    reviews = 0
    for number, (basket, fate) in enumerate(zip(baskets, fates, strict=True)):
        if not basket:
            continue  # a small shop has fewer things to buy
        buyer = buyers[number % len(buyers)]
        purchase = await buyer.buy([card["id"] for card in basket])
        for order in purchase["orders"]:
            seller = await customer_of(order["seller_id"])
            await _continue(order["id"], buyer, seller, number, fate)
            if fate == REVIEWED:
                await _review(order["id"], buyer, seller, reviews)
                reviews += 1
        progress("Orders", number + 1, len(baskets))


async def _affordable(buyer: Customer, count: int) -> tuple[list[Any], list[Any]]:
    """Listings of moderate price from different sellers, not the newest: the home page should stay full.

    Besides, what else the one of them has who offers the most.
    """
    page = await buyer.ask(
        "GET", "/listings", params={"limit": 100, "price_min": 800, "price_max": 6000, "sort": "price_up"}
    )
    by_seller = {card["seller_id"]: card for card in page["items"]}
    rest = [card for card in page["items"] if card is not by_seller[card["seller_id"]]]
    chosen = [*by_seller.values(), *rest][:count]
    left: dict[str, list[Any]] = {}
    for card in rest[max(0, count - len(by_seller)) :]:
        left.setdefault(card["seller_id"], []).append(card)
    return chosen, max(left.values(), key=len, default=[])[:REGULAR_ORDERS]


async def _continue(order_id: str, buyer: Customer, seller: Customer, number: int, fate: int) -> None:
    """Paid, shipped, arrived, arrived and to be reviewed, or called off."""
    if fate == CALLED_OFF:
        await seller.ask(
            "POST", f"/orders/{order_id}/cancellation", json={"reason": "It broke while I packed it, sorry."}
        )
    elif fate > 0:
        shipment = {"carrier": "City Post", "tracking_code": f"CP{number:04}2026"}
        await seller.ask("POST", f"/orders/{order_id}/shipment", json=shipment)
        if fate > 1:
            await buyer.ask("POST", f"/orders/{order_id}/receipt")


async def _review(order_id: str, buyer: Customer, seller: Customer, count: int) -> None:
    said = review(count)
    path = f"/orders/{order_id}/review"
    written = await buyer.ask("PUT", path, json={"stars": said.stars, "text": said.text})
    if said.answer:
        await seller.ask("PUT", f"/reviews/{written['id']}/answer", json={"text": said.answer})
