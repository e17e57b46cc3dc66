"""One filling of a shop with demo data: accounts, listings and the story, from where it stands to its end."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, nullcontext
from copy import copy
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from litestar import Litestar
from sqlalchemy import select

from entrypoint.accounts import accounts, email_addresses
from entrypoint.accounts.tables import UserRow
from entrypoint.context.parts import Parts
from entrypoint.notifications import notifications
from entrypoint.view_counts.view_counts import ViewCounts
from shop.demo import state as states
from shop.demo.catalogue import DemoCatalogue
from shop.demo.deeds import Player
from shop.demo.drawing import drawers
from shop.demo.fill import LISTINGS_DEFAULT, Filler, Report
from shop.demo.listings import DemoListing
from shop.demo.logins import ADMIN, KNOWN, Logins, kept_logins
from shop.demo.past import PastClock, telling
from shop.demo.people import DemoPerson, people
from shop.demo.plan import CAST_MAX, SEED, Deal, Stock, deals
from shop.demo.state import DemoState
from shop.demo.story import OPENED_DAYS, Story
from souk.http import Kernel, ServiceClient

SELLERS_MAX = 500
LISTINGS_A_SELLER = 50

ACCOUNTS_AT_ONCE = 4

Settled = Callable[[], Awaitable[None]]
"""Waits until everything has been told that follows from what was done."""


class Filling:
    """One filling of a shop, from where it stands to its end."""

    def __init__(
        self, entrypoint: Litestar, folder: Path, state: DemoState, logins: Logins, settled: Settled | None
    ) -> None:
        self.state = state
        self.logins = logins
        self._folder = folder
        self._kernel: Kernel = entrypoint.state.kernel
        self._parts: Parts = entrypoint.state.parts
        self._settled = settled
        clock = self._kernel.clock
        self._clock = clock if state.past and isinstance(clock, PastClock) else None
        self._ids: dict[DemoPerson, UUID] = {}
        self._keeping = asyncio.Lock()
        self.left_out = 0
        """Deeds of the story that the shop refused."""

    @classmethod
    async def due(cls, entrypoint: Litestar, folder: Path, *, wanted: bool, settled: Settled) -> "Filling | None":
        """The filling that was interrupted, or (if one is wanted) that of a shop in which nobody has an account yet."""
        state = states.load(folder)
        if state is None and wanted and not await _inhabited(entrypoint.state.kernel):
            return await cls.begin(entrypoint, folder, LISTINGS_DEFAULT, pictures=True, settled=settled)
        if state is None or state.done:
            return None
        return await cls.begin(entrypoint, folder, state.listings, pictures=state.pictures, settled=settled)

    @classmethod
    async def begin(
        cls, entrypoint: Litestar, folder: Path, count: int, *, pictures: bool, settled: Settled | None
    ) -> "Filling | None":
        """Begin to fill, or go on; None if all is there. The accounts that people log in to are there when it returns."""
        kernel: Kernel = entrypoint.state.kernel
        state = states.load(folder)
        if state is None:
            if await _Accounts(entrypoint.state.parts).there(ADMIN):
                return None  # filled by a version that kept no state
            past = isinstance(kernel.clock, PastClock) and not await _inhabited(kernel)
            state = DemoState(begun=kernel.clock.now(), past=past, listings=count, pictures=pictures)
        elif not state.done:
            state.resumed += 1
        elif count > state.listings:
            state.extend(count, pictures=pictures)
        else:
            return None
        states.save(folder, state)
        filling = cls(entrypoint, folder, state, kept_logins(folder), settled)
        filling._parts.arriving.begin(count - state.filled, past=filling._clock is not None)
        await filling._open([*KNOWN])
        return filling

    async def run(self, report: Report) -> None:
        """Fill: people, then what the story is about, then the story and all other listings side by side."""
        try:
            async with AsyncExitStack() as stack:
                await self._fill(stack, report)
        except Exception:
            await self._end_past()  # the rest of it is told in the present, whenever it is gone on with
            raise

    async def _fill(self, stack: AsyncExitStack, report: Report) -> None:
        state, kernel = self.state, self._kernel
        sellers = list(people(SEED, min(SELLERS_MAX, max(CAST_MAX, state.listings // LISTINGS_A_SELLER))))
        await self._open(sellers, report)
        clients = {service: kernel.client(service) for service in ("catalogue", "store", "payment")}
        for client in clients.values():
            stack.push_async_callback(client.close)
        stock, sold = Stock(state.listings, sellers), deals(sellers[:CAST_MAX])
        filler = Filler(
            DemoCatalogue(clients["catalogue"]),
            self._ids,
            stock,
            begun=state.begun,
            currency=kernel.settings.currency,
            drawers=stack.enter_context(drawers() if state.pictures else nullcontext()),
        )
        batches = filler.batches(state.filled)
        if not state.filled:
            await self._prepare(filler, next(batches), sold)
        async with asyncio.TaskGroup() as work:
            work.create_task(self._publish(filler, batches, report))
            work.create_task(self._tell(clients, stock, sold, report))
        state.done = True
        await self._keep()

    async def _prepare(self, filler: Filler, first: list[DemoListing], sold: Sequence[Deal]) -> None:
        """Put on sale what the story is about."""
        if not self.state.batches:
            await filler.publish(first)
        self._parts.arriving.came(len(first))
        if not self.state.batches:
            await filler.publish_lamp()
            await filler.publish_sold(sold)
            await self._came()

    async def _publish(self, filler: Filler, batches: Iterator[list[DemoListing]], report: Report) -> None:
        total = self.state.listings
        for number, batch in enumerate(batches, start=0 if self.state.filled else 1):
            if number >= self.state.batches:
                await filler.publish(batch)
                await self._came()
            self._parts.arriving.came(len(batch))
            report("Listings", total - self._parts.arriving.left, total)

    async def _tell(
        self, clients: dict[str, ServiceClient], stock: Stock, sold: Sequence[Deal], report: Report
    ) -> None:
        if not self.state.filled:
            if self._settled is not None:
                await self._settled()  # all services know whose addresses are proved: money reaches them at once
            players = {person: self._player(person, clients) for person in self._ids}
            cast = {person: player for person, player in players.items() if person in KNOWN or person.index < CAST_MAX}
            front = _Front(self._kernel, self._parts.view_counts)
            story = Story(cast, stock, sold, state=self.state, front=front, currency=self._kernel.settings.currency)
            await story.tell(self._clock, self._keep, report)
            self.left_out = story.left_out
            if self._settled is not None:
                await self._settled()
        await self._end_past()

    async def _end_past(self) -> None:
        """From now on there is one time for everybody, and everybody may do everything."""
        self.state.past = False
        await self._keep()  # before anything is done in the present: the past never comes after it
        if self._clock is not None:
            self._clock.return_to_present()
        self._parts.arriving.told()

    def _player(self, person: DemoPerson, clients: dict[str, ServiceClient]) -> Player:
        roles = frozenset({"admin"}) if person == ADMIN else frozenset[str]()
        return Player(self._ids[person], person, clients, roles)

    async def _came(self) -> None:
        self.state.batches += 1
        await self._keep()

    async def _keep(self) -> None:
        async with self._keeping:  # the disk is waited for in a thread
            await asyncio.to_thread(states.save, self._folder, copy(self.state))

    async def _open(self, persons: Sequence[DemoPerson], report: Report | None = None) -> None:
        """See that these have accounts, opened when the story begins."""
        accounts, room = _Accounts(self._parts), asyncio.Semaphore(ACCOUNTS_AT_ONCE)

        async def one(person: DemoPerson) -> None:
            async with room:
                self._ids[person] = await accounts.open(person, self.logins.passwords.get(person.email, ""))
            if report is not None:
                report("People", len(self._ids) - len(KNOWN), len(persons))

        if self._clock is not None:
            self._clock.turn_to(self.state.begun - timedelta(days=OPENED_DAYS))
        with telling():
            async with asyncio.TaskGroup() as work:
                for person in persons:
                    work.create_task(one(person))


class _Accounts:
    """Accounts of demo people. Nobody knows the passwords of others than the three that people log in to."""

    def __init__(self, parts: Parts) -> None:
        self._kernel, self._passwords = parts.kernel, parts.passwords

    async def there(self, person: DemoPerson) -> bool:
        """Whether the person has an account."""
        async with self._kernel.database.reading() as reader:
            return await accounts.find_by_email(reader, person.email) is not None

    async def open(self, person: DemoPerson, password: str) -> UUID:
        """The person's account, made if it is not there."""
        now = self._kernel.clock.now()
        async with self._kernel.database.transaction() as session:
            found = await accounts.find_by_email(session, person.email)
            if found is None:
                new = accounts.NewUser(
                    email=person.email,
                    password=password or secrets.token_urlsafe(18),
                    display_name=person.name,
                    country=person.country,
                )
                found, news = await accounts.register(session, self._passwords, new, now)
                await email_addresses.vouch(session, found.id, now)
                # Told with the account, not soon after: nobody's money waits for a proof in the demo's past.
                _, proofs = await email_addresses.tell_proofs(session)
                self._kernel.outbox.emit(session, *news, *proofs)
                if person == ADMIN:
                    await accounts.grant_role(session, found.id, "admin", by="souk demo", now=now)
        user_id: UUID = found.id
        return user_id


class _Front:
    """What the entrypoint keeps itself."""

    def __init__(self, kernel: Kernel, seeing: ViewCounts) -> None:
        self._kernel = kernel
        self._seeing = seeing

    def viewed(self, listing_id: UUID, visitor: str) -> None:
        self._seeing.viewed(listing_id, visitor, "")

    def put_in_cart(self, listing_id: UUID) -> None:
        self._seeing.put_in_cart(listing_id)

    async def tell(self) -> None:
        while await self._seeing.tell():
            pass

    async def read_news(self, user_id: UUID) -> None:
        async with self._kernel.database.transaction() as session:
            await notifications.mark_read(session, user_id, self._kernel.clock.now())


async def _inhabited(kernel: Kernel) -> bool:
    """Whether somebody has an account."""
    async with kernel.database.reading() as reader:
        return await reader.scalar(select(UserRow.id).limit(1)) is not None
