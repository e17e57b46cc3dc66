"""Checkout: where it goes, what it costs, and paying once. Of the cart, or of one listing by itself."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from entrypoint.accounts.names import countries
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import asked_languages, context_of
from entrypoint.pages.buy.cart import balance, by_seller, units
from entrypoint.pages.cards import listing_href
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from souk.contracts.store.carts import UNITS_MAX, Cart
from souk.contracts.store.events import Address, BillingDetails
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchaseItem
from souk.errors import RuleBroken
from souk.ids import derived_id

WAIT_MS = 1000
"""How long the form waits for the outcome before the purchase's page takes over."""

FIELDS = ("name", "line1", "line2", "postcode", "city", "country")
NEEDED = ("name", "line1", "city", "country")

UNPAID = frozenset({"declined", "rejected", "cancelled"})
"""How purchases end without a payment."""

TRIES_MAX = 20
"""Purchases that one form may stand for, one after the other: each but the last ended without a payment."""


class TooManyTries(RuleBroken):
    """The form has stood for too many purchases."""

    title = "Check out again from your cart"


@post("/buy")
async def buy_now(request: PageRequest) -> Response[Any]:
    """Go straight to the checkout of one listing; the cart is left as it is."""
    ctx, form = context_of(request), await form_of(request)
    listing_id, quantity = form.uuid("listing_id"), form.units(ctx.reader)
    if listing_id is None:
        return redirect("/browse")
    if quantity is None:
        ctx.flash("warning", form.errors["quantity"])
        return redirect(listing_href(listing_id))
    return redirect(checkout_href(PurchaseItem(listing_id=listing_id, quantity=quantity)))


def checkout_href(item: PurchaseItem | None) -> str:
    """Where the cart, or one listing by itself, is checked out."""
    return f"/checkout?{urlencode({'listing': item.listing_id, 'quantity': item.quantity})}" if item else "/checkout"


@get("/checkout")
async def show(
    request: PageRequest,
    listing: UUID | None = None,
    quantity: Annotated[int, Parameter(ge=1, le=UNITS_MAX)] = 1,
) -> Response[Any]:
    """Where it goes, and the sum."""
    member = member_context(request)
    item = PurchaseItem(listing_id=listing, quantity=quantity) if listing else None
    cart, address, billing = await asyncio.gather(_bought(member, item), _last_address(member), _own_billing(member))
    if cart is None or not cart.ready:
        return _back(member, cart, item)
    return await _checkout_page(
        request, member, cart, item, Form({"key": str(uuid4())} | msgspec.to_builtins(address) | billing)
    )


async def _bought(member: MemberContext, item: PurchaseItem | None) -> Cart | None:
    """What is to be paid; None, and a word on why, if that one listing cannot be bought."""
    if item is None:
        return await member.store.get_cart(member.identity)
    try:
        return await member.store.quote_purchase(member.identity, item)
    except RuleBroken as refusal:
        if refusal.status >= 500:
            raise
        member.ctx.flash("warning", member.said(refusal))
        return None


def _back(member: MemberContext, cart: Cart | None, item: PurchaseItem | None, why: str = "") -> Response[Any]:
    """To where it can be mended: nothing can be paid as it is."""
    if item is not None:
        if cart is not None and cart.over_limit is not None:
            limit = member.ctx.reader.money(cart.over_limit)
            member.ctx.flash(
                "warning", member.gettext("One purchase may cost {limit} at the most.").format(limit=limit)
            )
        return redirect(listing_href(item.listing_id))
    if cart is not None and cart.lines and cart.over_limit is None:  # else the cart says so itself
        changed = member.gettext("Something in your cart has changed and needs your decision first.")
        member.ctx.flash("warning", why or changed)
    return redirect("/cart")


@post("/checkout")
async def pay(request: PageRequest) -> Response[Any]:
    """Place the purchase. The form's key makes a second click, or a reload, the same purchase."""
    member, form = member_context(request), await form_of(request)
    total, key, listing_id = form.minor("total", member.currency), form.uuid("key"), form.uuid("listing")
    quantity = form.units(member.ctx.reader)
    item = PurchaseItem(listing_id=listing_id, quantity=quantity) if listing_id and quantity else None
    if total is None or key is None or quantity is None:
        return redirect(checkout_href(item))
    for name in NEEDED:
        if not form.text(name):
            form.refuse(name, member.gettext("This is needed, so that the parcel arrives."))
    billing = _billing(member, form)
    if not form.errors:
        try:
            address = Address(**{name: form.text(name) for name in FIELDS})
            wanted = NewPurchase(address=address, total=total, billing=billing, item=item)
            purchase = await _place(member, key, wanted, asked_languages(request))
        except RuleBroken as refusal:
            known = refusal.fields.get("purchase_id")
            if known:
                member.ctx.flash("info", member.said(refusal))
                return redirect(f"/purchases/{UUID(known)}")
            for error in refusal.fields.get("errors", ()):
                if error["field"].startswith("billing."):
                    error["field"] = f"billing_{error['field'].rpartition('.')[2]}"
            form.blame(refusal, member.ctx.reader, _labels(member))
        else:
            await or_none(member.store.get_purchase(member.identity, purchase.id, wait_ms=WAIT_MS))
            return redirect(f"/purchases/{purchase.id}")
    cart = await _bought(member, item)
    if cart is None or not cart.ready:
        return _back(member, cart, item, form.notice or member.gettext("Look at your cart again. Nothing was charged."))
    return await _checkout_page(request, member, cart, item, form)


async def _place(member: MemberContext, key: UUID, wanted: NewPurchase, languages: str) -> Purchase:
    """Place the purchase that the form stands for. What was placed with it before and not paid is over: the next one is
    named after it, so that a second click still buys once. Raises RuleBroken."""
    for tried in range(TRIES_MAX):
        try:
            purchase = await member.store.place_purchase(member.identity, wanted, key, languages)
        except RuleBroken as refusal:
            if refusal.rule != "key-reused":
                raise
            purchase = await member.store.get_purchase(member.identity, UUID(refusal.fields["purchase_id"]))
            if purchase.status not in UNPAID:
                words = member.gettext(
                    "This form has bought already: here is what it bought. Nothing more was ordered."
                )
                member.ctx.flash("info", words)
                return purchase
        if purchase.status not in UNPAID:
            if tried:
                member.ctx.flash(
                    "info", member.gettext("What you tried before was not paid and is over. This is a new purchase.")
                )
            return purchase
        key = derived_id("after", purchase.id, key)
    raise TooManyTries("This form was sent too often. Nothing was charged; open your cart and check out again.")


async def _checkout_page(
    request: PageRequest, member: MemberContext, cart: Cart, item: PurchaseItem | None, form: Form
) -> Response[str]:
    wallet = await member.wallet()
    context: dict[str, Any] = {
        "active": "" if item else "cart",
        "cart": cart,
        "item": item,
        "here": checkout_href(item),
        **({} if item else {"cart_count": units(cart)}),
        "sellers": by_seller(cart),
        "blocked": wallet if wallet and wallet.status != "open" else None,
        "form": form,
        "countries": country_options(member.ctx.reader.language),
        **balance(cart.total, wallet.available if wallet else None),
    }
    return await render_page(request, "pages/buy/checkout.html", context, status=form.status)


async def _last_address(member: MemberContext) -> Address:
    """Where the latest order went, or what the account says."""
    orders = await or_none(member.orders("buyer", limit=1))
    if orders:
        order = await or_none(member.store.get_order(member.identity, orders[0].id))
        if order is not None and order.address is not None:
            return order.address
    return Address(name=member.user.display_name, line1="", postcode="", city="", country=member.user.country)


async def _own_billing(member: MemberContext) -> dict[str, str]:
    """A business is offered to be billed as what it said to be; others find the fields empty."""
    profile = await or_none(member.legal_profile())
    if profile is None or not profile.is_business:
        return {"billing_country": member.user.country}
    address = {f"billing_{name}": getattr(profile.address, name) for name in FIELDS}
    named = {"billing_company": profile.address.name, "billing_name": member.user.display_name}
    return address | named | {"billing_vat_id": profile.vat_id}


def _billing(member: MemberContext, form: Form) -> BillingDetails | None:
    """The other name on the invoice, if the buyer wants one."""
    if not form.text("bill_other"):
        return None
    for name in NEEDED:
        if not form.text(f"billing_{name}"):
            form.refuse(f"billing_{name}", member.gettext("This is needed on the invoice."))
    return BillingDetails(
        address=Address(**{name: form.text(f"billing_{name}") for name in FIELDS}),
        company=form.text("billing_company"),
        vat_id=form.text("billing_vat_id"),
    )


def _labels(member: MemberContext) -> dict[str, str]:
    _ = member.gettext
    address = {
        "name": _("Name"),
        "line1": _("Street and number"),
        "line2": _("Second line"),
        "postcode": _("Postcode"),
        "city": _("City"),
        "country": _("Country"),
    }
    billing = {f"billing_{name}": label for name, label in address.items()}
    return address | billing | {"billing_company": _("Company"), "billing_vat_id": _("VAT number")}


def country_options(language: str) -> list[dict[str, str]]:
    """Every country for a select, in a language."""
    return [{"value": code, "label": name} for code, name in countries(language).items()]


ROUTES = [buy_now, show, pay]
