"""The store's copy of the users: the names that orders show, and whose wallets are closed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.contracts.payment.events import WalletChanged
from souk.database import AnySession, Session, Statement
from store.database import one_of
from store.user_replica.tables import PersonRow, WalletStateRow

UNKNOWN = "Souk user"
"""Shown for the moment until a new user's name has arrived."""


_NAMES: Statement[PersonRow] = Statement(select(PersonRow.id, PersonRow.display_name).where(one_of(PersonRow.id)))


async def registered(session: Session, event: UserRegistered) -> None:
    """A first name; a change that came before it is newer and stays."""
    row = {"id": event.user_id, "display_name": event.display_name, "changed_at": event.registered_at}
    await session.execute(insert(PersonRow).values(row).on_conflict_do_nothing())


async def changed(session: Session, event: UserChanged) -> None:
    """Another name, unless a newer one is known."""
    row = {"id": event.user_id, "display_name": event.display_name, "changed_at": event.changed_at}
    statement = insert(PersonRow).values(row)
    new = statement.excluded
    newer = or_(new.changed_at.is_(None), PersonRow.changed_at.is_(None), PersonRow.changed_at < new.changed_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[PersonRow.id],
            set_={"display_name": new.display_name, "changed_at": new.changed_at},
            where=newer,
        )
    )


async def wallet_changed(session: Session, event: WalletChanged) -> None:
    """A wallet is closed, or no longer, unless something newer is known."""
    row = {"user_id": event.user_id, "is_closed": event.status == "closed", "changed_at": event.changed_at}
    statement = insert(WalletStateRow).values(row)
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[WalletStateRow.user_id],
            set_={"is_closed": new.is_closed, "changed_at": new.changed_at},
            where=WalletStateRow.changed_at < new.changed_at,
        )
    )


async def has_closed_wallet(session: AnySession, user_id: UUID) -> bool:
    """Nothing can be paid into this user's wallet."""
    query = select(WalletStateRow.is_closed).where(WalletStateRow.user_id == user_id)
    return bool(await session.scalar(query))


def name_of(user: Any) -> Any:
    """The display name of the user whom a column names, for a statement."""
    known = select(PersonRow.display_name).where(PersonRow.id == user).scalar_subquery()
    return func.coalesce(known, UNKNOWN)


async def names(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The display names of these users, all of them."""
    wanted = set(ids)
    rows = await _NAMES.all(session, ids=list(wanted))
    return dict.fromkeys(wanted, UNKNOWN) | {row.id: row.display_name for row in rows}
