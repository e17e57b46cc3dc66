"""Orders and sales: what is sent, refunded and reviewed, and what is wrong."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.orders import orders, problems, refunds, reviews

ROUTES: list[ControllerRouterHandler] = [
    *orders.ROUTES,
    *problems.ROUTES,
    *refunds.ROUTES,
    *reviews.ROUTES,
]
