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
from souk.contracts.catalogue.listings import BatchListing, BatchPicture, ListingBatch
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
        await self._catalogue.publish_batch(ListingBatch(listings=batch))

    async def _drawn(self, batch: list[DemoListing]) -> list[DemoListing]:
        """The batch, with all its pictures under way, so that they are drawn side by side."""
        if self._drawers is not None:
            await asyncio.gather(*(self._file(spec) for item in batch for spec in shown(item)))
        return batch

    async def _on_sale(self, item: DemoListing) -> BatchListing:
        made = await self._listing(item, self._stock.seller(item), self._stock.age(item), list(shown(item)))
        return replace(made, id=listing_id(item), quantity=item.quantity, accepts_offers=item.accepts_offers)

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
