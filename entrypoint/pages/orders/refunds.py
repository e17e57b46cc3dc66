"""Refunding an order: how much of each line, then the sum once more, then done."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from souk.contracts.store.events import RefundLine
from souk.contracts.store.orders import NewRefund, NewRefundLine, Order
from souk.errors import RuleBroken
from souk.money import Money

REASON_CHARS_MAX = 500


@get("/orders/{order_id:uuid}/refund")
async def show(request: PageRequest, order_id: UUID) -> Response[Any]:
    """How much of each line."""
    member = member_context(request)
    order = await member.store.get_order(member.identity, order_id)
    if "refund" not in order.actions:
        member.ctx.flash("warning", member.gettext("This order cannot be refunded now."))
        return redirect(f"/orders/{order_id}")
    return await _form_page(request, order, Form({}))


@post("/orders/{order_id:uuid}/refund")
async def review(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The sum and where it comes from, before anything moves."""
    member, form = member_context(request), await form_of(request)
    order, wallet = await asyncio.gather(
        member.store.get_order(member.identity, order_id), member.payment.get_wallet(member.identity)
    )
    lines = _lines(member, order, form)
    if len(form.text("reason")) > REASON_CHARS_MAX:
        form.refuse("reason", member.gettext("Use at most 500 characters."))
    if not lines and not form.errors:
        form.refuse("refund", member.gettext("Say how many or how much to give back. Nothing was refunded."))
    if form.errors:
        return await _form_page(request, order, form)
    amount = sum((line.amount for line in lines[1:]), start=lines[0].amount)
    context = {
        "active": "sales",
        "order": order,
        "lines": lines,
        "amount": amount,
        "reason": form.text("reason"),
        "key": str(uuid4()),
        "from_escrow": order.to_seller is None and order.status != "delivered",
        "own": order.seller_id == member.user.id,
        "wallet": wallet,
    }
    return await render_page(request, "pages/orders/refund_confirm.html", context)


@post("/orders/{order_id:uuid}/refunds")
async def refund(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Do it. The form's key makes a second click the same refund."""
    member, form = member_context(request), await form_of(request)
    order, key = await member.store.get_order(member.identity, order_id), form.uuid("key")
    lines = [line for line in (_confirmed(form, item.id, member.currency) for item in order.lines) if line]
    if key is None or not lines:
        return redirect(f"/orders/{order_id}/refund")
    try:
        new = NewRefund(lines=lines, reason=form.text("reason"))
        await member.store.refund_order(member.identity, order_id, new, key)
    except RuleBroken as refusal:
        if refusal.status in (403, 404):
            raise
        member.ctx.flash("warning", member.said(refusal))
        return redirect(f"/orders/{order_id}/refund")
    member.ctx.flash("success", member.gettext("The money is on its way back to the buyer."))
    return redirect(f"/orders/{order_id}")


def _lines(member: MemberContext, order: Order, form: Form) -> list[RefundLine]:
    """What the form says to give back of each line; errors stand in the form."""
    units = {line.id: line for line in order.lines}
    found: list[RefundLine] = []
    for left in order.refundable:
        quantity = _quantity(member, form, left)
        field = f"amount-{left.line_id}"
        amount = form.money(field, member.currency, member.ctx.reader) if form.text(field) else None
        if field in form.errors:
            continue
        price = units[left.line_id].unit_price.amount * quantity
        most = min(price, left.amount.amount) if quantity else left.amount.amount
        if amount is None and quantity:
            amount = Money(most, member.currency)
        if amount is not None and amount.amount > most:
            text = member.gettext("At most {most} can go back for this.")
            form.refuse(field, text.format(most=member.ctx.reader.money(Money(most, member.currency))))
        elif amount is not None:
            found.append(RefundLine(line_id=left.line_id, title=left.title, quantity=quantity, amount=amount))
    return found


def _quantity(member: MemberContext, form: Form, left: RefundLine) -> int:
    text = form.text(f"quantity-{left.line_id}") or "0"
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= left.quantity:
        return int(text)
    form.refuse(
        f"quantity-{left.line_id}", member.gettext("Enter a number from 0 to {most}.").format(most=left.quantity)
    )
    return 0


def _confirmed(form: Form, line_id: UUID, currency: str) -> NewRefundLine | None:
    """A line of the confirmed form."""
    amount, quantity = form.minor(f"minor-{line_id}", currency), form.text(f"quantity-{line_id}")
    if not amount or not amount.amount or not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 3):
        return None
    return NewRefundLine(line_id=line_id, quantity=int(quantity), amount=amount)


async def _form_page(request: PageRequest, order: Order, form: Form) -> Response[str]:
    units = {line.id: line for line in order.lines}
    context = {
        "active": "sales",
        "order": order,
        "lines": [{"left": left, "line": units[left.line_id]} for left in order.refundable],
        "form": form,
    }
    return await render_page(request, "pages/orders/refund.html", context, status=form.status)


ROUTES = [show, review, refund]
