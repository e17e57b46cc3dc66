"""Where the money of a purchase is, for operators."""

from uuid import UUID

from litestar import get
from sqlalchemy import select

from payment.escrow.tables import Capture, Escrow
from souk.contracts.payment.ledger import EscrowState, PurchaseMoney
from souk.database import ReadSession
from souk.errors import NotFound
from souk.http import Identity
from souk.money import Money


@get("/internal/captures/{purchase_id:uuid}")
async def show_money(identity: Identity, reader: ReadSession, purchase_id: UUID) -> PurchaseMoney:
    """The decision on the payment, and each order's escrow. Raises NotFound while nothing was decided."""
    identity.require_role("admin")
    capture = await reader.get(Capture, purchase_id)
    if capture is None:
        raise NotFound("Nothing was decided on this purchase's payment.", code="nothing-decided")
    escrows = await reader.scalars(select(Escrow).where(Escrow.purchase_id == purchase_id).order_by(Escrow.order_id))
    return PurchaseMoney(
        outcome=capture.outcome,
        decided_at=capture.decided_at,
        escrows=[_state(escrow) for escrow in escrows],
    )


def _state(escrow: Escrow) -> EscrowState:
    return EscrowState(
        order_id=escrow.order_id,
        status=escrow.status,
        amount=Money(escrow.amount, escrow.currency),
        held=Money(escrow.held, escrow.currency),
        settled=Money(escrow.settled, escrow.currency),
        refunded=Money(escrow.refunded, escrow.currency),
        captured_at=escrow.captured_at,
        ended_at=escrow.ended_at,
    )


ROUTES = [show_money]
