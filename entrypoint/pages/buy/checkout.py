"""Checkout: where it goes, what it costs, and paying once. Of the cart, or of one listing by itself."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from entrypoint.accounts.names import countries
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import accepted_languages, context_of
from entrypoint.pages.buy.cart import ListingNamed, balance, by_seller, can_go_on, units
from entrypoint.pages.cards import listing_href
from entrypoint.pages.fields import MINOR, TOO_LONG, Fields, Label, Mend, Prefix, Units, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.words import country_name
from entrypoint.web.marking import N_
from souk.contracts.store.carts import UNITS_MAX, Cart
from souk.contracts.store.events import (
    ADDRESS_LINE_CHARS_MAX,
    CITY_CHARS_MAX,
    POSTCODE_CHARS_MAX,
    VAT_ID_CHARS_MAX,
    Address,
    BillingDetails,
)
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchaseItem
from souk.errors import RuleBroken
from souk.ids import derived_id
from souk.money import Money

WAIT_MS = 1000
"""How long the form waits for the outcome before the purchase's page takes over."""

Line = Annotated[str, Meta(max_length=ADDRESS_LINE_CHARS_MAX), Mend(TOO_LONG, ADDRESS_LINE_CHARS_MAX)]
City = Annotated[str, Meta(max_length=CITY_CHARS_MAX), Mend(TOO_LONG, CITY_CHARS_MAX)]
Postcode = Annotated[
    str, Meta(max_length=POSTCODE_CHARS_MAX), Label(N_("Postcode")), Mend(TOO_LONG, POSTCODE_CHARS_MAX)
]
VatId = Annotated[str, Meta(max_length=VAT_ID_CHARS_MAX), Label(N_("VAT number")), Mend(TOO_LONG, VAT_ID_CHARS_MAX)]
NEEDED = Meta(min_length=1)
FOR_PARCEL = Mend(N_("This is needed, so that the parcel arrives."))
FOR_INVOICE = Mend(N_("This is needed on the invoice."))


class AddressEntry(Fields, frozen=True, kw_only=True):
    """Where a parcel goes."""

    name: Annotated[Line, NEEDED, Label(N_("Name")), FOR_PARCEL]
    line1: Annotated[Line, NEEDED, Label(N_("Street and number")), FOR_PARCEL]
    line2: Annotated[Line, Label(N_("Second line"))] = ""
    postcode: Postcode = ""
    city: Annotated[City, NEEDED, Label(N_("City")), FOR_PARCEL]
    country: Annotated[str, NEEDED, Label(N_("Country")), FOR_PARCEL]


class BillingEntry(Fields, frozen=True, kw_only=True):
    """Whom the invoice names."""

    company: Annotated[Line, Label(N_("Company"))] = ""
    vat_id: VatId = ""
    name: Annotated[Line, NEEDED, Label(N_("Name")), FOR_INVOICE]
    line1: Annotated[Line, NEEDED, Label(N_("Street and number")), FOR_INVOICE]
    line2: Annotated[Line, Label(N_("Second line"))] = ""
    postcode: Postcode = ""
    city: Annotated[City, NEEDED, Label(N_("City")), FOR_INVOICE]
    country: Annotated[str, NEEDED, Label(N_("Country")), FOR_INVOICE]


class BoughtEntry(Fields, frozen=True, kw_only=True):
    """What is bought: one listing by itself, or else the cart."""

    listing: UUID | None = None
    quantity: Units = 1
    total: Annotated[Money | None, MINOR] = None
    """What the buyer was shown, and agrees to pay."""
    key: UUID | None = None


class CheckoutEntry(BoughtEntry, frozen=True, kw_only=True):
    """What is bought, where it goes, and who is billed."""

    address: AddressEntry
    bill_other: bool = False
    billing: Annotated[BillingEntry | None, Prefix("billing_"), When("bill_other")] = None


class BuyNowEntry(ListingNamed, frozen=True, kw_only=True):
    """One listing to be bought by itself."""

    quantity: Units = 1


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
    ctx, form = context_of(request), await form_of(request, BuyNowEntry)
    which = form.read(ListingNamed)
    if which is None or which.listing_id is None:
        return redirect("/browse")
    if form.entry is None:
        ctx.flash("warning", form.errors["quantity"])
        return redirect(listing_href(which.listing_id))
    return redirect(checkout_href(PurchaseItem(listing_id=which.listing_id, quantity=form.entry.quantity)))


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
    address, billing = await asyncio.gather(_last_address(member), _own_billing(member))
    cart = await _bought(member, item, address.country)
    if cart is None or not can_go_on(cart):
        return _back(member, cart, item)
    form = Form({"key": str(uuid4())} | msgspec.to_builtins(address) | billing)
    return await _checkout_page(request, member, cart, item, form)


async def _bought(member: MemberContext, item: PurchaseItem | None, country: str) -> Cart | None:
    """What is to be paid, with postage to a country if that is one; None, and a word on why, if that one listing cannot be bought."""
    to = country if country in countries() else None
    if item is None:
        return await member.store.get_cart(member.identity, to)
    try:
        return await member.store.quote_purchase(member.identity, item, to)
    except RuleBroken as refusal:
        if refusal.status >= 500:
            raise
        member.ctx.flash("warning", member.message_of(refusal))
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
    member, form = member_context(request), await form_of(request, CheckoutEntry)
    bought, entry = form.read(BoughtEntry), form.entry
    item = PurchaseItem(listing_id=bought.listing, quantity=bought.quantity) if bought and bought.listing else None
    if bought is None or bought.total is None or bought.key is None:
        return redirect(checkout_href(item))
    if entry is not None:
        try:
            new = NewPurchase(
                address=_address(entry.address), total=bought.total, billing=_billing(entry.billing), item=item
            )
            purchase = await _place(member, bought.key, new, accepted_languages(request))
        except RuleBroken as refusal:
            known = refusal.fields.get("purchase_id")
            if known:
                member.ctx.flash("info", member.message_of(refusal))
                return redirect(f"/purchases/{UUID(known)}")
            form.blame(refusal)
        else:
            await or_none(member.store.get_purchase(member.identity, purchase.id, wait_ms=WAIT_MS))
            return redirect(f"/purchases/{purchase.id}")
    cart = await _bought(member, item, form.text("country"))
    if cart is None or not can_go_on(cart):
        return _back(member, cart, item, form.notice or member.gettext("Look at your cart again. Nothing was charged."))
    return await _checkout_page(request, member, cart, item, form)


async def _place(member: MemberContext, key: UUID, new: NewPurchase, languages: str) -> Purchase:
    """Place the purchase that the form stands for. What was placed with it before and not paid is over: the next one is
    named after it, so that a second click still buys once. Raises RuleBroken."""
    for tried in range(TRIES_MAX):
        try:
            purchase = await member.store.place_purchase(member.identity, new, key, languages)
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
    for line in (line for line in cart.lines if line.state == "not_shipped"):
        words = member.gettext("“{title}” is not sent there. Choose another country, or leave it out.")
        form.errors.setdefault("country", words.format(title=line.title))
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
        "destination": country_name(member.ctx.reader, cart.country or ""),
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
    address = {f"billing_{name}": getattr(profile.address, name) for name in AddressEntry.__struct_fields__}
    named = {"billing_company": profile.address.name, "billing_name": member.user.display_name}
    return address | named | {"billing_vat_id": profile.vat_id}


def _address(entry: AddressEntry | BillingEntry) -> Address:
    return Address(**{name: getattr(entry, name) for name in Address.__struct_fields__})


def _billing(entry: BillingEntry | None) -> BillingDetails | None:
    """The other name on the invoice, if the buyer wants one."""
    if entry is None:
        return None
    return BillingDetails(address=_address(entry), company=entry.company, vat_id=entry.vat_id)


def country_options(language: str) -> list[dict[str, str]]:
    """Every country for a select, in a language."""
    return [{"value": code, "label": name} for code, name in countries(language).items()]


ROUTES = [buy_now, show, pay]
