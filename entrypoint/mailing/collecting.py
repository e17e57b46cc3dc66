"""Making mails of notices that wait: several for one user become one mail, and not too many of these."""

from datetime import datetime, timedelta

from sqlalchemy import insert, text, update

from entrypoint.mailing.tables import KeptMailRow, MailboxRow, MailRow
from souk.clock import Clock
from souk.database import Session
from souk.database.forgetting import forget_due
from souk.ids import new_id

USERS_AT_ONCE = 100

NOTICES_PER_MAIL_MAX = 50
"""Notices that one mail tells of; the rest come with the next one."""

STALE_AFTER = timedelta(days=1)
"""Notices that waited longer are not mailed any more: they are read in the shop, and are no news."""

MAILS_KEPT = timedelta(days=30)
SWEEP_MAX = 1000

_DUE = text("""
    SELECT mailbox.user_id FROM mailbox
    JOIN (
        SELECT DISTINCT user_id FROM notification WHERE by_mail AND mail_id IS NULL AND created_at > :since
    ) AS waiting USING (user_id)
    JOIN "user" ON "user".id = mailbox.user_id
    WHERE proved_at IS NOT NULL AND next_at <= :now
    ORDER BY mailbox.user_id LIMIT :most FOR UPDATE OF mailbox SKIP LOCKED
""")

_TAKE = text("""
    UPDATE notification SET mail_id = mail.id
    FROM mail CROSS JOIN LATERAL (
        SELECT id FROM notification
        WHERE user_id = mail.user_id AND by_mail AND mail_id IS NULL AND created_at > :since ORDER BY id LIMIT :most
    ) AS taken
    WHERE mail.id = ANY(CAST(:mails AS uuid[])) AND notification.id = taken.id
""")


class Collect:
    """Makes at most one mail a user in so long of the notices that wait."""

    def __init__(self, clock: Clock, every: timedelta) -> None:
        self._clock, self._every = clock, every

    async def __call__(self, session: Session) -> int:
        now = self._clock.now()
        waiting = {"since": now - STALE_AFTER}
        users = list(await session.scalars(_DUE, {"now": now, "most": USERS_AT_ONCE, **waiting}))
        if not users:
            return 0
        made = {"kind": "notices", "params": {}, "created_at": now, "due_at": now, "tries": 0}
        mails = [{"id": new_id(), "user_id": user_id, **made} for user_id in users]
        await session.execute(insert(MailRow), mails)
        mail_ids = [mail["id"] for mail in mails]
        await session.execute(_TAKE, {"mails": mail_ids, "most": NOTICES_PER_MAIL_MAX, **waiting})
        paused = update(MailboxRow).where(MailboxRow.user_id.in_(users))
        await session.execute(paused.values(next_at=now + self._every).execution_options(synchronize_session=False))
        return len(users)


class Sweep:
    """Forgets mails that are old, sent or not (a shop without a server sends none), and those that lie in the mailbox page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        before: datetime = self._clock.now() - MAILS_KEPT
        over = MailRow.created_at < before
        return sum(
            [
                await forget_due(session, MailRow, over, most=SWEEP_MAX),
                await forget_due(session, KeptMailRow, KeptMailRow.kept_at < before, most=SWEEP_MAX),
            ]
        )
