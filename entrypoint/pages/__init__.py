"""The pages, in wings as their templates are. Each module holds the controllers of one subject."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages import account, admin, buy, find, help, messages, moderation, money, orders, sell

ROUTES: list[ControllerRouterHandler] = [
    *find.ROUTES,
    *sell.ROUTES,
    *buy.ROUTES,
    *orders.ROUTES,
    *messages.ROUTES,
    *money.ROUTES,
    *account.ROUTES,
    *moderation.ROUTES,
    *admin.ROUTES,
    *help.ROUTES,
]
