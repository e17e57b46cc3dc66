"""What a message may say, and what stands in the way of one."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.messages import EXCERPT_CHARS_MAX
from souk.errors import InvalidInput, RuleBroken
from souk.ids import made_at
from store.carts.rules import for_sale
from store.texts import paragraph

MESSAGES_MAX = 20_000
"""Of one thread: two people who trade write some dozens."""


class NothingToAsk(RuleBroken):
    """The listing is not on sale (any more), and the two have no thread about it."""

    title = "No longer for sale"


class OwnThread(RuleBroken):
    """Nobody writes to themselves."""

    title = "This is your own listing"


NEW_FOR = timedelta(days=7)
"""How long an account is new: then it may write to few strangers, for whoever pesters opens a new account."""

OPENED_MAX, OPENED_NEW_MAX = 50, 5
"""Threads that somebody may open in a day; those of orders do not count. The second one is for new accounts."""

UNANSWERED_MAX, UNANSWERED_NEW_MAX = 30, 10
"""Messages in a row that nobody has answered."""


class Blocked(RuleBroken):
    """One of the two does not want to be written to by the other, or has to take that back first."""

    title = "No messages between you"


class ThreadClosed(RuleBroken):
    """A moderator closed the thread."""

    title = "This thread is closed"


class ManyThreads(RuleBroken):
    """Somebody opened as many threads in a day as one may."""

    status = 429
    title = "You wrote to many people today"


class NotAnswered(RuleBroken):
    """As many messages in a row as one may write without an answer."""

    title = "Wait for an answer"


class ThreadFull(RuleBroken):
    """A thread holds only so much."""

    title = "This thread is full"


def clean(text: str) -> str:
    """The words as they are kept. Raises InvalidInput if there are none, or control characters."""
    words = paragraph("text", text)
    if not words:
        raise InvalidInput("text", "Write something.", code="message-needed")
    return words


def excerpt(words: str) -> str:
    """How a message begins, on one line."""
    line = re.sub(r"\s+", " ", words)
    return line if len(line) <= EXCERPT_CHARS_MAX else line[: EXCERPT_CHARS_MAX - 1].rstrip() + "…"


def check_askable(listing: ListingSnapshot | None) -> ListingSnapshot:
    """The listing, if somebody may begin to ask about it; raises NothingToAsk."""
    if listing is None or not for_sale(listing):
        raise NothingToAsk("This listing is not on sale now, so its seller cannot be asked about it. Nothing was sent.")
    return listing


def is_new(user_id: UUID, now: datetime) -> bool:
    """Whether the account was opened lately: its id says when."""
    return user_id.version == 7 and now - made_at(user_id) < NEW_FOR


def check_not_blocked(blockers: list[UUID], writer_id: UUID) -> None:
    """Raises Blocked if one of the two has blocked the other; `blockers` are who did."""
    if writer_id in blockers:
        raise Blocked("You blocked them. Unblock them first to write to them. Nothing was sent.", code="blocked-by-you")
    if blockers:
        raise Blocked("They do not take messages from you. Nothing was sent.", code="blocked-by-them")


def check_opened(opened: int, writer_id: UUID, now: datetime) -> None:
    """Raises ManyThreads; `opened` are the writer's within a day."""
    most = OPENED_NEW_MAX if is_new(writer_id, now) else OPENED_MAX
    if opened >= most:
        raise ManyThreads(
            "You asked about {most} things within a day. Wait for answers, and ask about more tomorrow. Nothing was sent.",
            most=most,
        )


def check_answered(in_a_row: int, writer_id: UUID, now: datetime) -> None:
    """Raises NotAnswered; `in_a_row` are the writer's messages since the other's last one."""
    most = UNANSWERED_NEW_MAX if is_new(writer_id, now) else UNANSWERED_MAX
    if in_a_row >= most:
        raise NotAnswered("You wrote {most} messages in a row. Wait for an answer. Nothing was sent.", most=most)
