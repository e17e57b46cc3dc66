"""Which browsers an account knows: its owner hears of a login with another, and guessing keeps none of them out.

A browser has one token for each account, made by a login with it, so that nobody can plant one.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from entrypoint.accounts.tables import UserRow
from entrypoint.devices.browsers import browser_name
from entrypoint.devices.tables import DeviceRow
from entrypoint.mailing import mailing
from entrypoint.sessions.sessions import BROWSER_CHARS_MAX, TOKEN_BYTES, token_hash
from souk.clock import Clock
from souk.database import ReadSession, Session
from souk.database.forgetting import forget_due

KNOWN_FOR = timedelta(days=365)
"""How long a browser is known without a login."""

DEVICES_PER_USER_MAX = 50
"""Beyond, those that were used longest ago are forgotten."""

SWEEP_MAX = 1000


async def knows(session: ReadSession, email_key: str, token: str) -> bool:
    """Whether the account with this address knows the browser that has this token."""
    query = select(DeviceRow.user_id).join(UserRow, UserRow.id == DeviceRow.user_id)
    query = query.where(UserRow.email_key == email_key, DeviceRow.token_hash == token_hash(token))
    return await session.scalar(query) is not None


async def greet(session: Session, user_id: UUID, token: str, *, browser: str, place: str, now: datetime) -> str:
    """Note a login; gives the token that the browser keeps. A browser that is new to the account is told by mail.

    The first one of an account is no news.
    """
    known = update(DeviceRow).where(DeviceRow.user_id == user_id, DeviceRow.token_hash == token_hash(token))
    if token and await session.scalar(known.values(seen_at=now).returning(DeviceRow.user_id)) is not None:
        return token
    others = await session.scalar(select(func.count()).where(DeviceRow.user_id == user_id))
    made = secrets.token_urlsafe(TOKEN_BYTES)
    shown = browser.replace("\x00", "")[:BROWSER_CHARS_MAX]
    row = {"user_id": user_id, "token_hash": token_hash(made), "browser": shown, "seen_at": now}
    await session.execute(insert(DeviceRow).values(row))
    if others:
        await mailing.queue(
            session, "told", now, user_id=user_id, what="device", browser=browser_name(shown), place=place
        )
    if (others or 0) >= DEVICES_PER_USER_MAX:
        kept = select(DeviceRow.token_hash).where(DeviceRow.user_id == user_id)
        kept = kept.order_by(DeviceRow.seen_at.desc()).limit(DEVICES_PER_USER_MAX)
        await session.execute(
            delete(DeviceRow)
            .where(DeviceRow.user_id == user_id, DeviceRow.token_hash.not_in(kept))
            .execution_options(synchronize_session=False)
        )
    return made


class Sweep:
    """Forgets browsers that were not used for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, DeviceRow, DeviceRow.seen_at <= self._clock.now() - KNOWN_FOR, most=SWEEP_MAX)
