"""Which way an offer may go, and the one statement through which it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Table

from souk.contracts.store.events import Side
from souk.contracts.store.offers import OfferStatus
from souk.database import Session
from store.database import Which, guarded_change, one_of
from store.offers.tables import OfferRow
from store.settings import StoreSettings

Actor = Literal["answerer", "proposer", "buyer", "deadline", "system"]
"""`answerer`: whose turn it is. `proposer`: the other one, who named the last price."""

Action = Literal["accept", "counter", "decline", "withdraw", "buy"]
Wait = Literal["offer_answer_within", "offer_buy_within"]


@dataclass(frozen=True)
class Transition:
    """An offer in status `before` may become `after` if `by` makes it so."""

    before: OfferStatus
    after: OfferStatus
    by: Actor
    action: Action | None = None
    """What buyers and sellers call it, if it is theirs to do."""
    within: Wait | None = None
    """The setting that says after how long it happens by itself."""


TRANSITIONS = (
    Transition("open", "open", "answerer", "counter"),
    Transition("open", "accepted", "answerer", "accept"),
    Transition("open", "declined", "answerer", "decline"),
    Transition("open", "withdrawn", "proposer", "withdraw"),
    Transition("open", "expired", "deadline", within="offer_answer_within"),
    Transition("accepted", "bought", "buyer", "buy"),
    # Nothing is reserved for the buyer, so nobody loses by it; the seller stands by the price until the deadline.
    Transition("accepted", "withdrawn", "buyer", "withdraw"),
    Transition("accepted", "expired", "deadline", within="offer_buy_within"),
    # The purchase ended unpaid: before the deadline, or after it.
    Transition("bought", "accepted", "system"),
    Transition("bought", "expired", "system"),
)

_BY_ID = (one_of(OfferRow.id),)

_offers = cast(Table, OfferRow.__table__)


def sources(after: OfferStatus, by: Actor) -> frozenset[OfferStatus]:
    """The statuses from which this actor may bring an offer to `after`."""
    return frozenset(t.before for t in TRANSITIONS if t.after == after and t.by == by)


def possible(status: OfferStatus, role: Side, turn: Side) -> dict[Action, Transition]:
    """What a side may do with an offer now, and what follows from it."""
    mine = {"answerer" if role == turn else "proposer", role}
    return {t.action: t for t in TRANSITIONS if t.before == status and t.action and t.by in mine}


def deadline(status: OfferStatus, since: datetime, settings: StoreSettings) -> datetime | None:
    """When an offer that reached this status at `since` expires by itself."""
    within = next((t.within for t in TRANSITIONS if t.before == status and t.within), None)
    limits = {
        "offer_answer_within": settings.offer_answer_within,
        "offer_buy_within": settings.offer_buy_within,
    }
    return since + limits[within] if within else None


def these(ids: Iterable[UUID]) -> Which:
    """The offers with these ids."""
    return Which(_BY_ID, {"ids": list(ids)})


async def move(
    session: Session,
    which: Which,
    *,
    after: OfferStatus,
    by: Actor,
    at: datetime,
    due_max: int | None = None,
    **values: Any,
) -> Sequence[OfferRow]:
    """Bring the offers to `after`, all that may legally go there now; gives those that went, by id.

    `due_max` bounds a sweep, which passes over offers that somebody else holds.
    """
    values |= {"status": after, "changed_at": at}
    change = guarded_change(_offers, which, before=sources(after, by), values=values, due_max=due_max)
    offers: list[OfferRow] = await change.statement.all(session, **change.parameters)
    return offers
