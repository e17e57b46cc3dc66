"""Sending what waits, over SMTP: claimed in one transaction, sent outside of any, each marked in a transaction of its own.

Whoever dies in between leaves a claim that ends by itself. A mail whose mark was lost goes out once more, with the same
Message-ID, by which mail servers and readers know that it is the same.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from sqlalchemy import select, text, update

from entrypoint.accounts.tables import UserRow
from entrypoint.mailing.mailing import GROUPS
from entrypoint.mailing.messages import Composer, Notice, Outgoing
from entrypoint.mailing.tables import MailboxRow, MailRow
from entrypoint.metrics import mails
from entrypoint.notifications.tables import NotificationRow
from souk.clock import Clock
from souk.database import Database, ReadSession
from souk.observability.logging import get_logger
from souk.settings import LOOPBACK

MAILS_AT_ONCE = 20
"""Mails that one connection takes."""

ANSWER_S_MAX = 20.0
"""Seconds that the mail server may take for an answer."""

BATCH_S_MAX = 300.0
"""Seconds that sending a batch may take."""

CLAIMED_FOR = timedelta(minutes=10)
"""How long a batch is claimed; longer than sending it may take, so that two instances never send the same mail."""

TRIES_MAX = 10
RETRY_FIRST, RETRY_MAX = timedelta(minutes=1), timedelta(hours=1)
"""The pauses between tries: doubled each time, up to the longest. All together they last some five hours."""

_CLAIM = text("""
    UPDATE mail SET tries = tries + 1, due_at = :until WHERE id IN (
        SELECT id FROM mail WHERE outcome IS NULL AND due_at <= :now ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING id
""")


class Sender:
    """Sends what is due by one SMTP server."""

    def __init__(self, url: str, sender: str, composer: Composer, clock: Clock) -> None:
        self._url, self._sender, self._composer, self._clock = url, sender, composer, clock
        self._log = get_logger("entrypoint")

    async def __call__(self, database: Database) -> int:
        now = self._clock.now()
        async with database.transaction() as session:
            claim = {"now": now, "until": now + CLAIMED_FOR, "most": MAILS_AT_ONCE}
            ids = list(await session.scalars(_CLAIM, claim))
        if not ids:
            return 0
        async with database.reading() as reader:
            claimed = [await _outgoing(reader, mail_id) for mail_id in ids]
        waiting: list[Outgoing] = []
        for mail in claimed:
            if mail.tries > TRIES_MAX:
                self._log.error("mail given up", mail_id=str(mail.id), error="whoever tried it died each time")
                await self._end(database, mail, "given_up")
            elif mail.kind == "notices" and not mail.notices:
                await self._end(database, mail, "withdrawn")
            else:
                waiting.append(mail)
        await self._send(database, waiting)
        return len(ids)

    async def _send(self, database: Database, waiting: list[Outgoing]) -> None:
        """Send all by one connection; what is left over when that fails is tried again later."""
        if not waiting:
            return
        left = list(waiting)
        try:
            async with asyncio.timeout(BATCH_S_MAX):
                smtp = self._server()
                await smtp.connect()
                try:
                    while left:
                        await self._deliver(database, smtp, left[0])
                        left.pop(0)
                finally:
                    with suppress(SMTPException):
                        await smtp.quit()
        except (SMTPException, OSError, TimeoutError) as failure:
            for mail in left:
                await self._failed(database, mail, failure)

    async def _deliver(self, database: Database, smtp: SMTP, mail: Outgoing) -> None:
        """Send one. Raises SMTPException if the next one would fail likewise."""
        try:
            message = self._composer.compose(mail)
        except Exception as broken:
            # Never sent, and its neighbours must not wait for it.
            self._log.error("mail not written", mail_id=str(mail.id), error=type(broken).__name__, exc_info=broken)
            await self._end(database, mail, "given_up")
            return
        try:
            await smtp.send_message(message, sender=self._sender, recipients=[mail.email])
        except (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupported) as refused:
            with suppress(SMTPException):
                await smtp.rset()
            await self._failed(database, mail, refused, final=_is_final(refused))
            return
        await self._end(database, mail, "sent")

    async def _failed(self, database: Database, mail: Outgoing, failure: BaseException, *, final: bool = False) -> None:
        """Try it again later, unless it was tried often enough or the server will never take it."""
        # Neither the server's words nor the address: they are personal, and logs are kept.
        about = {"mail_id": str(mail.id), "user_id": str(mail.user_id), "tries": mail.tries}
        about |= {"error": type(failure).__name__, "code": _code(failure)}
        if mail.tries >= TRIES_MAX or final:
            self._log.error("mail given up", **about)
            await self._end(database, mail, "given_up")
            return
        self._log.warning("mail not sent", **about)
        mails.labels("failed").inc()
        later = self._clock.now() + min(RETRY_FIRST * 2 ** (mail.tries - 1), RETRY_MAX)
        await self._change(database, mail, due_at=later)

    async def _end(self, database: Database, mail: Outgoing, outcome: str) -> None:
        await self._change(database, mail, outcome=outcome)
        mails.labels(outcome).inc()

    async def _change(self, database: Database, mail: Outgoing, **values: Any) -> None:
        async with database.transaction() as session:
            # Only by who claimed it last: it may have been claimed again meanwhile.
            own = update(MailRow).where(MailRow.id == mail.id, MailRow.tries == mail.tries)
            await session.execute(own.values(values).execution_options(synchronize_session=False))

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


async def _outgoing(reader: ReadSession, mail_id: UUID) -> Outgoing:
    """The mail with what its user wants to hear of now, which may be less than when it was queued."""
    query = (
        select(MailRow, UserRow.email, UserRow.email_key, MailboxRow)
        .join(UserRow, UserRow.id == MailRow.user_id)
        .join(MailboxRow, MailboxRow.user_id == MailRow.user_id)
        .where(MailRow.id == mail_id)
    )
    mail, email, email_key, box = (await reader.execute(query)).one()
    wanted = [kind for group, kinds in GROUPS.items() if getattr(box, group) for kind in sorted(kinds)]
    told = select(NotificationRow).where(NotificationRow.mail_id == mail_id, NotificationRow.kind.in_(wanted))
    told = told.order_by(NotificationRow.id)
    return Outgoing(
        id=mail.id,
        user_id=mail.user_id,
        kind=mail.kind,
        created_at=mail.created_at,
        tries=mail.tries,
        email=email,
        email_key=email_key,
        locale=box.locale,
        notices=[Notice(row.kind, row.params, row.link) for row in await reader.scalars(told)],
    )


def _code(failure: BaseException) -> int:
    """The server's code (RFC 5321, section 4.2); 0 without one."""
    if isinstance(failure, SMTPRecipientsRefused):
        return max((one.code for one in failure.recipients), default=0)
    return failure.code if isinstance(failure, SMTPResponseException) else 0


def _is_final(failure: BaseException) -> bool:
    """Whether the server refused this one mail for ever."""
    if isinstance(failure, SMTPNotSupported):
        return True  # an address in another script than Latin, and a server that knows none (RFC 6531)
    return 500 <= _code(failure) < 600
