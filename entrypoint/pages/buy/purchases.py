"""A purchase's page: what became of a checkout."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.buy.checkout import checkout_href
from entrypoint.pages.member_context import member_context
from souk.errors import RuleBroken
from souk.money import Money

OPEN = ("placed", "awaiting_payment")


@get("/purchases/{purchase_id:uuid}")
async def show(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """Where the purchase stands; it moves on by itself while it is open."""
    member = member_context(request)
    since = member.parts.kernel.clock.now().timestamp()
    purchase = await member.store.get_purchase(member.identity, purchase_id)
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
    member = member_context(request)
    try:
        await member.store.cancel_purchase(member.identity, purchase_id)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        member.ctx.flash("warning", member.message_of(refusal))
    return redirect(f"/purchases/{purchase_id}")


ROUTES = [show, cancel]
