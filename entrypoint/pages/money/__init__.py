"""Money: wallet, sending, statements, documents, the proof."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.money import invoices, proof, send_money, statements, wallet

ROUTES: list[ControllerRouterHandler] = [
    *invoices.ROUTES,
    *proof.ROUTES,
    *send_money.ROUTES,
    *statements.ROUTES,
    *wallet.ROUTES,
]
