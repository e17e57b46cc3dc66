"""Refunding an order: how much of each line, then the sum once more, then done."""

import asyncio
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import MINOR, TOO_LONG, Fields, Label, Mend, Prefix
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.contracts.store.carts import UNITS_MAX
from souk.contracts.store.events import RefundLine
from souk.contracts.store.orders import REASON_CHARS_MAX, NewRefund, NewRefundLine, Order
from souk.errors import RuleBroken
from souk.money import Money

Quantity = Annotated[int, Meta(ge=0, le=UNITS_MAX)]


class RefundEntry(Fields, frozen=True, kw_only=True):
    """How much to give back of each line, by the lines' ids."""

    quantities: Annotated[
        dict[str, Quantity | None], Prefix("quantity-"), Mend(N_("Enter a whole number from 0 to %s."), UNITS_MAX)
    ]
    amounts: Annotated[dict[str, Money | None], Prefix("amount-")]
    postage: Annotated[Money | None, Label(N_("Postage"))] = None
    reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX), Mend(TOO_LONG, REASON_CHARS_MAX)] = ""


class ConfirmedRefund(Fields, frozen=True, kw_only=True):
    """What was shown once more before the money goes back, by the lines' ids."""

    quantities: Annotated[dict[str, Quantity], Prefix("quantity-")]
    amounts: Annotated[dict[str, Money], MINOR, Prefix("minor-")]
    postage: Annotated[Money | None, MINOR] = None
    reason: str = ""
    key: UUID | None = None


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
    member, form = member_context(request), await form_of(request, RefundEntry)
    order, wallet = await asyncio.gather(
        member.store.get_order(member.identity, order_id), member.payment.get_wallet(member.identity)
    )
    entry = form.entry
    lines = _lines(member, order, form, entry) if entry is not None else []
    postage = _postage(member, order, form, entry) if entry is not None else None
    if not lines and postage is None and not form.errors:
        form.refuse("refund", member.gettext("Say how many or how much to give back. Nothing was refunded."))
    if entry is None or form.errors:
        return await _form_page(request, order, form)
    amount = sum((line.amount for line in lines), start=postage or Money(0, order.amount.currency))
    context = {
        "active": "sales",
        "order": order,
        "lines": lines,
        "amount": amount,
        "postage": postage,
        "reason": entry.reason,
        "key": str(uuid4()),
        "from_escrow": order.to_seller is None and order.status != "delivered",
        "own": order.seller_id == member.user.id,
        "wallet": wallet,
    }
    return await render_page(request, "pages/orders/refund_confirm.html", context)


@post("/orders/{order_id:uuid}/refunds")
async def refund(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Do it. The form's key makes a second click the same refund."""
    member, form = member_context(request), await form_of(request, ConfirmedRefund)
    order, entry = await member.store.get_order(member.identity, order_id), form.entry
    lines = _confirmed(entry, order) if entry is not None else []
    if entry is None or entry.key is None or not (lines or entry.postage):
        return redirect(f"/orders/{order_id}/refund")
    try:
        new = NewRefund(lines=lines, reason=entry.reason, postage=entry.postage or None)
        await member.store.refund_order(member.identity, order_id, new, entry.key)
    except RuleBroken as refusal:
        if refusal.status in (403, 404):
            raise
        member.ctx.flash("warning", member.message_of(refusal))
        return redirect(f"/orders/{order_id}/refund")
    member.ctx.flash("success", member.gettext("The money is on its way back to the buyer."))
    return redirect(f"/orders/{order_id}")


def _lines(member: MemberContext, order: Order, form: Form, entry: RefundEntry) -> list[RefundLine]:
    """What the form says to give back of each line; errors stand in the form."""
    units = {line.id: line for line in order.lines}
    found: list[RefundLine] = []
    for left in order.refundable:
        key = str(left.line_id)
        quantity, amount, field = entry.quantities.get(key) or 0, entry.amounts.get(key), f"amount-{key}"
        if quantity > left.quantity:
            text = member.gettext("Enter a number from 0 to {most}.").format(most=left.quantity)
            form.refuse(f"quantity-{key}", text)
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


def _postage(member: MemberContext, order: Order, form: Form, entry: RefundEntry) -> Money | None:
    """What the form says to give back of the postage; errors stand in the form."""
    wanted, left = entry.postage, order.refundable_postage or Money(0, order.amount.currency)
    if wanted is not None and wanted.amount > left.amount:
        text = member.gettext("At most {most} can go back for this.")
        form.refuse("postage", text.format(most=member.ctx.reader.money(left)))
    return wanted if wanted is not None and wanted.amount else None


def _confirmed(entry: ConfirmedRefund, order: Order) -> list[NewRefundLine]:
    """The lines of the confirmed form."""
    return [
        NewRefundLine(line_id=line.id, quantity=entry.quantities[key], amount=entry.amounts[key])
        for line, key in ((line, str(line.id)) for line in order.lines)
        if key in entry.quantities and key in entry.amounts and entry.amounts[key].amount
    ]


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
