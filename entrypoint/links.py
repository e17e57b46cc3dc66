"""Links that let somebody in or prove an address: random, kept as hashes, good for a while."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, select

from entrypoint.accounts.tables import LinkRow, Purpose
from entrypoint.sessions.sessions import TOKEN_BYTES, token_hash
from souk.clock import Clock
from souk.database import AnySession, Session
from souk.database.forgetting import forget_due
from souk.errors import NotFound
from souk.ids import new_id

LASTS: dict[Purpose, timedelta] = {
    "password": timedelta(minutes=30),
    "address": timedelta(days=3),
    "undo": timedelta(days=7),
    "appeal": timedelta(hours=1),
    "claim": timedelta(days=1),
}
"""How long a link is good: to choose a new password, to prove an address, to take a change of address back, to appeal
against a suspension, and to claim an address that somebody else's account has."""

TOKEN_CHARS_MAX = 100
SWEEP_MAX = 1000


class LinkNotGood(NotFound):
    """A link out of a mail that we did not make, that was used, or that is too old."""

    title = "This link is not good"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a link is for."""

    user_id: UUID
    address: str | None
    """Where it was mailed to; None if an operator was given it."""


async def make(session: Session, user_id: UUID, purpose: Purpose, address: str | None, now: datetime) -> str:
    """The token of a new link, which is stored nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = LinkRow(
        id=new_id(),
        token_hash=token_hash(token),
        user_id=user_id,
        purpose=purpose,
        address=address,
        created_at=now,
        expires_at=now + LASTS[purpose],
    )
    session.add(row)
    await session.flush()
    return token


async def read(session: AnySession, purpose: Purpose, token: str, now: datetime) -> Link:
    """What the link is for; raises LinkNotGood."""
    query = select(LinkRow.user_id, LinkRow.address).where(*_good(purpose, token, now))
    return _known((await session.execute(query)).one_or_none())


async def use(session: Session, purpose: Purpose, token: str, now: datetime) -> Link:
    """The same, and from now on the link is not good any more: of two who use it at once, one does."""
    gone = delete(LinkRow).where(*_good(purpose, token, now)).returning(LinkRow.user_id, LinkRow.address)
    return _known((await session.execute(gone)).one_or_none())


async def revoke(session: Session, user_id: UUID, *purposes: Purpose) -> None:
    """Make a user's links of these kinds worth nothing."""
    await session.execute(delete(LinkRow).where(LinkRow.user_id == user_id, LinkRow.purpose.in_(purposes)))


class Sweep:
    """Forgets links that are too old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, LinkRow, LinkRow.expires_at <= self._clock.now(), most=SWEEP_MAX)


def _good(purpose: Purpose, token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    hashed = token_hash(token[:TOKEN_CHARS_MAX])
    return LinkRow.token_hash == hashed, LinkRow.purpose == purpose, LinkRow.expires_at > now


def _known(found: object) -> Link:
    if found is None:
        raise LinkNotGood(
            "It was used already, is too old, or is not complete. Ask for a new one; nothing was changed.",
            code="link-not-good",
        )
    return msgspec.convert(found, Link, from_attributes=True)
