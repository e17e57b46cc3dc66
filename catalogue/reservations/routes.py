"""What the catalogue holds for a purchase, for operators."""

from uuid import UUID

from litestar import get
from sqlalchemy import select

from catalogue.listings.tables import ListingRow
from catalogue.reservations.tables import HeldPurchaseRow, ReservationRow
from souk.contracts.catalogue.reservations import HeldUnits, PurchaseStock
from souk.database import ReadSession
from souk.errors import NotFound
from souk.http import Identity

_UNITS = (
    select(ReservationRow, ListingRow.title)
    .join(ListingRow, ListingRow.id == ReservationRow.listing_id)
    .order_by(ReservationRow.listing_id)
)


@get("/internal/reservations/{purchase_id:uuid}")
async def show_stock(identity: Identity, reader: ReadSession, purchase_id: UUID) -> PurchaseStock:
    """The answer to the purchase, and the units. Raises NotFound before the catalogue has heard of it."""
    identity.require_role("admin")
    held = await reader.get(HeldPurchaseRow, purchase_id)
    if held is None:
        raise NotFound("The catalogue knows of no such purchase.", code="purchase-unknown-here")
    rows = (await reader.execute(_UNITS.where(ReservationRow.purchase_id == purchase_id))).tuples()
    units = [
        HeldUnits(
            listing_id=row.listing_id,
            order_id=row.order_id,
            title=title,
            quantity=row.quantity,
            status=row.status,
            reserved_at=row.reserved_at,
            sold_at=row.sold_at,
            ended_at=row.ended_at,
        )
        for row, title in rows
    ]
    return PurchaseStock(
        answer=held.answer,
        answered_at=held.answered_at,
        cancelled_at=held.cancelled_at,
        units=units,
    )


ROUTES = [show_stock]
