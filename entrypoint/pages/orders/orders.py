"""What a user bought and sold, and the page of one order."""

import asyncio
import time
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.accounts.names import countries
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import context_of
from entrypoint.pages.asking import Asker, asker, initials, or_none
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.orders.review_views import shown, star_options
from entrypoint.pages.orders.timelines import steps_of
from souk.contracts.payment.invoices import InvoicePage, InvoiceSummary
from souk.contracts.store.orders import Cancellation, Order, OrderPage, Shipment
from souk.contracts.store.purchases import PurchasePage
from souk.contracts.store.reviews import REVIEW_CHARS_MAX
from souk.errors import RuleBroken
from souk.money import Money

PAGE = 20

STATUSES = ("paid", "shipped", "delivered", "completed", "cancelled", "refunded")


@get("/orders")
async def bought(request: PageRequest, status: str = "", cursor: str | None = None) -> Response[Any]:
    """What the user bought."""
    ask = asker(request)
    listed, open_purchase = await asyncio.gather(_page_of(ask, "buyer", status, cursor), _open_purchase(ask))
    context = {"active": "orders", "open_purchase": open_purchase} | _listed(listed, "/orders", status, cursor)
    return await render_page(request, "pages/orders/orders.html", context)


@get("/sales")
async def sold(request: PageRequest, status: str = "", cursor: str | None = None) -> Response[Any]:
    """What the user sold; what waits for them is on top."""
    ask = asker(request)
    listed, waiting = await asyncio.gather(_page_of(ask, "seller", status, cursor), ask.orders("seller", status="paid"))
    waiting.sort(key=lambda order: (order.deadline is None, order.deadline or order.placed_at))
    context = {"active": "sales", "waiting": waiting} | _listed(listed, "/sales", status, cursor)
    return await render_page(request, "pages/orders/sales.html", context)


@get("/orders/{order_id:uuid}")
async def show(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Where an order stands, and what its reader must do next."""
    return await order_page(request, asker(request), order_id, Form({}))


@post("/orders/{order_id:uuid}/shipment")
async def ship(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The seller handed the parcel over."""
    ask, form = asker(request), await form_of(request)
    shipment = Shipment(carrier=form.text("carrier"), tracking_code=form.text("tracking_code"))
    labels = {"carrier": ask.words("Carrier"), "tracking_code": ask.words("Tracking code")}
    done = ask.words("Marked as shipped. The buyer has been told.")
    return await _act(request, f"/orders/{order_id}/shipment", form, done, body=shipment, labels=labels)


@post("/orders/{order_id:uuid}/receipt")
async def confirm(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The buyer has the goods."""
    ask = asker(request)
    done = ask.words("Thank you. The seller gets the money now.")
    return await _act(request, f"/orders/{order_id}/receipt", Form({}), done)


@post("/orders/{order_id:uuid}/cancellation")
async def cancel(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Either side calls it off before it is shipped."""
    ask, form = asker(request), await form_of(request)
    labels = {"reason": ask.words("Reason")}
    done = ask.words("The order is cancelled. All the money goes back to the buyer.")
    cancellation = Cancellation(reason=form.text("reason"))
    path = f"/orders/{order_id}/cancellation"
    return await _act(request, path, form, done, body=cancellation, labels=labels)


async def _act(
    request: PageRequest,
    path: str,
    form: Form,
    done: str,
    *,
    body: Shipment | Cancellation | None = None,
    labels: dict[str, str] | None = None,
) -> Response[Any]:
    """Do it and come back to the order; a refusal is shown on its page."""
    ask, order_id = asker(request), request.path_params["order_id"]
    try:
        await ask.store("POST", path, Order, json=body)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal, labels or {})
        return await order_page(request, ask, order_id, form)
    ask.ctx.flash("success", done)
    return redirect(f"/orders/{order_id}")


async def order_page(request: PageRequest, ask: Asker, order_id: UUID, form: Form) -> Response[str]:
    """An order, with what was typed into one of its forms and why that was refused."""
    since = time.time()
    order, invoices = await asyncio.gather(
        ask.store("GET", f"/orders/{order_id}", Order), or_none(_invoices(ask, order_id))
    )
    role = {order.buyer_id: "buyer", order.seller_id: "seller"}.get(ask.user.id, "overseer")
    names = countries(ask.ctx.reader.language)
    fee, earned = _shares(order)
    other = order.buyer_name if role == "seller" else order.seller_name
    context = {
        "active": "sales" if role == "seller" else "orders",
        "order": order,
        "role": role,
        "admin": "admin" in ask.user.roles,
        "fee": fee,
        "earned": earned,
        "other": other,
        "other_initials": initials(other),
        "country": names.get(order.address.country, order.address.country) if order.address else "",
        "billed_country": names.get(order.billing.address.country, "") if order.billing else "",
        "steps": steps_of(order, context_of(request).reader, selling=role == "seller"),
        "invoices": invoices,
        "review": shown(ask.ctx.reader, order.review) if order.review else None,
        "star_options": star_options(ask.ctx.reader),
        "review_chars_max": REVIEW_CHARS_MAX,
        "form": form,
        "since": f"{since:.3f}",
    }
    return await render_page(request, "pages/orders/order.html", context, status=form.status)


def _shares(order: Order) -> tuple[Money | None, Money | None]:
    """The fee, less what came back of it with refunds, and what the seller has of a settled order after it all."""
    if order.fee is None or order.to_seller is None:
        return None, None
    fee = order.fee
    for refund in order.refunds:
        fee = fee - refund.fee if refund.fee else fee
    kept = order.amount - order.refunded if order.refunded else order.amount
    return fee, kept - fee


async def _invoices(ask: Asker, order_id: UUID) -> list[InvoiceSummary]:
    """The order's documents in the order they were issued; none for somebody who only oversees."""
    found = await ask.payment("GET", "/invoices", InvoicePage, params={"order_id": str(order_id)})
    return list(reversed(found.items))


async def _page_of(ask: Asker, role: str, status: str, cursor: str | None) -> OrderPage:
    params = {"role": role, "limit": PAGE}
    if status in STATUSES:
        params["status"] = status
    if cursor:
        params["cursor"] = cursor
    return await ask.store("GET", "/orders", OrderPage, params=params)


async def _open_purchase(ask: Asker) -> UUID | None:
    """The purchase that is being paid just now."""
    newest = await ask.store("GET", "/purchases", PurchasePage, params={"limit": 1})
    return next((p.id for p in newest.items if p.status in ("placed", "awaiting_payment")), None)


def _listed(listed: OrderPage, path: str, status: str, cursor: str | None) -> dict[str, Any]:
    chosen = f"status={status}" if status in STATUSES else ""
    following = "&".join(part for part in (chosen, f"cursor={listed.next_cursor}") if part)
    return {
        "orders": listed.items,
        "status": status if status in STATUSES else "",
        "path": path,
        "first": (f"{path}?{chosen}" if chosen else path) if cursor else "",
        "next": f"{path}?{following}" if listed.next_cursor else "",
    }


ROUTES = [bought, sold, show, ship, confirm, cancel]
