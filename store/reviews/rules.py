"""What may be reviewed, answered and changed, and until when."""

import re
from datetime import datetime, timedelta

from souk.errors import Choice, InvalidInput, NotFound, RuleBroken
from store.orders.rules import WHY, NotPossibleNow
from store.orders.tables import OrderRow
from store.reviews.tables import ReviewRow
from store.texts import paragraph

CHANGES_MAX = 10
"""How often a review may be changed, and how often its answer: the other side is told each time."""

REVIEWABLE = frozenset({"delivered", "completed"})

UNDER_WAY = ("placed", "paid", "shipped")

WHY_NOT_REVIEWED = WHY | dict.fromkeys(UNDER_WAY, "It has not arrived yet.")


class TooLateToReview(RuleBroken):
    """Long after an order arrived it is not reviewed any more."""

    title = "It is too late for a review"


class TooLateToChange(RuleBroken):
    """What was said can be changed for some time only."""

    title = "It is too late to change this"


class ChangedTooOften(RuleBroken):
    """What was said can be changed so often only."""

    title = "This was changed too often"


class ReviewRemoved(RuleBroken):
    """A moderator removed it; only a moderator restores it."""

    title = "This was removed"


class UnknownReview(NotFound):
    """There is no such review, or it was removed."""


def clean(field: str, text: str) -> str:
    """Plain text in paragraphs, with at most one empty line between them; raises InvalidInput."""
    return re.sub(r"\n[ \t]*(?:\n[ \t]*)+", "\n\n", paragraph(field, text))


def clean_answer(text: str) -> str:
    """What a seller answers; raises InvalidInput if that is nothing."""
    words = clean("text", text)
    if not words:
        raise InvalidInput("text", "Write what you want to say to it.", code="answer-needed")
    return words


def reviewable(order: OrderRow) -> bool:
    """It arrived, and not all of its money went back."""
    return order.status in REVIEWABLE and order.refunded < order.amount


def check_reviewable(order: OrderRow, until: datetime | None, now: datetime) -> None:
    """Raises NotPossibleNow or TooLateToReview if the order cannot be reviewed for the first time."""
    if not reviewable(order) or until is None:
        refunded = order.status not in UNDER_WAY and order.refunded == order.amount
        raise NotPossibleNow(
            "This order cannot be reviewed. {why} Nothing was changed.",
            code="not-reviewable",
            why=Choice(WHY_NOT_REVIEWED, "refunded" if refunded else order.status),
            order_status=order.status,
        )
    if now >= until:
        raise TooLateToReview("This order could be reviewed until {until:%Y-%m-%d}. Nothing was written.", until=until)


def check_changeable(since: datetime, changes: int, within: timedelta, now: datetime) -> None:
    """Raises TooLateToChange or ChangedTooOften for what was said at `since` and changed so often."""
    if now >= since + within:
        raise TooLateToChange("It could be changed until {until:%Y-%m-%d}. Nothing was changed.", until=since + within)
    if changes >= CHANGES_MAX:
        raise ChangedTooOften("It can be changed {most} times. Nothing was changed.", most=CHANGES_MAX)


def changeable_until(since: datetime, changes: int, within: timedelta, now: datetime) -> datetime | None:
    """Until when what was said at `since` may be changed; None if that is over."""
    return since + within if now < since + within and changes < CHANGES_MAX else None


def check_there(review: ReviewRow) -> None:
    """Raises ReviewRemoved."""
    if review.removed_at is not None:
        raise ReviewRemoved(
            "A moderator removed this review, so it cannot be changed or answered.", code="review-removed"
        )


def check_answer_there(review: ReviewRow) -> None:
    """Raises ReviewRemoved if it was answered and the answer removed."""
    if review.answer_removed_at is not None:
        raise ReviewRemoved("A moderator removed your answer, so it cannot be changed.", code="answer-removed")
