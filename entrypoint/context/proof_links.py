"""Sending users the links that prove their address, change it, or let them choose a new password."""

from collections.abc import Sequence
from uuid import UUID

from entrypoint.accounts import email_addresses, recovery
from entrypoint.context.parts import Parts
from entrypoint.limits.limits import Rule
from entrypoint.mailing import mailing
from entrypoint.web.reader import Reader
from souk.mailboxes import email_key


async def send_link(parts: Parts, user_id: UUID, reader: Reader) -> None:
    """Queue it, unless the address is proved already. Raises MailSwitchedOff, and TooMany if it is asked for too often."""
    mailing.require_mail(parts.settings)
    await parts.limits.hit((parts.rules.confirmation, str(user_id)))
    async with parts.kernel.database.transaction() as session:
        await mailing.ask_to_confirm(session, user_id, reader)


async def ask_new_address(parts: Parts, user_id: UUID, new: str, reader: Reader) -> str:
    """Queue the link that gives the account another address. Raises what `send_link` does, and InvalidInput."""
    mailing.require_mail(parts.settings)
    await parts.limits.hit((parts.rules.confirmation, str(user_id)))
    async with parts.kernel.database.transaction() as session:
        return await email_addresses.ask_change(session, user_id, new, reader.tag, reader.now)


async def ask_way_back(parts: Parts, email: str, by_place: Sequence[tuple[Rule, str]], reader: Reader) -> str:
    """Queue the link that lets whoever has this address choose a new password; nothing tells whether somebody has it.

    `by_place` is what counts for where it is asked from (`entrypoint.web.client_address.at_place`). Raises MailSwitchedOff,
    InvalidInput, and TooMany if it is asked for too often for one address or by one place.
    """
    mailing.require_mail(parts.settings)
    await parts.limits.hit(*by_place, (parts.rules.way_back, email_key(email)))
    async with parts.kernel.database.transaction() as session:
        return await recovery.ask(session, email, reader.tag, reader.now)


async def ask_claim(parts: Parts, email: str, by_place: Sequence[tuple[Rule, str]], reader: Reader) -> str:
    """Queue the link that takes an address from an account that never proved it; limited and silent as `ask_way_back`."""
    mailing.require_mail(parts.settings)
    await parts.limits.hit(*by_place, (parts.rules.way_back, email_key(email)))
    async with parts.kernel.database.transaction() as session:
        return await email_addresses.ask_claim(session, email, reader.tag, reader.now)
