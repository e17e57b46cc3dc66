"""Sessions: opaque tokens, kept as hashes. A login or a change of privilege always makes a new token."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, bindparam, delete, func, literal_column, or_, select, update

from entrypoint.accounts.tables import RoleRow, SuspensionRow, UserRow
from entrypoint.sessions.remembered import forget
from entrypoint.sessions.tables import SessionRow
from entrypoint.settings import EntrypointSettings
from souk.clock import Clock
from souk.contracts.entrypoint.users import User
from souk.database import AnySession, Database, Session, Statement
from souk.database.forgetting import forget_due
from souk.errors import NotFound
from souk.ids import new_id

TOKEN_BYTES = 32
"""256 random bits (ASVS 5.0 V7.2.3 asks for 128)."""

SEEN_EVERY = timedelta(minutes=5)
"""`last_seen_at` is written at most so often."""

BROWSER_CHARS_MAX = 200
SWEEP_MAX = 1000


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who a session's token stands for."""

    session_id: UUID
    user: User
    last_seen_at: datetime


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its owner sees it on the account page."""

    id: UUID
    browser: str
    place: str
    created_at: datetime
    last_seen_at: datetime


def token_hash(token: str) -> bytes:
    """What is stored of a token. A fast hash does: the token is random, nobody can guess it."""
    return hashlib.sha256(token.encode()).digest()


async def begin(
    session: Session, settings: EntrypointSettings, user_id: UUID, *, now: datetime, browser: str, place: str
) -> str:
    """Open a session and give its token, which is stored nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = SessionRow(
        id=new_id(),
        token_hash=token_hash(token),
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + settings.session_absolute,
        browser=browser.replace("\x00", "")[:BROWSER_CHARS_MAX],
        place=place,
    )
    session.add(row)
    await session.flush()
    return token


_FIND: Statement[Any] = Statement(
    select(
        SessionRow.id.label("session_id"),
        SessionRow.last_seen_at,
        UserRow.id,
        UserRow.email,
        UserRow.display_name,
        UserRow.country,
        UserRow.created_at,
        select(func.coalesce(func.array_agg(RoleRow.role), literal_column("'{}'::text[]"), type_=ARRAY(Text)))
        .where(RoleRow.user_id == UserRow.id)
        .scalar_subquery()
        .label("roles"),
    )
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(
        SessionRow.token_hash == bindparam("token_hash"),
        UserRow.id.not_in(select(SuspensionRow.user_id)),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.last_seen_at > bindparam("seen_after"),
    )
)


async def find(database: Database, settings: EntrypointSettings, token: str, now: datetime) -> SignedIn | None:
    """Who has this token, if its session has not ended."""
    rows = await _FIND.once(database, token_hash=token_hash(token), now=now, seen_after=now - settings.session_idle)
    if not rows:
        return None
    [row] = rows
    user = User(
        id=row.id,
        email=row.email,
        display_name=row.display_name,
        country=row.country,
        roles=sorted(row.roles),
        created_at=row.created_at,
    )
    return SignedIn(session_id=row.session_id, user=user, last_seen_at=row.last_seen_at)


async def touch(session: Session, session_id: UUID, now: datetime) -> None:
    """Note that the session is in use."""
    await session.execute(update(SessionRow).where(SessionRow.id == session_id).values(last_seen_at=now))


async def rotate(session: Session, session_id: UUID) -> str:
    """Give the session a new token; the old one is worth nothing from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    changed = update(SessionRow).where(SessionRow.id == session_id).values(token_hash=token_hash(token))
    if await session.scalar(changed.returning(SessionRow.id)) is None:
        raise NotFound("This session has ended.", code="session-over")
    return token


async def end(session: Session, token: str) -> None:
    """Log out."""
    await session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash(token)))


async def end_one(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End one of a user's own sessions; raises NotFound for any other."""
    gone = delete(SessionRow).where(SessionRow.id == session_id, SessionRow.user_id == user_id)
    if await session.scalar(gone.returning(SessionRow.id)) is None:
        raise NotFound("You have no such session.", code="session-not-yours")


async def end_all(session: Session, user_id: UUID, *, keep: UUID | None = None) -> None:
    """End all sessions of a user, but for one; whoever does that has changed what the user's tokens may do."""
    forget(session, user_id)
    statement = delete(SessionRow).where(SessionRow.user_id == user_id)
    await session.execute(statement if keep is None else statement.where(SessionRow.id != keep))


async def list_of(session: AnySession, settings: EntrypointSettings, user_id: UUID, now: datetime) -> list[SessionView]:
    """A user's open sessions, the latest used first."""
    query = (
        select(*(getattr(SessionRow, name) for name in SessionView.__struct_fields__))
        .where(
            SessionRow.user_id == user_id,
            SessionRow.expires_at > now,
            SessionRow.last_seen_at > now - settings.session_idle,
        )
        .order_by(SessionRow.last_seen_at.desc())
        .limit(100)
    )
    return [SessionView(**row) for row in (await session.execute(query)).mappings()]


class Sweep:
    """Forgets sessions that have ended."""

    def __init__(self, settings: EntrypointSettings, clock: Clock) -> None:
        self._idle = settings.session_idle
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        now = self._clock.now()
        ended = or_(SessionRow.expires_at <= now, SessionRow.last_seen_at <= now - self._idle)
        return await forget_due(session, SessionRow, ended, most=SWEEP_MAX)
