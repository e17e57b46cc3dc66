"""Sending users the link that proves their address."""

from uuid import UUID

from entrypoint.mailing import mailing
from entrypoint.parts import Parts
from entrypoint.web.reader import Reader


async def send_link(parts: Parts, user_id: UUID, reader: Reader) -> None:
    """Queue it, unless the address is proved already. Raises MailSwitchedOff, and TooMany if it is asked for too often."""
    mailing.require_mail(parts.settings)
    await parts.limits.hit((parts.rules.confirmation, str(user_id)))
    async with parts.kernel.database.transaction() as session:
        await mailing.ask_to_confirm(session, user_id, reader)
