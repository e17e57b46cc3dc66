"""Offers: use cases of buyers and sellers, and of the clock."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, and_, bindparam, func, insert, not_, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_new

from souk import paging
from souk.clock import Clock
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.events import Side
from souk.contracts.store.offers import Counteroffer, NewOffer, Offer, OfferPage
from souk.database import AnySession, Database, ReadSession, Session
from souk.errors import InvalidInput, NotFound
from souk.events import Sequenced
from souk.ids import new_id
from souk.paging import KeyPlace
from store.carts.listings import Listings
from store.database import Which
from store.offers.events import count_after, ended, made
from store.offers.rules import (
    AGAIN_MAX,
    AGAIN_WITHIN,
    OPEN_PER_BUYER_MAX,
    AlreadyOffered,
    OfferedOften,
    OfferIdTaken,
    TooManyOffers,
    check_answer,
    check_counter,
    check_listing,
    check_offerable,
    check_price,
    done_before,
)
from store.offers.tables import OfferRoundRow, OfferRow
from store.offers.transitions import TRANSITIONS, Action, move, these
from store.offers.views import shown, side_of
from store.settings import StoreSettings
from store.texts import paragraph, sum_of_money

DUE_MAX = 100
"""Offers that one sweep ends."""

_DUE = (OfferRow.deadline <= bindparam("now", type_=DateTime(timezone=True)),)

VERSION = 1
"""Of an offer that was just made."""

OUTCOME: dict[Action, Literal["accepted", "declined", "withdrawn"]] = {
    "accept": "accepted",
    "decline": "declined",
    "withdraw": "withdrawn",
}


OfferAndNews = tuple[Offer, list[Sequenced]]
"""The offer as the caller sees it, and what others must know."""


@dataclass(frozen=True)
class OfferDraft:
    """An offer that is to be made."""

    row: dict[str, Any]
    message: str
    made: bool = False
    """Whether this very request has made it before."""


@dataclass(frozen=True)
class CounterDraft:
    """Another price that is to be named."""

    new: Counteroffer
    listing: ListingSnapshot | None
    """None: this very request has named it before."""


class Offers:
    """Every change goes through the table of transitions. The catalogue is asked before a transaction is open."""

    def __init__(self, *, database: Database, clock: Clock, settings: StoreSettings, listings: Listings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._listings = listings

    async def page(
        self,
        session: ReadSession,
        user_id: UUID,
        *,
        role: Side,
        waiting: bool | None,
        listing_id: UUID | None,
        cursor: str | None,
        limit: int,
    ) -> OfferPage:
        """The user's offers or those for their listings, newest first. `waiting`: only what waits for them, or not."""
        mine = {"buyer": OfferRow.buyer_id, "seller": OfferRow.seller_id}[role]
        query = select(OfferRow).where(mine == user_id)
        if listing_id is not None:
            query = query.where(OfferRow.listing_id == listing_id)
        if waiting is not None:
            answers = and_(OfferRow.status == "open", OfferRow.turn == role)
            waits = or_(answers, OfferRow.status == "accepted") if role == "buyer" else answers
            query = query.where(waits if waiting else not_(waits))
        listed = paging.checksum("offers", user_id, role, waiting, listing_id)
        place = paging.place_of(cursor, KeyPlace, listed)
        page = paging.page_behind(query, place, limit, OfferRow.id, OfferRow.placed_at)
        rows = (await session.scalars(page)).all()
        return OfferPage(
            items=await shown(session, rows[:limit], user_id),
            next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.placed_at)),
        )

    async def get(self, session: AnySession, user_id: UUID, offer_id: UUID) -> Offer:
        """One offer, for its two sides; raises NotFound for everybody else."""
        offer, _ = await _find(session, user_id, offer_id)
        return (await shown(session, [offer], user_id))[0]

    async def prepare(self, buyer_id: UUID, new: NewOffer) -> OfferDraft:
        """A first price, checked against the listing. No transaction may be open: the catalogue is asked.

        Raises InvalidInput and what `store.offers.rules` says.
        """
        if new.id is not None and new.id.version != 7:
            raise InvalidInput("id", "Bring a UUID of version 7, or none.", code="unusable-id")
        message, price = paragraph("message", new.message), sum_of_money("price", new.price, self._settings.currency)
        request = [buyer_id, new.listing_id, new.quantity, price, message]
        request_hash = hashlib.sha256(msgspec.json.encode(request)).hexdigest()
        row: dict[str, Any] = {"id": new.id or new_id(), "buyer_id": buyer_id, "request_hash": request_hash}
        if new.id is not None:
            async with self._database.reading() as reader:
                if await _made_before(reader, new.id, request_hash) is not None:
                    return OfferDraft(row, message, made=True)
        listing = (await self._listings.now([new.listing_id])).get(new.listing_id)
        snapshot = check_offerable(listing, buyer_id, new.quantity)
        check_price(price, snapshot.price)
        now = self._clock.now()
        row |= {
            "listing_id": snapshot.id,
            "seller_id": snapshot.seller_id,
            "title": snapshot.title,
            "picture": snapshot.picture,
            "quantity": new.quantity,
            "price": price.amount,
            "asking_price": snapshot.price.amount,
            "currency": price.currency,
            "status": "open",
            "turn": "seller",
            "rounds": 1,
            "placed_at": now,
            "changed_at": now,
            "deadline": TRANSITIONS.deadline("open", now, self._settings),
            "version": VERSION,
        }
        return OfferDraft(row, message)

    async def make(self, session: Session, draft: OfferDraft) -> OfferAndNews:
        """Name the first price. Made before with this id, nothing is done and nothing is to be told.

        Raises what `store.offers.rules` says, and then nothing was changed.
        """
        row = draft.row
        if draft.made:
            offer, is_new = await _made_before(session, row["id"], row["request_hash"]), False
            assert offer is not None
        else:
            offer, is_new = await self._insert(session, row)
        news = []
        if is_new:
            await _note(session, offer, "buyer", draft.message)
            news = [Sequenced(made(offer, "buyer"), VERSION)]
            count_after(session, "made")
        return (await shown(session, [offer], row["buyer_id"]))[0], news

    async def _insert(self, session: Session, row: dict[str, Any]) -> tuple[OfferRow, bool]:
        """The offer, and whether it is new; raises OfferIdTaken, AlreadyOffered, TooManyOffers or OfferedOften."""
        buyer_id = row["buyer_id"]
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"offer {buyer_id}", 0))))
        statement = insert_new(OfferRow).values(row).on_conflict_do_nothing().returning(OfferRow)
        offer = await session.scalar(statement)
        if offer is None:
            earlier = await _made_before(session, row["id"], row["request_hash"])
            if earlier is not None:
                return earlier, False
            unpaid = and_(OfferRow.status == "bought", OfferRow.paid_at.is_(None))
            live = select(OfferRow.id).where(
                OfferRow.buyer_id == buyer_id,
                OfferRow.listing_id == row["listing_id"],
                or_(OfferRow.status.in_(("open", "accepted")), unpaid),
            )
            offer_id = await session.scalar(live)  # none, if it has ended just now
            known: dict[str, Any] = {"offer_id": offer_id} if offer_id else {}
            raise AlreadyOffered(
                "You have an offer for this listing that is not over yet. Withdraw it first to make another one.",
                **known,
            )
        count = select(func.count()).where(OfferRow.buyer_id == buyer_id, OfferRow.status == "open")
        if (await session.scalar(count) or 0) > OPEN_PER_BUYER_MAX:
            raise TooManyOffers(
                "{most} of your offers wait for answers. Withdraw one, or wait. Nothing was sent.",
                most=OPEN_PER_BUYER_MAX,
            )
        lately = select(OfferRow.placed_at).where(
            OfferRow.buyer_id == buyer_id,
            OfferRow.listing_id == row["listing_id"],
            OfferRow.status.in_(("declined", "withdrawn", "expired")),
            OfferRow.placed_at > row["placed_at"] - AGAIN_WITHIN,
        )
        placed = sorted(await session.scalars(lately))
        if len(placed) >= AGAIN_MAX:
            again = placed[-AGAIN_MAX] + AGAIN_WITHIN
            raise OfferedOften(
                "{offers} of your offers for this listing came to nothing within a week. "
                "Buy it at the price it is listed for, or offer again from {again_at.day} {again_at:%B}. Nothing was sent.",
                offers=len(placed),
                again_at=again,
            )
        return offer, True

    async def check_acceptable(self, user_id: UUID, offer_id: UUID, answered: int) -> None:
        """Raise what stands in the way of agreeing. No transaction may be open: the catalogue is asked."""
        async with self._database.reading() as reader:
            offer, role = await _find(reader, user_id, offer_id)
            if not done_before(offer, role, "accept", answered):
                check_answer(offer, role, "accept", answered, self._clock.now())
        if offer.status == "open":
            await self._listing(offer)

    async def accept(self, session: Session, user_id: UUID, offer_id: UUID, answered: int) -> OfferAndNews:
        """Agree to the other side's price: the buyer can buy at it for a while."""
        return await self._end(session, user_id, offer_id, "accept", answered)

    async def decline(self, session: Session, user_id: UUID, offer_id: UUID, answered: int) -> OfferAndNews:
        """Refuse the other side's price: the offer is over."""
        return await self._end(session, user_id, offer_id, "decline", answered)

    async def withdraw(self, session: Session, user_id: UUID, offer_id: UUID, answered: int) -> OfferAndNews:
        """Take one's own last price back, or leave what was agreed unbought."""
        return await self._end(session, user_id, offer_id, "withdraw", answered)

    async def prepare_counter(self, user_id: UUID, offer_id: UUID, new: Counteroffer) -> CounterDraft:
        """Another price, checked against the listing. No transaction may be open: the catalogue is asked.

        Raises InvalidInput and what `store.offers.rules` says.
        """
        new = msgspec.structs.replace(
            new,
            message=paragraph("message", new.message),
            price=sum_of_money("price", new.price, self._settings.currency),
        )
        async with self._database.reading() as reader:
            offer, role = await _find(reader, user_id, offer_id)
            if await _named_before(reader, offer, role, new):
                return CounterDraft(new, None)
        check_answer(offer, role, "counter", new.round, self._clock.now())
        check_counter(role, new.price, offer)
        listing = await self._listing(offer)
        check_price(new.price, listing.price)
        return CounterDraft(new, listing)

    async def counter(self, session: Session, user_id: UUID, offer_id: UUID, draft: CounterDraft) -> OfferAndNews:
        """Name another price instead. Raises what stands in the way; named before, nothing is done."""
        offer, role = await _find(session, user_id, offer_id, for_update=True)
        news = []
        if not await _named_before(session, offer, role, draft.new):
            assert draft.listing is not None
            offer = await self._counter(session, offer, role, draft.new, draft.listing)
            news = [Sequenced(made(offer, role), offer.version)]
        return (await shown(session, [offer], user_id))[0], news

    async def _counter(
        self, session: Session, offer: OfferRow, role: Side, new: Counteroffer, listing: ListingSnapshot
    ) -> OfferRow:
        now = self._clock.now()
        step = check_answer(offer, role, "counter", new.round, now)
        [named] = await move(
            session,
            these([offer.id]),
            after=step.after,
            by=step.actor,
            at=now,
            deadline=TRANSITIONS.deadline(step.after, now, self._settings),
            price=new.price.amount,
            asking_price=listing.price.amount,
            title=listing.title,
            picture=listing.picture,
            turn="seller" if role == "buyer" else "buyer",
            rounds=new.round + 1,
        )
        await _note(session, named, role, new.message)
        return named

    async def _end(
        self, session: Session, user_id: UUID, offer_id: UUID, action: Action, answered: int
    ) -> OfferAndNews:
        """Do what nobody has to answer, if the offer is as the caller saw it; the same once more changes nothing."""
        offer, role = await _find(session, user_id, offer_id, for_update=True)
        news = []
        if not done_before(offer, role, action, answered):
            now = self._clock.now()
            step = check_answer(offer, role, action, answered, now)
            values: dict[str, Any] = {"deadline": TRANSITIONS.deadline(step.after, now, self._settings)}
            if action == "accept":
                values["accepted_at"] = now
            [offer] = await move(session, these([offer_id]), after=step.after, by=step.actor, at=now, **values)
            count_after(session, OUTCOME[action])
            news = [Sequenced(ended(offer, OUTCOME[action], role), offer.version)]
        return (await shown(session, [offer], user_id))[0], news

    async def _listing(self, offer: OfferRow) -> ListingSnapshot:
        """The listing of an offer, if so many of it can be had now; raises NotOnSale or NotSoMany."""
        return check_listing((await self._listings.now([offer.listing_id])).get(offer.listing_id), offer.quantity)

    async def sweep(self, session: Session) -> tuple[int, list[Sequenced]]:
        """End the offers that nobody answered, or that were not bought, in time: how many, and what to tell."""
        now = self._clock.now()
        due = Which(_DUE, {"now": now})
        gone = await move(session, due, after="expired", by="deadline", at=now, due_max=DUE_MAX, deadline=None)
        count_after(session, "expired", len(gone))
        return len(gone), [Sequenced(ended(offer, "expired", "deadline"), offer.version) for offer in gone]


async def _find(
    session: AnySession, user_id: UUID, offer_id: UUID, *, for_update: bool = False
) -> tuple[OfferRow, Side]:
    """The offer and the user's side of it; raises NotFound if it is not theirs."""
    query = select(OfferRow).where(OfferRow.id == offer_id)
    offer = cast(OfferRow | None, await session.scalar(query.with_for_update() if for_update else query))
    role = side_of(offer, user_id) if offer is not None else None
    if offer is None or role is None:
        raise NotFound("There is no such offer among yours.", code="offer-not-yours")
    return offer, role


async def _made_before(session: AnySession, offer_id: UUID, request_hash: str) -> OfferRow | None:
    """The offer that this very request has made; raises OfferIdTaken if the id is another one's."""
    offer = cast(OfferRow | None, await session.get(OfferRow, offer_id))
    if offer is not None and offer.request_hash != request_hash:
        raise OfferIdTaken("This id was used for another offer. Bring a new one. Nothing was sent.")
    return offer


async def _named_before(session: AnySession, offer: OfferRow, role: Side, new: Counteroffer) -> bool:
    """Whether this side named just this price before: then the request is a repeated one."""
    row = cast(OfferRoundRow | None, await session.get(OfferRoundRow, (offer.id, new.round + 1)))
    return row is not None and (row.by, row.price, row.message) == (role, new.price.amount, new.message)


async def _note(session: Session, offer: OfferRow, by: Side, message: str) -> None:
    row = {"offer_id": offer.id, "number": offer.rounds, "by": by, "price": offer.price, "message": message}
    await session.execute(insert(OfferRoundRow).values(row | {"at": offer.changed_at}))
