"""The mailbox of a shop without a mail server, as tests look into it."""

import re
from typing import NamedTuple

from sqlalchemy import select

from entrypoint.mailing.tables import KeptMailRow
from tests.entrypoint.conftest import World


class Mail(NamedTuple):
    """A mail that lies there."""

    to: str
    subject: str
    body: str

    @property
    def link(self) -> str:
        """Where its link leads, below the shop's address."""
        found = re.search(r"http://localhost:8000(/\S+)", self.body)
        assert found, self.body
        return found[1]


async def sent(world: World, to: str = "") -> list[Mail]:
    """Send what waits; the mails there are, the oldest first."""
    [send] = world.parts.kernel.errands
    while await send.run(world.database):
        pass
    async with world.database.reading() as reader:
        rows = await reader.scalars(select(KeptMailRow).order_by(KeptMailRow.id))
        return [Mail(row.recipient, row.subject, row.body) for row in rows if to in ("", row.recipient)]


async def last(world: World, to: str, subject: str = "") -> Mail:
    """The latest mail to somebody."""
    return [mail for mail in await sent(world, to) if subject in mail.subject][-1]
