"""Selling: the form, one's own listings, files of them, how they are seen."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.sell import importing, insights, mine, sell

ROUTES: list[ControllerRouterHandler] = [
    *importing.ROUTES,
    *insights.ROUTES,
    *mine.ROUTES,
    *sell.ROUTES,
]
