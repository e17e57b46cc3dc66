"""Keeping what was typed into the selling form, until it is sent, thrown away or forgotten."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from entrypoint.drafts.tables import TypedFormRow
from souk.clock import Clock
from souk.database import Database, ReadSession, Session
from souk.database.forgetting import forget_due
from souk.errors import InvalidInput

FORMS_MAX = 10
"""Unfinished forms of one user; the oldest go."""

FIELDS_CHARS_MAX = 20_000

EDITS = "edits"
"""The field that marks unsaved changes to a listing that is there."""

RETENTION = timedelta(days=30)
SWEEP_MAX = 500


class Typed(msgspec.Struct, frozen=True):
    """An unfinished form, in a list."""

    listing_id: UUID
    title: str
    saved_at: datetime
    edits: bool
    """Whether the listing is there, and these are changes to it that were not saved."""


async def save(session: Session, user_id: UUID, listing_id: UUID, fields: Mapping[str, str], *, now: datetime) -> None:
    """Keep a form in place of what was kept of it before. Raises InvalidInput if it is too long."""
    if sum(len(text) for text in fields.values()) > FIELDS_CHARS_MAX:
        raise InvalidInput("description", "It is too long to be kept. Shorten it.", code="draft-too-long")
    row = {"user_id": user_id, "listing_id": listing_id, "fields": dict(fields), "saved_at": now}
    keeping = insert(TypedFormRow).values(row)
    await session.execute(
        keeping.on_conflict_do_update(
            index_elements=["user_id", "listing_id"], set_={"fields": row["fields"], "saved_at": now}
        )
    )
    newest = (
        select(TypedFormRow.listing_id)
        .where(TypedFormRow.user_id == user_id)
        .order_by(TypedFormRow.saved_at.desc(), TypedFormRow.listing_id.desc())
        .limit(FORMS_MAX)
    )
    await session.execute(
        delete(TypedFormRow).where(TypedFormRow.user_id == user_id, TypedFormRow.listing_id.not_in(newest))
    )


async def fields_of(database: Database, user_id: UUID, listing_id: UUID) -> dict[str, str] | None:
    """What was typed into one of the user's forms; None if nothing is kept of it."""
    async with database.reading() as session:
        row = await session.get(TypedFormRow, (user_id, listing_id))
    return row.fields if row else None


async def list_of(session: ReadSession, user_id: UUID) -> list[Typed]:
    """A user's unfinished forms, the newest first."""
    query = select(TypedFormRow).where(TypedFormRow.user_id == user_id).order_by(TypedFormRow.saved_at.desc())
    return [
        Typed(row.listing_id, row.fields.get("title", ""), row.saved_at, EDITS in row.fields)
        for row in await session.scalars(query)
    ]


async def forget(session: Session, user_id: UUID, listing_id: UUID) -> None:
    """Throw a form away."""
    await session.execute(
        delete(TypedFormRow).where(TypedFormRow.user_id == user_id, TypedFormRow.listing_id == listing_id)
    )


class Sweep:
    """Forgets forms that nobody came back to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(
            session, TypedFormRow, TypedFormRow.saved_at < self._clock.now() - RETENTION, most=SWEEP_MAX
        )
