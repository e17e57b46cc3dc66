"""What every service knows of a purchase: its steps, what was told and handled, what waits for whom, and until when."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from entrypoint.context.parts import Parts
from souk.contracts.catalogue.reservations import PurchaseStock
from souk.contracts.payment.ledger import PurchaseMoney
from souk.contracts.store.orders import Order
from souk.contracts.store.purchases import Purchase
from souk.errors import RuleBroken, Unavailable
from souk.http import dead_letters, event_routes
from souk.http.event_routes import GivenUpEvent, Handlings, ToldEvent
from souk.http.identity import Identity

SERVICES = ("store", "catalogue", "payment", "entrypoint")
OPEN = ("placed", "awaiting_payment")

CLOCKS_DIFFER = 60_000 << 80
"""A minute, in a UUIDv7: nothing about a purchase was told before its orders had ids, on the clock of whoever told it."""

T = TypeVar("T")


@dataclass(frozen=True)
class Hearing:
    """What one consumer made of an event, or has still to make of it."""

    service: str
    consumer: str
    handled_at: datetime | None = None
    given_up: GivenUpEvent | None = None

    @property
    def waits(self) -> bool:
        """It has neither handled it nor given up: it has not come to it, or failed and rests before its next try."""
        return self.handled_at is None and self.given_up is None


@dataclass(frozen=True)
class Told:
    """An event, who told it, and everybody who wants it."""

    service: str
    event: ToldEvent
    heard: tuple[Hearing, ...]

    @property
    def untold(self) -> bool:
        """Somebody has not come to it: it waits to be told, or rests in a queue before the next try."""
        return self.event.told_at is None or any(hearing.waits for hearing in self.heard)

    @property
    def waits(self) -> bool:
        """Something of it is still to come, or was given up."""
        return self.untold or any(hearing.given_up for hearing in self.heard)


@dataclass(frozen=True)
class Deadline:
    """What happens by itself if nobody acts, and when."""

    what: str
    """The purchase, or an order's number."""
    href: str
    status: str
    at: datetime
    outcome: str
    passed: bool
    """It should have happened already."""


@dataclass(frozen=True)
class Story:
    """All that is known of a purchase now."""

    purchase: Purchase
    orders: list[Order]
    stock: PurchaseStock | None
    money: PurchaseMoney | None
    told: list[Told]
    deadlines: list[Deadline]
    silent: list[str]
    """Services that do not answer just now: of what they know nothing is here."""

    @property
    def waits(self) -> bool:
        """There is something to try again."""
        return any(told.waits for told in self.told) or any(deadline.passed for deadline in self.deadlines)

    def number_of(self, order_id: UUID) -> str:
        """The order's number; its id if the store does not answer."""
        return next((order.number for order in self.orders if order.id == order_id), str(order_id))

    @property
    def trace_id(self) -> str:
        """The trace in which it was placed; empty if that is not kept any more."""
        return next((told.event.trace_id for told in self.told if told.event.trace_id), "")


class _Asking:
    """Asks all services for an admin, and remembers who does not answer."""

    def __init__(self, parts: Parts, identity: Identity) -> None:
        self._parts = parts
        self._clients = parts.clients
        self._identity = identity
        self.silent: set[str] = set()

    async def order(self, order_id: UUID) -> Order | None:
        """What the store knows of an order."""
        return await self._or_none("store", self._clients.store.get_order(self._identity, order_id))

    async def stock(self, purchase_id: UUID) -> PurchaseStock | None:
        """What the catalogue holds for the purchase."""
        return await self._or_none("catalogue", self._clients.catalogue.get_purchase_stock(self._identity, purchase_id))

    async def money(self, purchase_id: UUID) -> PurchaseMoney | None:
        """Where the payment service has the purchase's money."""
        return await self._or_none("payment", self._clients.payment.get_purchase_money(self._identity, purchase_id))

    async def told(self, service: str, about: Sequence[UUID], since: UUID) -> list[ToldEvent]:
        """The events that a service told about these ids."""
        if service == "entrypoint":
            async with self._parts.kernel.database.reading() as reader:
                return await event_routes.told_about(reader, about, since)
        asked = self._clients.by_name(service).list_told_events(self._identity, about, since)
        return await self._or_none(service, asked) or []

    async def handlings(self, service: str, ids: Sequence[UUID]) -> Handlings | None:
        """What a service made of events."""
        if service == "entrypoint":
            kernel = self._parts.kernel
            async with kernel.database.reading() as reader:
                return await event_routes.handlings(reader, kernel.consumers, ids)
        asked = self._clients.by_name(service).list_event_handlings(self._identity, ids)
        return await self._or_none(service, asked)

    async def _or_none(self, service: str, asked: Awaitable[T]) -> T | None:
        """The answer; None if the service knows of no such thing, or does not answer."""
        try:
            return await asked
        except RuleBroken as refusal:
            if isinstance(refusal, Unavailable) or refusal.status >= 500:
                self.silent.add(service)
            elif refusal.status != 404:
                raise
            return None


async def story_of(parts: Parts, identity: Identity, purchase: Purchase) -> Story:
    """Ask everybody. The identity must be an admin's."""
    asking = _Asking(parts, identity)
    ids = [order.id for order in purchase.orders]
    about = [purchase.id, *ids]
    since = UUID(int=min(order_id.int for order_id in ids) - CLOCKS_DIFFER)
    orders, stock, money, told = await asyncio.gather(
        asyncio.gather(*(asking.order(order_id) for order_id in ids)),
        asking.stock(purchase.id),
        asking.money(purchase.id),
        asyncio.gather(*(asking.told(service, about, since) for service in SERVICES)),
    )
    event_ids = list({event.event_id for events in told for event in events})
    heard = await asyncio.gather(*(asking.handlings(service, event_ids) for service in SERVICES))
    found = [order for order in orders if order is not None]
    return Story(
        purchase=purchase,
        orders=found,
        stock=stock,
        money=money,
        told=_joined(dict(zip(SERVICES, told, strict=True)), dict(zip(SERVICES, heard, strict=True))),
        deadlines=_deadlines(purchase, found, parts.kernel.clock.now()),
        silent=sorted(asking.silent),
    )


async def try_again(parts: Parts, identity: Identity, story: Story) -> list[str]:
    """Try at once whatever waits; what that was, in words for the log. What moved meanwhile is left alone."""
    tried = []
    for told in story.told:
        if told.untold and await _did(_tell(parts, identity, told)):
            tried.append(f"{told.event.type} of {told.service}")
        for hearing in told.heard:
            if hearing.given_up and await _did(_replay(parts, identity, hearing.service, hearing.given_up.letter_id)):
                tried.append(f"{told.event.type} to {hearing.consumer}")
    if any(deadline.passed for deadline in story.deadlines):
        await parts.clients.store.apply_deadlines(identity, story.purchase.id)
        tried.append("deadlines")
    return tried


async def _did(attempt: Awaitable[None]) -> bool:
    try:
        await attempt
    except RuleBroken as refusal:
        if refusal.status != 404:
            raise
        return False
    return True


async def _tell(parts: Parts, identity: Identity, told: Told) -> None:
    if told.service == "entrypoint":
        async with parts.kernel.database.transaction() as session:
            await event_routes.try_again(session, told.event.row_id)
        return
    await parts.clients.by_name(told.service).retry_event(identity, told.event.row_id)


async def _replay(parts: Parts, identity: Identity, service: str, letter_id: UUID) -> None:
    if service == "entrypoint":
        async with parts.kernel.database.transaction() as session:
            await dead_letters.replay(session, letter_id, str(identity.user()))
        return
    await parts.clients.by_name(service).replay_dead_letter(identity, letter_id)


def _joined(told: Mapping[str, list[ToldEvent]], heard: Mapping[str, Handlings | None]) -> list[Told]:
    """Each event with everybody who wants it, in the order in which they were made."""
    handled: dict[tuple[UUID, str], datetime] = {}
    given_up: dict[tuple[UUID, str], GivenUpEvent] = {}
    for made in heard.values():
        if made is not None:
            handled |= {(one.event_id, one.consumer): one.handled_at for one in made.handled}
            given_up |= {(one.event_id, one.consumer): one for one in made.given_up}
    wanting = [
        (service, consumer, set(types))
        for service, made in heard.items()
        if made is not None
        for consumer, types in made.wanted.items()
    ]

    def hearings(event: ToldEvent) -> tuple[Hearing, ...]:
        if event.again:  # what became of it stands beside its first telling
            return ()
        keys = [(event.event_id, consumer) for _, consumer, types in wanting if event.type in types]
        services = [service for service, _, types in wanting if event.type in types]
        return tuple(
            Hearing(service, key[1], handled.get(key), given_up.get(key))
            for service, key in zip(services, keys, strict=True)
        )

    joined = [Told(service, event, hearings(event)) for service, events in told.items() for event in events]
    return sorted(joined, key=lambda one: (one.event.made_at, one.event.row_id))


def _deadlines(purchase: Purchase, orders: Sequence[Order], now: datetime) -> list[Deadline]:
    """The next ones first."""
    found = [
        Deadline(
            order.number,
            f"/orders/{order.id}",
            order.status,
            order.deadline,
            order.deadline_outcome,
            order.deadline < now,
        )
        for order in orders
        if order.deadline is not None and order.deadline_outcome is not None and purchase.status not in OPEN
    ]
    if purchase.status in OPEN:
        at = purchase.expires_at
        found.append(Deadline("", f"/purchases/{purchase.id}", purchase.status, at, "cancelled", at < now))
    return sorted(found, key=lambda deadline: deadline.at)
