"""What the entrypoint tells: stable, and for all services."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from souk.contracts.base import Event


class UserRegistered(Event, frozen=True, kw_only=True):
    """Somebody opened an account."""

    event_type: ClassVar[str] = "souk.entrypoint.user.registered.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    display_name: str
    country: str
    """ISO 3166-1 alpha-2."""
    registered_at: datetime
    language: str = ""
    """How they read when they registered (BCP 47, with the region), if documents are written so; else empty."""


class UserChanged(Event, frozen=True, kw_only=True):
    """A user changed what others see of them."""

    event_type: ClassVar[str] = "souk.entrypoint.user.changed.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    display_name: str
    country: str
    changed_at: datetime | None = None
    """Lets a projection tell an older change from a newer one; none is promised to come in order."""
    language: str = ""
    """How they read when they changed it (BCP 47, with the region); empty if unknown: what was known then holds on."""


class UserSuspended(Event, frozen=True, kw_only=True):
    """Operators suspended a user: they cannot log in, and nothing of theirs is on sale. Orders go on to their end."""

    event_type: ClassVar[str] = "souk.entrypoint.user.suspended.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    suspended_at: datetime


class UserRestored(Event, frozen=True, kw_only=True):
    """Operators took a user's suspension back: everything is as it was."""

    event_type: ClassVar[str] = "souk.entrypoint.user.restored.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    restored_at: datetime


class AddressProved(Event, frozen=True, kw_only=True):
    """A user proved to read the mail of an address, which is their account's now."""

    event_type: ClassVar[str] = "souk.entrypoint.address.proved.v1"
    subject_field: ClassVar[str] = "user_id"

    user_id: UUID
    address_mark: str
    """SHA-256 of the address as it is compared (`souk.mailboxes.mark_of`), hex: the address itself is nobody's else."""
    proved_at: datetime


class SeenCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often one listing was seen."""

    listing_id: UUID
    views: int
    cart_adds: int


class ListingsSeen(Event, frozen=True, kw_only=True):
    """What visitors looked at and put into carts since it was last told; nothing of who they are."""

    event_type: ClassVar[str] = "souk.entrypoint.listings.seen.v1"
    subject_field: ClassVar[str] = "batch_id"

    batch_id: UUID
    day: date
    """In UTC."""
    counts: list[SeenCount]
