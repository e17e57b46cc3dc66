"""Pages of things that are listed newest first."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_

from souk.errors import InvalidInput

PAGE_MAX = 100
"""Most items of one page."""

PAGE = 20
"""Items of a page unless the caller says otherwise."""


class Dated(Protocol):
    """Something that was placed."""

    id: Any
    placed_at: Any


ItemT = TypeVar("ItemT", bound=Dated)


def newest_first(query: Select[Any], table: type[Dated], cursor: str | None, limit: int) -> Select[Any]:
    """The page after the cursor, and one more to know whether there are others."""
    if cursor is not None:
        query = query.where(tuple_(table.placed_at, table.id) < tuple_(*read_cursor(cursor)))
    return query.order_by(table.placed_at.desc(), table.id.desc()).limit(limit + 1)


def next_cursor(found: Sequence[ItemT], limit: int) -> str | None:
    """Where the page after this one begins; `found` is what `newest_first` gave."""
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return cursor_after(last.placed_at, last.id)


def cursor_after(at: datetime, which: UUID) -> str:
    """The place behind an item, as callers carry it."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {which}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The item behind which a page begins; raises InvalidInput."""
    try:
        when, _, which = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().rpartition(" ")
        at = datetime.fromisoformat(when)
        if at.tzinfo is None:
            raise ValueError("no time zone")
        return at, UUID(which)
    except (ValueError, binascii.Error) as wrong:
        raise InvalidInput("cursor", "is not one that a page gave; start again without it") from wrong
