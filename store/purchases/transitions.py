"""Which way a purchase may go, and the one statement through which it goes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table

from souk.contracts.store.purchases import PurchaseStatus
from souk.database import Session
from store.database import Beside, Which, guarded_change, one_of
from store.purchases.tables import PurchaseRow
from store.step_log import say_purchases

TRANSITIONS: dict[PurchaseStatus, frozenset[PurchaseStatus]] = {
    "placed": frozenset({"awaiting_payment", "rejected", "cancelled"}),
    "awaiting_payment": frozenset({"paid", "declined", "cancelled"}),
    "paid": frozenset(),
    "rejected": frozenset(),
    "declined": frozenset(),
    "cancelled": frozenset(),
}
"""What may come after each status."""

OPEN = frozenset(status for status, after in TRANSITIONS.items() if after)
"""Statuses that something is still to follow."""

UNPAID_ENDS = frozenset(TRANSITIONS) - OPEN - {"paid"}

_BY_ID = (one_of(PurchaseRow.id),)

_purchases = cast(Table, PurchaseRow.__table__)


def sources(after: PurchaseStatus) -> frozenset[PurchaseStatus]:
    """The statuses from which a purchase may become this."""
    return frozenset(before for before, follows in TRANSITIONS.items() if after in follows)


def these(ids: Iterable[UUID]) -> Which:
    """The purchases with these ids."""
    return Which(_BY_ID, {"ids": list(ids)})


async def move(
    session: Session,
    which: Which,
    *,
    after: PurchaseStatus,
    at: datetime,
    due_max: int | None = None,
    beside: Beside | None = None,
    **values: Any,
) -> Sequence[PurchaseRow]:
    """Bring the purchases to `after`, all that may legally go there now; gives those that went, by id, and what is to be
    known `beside` each.

    `due_max` bounds a sweep, which passes over purchases that somebody else holds.
    """
    values |= {"status": after, "finished_at": None if after in OPEN else at}
    change = guarded_change(_purchases, which, before=sources(after), values=values, due_max=due_max, beside=beside)
    purchases: list[PurchaseRow] = await change.statement.all(session, **change.parameters)
    say_purchases(session, purchases)
    return purchases
