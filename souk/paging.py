"""Pages of lists. A page begins behind the last row of the one before, by what the list is sorted by; never at a row
number, so that rows which come and go meanwhile make nothing appear twice or be skipped.

Callers carry that place as a cursor, which is opaque to them. It is checked, not signed: it holds nothing that its
holder has not seen.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID
from zlib import crc32

import msgspec
from sqlalchemy import ColumnElement, DateTime, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from souk.errors import InvalidInput

PAGE_MAX = 100
"""Most rows of one page, of any list."""

PAGE = 20
"""Rows of a page unless the list or the caller says otherwise."""

CURSOR_CHARS_MAX = 200
"""The longest cursor that is read at all."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VALUE_MAX = 250_000_000_000_000_000  # microseconds until the year 9892

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class BadCursor(InvalidInput):
    """The cursor is not one that this list gave out."""

    status = 400
    title = "That page cannot be found"


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last row of a page in a list that is sorted by id."""

    query: int
    """The `checksum` of the list it belongs to."""
    id: UUID


class KeyPlace(Place, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The same in a list that is sorted by a key, and by id where that is the same."""

    value: Annotated[int, msgspec.Meta(ge=0, le=_VALUE_MAX)]
    """The key: a number, or a time in microseconds since 1970, see `value_of`."""

    @classmethod
    def of(cls, query: int, ident: UUID, key: int | datetime) -> Self:
        """The place of a row with this id and key."""
        return cls(query, ident, value_of(key))

    @property
    def time(self) -> datetime:
        """The key as a time."""
        return _EPOCH + timedelta(microseconds=self.value)


PlaceT = TypeVar("PlaceT", bound=Place)
RowT = TypeVar("RowT")


def checksum(*query: object) -> int:
    """What ties a cursor to its list: whose it is, and its filters and order."""
    return crc32(repr(query).encode())


def value_of(key: int | datetime) -> int:
    """A sort key as a cursor keeps it."""
    return key if isinstance(key, int) else (key - _EPOCH) // timedelta(microseconds=1)


def encode(place: Place) -> str:
    """The place as callers carry it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str | None, kind: type[PlaceT], query: int, *, field: str = "cursor") -> PlaceT | None:
    """Behind what a page begins; None is the beginning. Raises BadCursor, which names the field, unless the cursor is
    one of the list with this checksum."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(text, type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        place = None
    if place is None or place.query != query:
        raise BadCursor(field, "does not belong to this list; start again from the first page", code="bad-cursor")
    return place


def behind(place: Place | None, ident: Column, key: Column | None = None, *, up: bool = False) -> list[Any]:
    """The conditions for what comes behind a place, in a list that goes down, or `up`, by a key and an id."""
    if place is None:
        return []
    if key is None:
        return [ident > place.id if up else ident < place.id]
    assert isinstance(place, KeyPlace)
    value = place.time if isinstance(key.type, DateTime) else place.value
    here, there = tuple_(key, ident), tuple_(literal(value, key.type), literal(place.id, ident.type))
    return [here > there if up else here < there]


def page_behind(
    query: Select[Any], place: Place | None, limit: int, ident: Column, key: Column | None = None
) -> Select[Any]:
    """The rows behind a place, the last first, and one more to know whether there are others."""
    order = [column.desc() for column in (key, ident) if column is not None]
    return query.where(*behind(place, ident, key)).order_by(*order).limit(limit + 1)


def next_cursor(rows: Sequence[RowT], limit: int, place: Callable[[RowT], Place]) -> str | None:
    """Where the page after this one begins; None if there is none. `rows` are those of the page, and one more if there
    is one."""
    return encode(place(rows[limit - 1])) if len(rows) > limit else None
