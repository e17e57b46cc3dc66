"""Which way an offer may go, and the one statement through which it goes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Table

from souk.contracts.store.events import OfferEnded, OfferMade, Side
from souk.contracts.store.offers import OfferStatus
from souk.database import Session
from store.database import Which, guarded_change, one_of
from store.offers.tables import OfferRow
from store.transitions import Table as Transitions
from store.transitions import Transition

Actor = Literal["answerer", "proposer", "buyer", "deadline", "system"]
"""`answerer`: whose turn it is. `proposer`: the other one, who named the last price."""

Action = Literal["accept", "counter", "decline", "withdraw", "buy"]

OfferTransition = Transition[OfferStatus, Actor, Action]

_ANSWERER: frozenset[Actor] = frozenset({"answerer"})
_PROPOSER: frozenset[Actor] = frozenset({"proposer"})
_BUYER: frozenset[Actor] = frozenset({"buyer"})
_DEADLINE: frozenset[Actor] = frozenset({"deadline"})
_SYSTEM: frozenset[Actor] = frozenset({"system"})

TRANSITIONS: Transitions[OfferStatus, Actor, Action] = Transitions(
    OfferTransition("open", "open", _ANSWERER, "counter", tells=OfferMade),
    OfferTransition("open", "accepted", _ANSWERER, "accept", tells=OfferEnded),
    OfferTransition("open", "declined", _ANSWERER, "decline", tells=OfferEnded),
    OfferTransition("open", "withdrawn", _PROPOSER, "withdraw", tells=OfferEnded),
    OfferTransition("open", "expired", _DEADLINE, within="offer_answer_within", tells=OfferEnded),
    OfferTransition("accepted", "bought", _BUYER, "buy"),
    # Nothing is reserved for the buyer, so nobody loses by it; the seller stands by the price until the deadline.
    OfferTransition("accepted", "withdrawn", _BUYER, "withdraw", tells=OfferEnded),
    OfferTransition("accepted", "expired", _DEADLINE, within="offer_buy_within", tells=OfferEnded),
    # The purchase ended unpaid: before the deadline, or after it.
    OfferTransition("bought", "accepted", _SYSTEM),
    OfferTransition("bought", "expired", _SYSTEM, tells=OfferEnded),
)

_BY_ID = (one_of(OfferRow.id),)

_offers = cast(Table, OfferRow.__table__)


def possible(status: OfferStatus, role: Side, turn: Side) -> dict[Action, OfferTransition]:
    """What a side may do with an offer now, and what follows from it."""
    actors: tuple[Actor, ...] = ("answerer" if role == turn else "proposer",)
    return TRANSITIONS.possible(status, *actors, *(("buyer",) if role == "buyer" else ()))


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
    change = guarded_change(_offers, which, before=TRANSITIONS.sources(after, by), values=values, due_max=due_max)
    offers: list[OfferRow] = await change.statement.all(session, **change.parameters)
    return offers
