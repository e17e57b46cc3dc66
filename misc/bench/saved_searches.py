"""How long it takes to find, among 10,000 saved searches, those that a new listing is found by."""

import time
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from catalogue.categories.categories import CategoryTree, ensure_default_tree, read_tree
from catalogue.listings.batch import publish_batch
from catalogue.saved_searches.matching import match
from catalogue.saved_searches.saved_searches import save
from misc.bench.figures import folder, spread
from shop.databases import open_embedded
from shop.demo.listings import listing as demo_listing
from souk.contracts.catalogue.listings import BatchListing
from souk.contracts.catalogue.saved_searches import NewSavedSearch, SearchFilters
from souk.database import Database
from souk.ids import new_id
from souk.money import Money

SEARCHES = 10_000
LISTINGS = 600
WARM_UP = 50
TOGETHER = 100
"""Listings of one batch, as consumers get them when much is published at once."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def bench() -> dict[str, str]:
    """The statement and its commit, on the embedded server, one connection."""
    with folder() as data:
        server, urls = await open_embedded(data)
        database = Database(urls["catalogue"].app, service="catalogue", pool_max=2)
        try:
            async with database.transaction() as session:
                await ensure_default_tree(session)
            async with database.reading() as session:
                tree = await read_tree(session)
            await _save_searches(database, tree)
            ids = await _publish(database, tree)
            alone = [await _take(database, [listing_id]) for listing_id in ids[: LISTINGS // 2]]
            rest = ids[LISTINGS // 2 :]
            together = [await _take(database, rest[i : i + TOGETHER]) for i in range(0, len(rest), TOGETHER)]
        finally:
            await database.close()
            server.stop()
    found = sum(count for _, count in alone[WARM_UP:]) / len(alone[WARM_UP:])
    return {
        f"matching one listing with {SEARCHES} searches": spread([took for took, _ in alone[WARM_UP:]]),
        f"matching {TOGETHER} listings at once": spread([took for took, _ in together]),
        "searches told of a listing, on average": f"{found:.1f}",
    }


async def _save_searches(database: Database, tree: CategoryTree) -> None:
    random = Random(7)
    for start in range(0, SEARCHES, 500):
        async with database.transaction() as session:
            for number in range(start, start + 500):
                wanted = demo_listing(1, 1_000_000 + number)
                words = random.sample(wanted.title.split(), k=min(2, len(wanted.title.split())))
                by_words = random.random() < 0.8
                filters = SearchFilters(
                    q=" ".join(words) if by_words and any(w.isalnum() for w in words) else None,
                    category=wanted.category,
                    price_max=wanted.price,
                )
                new = NewSavedSearch(name=wanted.title[:80], filters=filters)
                await save(session, new_id(), new, tree=tree, now=NOW)


async def _publish(database: Database, tree: CategoryTree) -> list[UUID]:
    listings = [
        BatchListing(
            id=new_id(),
            seller_id=new_id(),
            title=item.title,
            description=item.description,
            price=Money(item.price, "EUR"),
            category=item.category,
            condition=item.condition,  # type: ignore[arg-type]
            published_at=NOW,
        )
        for item in (demo_listing(1, number) for number in range(LISTINGS))
    ]
    async with database.transaction() as session:
        await publish_batch(session, listings, tree=tree, currency="EUR", now=NOW)
    async with database.transaction() as session:
        await (await session.connection()).exec_driver_sql("ANALYZE saved_search")
    return [item.id for item in listings]


async def _take(database: Database, ids: list[UUID]) -> tuple[float, int]:
    started = time.perf_counter()
    async with database.transaction() as session:
        found = await match(session, ids, now=NOW)
    return time.perf_counter() - started, len(found)
