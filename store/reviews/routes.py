"""Reviews over HTTP: for buyers, sellers, everybody who reads them, and moderators."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.reviews import (
    NewReview,
    NewReviewAnswer,
    NewReviewReport,
    Review,
    ReviewCasePage,
    ReviewCaseStory,
    ReviewDecision,
    ReviewPage,
)
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.reviews import moderation
from store.reviews.moderation import Moderation
from store.reviews.reviews import Reviews

MODERATORS = ("moderator", "admin")

PageSize = Annotated[int, Parameter(ge=1, le=PAGE_MAX)]


@put(
    "/orders/{order_id:uuid}/review",
    tags=["Reviews"],
    operation_id="reviewOrder",
    summary="Review an order",
    responses={201: ResponseSpec(Review, description="The order was not reviewed before")},
)
async def write(
    *, kernel: Kernel, identity: Identity, reviews: Reviews, session: Session, order_id: UUID, data: NewReview
) -> Response[Review]:
    """For the buyer of an order that arrived: one review, which may be changed for some days. Safe to repeat."""
    review, is_new, news = await reviews.write(session, identity, order_id, data)
    kernel.outbox.emit(session, *news)
    return Response(review, status_code=201 if is_new else 200)


@put("/reviews/{review_id:uuid}/answer", tags=["Reviews"], operation_id="answerReview", summary="Answer a review")
async def answer(
    *, kernel: Kernel, identity: Identity, reviews: Reviews, session: Session, review_id: UUID, data: NewReviewAnswer
) -> Review:
    """For the seller it is about: one answer, which may be changed for some days. Safe to repeat."""
    review, news = await reviews.answer(session, identity, review_id, data)
    kernel.outbox.emit(session, *news)
    return review


@get("/reviews/{review_id:uuid}", tags=["Reviews"], operation_id="getReview", summary="One review")
async def one(identity: Identity, reviews: Reviews, reader: ReadSession, review_id: UUID) -> Review:
    """For everybody; one that was removed only for its author and moderators."""
    return await reviews.get(reader, identity, review_id)


@get(
    "/sellers/{seller_id:uuid}/reviews",
    tags=["Reviews"],
    operation_id="listReviews",
    summary="A seller's reviews, newest first",
)
async def page(
    *,
    identity: Identity,
    reviews: Reviews,
    reader: ReadSession,
    seller_id: UUID,
    stars: Annotated[int | None, Parameter(ge=1, le=5, description="Only those with so many stars.")] = None,
    cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
    limit: PageSize = PAGE,
) -> ReviewPage:
    """For everybody. The summary counts all of them, whatever is asked for."""
    return await reviews.page(reader, identity, seller_id, stars=stars, cursor=cursor, limit=limit)


@post(
    "/reviews/{review_id:uuid}/reports",
    tags=["Moderation"],
    operation_id="reportReview",
    summary="Report a review",
    status_code=204,
)
async def report(
    *, kernel: Kernel, identity: Identity, session: Session, review_id: UUID, data: NewReviewReport
) -> None:
    """Tell the moderators what is wrong with a review or its answer; once for each user and review."""
    await moderation.report(session, identity.user(), review_id, data, now=kernel.clock.now())


@get(
    "/moderation/reviews",
    tags=["Moderation"],
    operation_id="listReviewCases",
    summary="Reviews that wait for a moderator",
)
async def queue(
    identity: Identity,
    reader: ReadSession,
    cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
    limit: PageSize = PAGE,
) -> ReviewCasePage:
    """Reported reviews, the longest waiting first. For moderators."""
    identity.require_role(*MODERATORS)
    return await moderation.queue(reader, identity, cursor=cursor, limit=limit)


@get(
    "/moderation/reviews/{review_id:uuid}",
    tags=["Moderation"],
    operation_id="getReviewCase",
    summary="One case of a review",
)
async def case(identity: Identity, reader: ReadSession, review_id: UUID) -> ReviewCaseStory:
    """A case with its reports and everything that was decided. For moderators."""
    identity.require_role(*MODERATORS)
    return await moderation.story(reader, identity, review_id)


@post(
    "/moderation/reviews/{review_id:uuid}/decisions",
    tags=["Moderation"],
    operation_id="decideReviewCase",
    summary="Decide on a review",
)
async def decide(
    *,
    kernel: Kernel,
    identity: Identity,
    judging: Moderation,
    session: Session,
    review_id: UUID,
    data: ReviewDecision,
) -> ReviewCaseStory:
    """Remove a review or the answer to it, restore it, or leave it as it is. Its author is told. For moderators."""
    moderator_id = identity.require_role(*MODERATORS)
    kernel.outbox.emit(session, *await judging.decide(session, moderator_id, review_id, data))
    return await moderation.story(session, identity, review_id)


ROUTES = (write, answer, one, page, report, queue, case, decide)
