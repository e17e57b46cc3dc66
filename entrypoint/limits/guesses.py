"""Wrong passwords for one account, from wherever they come: after a few, each further try has to wait longer.

Browsers that the account knows do not count here, so that others' guessing keeps nobody out of their own account.
"""

import hashlib
from datetime import timedelta
from math import ceil

from sqlalchemy import delete, select, text

from entrypoint.limits.limits import TooMany
from entrypoint.limits.tables import GuessRow
from souk.clock import Clock
from souk.database import Database, Session
from souk.database.forgetting import forget_due

FREE_MAX = 10
"""Wrong passwords that cost nothing but a word to the owner."""

WAIT_S_MAX = 900
"""The longest pause between two tries, in seconds; the first is two, and each doubles."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Without any try for so long, all is forgotten."""

SWEEP_MAX = 5000

_TRY = text("""
    INSERT INTO guess (subject, tries, next_at, forgotten_at) VALUES (:who, 1, '-infinity', :forgotten)
    ON CONFLICT (subject) DO UPDATE SET
        tries = CASE WHEN guess.forgotten_at <= :now THEN 1 ELSE guess.tries + 1 END,
        next_at = CASE WHEN guess.forgotten_at <= :now OR guess.tries < :free THEN '-infinity'
            ELSE :now + least(:most, 2 ^ least(guess.tries + 1 - :free, 20)) * interval '1 second' END,
        forgotten_at = :forgotten
    WHERE guess.next_at <= :now
    RETURNING tries
""")


class Guesses:
    """Counts in transactions of its own, before the password is looked at: many at once are refused as well."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def count(self, account: str) -> int:
        """One more try for an account, and how many it makes; raises TooMany if it comes too early."""
        now, who = self._clock.now(), _subject(account)
        values = {"who": who, "now": now, "forgotten": now + FORGOTTEN_AFTER, "free": FREE_MAX, "most": WAIT_S_MAX}
        async with self._database.transaction(leaves_work=False) as session:
            tries = await session.scalar(_TRY, values)
            if tries is not None:
                return int(tries)
            next_at = await session.scalar(select(GuessRow.next_at).where(GuessRow.subject == who))
        seconds = ceil((next_at - now).total_seconds()) if next_at is not None else 1
        raise TooMany(
            "There were many wrong passwords. Wait a little and try again.",
            code="many-wrong-passwords",
            retry_after=max(1, seconds),
        )

    async def right(self, account: str) -> None:
        """The password was right: what was wrong before is forgotten."""
        async with self._database.transaction(leaves_work=False) as session:
            await session.execute(delete(GuessRow).where(GuessRow.subject == _subject(account)))


class Sweep:
    """Forgets accounts that nobody tries any more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, GuessRow, GuessRow.forgotten_at <= self._clock.now(), most=SWEEP_MAX)


def _subject(account: str) -> bytes:
    return hashlib.sha256(account.encode(errors="replace")).digest()
