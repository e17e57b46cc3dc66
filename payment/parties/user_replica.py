"""The copy of the users: what documents and wallets call them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from payment.parties.tables import PartyRow
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.database import ReadSession, Session


async def registered(session: Session, event: UserRegistered) -> None:
    """The first word about a user; it never replaces a later one."""
    await session.execute(insert(PartyRow).values(_row(event)).on_conflict_do_nothing())


async def changed(session: Session, event: UserChanged) -> None:
    """A later word about a user, which may come before the first."""
    row = _row(event)
    values = {name: value for name, value in row.items() if name != "language" or value}
    await session.execute(insert(PartyRow).values(row).on_conflict_do_update(index_elements=["user_id"], set_=values))


async def names(reader: ReadSession, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What those of these users that are known are called."""
    query = select(PartyRow.user_id, PartyRow.display_name).where(PartyRow.user_id.in_(set(user_ids)))
    return {row.user_id: row.display_name for row in await reader.execute(query)}


def _row(event: UserRegistered | UserChanged) -> dict[str, object]:
    return {
        "user_id": event.user_id,
        "display_name": event.display_name,
        "country": event.country,
        "language": event.language,
    }
