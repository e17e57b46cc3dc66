"""Accounts, as the entrypoint serves them."""

from datetime import datetime
from uuid import UUID

import msgspec


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its owner sees it."""

    id: UUID
    email: str
    display_name: str
    country: str
    roles: list[str]
    """Granted roles: `admin`, `moderator`."""
    created_at: datetime
