"""What a user bought and sold, and the page of one order."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.accounts.names import countries, initials
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import context_of
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.orders.review_views import shown, star_options
from entrypoint.pages.orders.timelines import steps_of
from entrypoint.web.marking import N_
from souk.contracts.payment.invoices import InvoiceSummary
from souk.contracts.store.events import Side
from souk.contracts.store.orders import (
    CARRIER_CHARS_MAX,
    REASON_CHARS_MAX,
    TRACKING_CODE_CHARS_MAX,
    Cancellation,
    Order,
    OrderPage,
    OrderStatus,
    Shipment,
)
from souk.contracts.store.reviews import REVIEW_CHARS_MAX
from souk.errors import RuleBroken
from souk.money import Money

PAGE = 20

STATUSES: tuple[OrderStatus, ...] = ("paid", "shipped", "delivered", "completed", "cancelled", "refunded")


class ShipmentEntry(Fields, frozen=True, kw_only=True):
    """With whom a parcel went."""

    carrier: Annotated[
        str, Meta(max_length=CARRIER_CHARS_MAX), Label(N_("Carrier")), Mend(TOO_LONG, CARRIER_CHARS_MAX)
    ] = ""
    tracking_code: Annotated[
        str,
        Meta(max_length=TRACKING_CODE_CHARS_MAX),
        Label(N_("Tracking code")),
        Mend(TOO_LONG, TRACKING_CODE_CHARS_MAX),
    ] = ""


class CancellationEntry(Fields, frozen=True, kw_only=True):
    """Why an order is called off."""

    reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX), Label(N_("Reason")), Mend(TOO_LONG, REASON_CHARS_MAX)] = (
        ""
    )


class ReceiptEntry(Fields, frozen=True, kw_only=True):
    """The press of a button that says all."""


@get("/orders")
async def bought(request: PageRequest, status: str = "", cursor: str | None = None) -> Response[Any]:
    """What the user bought."""
    member = member_context(request)
    listed, open_purchase = await asyncio.gather(_page_of(member, "buyer", status, cursor), _open_purchase(member))
    context = {"active": "orders", "open_purchase": open_purchase} | _listed(listed, "/orders", status, cursor)
    return await render_page(request, "pages/orders/orders.html", context)


@get("/sales")
async def sold(request: PageRequest, status: str = "", cursor: str | None = None) -> Response[Any]:
    """What the user sold; what waits for them is on top."""
    member = member_context(request)
    listed, waiting = await asyncio.gather(
        _page_of(member, "seller", status, cursor), member.orders("seller", status="paid")
    )
    waiting.sort(key=lambda order: (order.deadline is None, order.deadline or order.placed_at))
    context = {"active": "sales", "waiting": waiting} | _listed(listed, "/sales", status, cursor)
    return await render_page(request, "pages/orders/sales.html", context)


@get("/orders/{order_id:uuid}")
async def show(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Where an order stands, and what its reader must do next."""
    return await order_page(request, member_context(request), order_id, Form({}))


@post("/orders/{order_id:uuid}/shipment")
async def ship(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The seller handed the parcel over."""
    member, form = member_context(request), await form_of(request, ShipmentEntry)
    if form.entry is None:
        return await order_page(request, member, order_id, form)
    shipment = Shipment(carrier=form.entry.carrier, tracking_code=form.entry.tracking_code)
    done = member.gettext("Marked as shipped. The buyer has been told.")
    return await _done(request, member.store.ship_order(member.identity, order_id, shipment), form, done)


@post("/orders/{order_id:uuid}/receipt")
async def confirm(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The buyer has the goods."""
    member, form = member_context(request), await form_of(request, ReceiptEntry)
    done = member.gettext("Thank you. The seller gets the money now.")
    return await _done(request, member.store.confirm_order(member.identity, order_id), form, done)


@post("/orders/{order_id:uuid}/cancellation")
async def cancel(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Either side calls it off before it is shipped."""
    member, form = member_context(request), await form_of(request, CancellationEntry)
    if form.entry is None:
        return await order_page(request, member, order_id, form)
    done = member.gettext("The order is cancelled. All the money goes back to the buyer.")
    cancellation = Cancellation(reason=form.entry.reason)
    return await _done(request, member.store.cancel_order(member.identity, order_id, cancellation), form, done)


async def _done(request: PageRequest, doing: Awaitable[Order], form: SentForm[Any], done: str) -> Response[Any]:
    """Do it and come back to the order; a refusal is shown on its page."""
    member, order_id = member_context(request), request.path_params["order_id"]
    try:
        await doing
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal)
        return await order_page(request, member, order_id, form)
    member.ctx.flash("success", done)
    return redirect(f"/orders/{order_id}")


async def order_page(request: PageRequest, member: MemberContext, order_id: UUID, form: Form) -> Response[str]:
    """An order, with what was typed into one of its forms and why that was refused."""
    since = member.parts.kernel.clock.now().timestamp()
    order, invoices = await asyncio.gather(
        member.store.get_order(member.identity, order_id), or_none(_invoices(member, order_id))
    )
    role = {order.buyer_id: "buyer", order.seller_id: "seller"}.get(member.user.id, "overseer")
    names = countries(member.ctx.reader.language)
    fee, earned = _shares(order)
    other = order.buyer_name if role == "seller" else order.seller_name
    context = {
        "active": "sales" if role == "seller" else "orders",
        "order": order,
        "role": role,
        "admin": "admin" in member.user.roles,
        "fee": fee,
        "earned": earned,
        "other": other,
        "other_initials": initials(other),
        "country": names.get(order.address.country, order.address.country) if order.address else "",
        "billed_country": names.get(order.billing.address.country, "") if order.billing else "",
        "steps": steps_of(order, context_of(request).reader, selling=role == "seller"),
        "invoices": invoices,
        "review": shown(member.ctx.reader, order.review) if order.review else None,
        "star_options": star_options(member.ctx.reader),
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


async def _invoices(member: MemberContext, order_id: UUID) -> list[InvoiceSummary]:
    """The order's documents in the order they were issued; none for somebody who only oversees."""
    found = await member.payment.list_invoices_of_order(member.identity, order_id)
    return list(reversed(found.items))


async def _page_of(member: MemberContext, role: Side, status: str, cursor: str | None) -> OrderPage:
    known = next((each for each in STATUSES if each == status), None)
    return await member.store.list_orders(member.identity, role, status=known, limit=PAGE, cursor=cursor or None)


async def _open_purchase(member: MemberContext) -> UUID | None:
    """The purchase that is being paid just now."""
    newest = await member.store.list_purchases(member.identity, limit=1)
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
