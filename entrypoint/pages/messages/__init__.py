"""Messages: the inbox, a thread, and a first message about a listing or an order."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.messages import first, threads

ROUTES: list[ControllerRouterHandler] = [*threads.ROUTES, *first.ROUTES]
