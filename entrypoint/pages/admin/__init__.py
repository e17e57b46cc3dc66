"""What operators see and do."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.admin import admin, categories, dead_letters, missed_searches, purchases, users

ROUTES: list[ControllerRouterHandler] = [
    *admin.ROUTES,
    *categories.ROUTES,
    *dead_letters.ROUTES,
    *purchases.ROUTES,
    *missed_searches.ROUTES,
    *users.ROUTES,
]
