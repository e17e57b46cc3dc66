"""What a message may say, and what stands in the way of one."""

import re

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.messages import EXCERPT_CHARS_MAX
from souk.errors import InvalidInput, RuleBroken
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
