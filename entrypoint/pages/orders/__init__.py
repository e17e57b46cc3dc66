"""Orders and sales: what is sent, refunded and reviewed."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.orders import orders, refunds, reviews

ROUTES: list[ControllerRouterHandler] = [
    *orders.ROUTES,
    *refunds.ROUTES,
    *reviews.ROUTES,
]
