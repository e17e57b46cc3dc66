"""Proof of money, for everybody."""

from typing import Any

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.request_context import context_of


@get("/proof")
async def show(request: PageRequest) -> Response[Any]:
    """What was ever issued beside what everybody has."""
    ctx = context_of(request)
    proof = await ctx.parts.clients.payment.get_proof(ctx.identity)
    return await render_page(request, "pages/money/proof.html", {"proof": proof})


ROUTES = [show]
