"""API tokens: made with the password, shown once, kept as hashes, ended by their owner or by age."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, func, select, update

from entrypoint.accounts.accounts import Email, Password
from entrypoint.accounts.tables import RoleRow, SuspensionRow, UserRow
from entrypoint.mailing import mailing
from entrypoint.sessions.remembered import RememberedTokens, Speaker, forget
from entrypoint.sessions.sessions import SEEN_EVERY, TOKEN_BYTES, token_hash
from entrypoint.settings import EntrypointSettings
from entrypoint.tokens.tables import TokenRow
from souk.clock import Clock
from souk.database import AnySession, Database, Session, Statement
from souk.database.forgetting import forget_due
from souk.errors import InvalidInput, NotFound, RuleBroken, Unauthenticated
from souk.http.identity import Identity
from souk.ids import new_id

PREFIX = "souk_"
"""Lets people and scanners see what a leaked token is."""

NAME_LENGTH_MAX = 60
SWEEP_MAX = 1000

TokenName = Annotated[str, msgspec.Meta(max_length=NAME_LENGTH_MAX)]


_IDENTIFY: Statement[Any] = Statement(
    select(
        TokenRow.id,
        TokenRow.user_id,
        TokenRow.last_used_at,
        TokenRow.expires_at,
        TokenRow.roles.label("made_with"),
        select(func.array_agg(RoleRow.role))
        .where(RoleRow.user_id == TokenRow.user_id)
        .scalar_subquery()
        .label("roles"),
    ).where(
        TokenRow.token_hash == bindparam("token_hash"),
        TokenRow.expires_at > bindparam("now"),
        TokenRow.user_id.not_in(select(SuspensionRow.user_id)),
    )
)


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """Prove who you are, and get a token for the API."""

    email: Email
    password: Password
    name: TokenName = ""
    """What it is for, so that you know it again."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as its owner sees it later."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token; this is the only time it is shown."""

    id: UUID
    name: str
    token: str
    expires_at: datetime


class TooManyTokens(RuleBroken):
    """A user has as many tokens as one may have."""

    title = "Too many tokens"


async def issue(session: Session, settings: EntrypointSettings, user_id: UUID, name: str, now: datetime) -> IssuedToken:
    """Make a token for a user."""
    if len(name) > NAME_LENGTH_MAX or "\x00" in name:
        raise InvalidInput("name", "Use at most {most} characters.", code="token-name-too-long", most=NAME_LENGTH_MAX)
    await session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())
    live = select(func.count()).where(TokenRow.user_id == user_id, TokenRow.expires_at > now)
    if (await session.scalar(live) or 0) >= settings.tokens_per_user_max:
        raise TooManyTokens(
            "You have {most} tokens. Revoke one that you do not need first.", most=settings.tokens_per_user_max
        )
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = TokenRow(
        id=new_id(),
        token_hash=token_hash(token),
        user_id=user_id,
        name=name.strip(),
        roles=list(
            await session.scalars(select(RoleRow.role).where(RoleRow.user_id == user_id).order_by(RoleRow.role))
        ),
        created_at=now,
        expires_at=now + timedelta(days=settings.token_days),
    )
    session.add(row)
    await session.flush()
    await mailing.queue(session, "told", now, user_id=user_id, what="token_made", name=row.name or "–")
    return IssuedToken(id=row.id, name=row.name, token=token, expires_at=row.expires_at)


async def list_of(session: AnySession, user_id: UUID, now: datetime) -> list[Token]:
    """A user's tokens, newest first."""
    columns = [getattr(TokenRow, name) for name in Token.__struct_fields__]
    query = select(*columns).where(TokenRow.user_id == user_id, TokenRow.expires_at > now).order_by(TokenRow.id.desc())
    return [Token(**row) for row in (await session.execute(query)).mappings()]


async def revoke(session: Session, user_id: UUID, token_id: UUID, now: datetime) -> None:
    """End one of the user's own tokens; raises NotFound for any other."""
    gone = delete(TokenRow).where(TokenRow.id == token_id, TokenRow.user_id == user_id).returning(TokenRow.name)
    name = await session.scalar(gone)
    if name is None:
        raise NotFound("You have no such token.", code="token-not-yours")
    forget(session, user_id)
    await mailing.queue(session, "told", now, user_id=user_id, what="token_revoked", name=name or "–")


async def identify(database: Database, remembered: RememberedTokens, token: str, now: datetime) -> Identity:
    """Who a bearer token speaks for; raises Unauthenticated.

    It has the roles that its user had when it was made and still has: more rights come only with a new token.
    """
    speaker = None
    if token.startswith(PREFIX):
        key = token_hash(token)
        speaker = await remembered.speaker(key, now, partial(_look_up, database, key, now))
    if speaker is None:
        raise Unauthenticated(
            "This token is not valid (any more). Get a new one with POST /api/v1/tokens.", code="token-over"
        )
    return speaker.identity


async def _look_up(database: Database, key: bytes, now: datetime) -> Speaker | None:
    found = await _IDENTIFY.one(database, token_hash=key, now=now)
    if found is None:
        return None
    if found.last_used_at is None or now - found.last_used_at > SEEN_EVERY:
        async with database.transaction() as session:
            await session.execute(update(TokenRow).where(TokenRow.id == found.id).values(last_used_at=now))
    roles = frozenset(found.roles or ()) & frozenset(found.made_with)
    return Speaker(Identity(service="entrypoint", user_id=found.user_id, roles=roles), found.expires_at)


class Sweep:
    """Forgets tokens that have ended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, TokenRow, TokenRow.expires_at <= self._clock.now(), most=SWEEP_MAX)
