"""Reporting reviews, removing and restoring them and the answers to them. Each function runs inside the caller's transaction.

Locks are taken in one order: the review, its case, the seller's rating.
"""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import select

from souk import paging
from souk.clock import Clock
from souk.contracts.store.events import ReviewModerated, ReviewRemovalReason
from souk.contracts.store.reviews import (
    NewReviewReport,
    ReviewCase,
    ReviewCasePage,
    ReviewCaseStory,
    ReviewDecision,
    ReviewRecord,
    ReviewRecordAction,
    ReviewReport,
)
from souk.database import AnySession, Session
from souk.errors import InvalidInput, RuleBroken
from souk.events import Sequenced
from souk.http import Identity
from souk.moderation import REPORTS_PER_DAY_MAX, Cases, NothingToDecide, TooManyReports
from souk.paging import KeyPlace
from store.orders.tables import OrderRow
from store.reviews.ratings import count
from store.reviews.reviews import LOCK, whose
from store.reviews.rules import UnknownReview
from store.reviews.tables import ReviewCaseRow, ReviewRecordRow, ReviewReportRow, ReviewRow
from store.reviews.views import shown
from store.texts import paragraph
from store.user_replica.user_replica import names

REVIEWS = Cases(ReviewReportRow, ReviewCaseRow, ReviewRecordRow, "review_id")


class OwnReview(RuleBroken):
    """Nobody reports what only they wrote, or judges what they wrote or what is about them."""

    title = "This review is yours"


class UnknownReviewCase(UnknownReview):
    """Nobody reported that review, and it was never removed."""


async def report(session: Session, reporter_id: UUID, review_id: UUID, new: NewReviewReport, *, now: datetime) -> None:
    """Say what is wrong with a review or its answer. The same user's second report of it changes nothing.

    Raises UnknownReview, OwnReview, TooManyReports and InvalidInput.
    """
    words = paragraph("text", new.text)
    review = await session.get(ReviewRow, review_id)
    if review is None or review.removed_at is not None:
        raise UnknownReview("There is no such review.")
    answered = review.answer is not None and review.answer_removed_at is None
    if review.buyer_id == reporter_id and not answered:
        raise OwnReview("Change it if something is wrong with it. It was not reported.", code="own-review-reported")
    lately = await REVIEWS.report(session, review_id, by=reporter_id, reason=new.reason, words=words, now=now)
    if lately > REPORTS_PER_DAY_MAX:
        raise TooManyReports(
            "You may report {most} reviews in a day. This one was not reported.",
            code="too-many-reviews-reported",
            most=REPORTS_PER_DAY_MAX,
        )


class Moderation:
    """What moderators decide about reviews."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def decide(
        self, session: Session, moderator_id: UUID, review_id: UUID, decision: ReviewDecision
    ) -> list[Sequenced]:
        """Remove or restore a review or its answer, or leave it as it is: then its reports are dismissed. What to tell.

        Raises UnknownReview, OwnReview, NothingToDecide and InvalidInput.
        """
        words = paragraph("text", decision.text)
        review = await session.get(ReviewRow, review_id, with_for_update=LOCK, populate_existing=True)
        if review is None:
            raise UnknownReview("There is no such review.")
        if moderator_id in (review.buyer_id, review.seller_id):
            raise OwnReview(
                "Another moderator has to decide on a review of yours, or of what you sold.", code="own-review"
            )
        case = await REVIEWS.locked(session, review_id)
        if decision.action == "leave":
            await self._leave(session, case, by=moderator_id, words=words)
            return []
        removed = decision.action == "remove"
        if removed and decision.reason is None:
            raise InvalidInput("reason", "Choose the reason that its author is told.", code="author-reason-needed")
        reason = decision.reason if removed else None
        review.version += 1
        news = []
        if decision.about == "review":
            news = await self._review(session, review, case, reason, words if removed else None)
        else:
            await self._answer(review, case, reason, words if removed else None)
        await _decided(session, case)
        outcome: Literal["removed", "restored"] = "removed" if removed else "restored"
        action: ReviewRecordAction = outcome
        if decision.about == "answer":
            action = "answer_removed" if removed else "answer_restored"
        await REVIEWS.record(
            session, review.id, by=moderator_id, action=action, words=words, reason=reason, now=self._clock.now()
        )
        order = await session.get_one(OrderRow, review.order_id)
        event = ReviewModerated(
            **whose(review, order), about=decision.about, outcome=outcome, reason=reason, text=words
        )
        return [*news, Sequenced(event, review.version)]

    async def _review(
        self,
        session: Session,
        review: ReviewRow,
        case: ReviewCaseRow,
        reason: ReviewRemovalReason | None,
        words: str | None,
    ) -> list[Sequenced]:
        """Remove the review for this reason, or without one restore it, and count its seller's rating anew."""
        _check_undecided(review.removed_at is not None, remove=reason is not None)
        review.removed_at = None if reason is None else self._clock.now()
        case.reason, case.words = reason, words
        await session.flush()
        counted = {"after": review.stars} if reason is None else {"before": review.stars}
        return await count(session, review.seller_id, **counted)

    async def _answer(
        self, review: ReviewRow, case: ReviewCaseRow, reason: ReviewRemovalReason | None, words: str | None
    ) -> None:
        """Remove the answer for this reason, or without one restore it."""
        if review.answer is None:
            raise NothingToDecide("It has no answer. Nothing was changed.", code="no-answer")
        _check_undecided(review.answer_removed_at is not None, remove=reason is not None)
        review.answer_removed_at = None if reason is None else self._clock.now()
        case.answer_reason, case.answer_words = reason, words

    async def _leave(self, session: Session, case: ReviewCaseRow, *, by: UUID, words: str) -> None:
        if case.waiting_since is None:
            raise NothingToDecide("Nothing waits to be decided. Nothing was changed.", code="nothing-to-decide")
        await _decided(session, case)
        await REVIEWS.record(session, case.review_id, by=by, action="dismissed", words=words, now=self._clock.now())


async def queue(session: AnySession, identity: Identity, *, cursor: str | None, limit: int) -> ReviewCasePage:
    """What waits for a moderator, the longest first. Raises BadCursor."""
    listed = paging.checksum("reviews that wait")
    place = paging.place_of(cursor, KeyPlace, listed)
    behind = paging.behind(place, ReviewCaseRow.review_id, ReviewCaseRow.waiting_since, up=True)
    waits: list[Any] = [ReviewCaseRow.waiting_since.is_not(None), *behind]
    cases = await _cases(session, identity, waits, limit + 1)
    following = paging.next_cursor(
        cases, limit, lambda case: KeyPlace.of(listed, case.review.id, cast(datetime, case.waiting_since))
    )
    return ReviewCasePage(items=cases[:limit], next_cursor=following)


async def story(session: AnySession, identity: Identity, review_id: UUID) -> ReviewCaseStory:
    """Everything about one case; raises UnknownReviewCase."""
    cases = await _cases(session, identity, [ReviewCaseRow.review_id == review_id], 1)
    if not cases:
        raise UnknownReviewCase("There is no such case.", code="unknown-case")
    return ReviewCaseStory(
        case=cases[0],
        reports=await REVIEWS.reports_of(session, review_id, ReviewReport),
        records=await REVIEWS.records_of(session, review_id, ReviewRecord),
    )


async def _cases(session: AnySession, identity: Identity, conditions: list[Any], rows_max: int) -> list[ReviewCase]:
    query = select(ReviewRow, ReviewCaseRow).join(ReviewCaseRow, ReviewCaseRow.review_id == ReviewRow.id)
    query = query.where(*conditions).order_by(ReviewCaseRow.waiting_since, ReviewCaseRow.review_id).limit(rows_max)
    rows = (await session.execute(query)).all()
    display_names = await names(session, [review.seller_id for review, _ in rows])
    reviews = await shown(session, [review for review, _ in rows], identity)
    return [
        ReviewCase(
            review=as_seen,
            order_id=review.order_id,
            seller_name=display_names[review.seller_id],
            waiting_since=case.waiting_since,
            reports=case.reports,
        )
        for as_seen, (review, case) in zip(reviews, rows, strict=True)
    ]


def _check_undecided(removed: bool, *, remove: bool) -> None:
    if removed and remove:
        raise NothingToDecide("It is removed already. Nothing was changed.", code="removed-already")
    if not removed and not remove:
        raise NothingToDecide("It is not removed. Nothing was changed.", code="not-removed")


async def _decided(session: Session, case: ReviewCaseRow) -> None:
    case.waiting_since, case.reports = None, 0
    await session.flush()
