"""Money: wallet, sending, statements, documents, the proof."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.money import invoices, proof, sending, statements, wallet

ROUTES: list[ControllerRouterHandler] = [
    *invoices.ROUTES,
    *proof.ROUTES,
    *sending.ROUTES,
    *statements.ROUTES,
    *wallet.ROUTES,
]
