"""Purchases over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.carts import UNITS_MAX, Cart
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchaseItem, PurchasePage
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.idempotency import key_parameter, read_key
from souk.http.languages import language_parameter
from souk.languages import document_language
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.carts.carts import Carts
from store.carts.routes import Destination
from store.orders.orders import Orders
from store.purchases.purchases import WAIT_MAX_MS, Purchases


@post("/internal/purchases/{purchase_id:uuid}/deadlines", status_code=200)
async def meet_deadlines(
    *, kernel: Kernel, identity: Identity, purchases: Purchases, orders: Orders, session: Session, purchase_id: UUID
) -> dict[str, int]:
    """For operators: do now what a deadline of this purchase or its orders asks for, if one has passed. Safe to repeat."""
    identity.require_role("admin")
    ended, unpaid = await purchases.sweep(session, purchase_id)
    moved, news = await orders.sweep(session, purchase_id)
    kernel.outbox.emit(session, *unpaid, *news)
    return {"moved": ended + moved}


class PurchaseRoutes(Controller):
    """For buyers."""

    path = "/purchases"
    tags = ("Purchases",)

    @post(
        operation_id="placePurchase",
        summary="Check out the cart, or buy one listing by itself",
        responses={200: ResponseSpec(Purchase, description="It was placed before with this key")},
    )
    async def place(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        purchases: Purchases,
        data: NewPurchase,
        key: Annotated[
            str, key_parameter("Your own name for this purchase: the same request with the same key buys once.")
        ],
        accept_language: Annotated[
            str, language_parameter("The language of the invoices, and of credit notes to them.")
        ] = "",
    ) -> Response[Purchase]:
        """Answers 201 with the placed purchase, or 200 if it was placed before with this key. Follow it with GET.

        With `item`, just that is bought, and the cart stays as it is.
        """
        language = document_language(accept_language)
        draft = await purchases.prepare(identity.user(), read_key(key), data, language)
        async with kernel.database.transaction() as session:
            purchase, news = await purchases.place(session, draft)
            kernel.outbox.emit(session, *news)
        return Response(purchase, status_code=201 if news else 200)

    @get("/quote", operation_id="quotePurchase", summary="What one listing by itself costs you now")
    async def quote(
        self,
        identity: Identity,
        carts: Carts,
        listing_id: UUID,
        quantity: Annotated[int, Parameter(ge=1, le=UNITS_MAX)] = 1,
        country: Destination = None,
    ) -> Cart:
        """As a cart with nothing else in it: its total is what `placePurchase` with this `item` and an address in `country`
        charges. Keeps nothing.
        """
        item = PurchaseItem(listing_id=listing_id, quantity=quantity)
        return (await carts.priced(identity.user(), item, country)).cart

    @get(operation_id="listPurchases", summary="Your purchases, newest first")
    async def page(
        self,
        identity: Identity,
        purchases: Purchases,
        reader: ReadSession,
        cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = PAGE,
    ) -> PurchasePage:
        """With the orders they became."""
        return await purchases.page(reader, identity.user(), cursor, limit)

    @get("/{purchase_id:uuid}", operation_id="getPurchase", summary="One of your purchases")
    async def one(
        self,
        identity: Identity,
        purchases: Purchases,
        purchase_id: UUID,
        wait_ms: Annotated[
            int, Parameter(ge=0, le=WAIT_MAX_MS, description="Wait so long for it to end before answering.")
        ] = 0,
    ) -> Purchase:
        """Where it stands; with `wait_ms`, answered as soon as it has ended."""
        return await purchases.get(identity, purchase_id, wait_ms)

    @post(
        "/{purchase_id:uuid}/cancellation",
        status_code=200,
        operation_id="cancelPurchase",
        summary="Call off a purchase that is not paid yet",
    )
    async def cancel(
        self, *, kernel: Kernel, identity: Identity, purchases: Purchases, session: Session, purchase_id: UUID
    ) -> Purchase:
        """The cart is kept. Safe to repeat."""
        purchase, news = await purchases.cancel(session, identity.user(), purchase_id)
        kernel.outbox.emit(session, *news)
        return purchase
