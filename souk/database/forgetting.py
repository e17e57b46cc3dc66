"""Deleting what a service need not keep."""

from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from souk.database.engine import Session


async def forget_due(session: Session, table: type[Any], due: ColumnElement[bool], *, most: int) -> int:
    """Delete rows of a mapped table that are due, at most so many, and say how many went.

    Rows that somebody else has locked stay for the next time, so that many instances may sweep at once.
    """
    rows: Table = table.__table__
    key = tuple_(*rows.primary_key.columns)
    found = select(*rows.primary_key.columns).where(due).limit(most).with_for_update(skip_locked=True)
    gone = await session.execute(delete(rows).where(key.in_(found)).returning(*rows.primary_key.columns))
    return len(gone.all())
