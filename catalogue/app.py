"""Wires the catalogue together; nothing else does."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar

from catalogue.categories.categories import CHANNEL as CATEGORIES
from catalogue.categories.categories import Categories, ensure_default_tree
from catalogue.categories.routes import ROUTES as CATEGORY_ROUTES
from catalogue.delivery.routes import ROUTES as DELIVERY_ROUTES
from catalogue.house_rules import HouseRules
from catalogue.importing import importing
from catalogue.importing.pictures import LOOK_EVERY_S as FETCH_EVERY_S
from catalogue.importing.pictures import FetchPictures
from catalogue.importing.routes import ROUTES as IMPORT_ROUTES
from catalogue.importing.zipped_pictures import SWEEP_EVERY_S as SWEEP_BROUGHT_EVERY_S
from catalogue.importing.zipped_pictures import Brought, SweepBrought
from catalogue.insights import insights
from catalogue.insights.consumers import insights_consumer
from catalogue.insights.routes import ROUTES as INSIGHT_ROUTES
from catalogue.listings.routes import ROUTES as LISTING_ROUTES
from catalogue.missed_searches.missed_searches import WRITE_EVERY_S, Misses
from catalogue.missed_searches.routes import ROUTES as MISS_ROUTES
from catalogue.moderation.routes import ROUTES as MODERATION_ROUTES
from catalogue.pictures import orphans
from catalogue.pictures.avif import LOOK_EVERY_S as AVIF_EVERY_S
from catalogue.pictures.avif import AvifMaker
from catalogue.pictures.keeping import PictureKeeper
from catalogue.pictures.routes import ROUTES as PICTURE_ROUTES
from catalogue.pictures.storage import PictureStore, Renderer
from catalogue.reservations.consumers import reservation_consumers
from catalogue.reservations.routes import ROUTES as RESERVATION_ROUTES
from catalogue.saved_searches import matching
from catalogue.saved_searches.consumers import searches_consumer
from catalogue.saved_searches.routes import ROUTES as SAVED_SEARCH_ROUTES
from catalogue.search.routes import ROUTES as SEARCH_ROUTES
from catalogue.sellers.consumers import sellers_consumer
from catalogue.sellers.routes import show_seller
from catalogue.settings import CatalogueSettings
from catalogue.vocabulary.counting import SWEEP_EVERY_S, CountWords
from catalogue.watchlist import watchlist
from catalogue.watchlist.consumers import watching_consumer
from catalogue.watchlist.routes import ROUTES as WATCH_ROUTES
from souk.clock import Clock
from souk.events import Consumer, Transport
from souk.http import Kernel, build_app, make_kernel
from souk.http.background import Errand, Sweeper
from souk.http.outbound import Downloads

SERVICE = "catalogue"

HOUSEKEEPING_EVERY_S = 60.0

IMPORTS_EVERY_S = 1.0
"""How soon a file that a seller brought is begun."""


def consumers(kernel: Kernel) -> Sequence[Consumer]:
    """Everything the catalogue listens to."""
    clock = kernel.clock
    return (
        *reservation_consumers(clock),
        sellers_consumer(),
        watching_consumer(clock),
        searches_consumer(clock),
        insights_consumer(),
    )


def create_app(
    settings: CatalogueSettings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Litestar:
    """The catalogue as an app; `transport`, `clock` and `peers` are given where services share a process."""
    kernel = make_kernel(SERVICE, settings, transport=transport, clock=clock, peers=peers)
    kernel.consumers = consumers(kernel)
    rules = HouseRules(settings)
    store = PictureStore(settings.pictures_store)
    misses = Misses(kernel.clock)
    kernel.sweepers += [
        Sweeper(
            "imports",
            IMPORTS_EVERY_S,
            importing.Work(kernel.clock, kernel.outbox, rules, settings.currency),
        ),
        Sweeper("unused pictures", HOUSEKEEPING_EVERY_S, orphans.SweepRecords(kernel.clock)),
        Sweeper("old imports", HOUSEKEEPING_EVERY_S, importing.Sweep(kernel.clock)),
        Sweeper("words", SWEEP_EVERY_S, CountWords(kernel.clock)),
        Sweeper("search misses", WRITE_EVERY_S, misses),
        Sweeper("old insights", HOUSEKEEPING_EVERY_S, insights.Sweep(kernel.clock)),
        Sweeper("watches", HOUSEKEEPING_EVERY_S, watchlist.Sweep(kernel.clock)),
        Sweeper("search matches", HOUSEKEEPING_EVERY_S, matching.Sweep(kernel.clock)),
    ]
    kernel.errands.append(Errand("picture files", HOUSEKEEPING_EVERY_S, orphans.SweepFiles(kernel.clock, store)))
    categories = Categories(kernel.database, settings.category_counts_age_max_s)
    kernel.listener.hear(CATEGORIES, lambda _: categories.forget(), missed=categories.forget)
    renderer = Renderer(settings.pictures_at_once)
    keeper = PictureKeeper(kernel.database, kernel.clock, store, renderer)
    avif = AvifMaker(kernel.clock, store)
    brought, downloads = Brought(store), Downloads()
    kernel.errands += [
        Errand("AVIF", AVIF_EVERY_S, avif),
        Errand("pictures of files", FETCH_EVERY_S, FetchPictures(kernel.clock, keeper, brought, downloads)),
        Errand("brought pictures", SWEEP_BROUGHT_EVERY_S, SweepBrought(kernel.clock, store)),
    ]

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        async with kernel.database.transaction() as session:
            await ensure_default_tree(session)
        try:
            yield
        finally:
            avif.close()
            renderer.close()
            await downloads.close()

    app = build_app(
        kernel,
        [
            *CATEGORY_ROUTES,
            show_seller,
            *SEARCH_ROUTES,
            *LISTING_ROUTES,
            *DELIVERY_ROUTES,
            *MISS_ROUTES,
            *PICTURE_ROUTES,
            *WATCH_ROUTES,
            *SAVED_SEARCH_ROUTES,
            *MODERATION_ROUTES,
            *IMPORT_ROUTES,
            *INSIGHT_ROUTES,
            *RESERVATION_ROUTES,
        ],
        singletons={
            "categories": categories,
            "store": store,
            "keeper": keeper,
            "brought": brought,
            "rules": rules,
            "misses": misses,
        },
        lifespan=[life],
    )
    app.state.rules = rules
    return app
