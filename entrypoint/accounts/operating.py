"""What operators ask of accounts at the command line: find them, and give a way back in."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, func, literal_column, or_, select

from entrypoint import links
from entrypoint.accounts import email_addresses, operator_log
from entrypoint.accounts.tables import RoleRow, SuspensionRow, UserRow
from souk.database import AnySession, Session
from souk.errors import NotFound
from souk.mailboxes import email_key

FOUND_MAX = 500


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """An account as a list of them shows it."""

    id: UUID
    email: str
    display_name: str
    country: str
    created_at: datetime
    proved_at: datetime | None
    suspended: bool
    roles: list[str]


async def find(
    session: AnySession, words: str = "", *, unproved: bool = False, suspended: bool = False
) -> list[AccountLine]:
    """Accounts whose id, address or name is this or has it in it, the newest first; without words all.

    With `unproved` only those whose address is not proved, with `suspended` only those that are suspended.
    """
    roles = (
        select(func.coalesce(func.array_agg(RoleRow.role), literal_column("'{}'::text[]"), type_=ARRAY(Text)))
        .where(RoleRow.user_id == UserRow.id)
        .scalar_subquery()
    )
    names = [name for name in AccountLine.__struct_fields__ if name not in ("roles", "suspended")]
    is_suspended = UserRow.id.in_(select(SuspensionRow.user_id))
    query = select(*(getattr(UserRow, name) for name in names), is_suspended.label("suspended"), roles.label("roles"))
    if unproved:
        query = query.where(UserRow.proved_at.is_(None))
    if suspended:
        query = query.where(is_suspended)
    if words:
        part = words.casefold()
        query = query.where(
            or_(
                func.lower(UserRow.email).contains(part, autoescape=True),
                func.lower(UserRow.display_name).contains(part, autoescape=True),
                UserRow.email_key == email_key(words),
                UserRow.id == _id_in(words),
            )
        )
    rows = await session.execute(query.order_by(UserRow.id.desc()).limit(FOUND_MAX))
    return [AccountLine(**row) for row in rows.mappings()]


async def one(session: AnySession, words: str) -> UUID:
    """The one account with this address or id; raises NotFound."""
    is_it = or_(UserRow.email_key == email_key(words), UserRow.id == _id_in(words))
    user_id = await session.scalar(select(UserRow.id).where(is_it))
    if user_id is None:
        raise NotFound("nobody has an account with the address or id {words}", code="nobody-so-called", words=words)
    return UUID(str(user_id))


async def way_back(session: Session, user_id: UUID, *, by: str, reason: str, now: datetime) -> str:
    """The token of a link by which a new password may be chosen, for an operator to hand on."""
    await operator_log.note(session, user_id, "link for a new password", by=by, reason=reason, now=now)
    return await links.make(session, user_id, "password", None, now)


async def verify(session: Session, user_id: UUID, *, by: str, reason: str, now: datetime) -> None:
    """Vouch for the account's address."""
    await operator_log.note(session, user_id, "verify address", by=by, reason=reason, now=now)
    await email_addresses.vouch(session, user_id, now)


def _id_in(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
