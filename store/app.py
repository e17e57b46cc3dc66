"""The store service: the only place where its parts are wired together."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from litestar import Litestar

from souk.clock import Clock
from souk.events import Transport
from souk.http import build_app, make_kernel
from souk.http.background import Sweeper, emitting
from store.carts.carts import Carts
from store.carts.listings import Listings
from store.carts.routes import CartRoutes, count_units
from store.clients.catalogue import CatalogueClient
from store.messages.messages import Messages
from store.messages.routes import MessageRoutes, ThreadCaseRoutes
from store.offers.offers import Offers
from store.offers.routes import OfferRoutes
from store.orders.consumers import orders_consumer
from store.orders.orders import Orders
from store.orders.refunds import Refunds
from store.orders.routes import OrderRoutes, some_orders
from store.orders.status_updates import Mover
from store.problems import routes as problem_routes
from store.problems.gauges import MeasureProblems
from store.problems.problems import Problems
from store.purchases.consumers import saga_consumer
from store.purchases.gauges import Measure
from store.purchases.purchases import Purchases
from store.purchases.routes import PurchaseRoutes, meet_deadlines
from store.purchases.saga import Saga
from store.purchases.waiters import Waiters
from store.reviews import routes as review_routes
from store.reviews.moderation import Moderation
from store.reviews.reviews import Reviews
from store.settings import StoreSettings
from store.user_replica.consumers import people_consumer

SWEEP_PURCHASES_EVERY_S = 1.0
SWEEP_ORDERS_EVERY_S = 5.0
SWEEP_OFFERS_EVERY_S = 5.0
SWEEP_PROBLEMS_EVERY_S = 5.0
SWEEP_MESSAGES_EVERY_S = 5.0


def create_app(
    settings: StoreSettings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Litestar:
    """Build the store. `peers` are services of this process; others are called over the network."""
    kernel = make_kernel("store", settings, transport=transport, clock=clock, peers=peers)
    catalogue = kernel.client("catalogue")
    waiters = Waiters()
    mover = Mover(settings)
    refunds = Refunds(kernel.clock, mover, settings.refund_within)
    reviews = Reviews(kernel.clock, settings.review_within, settings.review_change_within)
    moderation = Moderation(kernel.clock)
    orders = Orders(kernel.clock, mover, refunds, reviews)
    problems = Problems(kernel.clock, settings, mover)
    saga = Saga(kernel.clock, mover, orders, waiters)
    listings = Listings(CatalogueClient(catalogue))
    carts = Carts(kernel.database, listings, kernel.clock, settings.currency)
    offers = Offers(database=kernel.database, clock=kernel.clock, settings=settings, listings=listings)
    messages = Messages(
        database=kernel.database, clock=kernel.clock, listings=listings, remind_after=settings.message_reminder_after
    )
    purchases = Purchases(
        database=kernel.database,
        clock=kernel.clock,
        settings=settings,
        carts=carts,
        saga=saga,
        waiters=waiters,
    )
    kernel.consumers = (saga_consumer(saga), orders_consumer(orders, refunds), people_consumer())
    kernel.sweepers += [
        Sweeper("purchases", SWEEP_PURCHASES_EVERY_S, emitting(kernel.outbox, saga.sweep)),
        Sweeper("orders", SWEEP_ORDERS_EVERY_S, emitting(kernel.outbox, orders.sweep)),
        Sweeper("offers", SWEEP_OFFERS_EVERY_S, emitting(kernel.outbox, offers.sweep)),
        Sweeper("problems", SWEEP_PROBLEMS_EVERY_S, emitting(kernel.outbox, problems.sweep)),
        Sweeper("unread messages", SWEEP_MESSAGES_EVERY_S, emitting(kernel.outbox, messages.sweep)),
    ]
    kernel.measures += [Measure(kernel.clock), MeasureProblems(kernel.clock)]

    @asynccontextmanager
    async def calls(_: Litestar) -> AsyncGenerator[None, None]:
        yield
        await catalogue.close()

    return build_app(
        kernel,
        [
            CartRoutes,
            count_units,
            PurchaseRoutes,
            meet_deadlines,
            some_orders,
            OrderRoutes,
            OfferRoutes,
            MessageRoutes,
            ThreadCaseRoutes,
            *problem_routes.ROUTES,
            *review_routes.ROUTES,
        ],
        singletons={
            "carts": carts,
            "purchases": purchases,
            "orders": orders,
            "reviews": reviews,
            "judging": moderation,
            "offers": offers,
            "problems": problems,
            "messages": messages,
        },
        lifespan=[calls],
    )
