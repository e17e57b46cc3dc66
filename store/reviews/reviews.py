"""Writing, answering and reading reviews. Locks are taken in one order: the order, its review, the seller's rating."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from souk import paging
from souk.clock import Clock
from souk.contracts.store.events import ReviewAnswered, ReviewWritten
from souk.contracts.store.reviews import NewReview, NewReviewAnswer, Review, ReviewPage
from souk.database import AnySession, ReadSession, Session
from souk.errors import Forbidden, NotFound
from souk.events import Sequenced
from souk.http import Identity
from souk.ids import new_id
from souk.paging import Place
from store import metrics
from store.database import among
from store.log_fields import noted
from store.orders.tables import OrderRow, OrderStepRow
from store.orders.views import role_of
from store.reviews.ratings import count, summary
from store.reviews.rules import (
    UnknownReview,
    changeable_until,
    check_answer_there,
    check_changeable,
    check_reviewable,
    check_there,
    clean,
    clean_answer,
    reviewable,
)
from store.reviews.tables import ReviewCaseRow, ReviewRow
from store.reviews.views import sees, shown

LOCK = {"key_share": True}
"""Foreign keys are still checked against a row that is locked so: whoever changes a review waits for nobody's order."""


class Reviews:
    """One review for each order that arrived."""

    def __init__(self, clock: Clock, within: timedelta, change_within: timedelta) -> None:
        self._clock = clock
        self._within = within
        self._change_within = change_within

    async def write(
        self, session: Session, identity: Identity, order_id: UUID, new: NewReview
    ) -> tuple[Review, bool, list[Sequenced]]:
        """The buyer says how it went, or changes it: the review, whether it is new, and what to tell. The same again
        does nothing.

        Raises NotFound, Forbidden, NotPossibleNow, TooLateToReview, TooLateToChange, ChangedTooOften and ReviewRemoved.
        """
        user_id, words = identity.user(), clean("text", new.text)
        order = await session.get(OrderRow, order_id, with_for_update=LOCK)
        if order is None or (role := role_of(order, user_id)) is None:
            raise NotFound("There is no such order among yours.", code="order-not-yours")
        noted([order])
        if role != "buyer":
            raise Forbidden("Only the buyer reviews an order. Nothing was changed.", code="buyer-reviews")
        mine = select(ReviewRow).where(ReviewRow.order_id == order_id).with_for_update(key_share=True)
        row = await session.scalar(mine)
        if row is None:
            row, news = await self._first(session, order, new.stars, words)
            return await _one(session, row, identity), True, news
        news = []
        if (row.stars, row.words) != (new.stars, words):
            news = await self._change(session, order, row, new.stars, words)
        return await _one(session, row, identity), False, news

    async def _first(
        self, session: Session, order: OrderRow, stars: int, words: str
    ) -> tuple[ReviewRow, list[Sequenced]]:
        now = self._clock.now()
        check_reviewable(order, (await self._until(session, [order])).get(order.id), now)
        row = ReviewRow(
            id=new_id(),
            order_id=order.id,
            buyer_id=order.buyer_id,
            seller_id=order.seller_id,
            stars=stars,
            words=words,
            written_at=now,
            changes=0,
            answer_changes=0,
            version=1,
        )
        session.add(row)
        await session.flush()
        rated = await count(session, row.seller_id, after=stars)
        session.after_commit(partial(metrics.reviews.labels(str(stars)).inc))
        return row, [*rated, _written(order, row, changed=False)]

    async def _change(
        self, session: Session, order: OrderRow, row: ReviewRow, stars: int, words: str
    ) -> list[Sequenced]:
        now = self._clock.now()
        check_there(row)
        check_changeable(row.written_at, row.changes, self._change_within, now)
        before, row.stars, row.words = row.stars, stars, words
        row.changed_at, row.changes, row.version = now, row.changes + 1, row.version + 1
        await session.flush()
        rated = await count(session, row.seller_id, before=before, after=stars)
        return [*rated, _written(order, row, changed=True)]

    async def answer(
        self, session: Session, identity: Identity, review_id: UUID, new: NewReviewAnswer
    ) -> tuple[Review, list[Sequenced]]:
        """The seller says something to a review, or changes it: the review, and what to tell. The same again does
        nothing.

        Raises UnknownReview, Forbidden, TooLateToChange, ChangedTooOften, ReviewRemoved and InvalidInput.
        """
        user_id, words = identity.user(), clean_answer(new.text)
        row = await session.get(ReviewRow, review_id, with_for_update=LOCK)
        if row is None:
            raise UnknownReview("There is no such review.")
        if user_id != row.seller_id:
            raise Forbidden("Only the seller answers a review. Nothing was changed.", code="seller-answers")
        check_there(row)
        check_answer_there(row)
        if row.answer == words:
            return await _one(session, row, identity), []
        now, changed = self._clock.now(), row.answered_at is not None
        if row.answered_at is not None:
            check_changeable(row.answered_at, row.answer_changes, self._change_within, now)
            row.answer_changed_at, row.answer_changes = now, row.answer_changes + 1
        else:
            row.answered_at = now
        row.answer, row.version = words, row.version + 1
        await session.flush()
        order = await session.get_one(OrderRow, row.order_id)
        noted([order])
        event = ReviewAnswered(**whose(row, order), changed=changed)
        return await _one(session, row, identity), [Sequenced(event, row.version)]

    async def get(self, session: ReadSession, identity: Identity, review_id: UUID) -> Review:
        """One review for everybody; a removed one only for its author and moderators. Raises UnknownReview."""
        row = await session.get(ReviewRow, review_id)
        if row is None or not sees(row, identity):
            raise UnknownReview("There is no such review.")
        return await _one(session, row, identity)

    async def page(
        self,
        session: ReadSession,
        identity: Identity,
        seller_id: UUID,
        *,
        stars: int | None,
        cursor: str | None,
        limit: int,
    ) -> ReviewPage:
        """A seller's reviews, newest first."""
        query = select(ReviewRow).where(ReviewRow.seller_id == seller_id, ReviewRow.removed_at.is_(None))
        if stars is not None:
            query = query.where(ReviewRow.stars == stars)
        listed = paging.checksum("reviews", seller_id, stars)
        place = paging.place_of(cursor, Place, listed)
        rows = (await session.scalars(paging.page_behind(query, place, limit, ReviewRow.id))).all()
        return ReviewPage(
            items=await shown(session, rows[:limit], identity),
            next_cursor=paging.next_cursor(rows, limit, lambda row: Place(listed, row.id)),
            summary=await summary(session, seller_id),
        )

    async def seen(self, session: AnySession, order: OrderRow, identity: Identity) -> tuple[dict[str, Any], list[str]]:
        """What an order says of its review to whoever asks, as fields of `Order`, and what they may do about it."""
        role, now = role_of(order, identity.user()), self._clock.now()
        row = await session.scalar(select(ReviewRow).where(ReviewRow.order_id == order.id))
        if row is None:
            until = (await self._until(session, [order])).get(order.id) if role == "buyer" else None
            return ({"review_until": until}, ["review"]) if until is not None and now < until else ({}, [])
        if not sees(row, identity):
            return {}, []
        fields: dict[str, Any] = {"review": await _one(session, row, identity)}
        if row.removed_at is not None or (role == "seller" and row.answer_removed_at is not None):
            return fields, []
        if role == "buyer":
            until = changeable_until(row.written_at, row.changes, self._change_within, now)
            return fields | {"review_until": until}, ["review"] if until else []
        if role == "seller" and row.answered_at is not None:
            until = changeable_until(row.answered_at, row.answer_changes, self._change_within, now)
            return fields | {"answer_until": until}, ["answer"] if until else []
        return fields, ["answer"] if role == "seller" else []

    async def case_waits(self, session: AnySession, order_id: UUID) -> bool:
        """Whether a moderator has to decide about this order's review."""
        waits = select(ReviewCaseRow.review_id).join(ReviewRow, ReviewRow.id == ReviewCaseRow.review_id)
        waits = waits.where(ReviewRow.order_id == order_id, ReviewCaseRow.waiting_since.is_not(None))
        return await session.scalar(waits) is not None

    async def waiting(self, session: AnySession, orders: Sequence[OrderRow]) -> dict[UUID, datetime]:
        """Until when each of these orders may be reviewed, without those that are, or cannot be now."""
        now = self._clock.now()
        until = {order_id: at for order_id, at in (await self._until(session, orders)).items() if now < at}
        done = await session.scalars(select(ReviewRow.order_id).where(among(ReviewRow.order_id, until)))
        for order_id in done:
            del until[order_id]
        return until

    async def _until(self, session: AnySession, orders: Sequence[OrderRow]) -> dict[UUID, datetime]:
        """Until when each of these orders may be reviewed for the first time, if it may be at all."""
        ids = [order.id for order in orders if reviewable(order)]
        if not ids:
            return {}
        query = select(OrderStepRow.order_id, OrderStepRow.at).where(
            among(OrderStepRow.order_id, ids), OrderStepRow.status == "delivered"
        )
        return {row.order_id: row.at + self._within for row in await session.execute(query)}


def whose(row: ReviewRow, order: OrderRow) -> dict[str, Any]:
    """What every event says of a review."""
    return {
        "review_id": row.id,
        "order_id": row.order_id,
        "buyer_id": row.buyer_id,
        "seller_id": row.seller_id,
        "purchase_id": order.purchase_id,
        "number": order.number,
        "title": order.title,
    }


def _written(order: OrderRow, row: ReviewRow, *, changed: bool) -> Sequenced:
    return Sequenced(ReviewWritten(**whose(row, order), stars=row.stars, changed=changed), row.version)


async def _one(session: AnySession, row: ReviewRow, identity: Identity) -> Review:
    [review] = await shown(session, [row], identity)
    return review
