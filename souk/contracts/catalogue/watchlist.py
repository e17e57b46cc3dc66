"""Listings that users watch."""

from datetime import datetime
from typing import Literal

import msgspec

from souk.contracts.catalogue.listings import ListingCard
from souk.money import Money

WatchSort = Literal["recent", "ending"]


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that a user watches."""

    listing: ListingCard
    price_then: Money
    """What it cost when the watch began."""
    created_at: datetime
    ends_at: datetime
    """When the watch ends by itself."""


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of watches; `next_cursor` is None on the last one."""

    items: list[Watch]
    next_cursor: str | None
