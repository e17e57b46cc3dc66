"""Reviews and their moderation, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.store.events import ReviewPart, ReviewRemovalReason

REVIEW_CHARS_MAX = 2000
"""Characters of a review, and of an answer to one."""

ReviewText = Annotated[str, Meta(max_length=REVIEW_CHARS_MAX)]

Stars = Annotated[int, Meta(ge=1, le=5)]


class ReviewRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """Why a moderator removed a review or an answer."""

    reason: ReviewRemovalReason
    text: str
    removed_at: datetime


class ReviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller says to a review."""

    text: str
    answered_at: datetime
    changed_at: datetime | None
    """When it was last changed; None if it never was."""
    removal: ReviewRemoval | None
    """If a moderator removed it. Only the seller and moderators see it then."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """How an order went, in its buyer's words."""

    id: UUID
    seller_id: UUID
    author_name: str
    """The buyer's display name."""
    listing_id: UUID
    title: str
    """What was bought: the order's first line."""
    stars: int
    """1 to 5."""
    text: str
    """Plain, with line breaks; may be empty."""
    written_at: datetime
    changed_at: datetime | None
    """When it was last changed; None if it never was."""
    answer: ReviewAnswer | None
    removal: ReviewRemoval | None
    """If a moderator removed it. Only its author and moderators see it then."""


class NewReview(msgspec.Struct, frozen=True, kw_only=True):
    """Say how an order went, or change what was said."""

    stars: Stars
    text: ReviewText = ""


class NewReviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer a review, or change the answer."""

    text: Annotated[str, Meta(min_length=1, max_length=REVIEW_CHARS_MAX)]


class ReviewSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the reviews of a seller add up to; those that were removed do not count."""

    reviews: int
    stars: int
    """The sum of all stars: divided by `reviews` it is the average."""
    counts: list[int]
    """How many have one star, two, three, four and five."""


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """Reviews of a seller, newest first. The summary is over all of them, whatever is asked for."""

    items: list[Review]
    next_cursor: str | None
    summary: ReviewSummary


REVIEW_REPORT_CHARS_MAX = 1000
"""Characters that come with a report or a decision."""

ReviewRecordAction = Literal["reported", "removed", "restored", "dismissed", "answer_removed", "answer_restored"]

ReviewReportText = Annotated[str, Meta(max_length=REVIEW_REPORT_CHARS_MAX)]


class NewReviewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a review or its answer."""

    reason: ReviewRemovalReason
    text: ReviewReportText = ""


class ReviewDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides: `remove` needs a reason; `leave` dismisses reports."""

    action: Literal["remove", "restore", "leave"]
    about: ReviewPart = "review"
    """What to remove or restore: the whole review, or only the answer to it."""
    reason: ReviewRemovalReason | None = None
    text: ReviewReportText = ""
    """What its author is told besides, and what other moderators read."""


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A review that was reported or removed."""

    review: Review
    order_id: UUID
    seller_name: str
    waiting_since: datetime | None
    """None if nothing is left to decide."""
    reports: int
    """Since the last decision."""


class ReviewCasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases; `next_cursor` is None on the last one."""

    items: list[ReviewCase]
    next_cursor: str | None


class ReviewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said is wrong with a review."""

    reporter_id: UUID
    reason: ReviewRemovalReason
    text: str
    created_at: datetime


class ReviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a review."""

    actor_id: UUID
    action: ReviewRecordAction
    reason: ReviewRemovalReason | None
    text: str
    created_at: datetime


class ReviewCaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what was said and done, the newest first."""

    case: ReviewCase
    reports: list[ReviewReport]
    records: list[ReviewRecord]
