"""How the market works, in words."""

from typing import Any

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.money.terms import fee_basis_points


@get("/help")
async def show(request: PageRequest) -> Response[Any]:
    """Escrow, deadlines, fees, refunds, and what to do when something goes wrong."""
    basis_points = await fee_basis_points(request)
    fee = None if basis_points is None else basis_points / 100
    return await render_page(request, "pages/help.html", {"fee": fee})


ROUTES = [show]
