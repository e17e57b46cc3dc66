"""Puts the demo's listings on sale, with their pictures. A batch is drawn, then published as one.

They go in by the catalogue's bulk route, under ids that follow from the demo's seed: a batch that is sent again adds
nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from msgspec.structs import replace

from shop.demo.catalogue import DemoCatalogue
from shop.demo.drawing import Drawers
from shop.demo.listings import DemoListing, listings
from shop.demo.logins import MAYA
from shop.demo.people import DemoPerson
from shop.demo.plan import SEED, Deal, Stock, listing_id
from shop.demo.spec import PictureSpec
from souk.contracts.catalogue.delivery import DeliveryChoice, NewDeliveryProfile, PostageRate
from souk.contracts.catalogue.listings import BatchListing, BatchPicture, BatchProfile, ListingBatch
from souk.ids import derived_id
from souk.money import Money

LISTINGS_DEFAULT = 2000

BATCH, BATCH_WITHOUT_PICTURES = 100, 1000
"""Listings published at once: few enough that they are seen to arrive, and that little is drawn twice."""

GALLERIES = 36
"""The newest so many listings show all their pictures; the rest show the first."""

UPLOADS_UNDER_WAY = 4

ON_SALE_BEFORE = 3
"""Days that a thing was on sale before it was sold, at the least."""

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

LAMP = BatchListing(
    id=derived_id("demo lamp", SEED),
    seller_id=derived_id("demo lamp's seller", SEED),
    title="Reading lamp with a heavy foot",
    description="Warm light and a new cable. It stood on my desk; now there is a bigger one.",
    price=Money(4_200, "EUR"),
    category="lighting",
    condition="good",
    published_at=datetime.min.replace(tzinfo=UTC),
    accepts_offers=True,
)
"""What Maya sells; seller, currency and time are filled in."""

NEAR = ("DE", "AT", "FR", "ES", "PL", "NL", "BE", "IT")

LAMP_AGE = timedelta(days=9)

LAMP_PICTURE = PictureSpec("lamp", 3, colour="mustard")


class Filler:
    """Publishes through `catalogue`, as the entrypoint. Without drawers listings have no pictures."""

    def __init__(
        self,
        catalogue: DemoCatalogue,
        ids: Mapping[DemoPerson, UUID],
        stock: Stock,
        *,
        begun: datetime,
        currency: str,
        drawers: Drawers | None,
    ) -> None:
        self._catalogue = catalogue
        self._ids = ids
        self._stock = stock
        self._begun = begun
        self._currency = currency
        self._drawers = drawers
        self._homes: dict[UUID, str] = {}
        """Where those are whose price lists these are."""
        self._files: dict[PictureSpec, asyncio.Task[UUID]] = {}
        self._uploads = asyncio.Semaphore(UPLOADS_UNDER_WAY)

    def batches(self, filled: int = 0) -> Iterator[list[DemoListing]]:
        """All that is to be on sale, in the order in which it is published; so many are there."""
        if not filled:
            yield self._stock.first()
        rest = listings(SEED, self._stock.count - filled, start=filled) if filled else self._stock.rest()
        yield from chunks(rest, BATCH if self._drawers else BATCH_WITHOUT_PICTURES)

    async def publish(self, batch: list[DemoListing]) -> None:
        """Put a batch on sale."""
        await self._send([await self._on_sale(item) for item in await self._drawn(batch)])

    async def publish_sold(self, deals: Sequence[Deal]) -> None:
        """Put on sale what the story will sell."""
        await self._drawn([deal.item for deal in deals])
        await self._send([await self._to_sell(deal) for deal in deals])

    async def publish_lamp(self) -> None:
        """Put Maya's lamp on sale."""
        pictures = await self._pictures([LAMP_PICTURE], LAMP.title)
        price, at = Money(LAMP.price.amount, self._currency), self._begun - LAMP_AGE
        lamp = replace(LAMP, seller_id=self._ids[MAYA], price=price, published_at=at, pictures=pictures)
        await self._send([lamp])

    async def _send(self, batch: list[BatchListing]) -> None:
        used = {each.delivery.profile_id: each.seller_id for each in batch}
        profiles = [
            BatchProfile(id=profile_id, seller_id=seller_id, profile=self._price_list(profile_id))
            for profile_id, seller_id in used.items()
            if profile_id is not None
        ]
        await self._catalogue.publish_batch(ListingBatch(listings=batch, profiles=profiles))

    def _price_list(self, profile_id: UUID) -> NewDeliveryProfile:
        """What a demo seller charges for a parcel: not all the same, and to the neighbours, but not to everywhere."""
        first = 390 + 50 * (profile_id.int % 7)

        def row(first: int, *countries: str, free_from: int | None = None) -> PostageRate:
            free = None if free_from is None else Money(free_from, self._currency)
            prices = Money(first, self._currency), Money(first // 4, self._currency)
            return PostageRate(countries=list(countries), first=prices[0], further=prices[1], free_from=free)

        elsewhere = [row(3 * first)] if profile_id.int % 3 else [row(2 * first, *NEAR)]
        home = self._homes[profile_id]
        away = [each for each in elsewhere if home not in each.countries] or [row(3 * first)]
        return NewDeliveryProfile(name="Parcel", rates=[row(first, home, free_from=10_000), *away])

    def _delivery(self, item: DemoListing, seller: DemoPerson) -> DeliveryChoice:
        """Some things are picked up, some sellers include postage, and the others have a price list."""
        if item.index % 17 == 5:
            return DeliveryChoice(posted=False, pick_up=seller.city)
        if seller.index % 3 == 0:
            return DeliveryChoice()
        profile_id = derived_id("demo price list", self._ids[seller])
        self._homes[profile_id] = seller.country
        return DeliveryChoice(profile_id=profile_id)

    async def _drawn(self, batch: list[DemoListing]) -> list[DemoListing]:
        """The batch, with all its pictures under way, so that they are drawn side by side."""
        if self._drawers is not None:
            await asyncio.gather(*(self._file(spec) for item in batch for spec in shown(item)))
        return batch

    async def _on_sale(self, item: DemoListing) -> BatchListing:
        made = await self._listing(item, self._stock.seller(item), self._stock.age(item), list(shown(item)))
        way = self._delivery(item, self._stock.seller(item))
        return replace(
            made, id=listing_id(item), quantity=item.quantity, accepts_offers=item.accepts_offers, delivery=way
        )

    async def _to_sell(self, deal: Deal) -> BatchListing:
        age = timedelta(days=deal.day + ON_SALE_BEFORE + deal.number % 5)
        made = await self._listing(deal.item, deal.seller, age, [next(shown(deal.item))])
        return replace(made, id=deal.listing_id)

    async def _listing(
        self, item: DemoListing, seller: DemoPerson, age: timedelta, specs: list[PictureSpec]
    ) -> BatchListing:
        return BatchListing(
            id=LAMP.id,
            seller_id=self._ids[seller],
            title=item.title,
            description=item.description,
            price=Money(item.price, self._currency),
            category=item.category,
            condition=item.condition,  # type: ignore[arg-type]
            published_at=self._begun - age,
            language=item.language,
            attributes=item.asked,
            pictures=await self._pictures(specs, item.title),
        )

    async def _pictures(self, specs: Iterable[PictureSpec], alt: str) -> list[BatchPicture]:
        if self._drawers is None:
            return []
        return [BatchPicture(file_id=await self._file(spec), alt=alt) for spec in specs]

    def _file(self, spec: PictureSpec) -> "asyncio.Task[UUID]":
        """The kept picture; drawn once, whoever shows it."""
        if spec not in self._files:
            self._files[spec] = asyncio.create_task(self._draw(spec))
        return self._files[spec]

    async def _draw(self, spec: PictureSpec) -> UUID:
        assert self._drawers is not None
        async with self._uploads:
            content = await self._drawers.draw(spec)
            return (await self._catalogue.keep_picture(("picture.jpg", content, "image/jpeg"))).id


def shown(item: DemoListing) -> Iterator[PictureSpec]:
    """What a listing shows: drawings are shared between listings of one kind and colour."""
    shared = PictureSpec(item.pictures[0].kind, seed=1, colour=item.pictures[0].colour)
    yield shared
    if item.index < GALLERIES:
        for view in range(1, len(item.pictures)):
            yield shared.with_view(view)


def chunks(items: Iterable[DemoListing], size: int) -> Iterator[list[DemoListing]]:
    """The items, so many at a time."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
