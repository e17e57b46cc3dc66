"""The cart's pages."""

import asyncio
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import current_user
from entrypoint.pages.buy.offers import agreed, own_offer
from entrypoint.pages.cards import shot
from entrypoint.pages.fields import MINOR, Fields, Units
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.words import country_name
from souk.contracts.catalogue.listings import Listing
from souk.contracts.store.carts import UNITS_MAX, Cart, CartLine, SetCartLine
from souk.errors import RuleBroken
from souk.money import Money


class ListingNamed(Fields, frozen=True, kw_only=True):
    """Which listing it is about."""

    listing_id: UUID | None = None


class AddEntry(ListingNamed, frozen=True, kw_only=True):
    """A listing to be put in."""

    quantity: Units = 1
    price: Annotated[Money | None, MINOR] = None
    """What was shown, and is agreed to."""


class LineEntry(Fields, frozen=True, kw_only=True):
    """How many of one listing, at which price."""

    quantity: Units = 1
    price: Annotated[Money | None, MINOR] = None


class RemovalEntry(Fields, frozen=True, kw_only=True):
    """A listing to be taken out."""

    quantity: Annotated[int, Meta(ge=1, le=UNITS_MAX)] = 1
    gone: bool = False
    """Whether it cannot be had any more, so that nobody puts it back."""


class Mending(NamedTuple):
    """A quantity that was none, and what to do about it."""

    listing_id: UUID
    typed: str
    words: str


@get("/cart")
async def show(request: PageRequest, wanted: UUID | None = None, removed: UUID | None = None, quantity: int = 1) -> Any:
    """What is in the cart. `wanted` offers to put a listing in, `removed` to put it back."""
    return await _cart_page(
        request, Form({}), offered=wanted or removed, was_removed=removed is not None, quantity=quantity
    )


@post("/cart")
async def add(request: PageRequest) -> Response[Any]:
    """Put a listing in; visitors log in first, and are then asked whether they still want it."""
    form = await form_of(request, AddEntry)
    which, entry = form.read(ListingNamed), form.entry
    if which is None or which.listing_id is None:
        return redirect("/cart")
    listing_id = which.listing_id
    if current_user(request) is None:
        back = "/cart?" + urlencode({"wanted": str(listing_id), "quantity": entry.quantity if entry else 1})
        return redirect(f"/login?next={quote(back)}")
    member = member_context(request)
    if entry is None:
        member.ctx.flash("warning", form.errors["quantity"])
        return redirect(f"/listings/{listing_id}")
    line = SetCartLine(quantity=entry.quantity, price_agreed=entry.price)
    done = member.gettext("It is in your cart.")
    return await _change(request, form, listing_id, line, done)


@post("/cart/lines/{listing_id:uuid}")
async def set_quantity(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Change how many."""
    member, form = member_context(request), await form_of(request, LineEntry)
    if form.entry is not None:
        try:
            await member.store.set_cart_line(member.identity, listing_id, SetCartLine(quantity=form.entry.quantity))
            return redirect("/cart")
        except RuleBroken as refusal:
            if "available" not in refusal.fields:
                form.blame(refusal)
                return await _cart_page(request, form)
            form.refuse("quantity", member.message_of(refusal))
    mending = Mending(listing_id, form.text("quantity"), form.errors["quantity"])
    return await _cart_page(request, form, mending=mending)


@post("/cart/lines/{listing_id:uuid}/agreement")
async def agree(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Agree to the new price, the one that was shown."""
    form = await form_of(request, LineEntry)
    if form.entry is None:
        return redirect("/cart")
    line = SetCartLine(quantity=form.entry.quantity, price_agreed=form.entry.price)
    return await _change(request, form, listing_id, line)


@post("/cart/lines/{listing_id:uuid}/removal")
async def remove(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Take a listing out; the next page offers to put it back."""
    member, form = member_context(request), await form_of(request, RemovalEntry)
    await member.store.remove_cart_line(member.identity, listing_id)
    query = urlencode({"removed": str(listing_id), "quantity": form.entered.quantity})
    return redirect("/cart" if form.entered.gone else f"/cart?{query}")


async def _change(
    request: PageRequest, form: SentForm[Any], listing_id: UUID, line: SetCartLine, done: str = ""
) -> Response[Any]:
    member = member_context(request)
    try:
        await member.store.set_cart_line(member.identity, listing_id, line)
    except RuleBroken as refusal:
        form.blame(refusal)
        return await _cart_page(request, form)
    if done:
        member.parts.view_counts.put_in_cart(listing_id)
        member.ctx.flash("success", done)
    return redirect("/cart")


async def _cart_page(
    request: PageRequest,
    form: Form,
    *,
    mending: Mending | None = None,
    offered: UUID | None = None,
    was_removed: bool = False,
    quantity: int = 1,
) -> Response[str]:
    member = member_context(request)
    cart, wallet, offer = await asyncio.gather(
        member.store.get_cart(member.identity, member.user.country or None), member.wallet(), _listing(member, offered)
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
        "form": form,
        "mending": mending,
        "changed": [line for line in cart.lines if line.state in ("price_rose", "too_few", "gone")],
        "can_go_on": can_go_on(cart),
        "destination": country_name(member.ctx.reader, cart.country or ""),
        **balance(cart.total, wallet.available if wallet else None),
    }
    return await render_page(request, "pages/buy/cart.html", context, status=form.status)


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


def can_go_on(cart: Cart) -> bool:
    """Whether it can be checked out, if need be to another country."""
    others = [line for line in cart.lines if line.state != "not_shipped"]
    mended = all(line.state in ("ok", "price_fell") for line in others)
    return cart.ready or (bool(cart.lines) and cart.over_limit is None and mended)


def by_seller(cart: Cart) -> list[dict[str, Any]]:
    """The lines of each seller with their sum, in the cart's order."""
    sellers: dict[UUID, list[CartLine]] = {}
    for line in cart.lines:
        sellers.setdefault(line.seller_id, []).append(line)
    postage = {each.seller_id: each.amount for each in cart.postage}
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
            "postage": postage.get(seller_id),
            "sent": any(not line.pick_up and line.state not in ("gone", "not_shipped") for line in lines),
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
