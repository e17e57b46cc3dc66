"""A buyer's cart over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, put
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.carts import Cart, SetCartLine
from souk.database import Session
from souk.http import Identity
from store import metrics
from store.carts.carts import Carts

Destination = Annotated[
    str | None, Parameter(pattern="^[A-Z]{2}$", description="Where it would be sent: a country, ISO 3166-1 alpha-2.")
]


@get("/internal/cart/units")
async def count_units(identity: Identity, carts: Carts) -> int:
    """How many things are in the user's cart, for every page's frame."""
    return await carts.units(identity.user())


class CartRoutes(Controller):
    """Everybody has one cart."""

    path = "/cart"
    tags = ("Cart",)

    @get(operation_id="getCart", summary="Your cart, at today's prices")
    async def read(self, identity: Identity, carts: Carts, country: Destination = None) -> Cart:
        """Lines beside what their listings say now; `ready` tells whether it can be checked out as it is.

        Its total has postage to `country`, and is what `placePurchase` with an address there charges.
        """
        return (await carts.priced(identity.user(), country=country)).cart

    @put(
        "/lines/{listing_id:uuid}",
        operation_id="setCartLine",
        summary="Put a listing into the cart",
        responses={201: ResponseSpec(Cart, description="The listing was not in the cart before")},
    )
    async def set_line(self, identity: Identity, carts: Carts, listing_id: UUID, data: SetCartLine) -> Response[Cart]:
        """Sets the quantity of a line, or agrees to its price; gives the whole cart. Safe to repeat."""
        cart, is_new = await carts.set_line(identity.user(), listing_id, data)
        if is_new:
            metrics.cart_lines.inc()
        return Response(cart, status_code=201 if is_new else 200)

    @delete("/lines/{listing_id:uuid}", operation_id="removeCartLine", summary="Take a listing out of the cart")
    async def remove_line(self, identity: Identity, carts: Carts, session: Session, listing_id: UUID) -> None:
        """Safe to repeat."""
        await carts.remove_line(session, identity.user(), listing_id)

    @delete(operation_id="clearCart", summary="Empty the cart")
    async def clear(self, identity: Identity, carts: Carts, session: Session) -> None:
        """Safe to repeat."""
        await carts.clear(session, identity.user())
