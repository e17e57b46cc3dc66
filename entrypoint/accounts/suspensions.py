"""Suspending users and taking it back: who is suspended cannot log in, sell, offer or send, and is not found on sale.

What is under way goes on to its end by its deadlines. All inside the caller's transaction.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, select

from entrypoint import links
from entrypoint.accounts import operator_log
from entrypoint.accounts.tables import SuspensionRow, UserRow
from entrypoint.mailing import mailing
from entrypoint.sessions import sessions
from souk.contracts.entrypoint.events import UserRestored, UserSuspended
from souk.database import AnySession, ReadSession, Session
from souk.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from souk.events import Sequenced

REASON_CHARS_MAX = 200
APPEAL_CHARS_MAX = 1000
SHOWN_MAX = 100


class Suspended(Forbidden):
    """The account is suspended; only who has proved to be its owner is told so."""

    title = "Your account is suspended"
    members = ("reason", "appeal")


class AppealedAlready(RuleBroken):
    """A suspension can be appealed once."""

    title = "You have appealed already"


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """That an account is suspended, and what its owner says to it."""

    user_id: UUID
    display_name: str
    email: str
    reason: str
    since: datetime
    appeal: str | None
    appealed_at: datetime | None


async def suspend(session: Session, user_id: UUID, *, by: str, reason: str, now: datetime) -> list[Sequenced]:
    """Suspend a user, log them out and tell them why: what to tell others. Nothing happens if they are suspended
    already."""
    _check_reason(reason)
    row = await _locked(session, user_id)
    if await of(session, user_id) is not None:
        return []
    session.add(SuspensionRow(user_id=user_id, reason=reason, since=now))
    row.version += 1
    await session.flush()
    await sessions.end_all(session, user_id)
    await operator_log.note(session, user_id, "suspend", by=by, reason=reason, now=now)
    await mailing.queue(session, "told", now, user_id=user_id, what="suspended", reason=reason)
    return [Sequenced(UserSuspended(user_id=user_id, suspended_at=now), row.version)]


async def restore(session: Session, user_id: UUID, *, by: str, reason: str, now: datetime) -> list[Sequenced]:
    """Take a suspension back: what to tell others. Nothing happens if there is none."""
    _check_reason(reason)
    row = await _locked(session, user_id)
    gone = delete(SuspensionRow).where(SuspensionRow.user_id == user_id).returning(SuspensionRow.user_id)
    if await session.scalar(gone) is None:
        return []
    row.version += 1
    await session.flush()
    await operator_log.note(session, user_id, "restore", by=by, reason=reason, now=now)
    await mailing.queue(session, "told", now, user_id=user_id, what="restored", reason=reason)
    return [Sequenced(UserRestored(user_id=user_id, restored_at=now), row.version)]


async def appeal(session: Session, token: str, text: str, now: datetime) -> None:
    """What a suspended user says to it, by the link that their login gave. Raises LinkNotGood and AppealedAlready."""
    words = "".join(char for char in text if char.isprintable() or char in "\r\n\t").strip()
    if not words or len(words) > APPEAL_CHARS_MAX:
        raise InvalidInput(
            "text",
            "Say what is wrong with it, in at most {most} characters.",
            code="suspension-appeal-needed",
            most=APPEAL_CHARS_MAX,
        )
    link = await links.read(session, "appeal", token, now)
    row = await session.get(SuspensionRow, link.user_id, with_for_update=True)
    if row is None:
        raise links.LinkNotGood("Your account is not suspended any more. Log in.", code="not-suspended")
    if row.appeal is not None:
        raise AppealedAlready("The operators have your words and will look at them. Nothing was added.")
    row.appeal, row.appealed_at = words, now
    await session.flush()


async def of(session: AnySession, user_id: UUID) -> Suspension | None:
    """A user's suspension, if they are suspended."""
    found = (await session.execute(_QUERY.where(SuspensionRow.user_id == user_id))).mappings().one_or_none()
    return Suspension(**found) if found else None


async def list_of(session: ReadSession) -> list[Suspension]:
    """Who is suspended: whose appeal waits longest comes first, then those without one."""
    query = _QUERY.order_by(SuspensionRow.appealed_at.asc().nulls_last(), SuspensionRow.since).limit(SHOWN_MAX)
    return [Suspension(**row) for row in (await session.execute(query)).mappings()]


async def refusal(session: Session, suspended: Suspension, now: datetime) -> Suspended:
    """What its owner is told who wants to log in, with the page where they can appeal unless they did."""
    token = "" if suspended.appeal is not None else await links.make(session, suspended.user_id, "appeal", None, now)
    page = f"/appeal?token={token}" if token else ""
    return Suspended("Operators suspended this account: {reason}", reason=suspended.reason, appeal=page)


_QUERY = select(
    SuspensionRow.user_id,
    UserRow.display_name,
    UserRow.email,
    SuspensionRow.reason,
    SuspensionRow.since,
    SuspensionRow.appeal,
    SuspensionRow.appealed_at,
).join(UserRow, UserRow.id == SuspensionRow.user_id)


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON_CHARS_MAX or not reason.isprintable():
        raise InvalidInput(
            "reason",
            "Say why, in 1 to {most} characters. Nothing was changed.",
            code="say-why-suspended",
            most=REASON_CHARS_MAX,
        )


async def _locked(session: Session, user_id: UUID) -> UserRow:
    row = await session.get(UserRow, user_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such account.", code="unknown-account")
    return row
