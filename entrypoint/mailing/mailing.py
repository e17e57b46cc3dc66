"""Who wants which notices by email, and who proved that the address is theirs. All inside the caller's transaction."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from entrypoint.accounts.tables import UserRow
from entrypoint.mailing.tables import MailboxRow, MailRow
from entrypoint.settings import EntrypointSettings
from entrypoint.web.cookies import Signer
from entrypoint.web.reader import Reader
from souk.database import ReadSession, Session
from souk.errors import NotFound, RuleBroken
from souk.ids import new_id

GROUPS: dict[str, frozenset[str]] = {
    "orders": frozenset({"sold", "paid", "shipped", "cancelled", "refunded", "refund_owed"})
    | {"review_written", "review_answered"}
    | {"offer_made", "offer_countered", "offer_accepted", "price_accepted", "offer_declined", "offer_expired"},
    "watching": frozenset({"cheaper", "back"}),
    "searches": frozenset({"found"}),
}
"""What users choose between, and the kinds of notifications in each. All other kinds stay in the shop."""

CONFIRM_WITHIN = timedelta(days=3)
"""How long a link that confirms an address is good."""

_ID_BYTES, _TIME_BYTES, _MARK_BYTES = 16, 8, 16


class MailSwitchedOff(RuleBroken):
    """The shop has no server to send mail by."""

    title = "This shop sends no mail"


class LinkNotGood(NotFound):
    """A link out of a mail that we did not make, or that is too old."""

    title = "This link is not good"


class MailChoices(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices come by email."""

    orders: bool
    """What was sold, paid, sent, cancelled or refunded; reviews, and offers."""
    watching: bool
    """Lower prices, and what can be had again."""
    searches: bool
    """What saved searches found."""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and which notices come by email."""

    choices: MailChoices
    confirmed_at: datetime | None
    """When the user proved that the address is theirs; nothing is mailed before."""
    asked_at: datetime | None
    """When a link for that was last sent."""


def require_mail(settings: EntrypointSettings) -> None:
    """Raise MailSwitchedOff if nothing can be mailed."""
    if not settings.smtp_url:
        raise MailSwitchedOff("This shop sends no mail, so there is nothing to set. Nothing was changed.")


def group_of(kind: str) -> str | None:
    """The group that a kind of notification belongs to; None if it never comes by email."""
    return next((group for group, kinds in GROUPS.items() if kind in kinds), None)


async def mailbox_of(session: Session | ReadSession, user_id: UUID) -> Mailbox:
    """A user's choices; whoever never chose wants everything."""
    row = await session.get(MailboxRow, user_id)
    if row is None:
        return Mailbox(choices=MailChoices(**dict.fromkeys(GROUPS, True)), confirmed_at=None, asked_at=None)
    choices = MailChoices(orders=row.orders, watching=row.watching, searches=row.searches)
    return Mailbox(choices=choices, confirmed_at=row.confirmed_at, asked_at=row.asked_at)


async def choose(session: Session, user_id: UUID, choices: MailChoices, reader: Reader) -> None:
    """Set what comes by email, from the next mail on."""
    await _put(session, user_id, reader, **msgspec.structs.asdict(choices))


async def ask_to_confirm(session: Session, user_id: UUID, reader: Reader) -> None:
    """Queue a mail with a link that proves the address; nothing happens if it is proved already."""
    await _put(session, user_id, reader)
    asked = update(MailboxRow).where(MailboxRow.user_id == user_id, MailboxRow.confirmed_at.is_(None))
    if await session.scalar(asked.values(asked_at=reader.now).returning(MailboxRow.user_id)) is None:
        return
    mail = {"id": new_id(), "user_id": user_id, "kind": "confirmation", "created_at": reader.now}
    await session.execute(insert(MailRow).values(mail | {"due_at": reader.now, "tries": 0}))


async def confirm(session: Session, user_id: UUID, now: datetime) -> None:
    """The address is its user's."""
    proved = update(MailboxRow).where(MailboxRow.user_id == user_id, MailboxRow.confirmed_at.is_(None))
    await session.execute(proved.values(confirmed_at=now))


async def stop(session: Session, user_id: UUID, groups: Collection[str]) -> None:
    """Send no more of these groups."""
    stopped = update(MailboxRow).where(MailboxRow.user_id == user_id)
    await session.execute(stopped.values(dict.fromkeys(groups, False)))


async def mark_for_mail(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Notifications about to be inserted, each with whether its user wants it by email."""
    asked = {row["user_id"] for row in rows if group_of(row["kind"])}
    wants: set[tuple[UUID, str]] = set()
    if asked:
        query = select(MailboxRow).where(MailboxRow.user_id.in_(asked), MailboxRow.confirmed_at.is_not(None))
        for box in await session.scalars(query):
            wants |= {(box.user_id, group) for group in GROUPS if getattr(box, group)}
    return [row | {"by_mail": (row["user_id"], group_of(row["kind"])) in wants} for row in rows]


def stop_token(signer: Signer, user_id: UUID, groups: Collection[str]) -> str:
    """What a link needs that stops these groups for a user, without logging in."""
    return signer.sign("mail stop", user_id.bytes + ",".join(sorted(groups)).encode())


def read_stop_token(signer: Signer, token: str) -> tuple[UUID, list[str]]:
    """The user, and the groups to stop; raises LinkNotGood."""
    value = signer.read("mail stop", token)
    if value is None:
        raise LinkNotGood("The link is not complete. Open it as it stands in the mail; nothing was changed.")
    return UUID(bytes=value[:_ID_BYTES]), value[_ID_BYTES:].decode().split(",")


def confirm_token(signer: Signer, user_id: UUID, email_key: str, now: datetime) -> str:
    """What a link needs that proves a user's address."""
    ends = int((now + CONFIRM_WITHIN).timestamp()).to_bytes(_TIME_BYTES, "big")
    return signer.sign("mail confirm", user_id.bytes + ends + _mark(email_key))


async def read_confirm_token(session: Session | ReadSession, signer: Signer, token: str, now: datetime) -> UUID:
    """The user whose address it proves. Raises LinkNotGood, also if it is too old or was sent to another address."""
    value = signer.read("mail confirm", token)
    if value is None:
        raise LinkNotGood("The link is not complete. Open it as it stands in the mail; nothing was changed.")
    user_id = UUID(bytes=value[:_ID_BYTES])
    ends = int.from_bytes(value[_ID_BYTES : _ID_BYTES + _TIME_BYTES], "big")
    email_key = await session.scalar(select(UserRow.email_key).where(UserRow.id == user_id))
    if now.timestamp() >= ends or email_key is None or value[_ID_BYTES + _TIME_BYTES :] != _mark(email_key):
        raise LinkNotGood("The link is too old. Your account's page sends you a new one; nothing was changed.")
    return user_id


def _mark(email_key: str) -> bytes:
    return hashlib.sha256(email_key.encode()).digest()[:_MARK_BYTES]


async def _put(session: Session, user_id: UUID, reader: Reader, **changes: Any) -> None:
    """The user's row with these changes, made if it is not there."""
    changes |= {"locale": reader.formats.replace("_", "-")}
    row = dict.fromkeys(GROUPS, True) | {"user_id": user_id, "next_at": reader.now} | changes
    putting = insert(MailboxRow).values(row)
    await session.execute(putting.on_conflict_do_update(index_elements=["user_id"], set_=changes))
