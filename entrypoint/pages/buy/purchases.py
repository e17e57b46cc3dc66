"""A purchase's page: what became of a checkout."""

import time
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.asking import asker
from entrypoint.pages.buy.checkout import checkout_href
from souk.contracts.store.purchases import Purchase
from souk.errors import RuleBroken
from souk.money import Money

OPEN = ("placed", "awaiting_payment")


@get("/purchases/{purchase_id:uuid}")
async def show(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """Where the purchase stands; it moves on by itself while it is open."""
    ask, since = asker(request), time.time()
    purchase = await ask.store("GET", f"/purchases/{purchase_id}", Purchase)
    missing: Money | None = next((problem.missing for problem in purchase.problems if problem.missing), None)
    context = {
        "active": "orders",
        "purchase": purchase,
        "open": purchase.status in OPEN,
        "since": f"{since:.3f}",
        "missing": missing,
        "checkout": checkout_href(purchase.item),
    }
    return await render_page(request, "pages/buy/purchase.html", context)


@post("/purchases/{purchase_id:uuid}/cancellation")
async def cancel(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """Call it off while it is not paid."""
    ask = asker(request)
    try:
        await ask.store("POST", f"/purchases/{purchase_id}/cancellation", Purchase)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        ask.ctx.flash("warning", refusal.message)
    return redirect(f"/purchases/{purchase_id}")


ROUTES = [show, cancel]
