"""What is unread in a user's threads."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from entrypoint.inbox.tables import ThreadMarkRow
from souk.database import Session, Statement

UNREAD = select(func.count()).where(
    ThreadMarkRow.user_id == bindparam("user_id"), ThreadMarkRow.last_message > ThreadMarkRow.seen_up_to
)
"""In how many threads a user has something to read."""

_WAITS: Statement[Any] = Statement(UNREAD.where(ThreadMarkRow.thread_id == bindparam("thread_id")))


async def mark(session: Session, user_id: UUID, thread_id: UUID, *, last_message: int = 0, seen_up_to: int = 0) -> None:
    """Note that there is a message to a user, or that they have seen one. An older number changes nothing."""
    row = {"user_id": user_id, "thread_id": thread_id, "last_message": last_message, "seen_up_to": seen_up_to}
    adding = insert(ThreadMarkRow).values(row)
    grown = {
        name: func.greatest(getattr(ThreadMarkRow, name), getattr(adding.excluded, name))
        for name in ("last_message", "seen_up_to")
    }
    await session.execute(adding.on_conflict_do_update(index_elements=["user_id", "thread_id"], set_=grown))


async def waits(session: Session, user_id: UUID, thread_id: UUID) -> bool:
    """Whether a user has something to read in a thread."""
    return bool(await _WAITS.scalar(session, user_id=user_id, thread_id=thread_id))
