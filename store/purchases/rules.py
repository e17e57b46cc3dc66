"""What stands in the way of a checkout."""

from uuid import UUID

from souk.contracts.store.carts import Cart
from souk.errors import RuleBroken, fault
from souk.money import Money
from store.carts.rules import MENDED_FIRST


class CartEmpty(RuleBroken):
    """There is nothing to buy."""

    title = "Your cart is empty"


class CartNotReady(RuleBroken):
    """A line must be mended first."""

    title = "Look at your cart again"
    members = ("lines",)


class PurchaseTooLarge(RuleBroken):
    """The cart costs more than can be booked at once."""

    title = "Too much for one purchase"
    members = ("limit",)


class TotalChanged(RuleBroken):
    """The cart costs something else than the buyer agreed to."""

    title = "The total has changed"
    members = ("total",)


class NotShipped(RuleBroken):
    """Something is not sent to where the buyer wants it."""

    status = 422
    title = "It is not sent there"
    members = ("listing_id",)


class CartChanged(RuleBroken):
    """The cart was changed while it was checked out."""

    title = "Your cart was changed meanwhile"


class AlreadyBeingPaid(RuleBroken):
    """A buyer pays one purchase at a time."""

    title = "You are paying a purchase already"
    members = ("purchase_id",)


class NoLongerOpen(RuleBroken):
    """Only an open purchase can be called off."""

    title = "This purchase can no longer be cancelled"


def check_sum(cart: Cart, agreed: Money) -> None:
    """Raises NotShipped, PurchaseTooLarge or TotalChanged unless what is bought by itself can be charged as the buyer
    agreed."""
    check_shipped(cart)
    if cart.over_limit is not None:
        raise PurchaseTooLarge(
            "This costs more than one purchase may. Take fewer at a time. Nothing was bought.",
            code="purchase-too-large",
            limit=cart.over_limit,
        )
    if cart.total != agreed:
        raise TotalChanged(
            "It now costs something else than what you agreed to. Nothing was bought.",
            code="total-changed",
            total=cart.total,
        )


def check_shipped(cart: Cart) -> None:
    """Raises NotShipped, which names the first listing that is not sent to the address's country."""
    line = next((line for line in cart.lines if line.state == "not_shipped"), None)
    if line is not None:
        raise NotShipped(
            "“{title}” is not sent to that country. Choose another address, or leave it out. Nothing was bought.",
            errors=[
                fault("address.country", "“{title}” is not sent there.", code="not-shipped-here", title=line.title)
            ],
            title=line.title,
            listing_id=str(line.listing_id),
        )


def check_ready(cart: Cart, agreed: Money) -> None:
    """Raises CartEmpty, CartNotReady, NotShipped, PurchaseTooLarge or TotalChanged unless the cart can be charged as the
    buyer agreed."""
    if not cart.lines:
        raise CartEmpty("There is nothing in your cart, so nothing was bought.")
    broken = [line for line in cart.lines if line.state in MENDED_FIRST and line.state != "not_shipped"]
    if broken:
        raise CartNotReady(
            "Something in your cart has changed and needs your decision. Nothing was bought.",
            lines=[{"listing_id": str(line.listing_id), "title": line.title, "state": line.state} for line in broken],
        )
    check_shipped(cart)
    if cart.over_limit is not None:
        raise PurchaseTooLarge(
            "Your cart costs more than one purchase may. Take something out and buy it separately. Nothing was bought.",
            code="cart-too-large",
            limit=cart.over_limit,
        )
    if cart.total != agreed:
        raise TotalChanged(
            "Your cart now costs something else than what you agreed to. Nothing was bought.",
            code="cart-total-changed",
            total=cart.total,
        )


def already_being_paid(purchase_id: UUID) -> AlreadyBeingPaid:
    """Names the open purchase, so that the caller can follow it."""
    return AlreadyBeingPaid(
        "You are paying a purchase already. Nothing was bought twice; wait for that one to end.",
        purchase_id=str(purchase_id),
    )
