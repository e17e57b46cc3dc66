"""The cart's pages."""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import Response, get, post

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import context_of, current_user
from entrypoint.pages.buy.offers import agreed, own_offer
from entrypoint.pages.cards import shot
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from souk.contracts.catalogue.listings import Listing
from souk.contracts.store.carts import UNITS_MAX, Cart, CartLine, SetCartLine
from souk.errors import RuleBroken
from souk.money import Money


class Mending(NamedTuple):
    """A quantity that was none, and what to do about it."""

    listing_id: UUID
    typed: str
    words: str


@get("/cart")
async def show(request: PageRequest, wanted: UUID | None = None, removed: UUID | None = None, quantity: int = 1) -> Any:
    """What is in the cart. `wanted` offers to put a listing in, `removed` to put it back."""
    return await _cart_page(request, offered=wanted or removed, was_removed=removed is not None, quantity=quantity)


@post("/cart")
async def add(request: PageRequest) -> Response[Any]:
    """Put a listing in; visitors log in first, and are then asked whether they still want it."""
    form = await form_of(request)
    listing_id, quantity = form.uuid("listing_id"), form.units(context_of(request).reader)
    if listing_id is None:
        return redirect("/cart")
    if current_user(request) is None:
        back = "/cart?" + urlencode({"wanted": str(listing_id), "quantity": quantity or 1})
        return redirect(f"/login?next={quote(back)}")
    member = member_context(request)
    if quantity is None:
        member.ctx.flash("warning", form.errors["quantity"])
        return redirect(f"/listings/{listing_id}")
    line = SetCartLine(quantity=quantity, price_agreed=form.minor("price", member.currency))
    done = member.gettext("It is in your cart.")
    return await _change(request, member, listing_id, line, done)


@post("/cart/lines/{listing_id:uuid}")
async def set_quantity(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Change how many."""
    member, form = member_context(request), await form_of(request)
    quantity = form.units(member.ctx.reader)
    if quantity is not None:
        try:
            await member.store.set_cart_line(member.identity, listing_id, SetCartLine(quantity=quantity))
            return redirect("/cart")
        except RuleBroken as refusal:
            if "available" not in refusal.fields:
                return await _cart_page(request, refusal=refusal)
            form.refuse("quantity", member.said(refusal))
    return await _cart_page(request, mending=Mending(listing_id, form.text("quantity"), form.errors["quantity"]))


@post("/cart/lines/{listing_id:uuid}/agreement")
async def agree(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Agree to the new price, the one that was shown."""
    member, form = member_context(request), await form_of(request)
    quantity = form.units(member.ctx.reader)
    if quantity is None:
        return redirect("/cart")
    line = SetCartLine(quantity=quantity, price_agreed=form.minor("price", member.currency))
    return await _change(request, member, listing_id, line)


@post("/cart/lines/{listing_id:uuid}/removal")
async def remove(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Take a listing out; the next page offers to put it back."""
    member, form = member_context(request), await form_of(request)
    await member.store.remove_cart_line(member.identity, listing_id)
    query = urlencode({"removed": str(listing_id), "quantity": form.units(member.ctx.reader) or 1})
    return redirect("/cart" if form.text("gone") else f"/cart?{query}")


async def _change(
    request: PageRequest, member: MemberContext, listing_id: UUID, line: SetCartLine, done: str = ""
) -> Response[Any]:
    try:
        await member.store.set_cart_line(member.identity, listing_id, line)
    except RuleBroken as refusal:
        return await _cart_page(request, refusal=refusal)
    if done:
        member.parts.view_counts.put_in_cart(listing_id)
        member.ctx.flash("success", done)
    return redirect("/cart")


async def _cart_page(
    request: PageRequest,
    *,
    refusal: RuleBroken | None = None,
    mending: Mending | None = None,
    offered: UUID | None = None,
    was_removed: bool = False,
    quantity: int = 1,
) -> Response[str]:
    member = member_context(request)
    cart, wallet, offer = await asyncio.gather(
        member.store.get_cart(member.identity), member.wallet(), _listing(member, offered)
    )
    if offer is not None and any(line.listing_id == offer.id for line in cart.lines):
        offer = None
    agreement = agreed(await own_offer(member.ctx, offer), offer) if offer is not None else None
    context: dict[str, Any] = {
        "active": "cart",
        "cart": cart,
        "cart_count": units(cart),
        "units_max": UNITS_MAX,
        "sellers": by_seller(cart),
        "offer": offer,
        "offer_picture": shot(offer.pictures[0]) if offer and offer.pictures else None,
        "offer_quantity": max(1, min(quantity, offer.available, UNITS_MAX)) if offer else 1,
        "agreed": agreement,
        "was_removed": was_removed,
        "form": _came_back(member, refusal, mending),
        "mending": mending,
        "changed": [line for line in cart.lines if line.state in ("price_rose", "too_few", "gone")],
        **balance(cart.total, wallet.available if wallet else None),
    }
    status = refusal.status if refusal else 422 if mending else 200
    return await render_page(request, "pages/buy/cart.html", context, status=status)


def _came_back(member: MemberContext, refusal: RuleBroken | None, mending: Mending | None) -> Form:
    """What the page's summary says of a form that was refused."""
    form = Form({})
    if refusal is not None:
        form.blame(refusal, member.ctx.reader, {})
    if mending is not None:
        form.refuse("quantity", mending.words)
    return form


async def _listing(member: MemberContext, listing_id: UUID | None) -> Listing | None:
    if listing_id is None:
        return None
    asked = member.catalogue.get_listing(member.identity, listing_id)
    try:
        listing = await or_none(asked)
    except RuleBroken:  # gone meanwhile: there is nothing to offer
        return None
    return listing if listing and listing.available > 0 and listing.seller.id != member.user.id else None


def units(cart: Cart) -> int:
    """How many things are in it."""
    return sum(line.quantity for line in cart.lines)


def by_seller(cart: Cart) -> list[dict[str, Any]]:
    """The lines of each seller with their sum, in the cart's order."""
    sellers: dict[UUID, list[CartLine]] = {}
    for line in cart.lines:
        sellers.setdefault(line.seller_id, []).append(line)
    return [
        {
            "id": seller_id,
            "name": lines[0].seller_name,
            "lines": lines,
            "units": sum(line.quantity for line in lines),
            "sum": Money(
                sum(line.price_now.amount * line.quantity for line in lines if line.state != "gone"),
                cart.total.currency,
            ),
        }
        for seller_id, lines in sellers.items()
    ]


def balance(total: Money, available: Money | None) -> dict[str, Money | None]:
    """What is in the wallet before and after paying; what is missing, if it does not suffice."""
    known: dict[str, Money | None] = {"before": available} | ({"available": available} if available else {})
    after = available - total if available is not None else None
    short = after is not None and after.amount < 0
    return known | {"after": None if short else after, "missing": -after if short and after is not None else None}


ROUTES = [show, add, set_quantity, agree, remove]
