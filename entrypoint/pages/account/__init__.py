"""Accounts: getting in, getting back in, one's data, notices."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.account import account, legal, login, mailing, notifications, passwords, preferences

ROUTES: list[ControllerRouterHandler] = [
    *account.ROUTES,
    *legal.ROUTES,
    *login.ROUTES,
    *mailing.ROUTES,
    *notifications.ROUTES,
    *passwords.ROUTES,
    *preferences.ROUTES,
]
