"""Orders over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import Parameter

from souk.contracts.store.orders import Cancellation, NewRefund, Order, OrderPage, OrderStatus, OrderSummary, Shipment
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.idempotency import key_parameter, read_key
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.orders.orders import Orders


@get("/internal/orders")
async def some_orders(
    identity: Identity,
    orders: Orders,
    reader: ReadSession,
    ids: Annotated[list[UUID], Parameter(min_items=1, max_items=PAGE_MAX)],
) -> list[OrderSummary]:
    """Orders by their ids, for pages that name many; those that are not the caller's are left out."""
    return await orders.some(reader, identity.user(), ids)


class OrderRoutes(Controller):
    """For buyers and sellers alike."""

    path = "/orders"
    tags = ("Orders",)

    @get(operation_id="listOrders", summary="Your orders, newest first")
    async def page(
        self,
        *,
        identity: Identity,
        orders: Orders,
        reader: ReadSession,
        role: Annotated[Literal["buyer", "seller"], Parameter(description="What you bought, or what you sold.")],
        status: OrderStatus | None = None,
        cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = PAGE,
    ) -> OrderPage:
        """Orders that were paid; what was not paid is told by its purchase."""
        return await orders.page(reader, identity.user(), role=role, status=status, cursor=cursor, limit=limit)

    @get("/{order_id:uuid}", operation_id="getOrder", summary="One of your orders")
    async def one(self, identity: Identity, orders: Orders, reader: ReadSession, order_id: UUID) -> Order:
        """With its timeline, its deadline, and what you may do now."""
        return await orders.get(reader, identity, order_id)

    @post("/{order_id:uuid}/shipment", status_code=200, operation_id="shipOrder", summary="Mark as shipped")
    async def ship(
        self, *, kernel: Kernel, identity: Identity, orders: Orders, session: Session, order_id: UUID, data: Shipment
    ) -> Order:
        """For the seller of a paid order. Safe to repeat."""
        order, news = await orders.ship(session, identity, order_id, data)
        kernel.outbox.emit(session, *news)
        return order

    @post("/{order_id:uuid}/receipt", status_code=200, operation_id="confirmOrder", summary="Confirm the receipt")
    async def confirm(
        self, *, kernel: Kernel, identity: Identity, orders: Orders, session: Session, order_id: UUID
    ) -> Order:
        """For the buyer of a shipped order: the seller is paid. Safe to repeat."""
        order, news = await orders.confirm(session, identity, order_id)
        kernel.outbox.emit(session, *news)
        return order

    @post("/{order_id:uuid}/cancellation", status_code=200, operation_id="cancelOrder", summary="Cancel and refund")
    async def cancel(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        orders: Orders,
        session: Session,
        order_id: UUID,
        data: Cancellation,
    ) -> Order:
        """For either side while the order is paid and not shipped: the buyer gets everything back. Safe to repeat."""
        order, news = await orders.cancel(session, identity, order_id, data.reason)
        kernel.outbox.emit(session, *news)
        return order

    @post(
        "/{order_id:uuid}/refunds",
        status_code=200,
        operation_id="refundOrder",
        summary="Refund an order or parts of it",
    )
    async def refund(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        orders: Orders,
        session: Session,
        order_id: UUID,
        data: NewRefund,
        key: Annotated[str, key_parameter("Names the refund, so that it is made once.")],
    ) -> Order:
        """For the seller of a paid order, or an admin, until some time after it is completed. The same key does it once.

        Until the order arrived the money comes out of escrow, afterwards from the seller's wallet, with the
        marketplace's fee in proportion; what the wallet lacks is taken from the seller's next sales.
        """
        order, news = await orders.refund(session, identity, order_id, read_key(key), data)
        kernel.outbox.emit(session, *news)
        return order
