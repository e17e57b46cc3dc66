"""Sending what waits: claimed in one transaction, sent outside of any, each marked in transactions of its own.

A try is what was offered to the mail server; what only waited behind another mail has lost nothing. Whoever dies in
between leaves a claim that ends by itself. A mail whose mark was lost goes out once more, with the same Message-ID, by
which mail servers and readers know that it is the same.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from sqlalchemy import select, text, update

from entrypoint import links
from entrypoint.accounts.tables import Purpose, UserRow
from entrypoint.mailing.carriers import Carrier, Hand
from entrypoint.mailing.mailing import GROUPS
from entrypoint.mailing.messages import Composer, Notice, Outgoing
from entrypoint.mailing.tables import MailboxRow, MailKind, MailOutcome, MailRow
from entrypoint.metrics import mails
from entrypoint.notifications.tables import NotificationRow
from souk.clock import Clock
from souk.database import Database, ReadSession
from souk.mailboxes import email_key
from souk.observability.logging import get_logger

MAILS_AT_ONCE = 20
"""Mails that are claimed together."""

BATCH_S_MAX = 300.0
"""Seconds that sending a batch may take."""

CLAIMED_FOR = timedelta(minutes=10)
"""How long a batch is claimed; longer than sending it may take, so that two instances never send the same mail."""

LOST_MAX = 3
"""Connections that may be lost over one batch; the mails after that wait for the next."""

CLOSING = 421
"""The server's code when it goes away (RFC 5321, section 3.8)."""

TRIES_MAX = 10
RETRY_FIRST, RETRY_MAX = timedelta(minutes=1), timedelta(hours=1)
"""The pauses between tries: doubled each time, up to the longest. All together they last some five hours."""

WAITS_MAX = timedelta(days=1)
"""How long a mail waits for a server that is away."""

ABOUT_ONE = (SMTPRecipientsRefused, SMTPRecipientRefused, SMTPDataError, SMTPNotSupported, ValueError)
"""What a server has against one mail; anything else it would have against the next one too."""

LINKS: dict[MailKind, Purpose] = {
    "confirmation": "address",
    "new_address": "address",
    "password": "password",
    "address_changed": "undo",
    "claim": "claim",
}
"""Which mails carry a link that is made for them, and for what."""

_CLAIM = text("""
    UPDATE mail SET due_at = :until WHERE id IN (
        SELECT id FROM mail WHERE outcome IS NULL AND due_at <= :now ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING id
""")


class _Lost(Exception):
    """The connection is gone, or will take nothing more."""


class Sender:
    """Hands what is due to a carrier."""

    def __init__(self, carrier: Carrier, composer: Composer, clock: Clock) -> None:
        self._carrier, self._composer, self._clock = carrier, composer, clock
        self._log = get_logger("entrypoint")

    async def __call__(self, database: Database) -> int:
        now = self._clock.now()
        until = now + CLAIMED_FOR
        async with database.transaction(leaves_work=False) as session:
            ids = list(await session.scalars(_CLAIM, {"now": now, "until": until, "most": MAILS_AT_ONCE}))
        if not ids:
            return 0
        async with database.reading() as reader:
            claimed = [await _outgoing(reader, mail_id, until) for mail_id in ids]
        waiting: list[Outgoing] = []
        for mail in claimed:
            if mail.tries >= TRIES_MAX:
                self._log.error("mail given up", mail_id=str(mail.id), error="whoever tried it died each time")
                await self._end(database, mail, "given_up")
            elif mail.withdrawn:
                await self._end(database, mail, "withdrawn")
            elif not mail.tries and now - mail.created_at > WAITS_MAX:
                self._log.error("mail given up", mail_id=str(mail.id), error="it waited for too long")
                await self._end(database, mail, "given_up")
            else:
                waiting.append(mail)
        await self._send(database, waiting)
        return len(ids)

    async def _send(self, database: Database, waiting: list[Outgoing]) -> None:
        """Send all, over as few connections as hold; what was never offered waits without having lost a try."""
        left, lost = list(waiting), 0
        failure: BaseException = Exception()
        try:
            async with asyncio.timeout(BATCH_S_MAX):
                while left and lost < LOST_MAX:
                    try:
                        async with self._carrier.open() as hand:
                            while left:
                                await self._deliver(database, hand, left.pop(0))
                    except _Lost as gone:
                        failure, lost = gone.__cause__ or gone, lost + 1
                    except (SMTPException, OSError) as away:
                        failure = away
                        break
        except TimeoutError as slow:
            failure = slow
        for mail in left:
            await self._put_off(database, mail, failure)

    async def _deliver(self, database: Database, hand: Hand, mail: Outgoing) -> None:
        """Offer one. Raises _Lost if this connection will take no other."""
        offered = await self._offer(database, mail)
        if offered is None:
            return
        try:
            message = self._composer.compose(offered)
        except Exception as broken:
            # Never sent, and its neighbours must not wait for it.
            self._log.error("mail not written", mail_id=str(mail.id), error=type(broken).__name__, exc_info=broken)
            await self._end(database, mail, "given_up")
            return
        try:
            await hand(mail.id, message, mail.recipient)
        except Exception as failure:
            await self._failed(database, offered, failure)
            if not isinstance(failure, ABOUT_ONE) or _code(failure) == CLOSING:
                raise _Lost from failure
            return
        await self._end(database, mail, "sent")

    async def _offer(self, database: Database, mail: Outgoing) -> Outgoing | None:
        """Count the try before it is made, and make the link that the mail carries; None if somebody else has it now."""
        async with database.transaction(leaves_work=False) as session:
            counted = update(MailRow).where(MailRow.id == mail.id, MailRow.due_at == mail.claimed_until)
            counted = counted.where(MailRow.outcome.is_(None)).values(tries=MailRow.tries + 1).returning(MailRow.tries)
            tries = await session.scalar(counted.execution_options(synchronize_session=False))
            if tries is None:
                return None
            token = ""
            if purpose := LINKS.get(mail.kind):
                assert mail.user_id is not None
                token = await links.make(session, mail.user_id, purpose, mail.recipient, self._clock.now())
        return mail.offered(tries, token)

    async def _failed(self, database: Database, mail: Outgoing, failure: BaseException) -> None:
        """Try it again later, unless it was tried often enough or the server will never take it."""
        about = _about(mail, failure)
        if mail.tries >= TRIES_MAX or _is_final(failure):
            self._log.error("mail given up", **about)
            await self._end(database, mail, "given_up")
            return
        self._log.warning("mail not sent", **about)
        mails.labels("failed").inc()
        later = self._clock.now() + min(RETRY_FIRST * 2 ** (mail.tries - 1), RETRY_MAX)
        await self._change(database, mail, due_at=later)

    async def _put_off(self, database: Database, mail: Outgoing, failure: BaseException) -> None:
        """It was not offered, so nothing is wrong with it; but it does not wait for ever."""
        now = self._clock.now()
        if now - mail.created_at > WAITS_MAX:
            self._log.error("mail given up", **_about(mail, failure))
            await self._end(database, mail, "given_up")
            return
        self._log.warning("mail waits", **_about(mail, failure))
        await self._change(database, mail, due_at=now + RETRY_FIRST)

    async def _end(self, database: Database, mail: Outgoing, outcome: MailOutcome) -> None:
        await self._change(database, mail, outcome=outcome)
        mails.labels(outcome).inc()

    async def _change(self, database: Database, mail: Outgoing, **values: Any) -> None:
        async with database.transaction(leaves_work=False) as session:
            # Only by who claimed it last: it may have been claimed again meanwhile.
            own = update(MailRow).where(MailRow.id == mail.id, MailRow.due_at == mail.claimed_until)
            await session.execute(own.values(values).execution_options(synchronize_session=False))


async def _outgoing(reader: ReadSession, mail_id: UUID, claimed_until: datetime) -> Outgoing:
    """The mail with what its user wants to hear of now, which may be less than when it was queued."""
    mail = (await reader.scalars(select(MailRow).where(MailRow.id == mail_id))).one()
    known = UserRow.id == mail.user_id if mail.user_id else UserRow.email_key == email_key(mail.address or "")
    query = select(UserRow, MailboxRow).outerjoin(MailboxRow, MailboxRow.user_id == UserRow.id).where(known)
    found = (await reader.execute(query)).one_or_none()
    user, box = (found.UserRow, found.MailboxRow) if found else (None, None)
    notices = await _notices(reader, mail_id, box) if mail.kind == "notices" and box else []
    # News of an account go only to who proved to read mail there; whoever was written to by name hears of it in any case.
    stranger = mail.kind == "told" and user is not None and user.proved_at is None
    stranger = stranger and not (mail.user_id and mail.address)
    settled = mail.kind in ("confirmation", "claim", "money") and user is not None and user.proved_at is not None
    return Outgoing(
        id=mail.id,
        user_id=user.id if user else None,
        kind=mail.kind,
        created_at=mail.created_at,
        claimed_until=claimed_until,
        tries=mail.tries,
        # Who is found by an address is written to at their own: what somebody typed may be spelled otherwise.
        recipient=user.email if user and not (mail.user_id and mail.address) else mail.address or "",
        address=user.email if user else "",
        locale=box.locale if box else mail.locale or "",
        params=mail.params,
        notices=notices,
        withdrawn=(user is None and mail.kind != "money")
        or settled
        or stranger
        or (mail.kind == "notices" and not notices),
    )


async def _notices(reader: ReadSession, mail_id: UUID, box: MailboxRow) -> list[Notice]:
    wanted = [kind for group, kinds in GROUPS.items() if getattr(box, group) for kind in sorted(kinds)]
    told = select(NotificationRow).where(NotificationRow.mail_id == mail_id, NotificationRow.kind.in_(wanted))
    rows = await reader.scalars(told.order_by(NotificationRow.id))
    return [Notice(row.kind, row.params, row.link) for row in rows]


def _about(mail: Outgoing, failure: BaseException) -> dict[str, Any]:
    # Neither the server's words nor the address: they are personal, and logs are kept.
    about = {"mail_id": str(mail.id), "user_id": str(mail.user_id), "tries": mail.tries}
    return about | {"error": type(failure).__name__, "code": _code(failure)}


def _code(failure: BaseException) -> int:
    """The server's code (RFC 5321, section 4.2); 0 without one."""
    if isinstance(failure, SMTPRecipientsRefused):
        return max((one.code for one in failure.recipients), default=0)
    return failure.code if isinstance(failure, SMTPResponseException) else 0


def _is_final(failure: BaseException) -> bool:
    """Whether the server refused this one mail for ever."""
    if isinstance(failure, SMTPNotSupported | ValueError):
        return True  # an address in another script than Latin, and a server that knows none (RFC 6531)
    return isinstance(failure, ABOUT_ONE) and 500 <= _code(failure) < 600
