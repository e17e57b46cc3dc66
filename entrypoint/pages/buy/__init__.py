"""Buying: cart, checkout, offers, a purchase on its way."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.buy import cart, checkout, offers, purchases

ROUTES: list[ControllerRouterHandler] = [
    *cart.ROUTES,
    *checkout.ROUTES,
    *offers.ROUTES,
    *purchases.ROUTES,
]
