"""The way back in for who forgot their password: a link by mail, or one that an operator was given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from entrypoint import links
from entrypoint.accounts.access import end_access
from entrypoint.accounts.passwords import Passwords
from entrypoint.accounts.rules import refuse
from entrypoint.accounts.tables import UserRow
from entrypoint.mailing import mailing
from souk.database import Database, Session
from souk.errors import InvalidInput
from souk.mailboxes import clean_email, email_key


async def ask(session: Session, email: str, locale: str, now: datetime) -> str:
    """Queue a mail with a link to choose a new password, if somebody has the address; raises InvalidInput for `email`.

    Whether somebody has it is found out when the mail is written, so that neither the answer nor its time tells.
    """
    address = clean_email(email)
    if address is None:
        raise InvalidInput("email", "This is not an email address.", code="not-an-address")
    await mailing.queue(session, "password", now, address=address, locale=locale)
    return address


async def choose(database: Database, passwords: Passwords, token: str, new: str, now: datetime) -> UUID:
    """Set a new password by a link. Whoever was logged in is not any more, and API tokens end.

    Takes the database, not a session: no connection is held while the password is hashed. Raises LinkNotGood, and
    InvalidInput for `new_password`, after which the link is still good.
    """
    async with database.reading() as reader:
        link = await links.read(reader, "password", token, now)
        row = (await reader.scalars(select(UserRow).where(UserRow.id == link.user_id))).one()
    refuse(await passwords.weakness("new_password", new, row.email, row.display_name))
    hashed = await passwords.hash(new)
    async with database.transaction() as session:
        await links.use(session, "password", token, now)
        owner = await session.get(UserRow, link.user_id, with_for_update=True)
        assert owner is not None
        owner.password_hash = hashed
        if link.address is not None and email_key(link.address) == owner.email_key:
            owner.proved_at = owner.proved_at or now  # the link was mailed there, and here it is
        await session.flush()
        await end_access(session, owner.id)
        await mailing.queue(session, "told", now, user_id=owner.id, what="password_changed")
    return link.user_id
