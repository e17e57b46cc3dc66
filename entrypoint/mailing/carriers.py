"""Who carries mails away: an SMTP server, or, where the shop is tried without one, the shop's own mailbox page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import SMTP, SMTPException
from sqlalchemy.dialects.postgresql import insert

from entrypoint.mailing.tables import KeptMailRow
from souk.clock import Clock
from souk.database import Database
from souk.mailboxes import wire_address
from souk.settings import LOOPBACK

ANSWER_S_MAX = 20.0
"""Seconds that the mail server may take for an answer."""

Hand = Callable[[UUID, EmailMessage, str], Awaitable[None]]
"""Gives one mail (its id, itself, its recipient) away. Raises aiosmtplib's exceptions, OSError and TimeoutError."""


class Carrier(Protocol):
    """Takes mails."""

    def open(self) -> AbstractAsyncContextManager[Hand]:
        """Mails can be handed over while this is entered; raises SMTPException or OSError if nobody is there."""
        ...


class Smtp:
    """An SMTP server; one connection for all that is handed over at once."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = url, sender

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Hand]:
        smtp = self._server()
        await smtp.connect()

        async def hand(_: UUID, message: EmailMessage, recipient: str) -> None:
            try:
                await smtp.send_message(message, sender=self._sender, recipients=[wire_address(recipient)])
            except SMTPException:
                with suppress(SMTPException):
                    await smtp.rset()  # the next one begins anew
                raise

        try:
            yield hand
        finally:
            with suppress(SMTPException, OSError, TimeoutError):
                await smtp.quit()

    def _server(self) -> SMTP:
        parts = urlsplit(self._url)
        implicit = parts.scheme == "smtps"
        # A password never travels in the clear, but on this machine.
        starts = True if parts.password and not implicit and parts.hostname not in LOOPBACK else None
        return SMTP(
            hostname=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=implicit,
            start_tls=False if implicit else starts,
            timeout=ANSWER_S_MAX,
        )


class Kept:
    """The mailbox page of the embedded size."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Hand]:
        yield self._keep

    async def _keep(self, mail_id: UUID, message: EmailMessage, recipient: str) -> None:
        plain = message.get_body(("plain",))
        row = {
            "id": mail_id,
            "recipient": recipient,
            "subject": str(message["Subject"]),
            "body": plain.get_content() if plain else "",
            "kept_at": self._clock.now(),
        }
        async with self._database.transaction() as session:
            await session.execute(insert(KeptMailRow).values(row).on_conflict_do_nothing())
