"""What operators did to an account, when and why: kept for as long as the account is."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from entrypoint.accounts.tables import DeedRow
from souk.database import AnySession, Session
from souk.ids import new_id

SHOWN_MAX = 100


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an operator did."""

    action: str
    by: str
    """An admin's id, or who used the command line."""
    reason: str
    done_at: datetime


async def note(session: Session, user_id: UUID, action: str, *, by: str, reason: str, now: datetime) -> None:
    """Write it down, in the transaction that does it."""
    session.add(DeedRow(id=new_id(), user_id=user_id, action=action, by=by, reason=reason, done_at=now))
    await session.flush()


async def list_of(session: AnySession, user_id: UUID) -> list[Deed]:
    """What was done to a user's account, the latest first."""
    query = select(*(getattr(DeedRow, name) for name in Deed.__struct_fields__)).where(DeedRow.user_id == user_id)
    rows = (await session.execute(query.order_by(DeedRow.id.desc()).limit(SHOWN_MAX))).mappings()
    return [Deed(**row) for row in rows]
