"""Selling: the form, one's own listings, files of them, how they are seen."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.sell import importing, insights, my_listings, postage, sell

ROUTES: list[ControllerRouterHandler] = [
    *importing.ROUTES,
    *insights.ROUTES,
    *my_listings.ROUTES,
    *postage.ROUTES,
    *sell.ROUTES,
]
