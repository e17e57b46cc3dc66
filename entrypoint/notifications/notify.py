"""Telling users: a notification kept, and a sign to their open pages."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from entrypoint.live.live import CHANNEL, Sign
from entrypoint.mailing.mailing import mark_for_mail
from entrypoint.notifications.tables import NotificationRow
from souk.database import Session, Statement, as_columns, insert_rows
from souk.events import notify as tell_instances
from souk.money import Money

SIGN_USERS_MAX = 100
"""Users that one sign names: PostgreSQL takes 8000 bytes."""

_EMPTY: dict[str, Any] = {"order_id": None}
_COLUMNS = ("id", "user_id", "kind", "params", "link", "order_id", "created_at", "by_mail")
_INSERT: Statement[None] = Statement(insert_rows(NotificationRow, _COLUMNS))


def money(amount: Money) -> dict[str, Any]:
    """An amount as a notification keeps it."""
    return {"amount": amount.amount, "currency": amount.currency}


async def insert_notifications(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Tell users; those that they want by email wait for a mail from this transaction on."""
    await _INSERT.run(session, **as_columns([_EMPTY | row for row in await mark_for_mail(session, rows)], _COLUMNS))


def sign(session: Session, kind: str, users: Iterable[UUID], **topics: UUID) -> None:
    """Sent when the transaction commits, to every instance that listens."""
    known, told = sorted(set(users)), {name: str(topic) for name, topic in topics.items()}
    for start in range(0, len(known), SIGN_USERS_MAX):
        some = Sign(users=known[start : start + SIGN_USERS_MAX], kind=kind, topics=told)
        tell_instances(session, CHANNEL, msgspec.json.encode(some).decode())
