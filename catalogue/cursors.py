"""Where the next page starts: the sort key of the last listing shown. Never a row number, so that listings which
come and go meanwhile make nothing appear twice or be skipped."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zlib import crc32

import msgspec

from souk.errors import RuleBroken

CURSOR_CHARS_MAX = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VALUE_MAX = 250_000_000_000_000_000  # microseconds until the year 9892


class BadCursor(RuleBroken):
    """The cursor is not one that this list gave out."""

    status = 400
    title = "That page cannot be found"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in a list. It is checked, not signed: it holds nothing that its holder has not seen."""

    query: int
    """A checksum of the filters and the order it belongs to."""
    total: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    """As it was on the first page, so that it is counted once."""
    tier: Annotated[int, msgspec.Meta(ge=0, le=5)]
    """How well it matches, with `relevance` or `loose`; 0 is best."""
    value: Annotated[int, msgspec.Meta(ge=0, le=_VALUE_MAX)]
    """The price, or the time in microseconds since 1970."""
    id: UUID
    loose: bool = False
    """Whether more is shown than what has all words as they were said."""

    @property
    def time(self) -> datetime:
        """The value as a time."""
        return _EPOCH + timedelta(microseconds=self.value)


_decoder = msgspec.json.Decoder(Cursor)


def value_of(key: int | datetime) -> int:
    """A sort key as a cursor keeps it."""
    return key if isinstance(key, int) else (key - _EPOCH) // timedelta(microseconds=1)


def checksum(*query: object) -> int:
    """What ties a cursor to its query."""
    return crc32(repr(query).encode())


def encode(cursor: Cursor) -> str:
    """The cursor as clients carry it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode(text: str, query: int) -> Cursor:
    """Read a cursor of this query; raises BadCursor."""
    try:
        cursor = _decoder.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.DecodeError):
        cursor = None
    if cursor is None or cursor.query != query:
        message = "This cursor does not belong to this list. Start again from the first page."
        raise BadCursor(message, errors=[{"field": "cursor", "message": message}])
    return cursor
