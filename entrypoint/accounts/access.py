"""Ending a user's access: for when somebody else may have got in."""

from uuid import UUID

from sqlalchemy import delete

from entrypoint import links
from entrypoint.devices.tables import DeviceRow
from entrypoint.sessions import sessions
from entrypoint.tokens.tables import TokenRow
from souk.database import Session


async def end_access(session: Session, user_id: UUID, *, keep: UUID | None = None) -> None:
    """End a user's sessions, but for one, all their API tokens, and the links by which a password may be chosen.

    Without one that goes on, no browser is known to the account any more either.
    """
    await sessions.end_all(session, user_id, keep=keep)
    await session.execute(delete(TokenRow).where(TokenRow.user_id == user_id))
    await links.revoke(session, user_id, "password")
    if keep is None:
        await session.execute(delete(DeviceRow).where(DeviceRow.user_id == user_id))
