"""Identifiers: UUIDv7 made where the thing is made, and names derived from them for idempotent steps."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

SOUK_NAMESPACE = UUID("7d5c1f6e-2d0b-5c1f-9a53-0b1f6a6f7c11")


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): unique, and ordered by the time it was made."""
    return uuid7()


def made_at(id_: UUID) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def derived_id(*parts: object) -> UUID:
    """The one id (UUIDv5) that these parts always give, so that a repeated step names the same thing."""
    return uuid5(SOUK_NAMESPACE, ":".join(str(part) for part in parts))


def derived_id_at(moment: datetime, *parts: object) -> UUID:
    """The one UUIDv7 that these parts and this moment (to the millisecond) always give, ordered by the moment."""
    milliseconds = int(moment.timestamp() * 1000)
    rest = derived_id(*parts, milliseconds).int & ((1 << 74) - 1)
    high, low = rest >> 62, rest & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
