"""How the market works, in words."""

from typing import Any

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.parts import parts_of


@get("/help")
async def show(request: PageRequest) -> Response[Any]:
    """Escrow, deadlines, fees, refunds, and what to do when something goes wrong."""
    terms = await parts_of(request).terms.fresh()
    fee = None if terms is None else terms.fee_basis_points / 100
    return await render_page(request, "pages/help.html", {"fee": fee})


ROUTES = [show]
