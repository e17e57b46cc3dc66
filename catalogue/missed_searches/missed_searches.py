"""What people look for and nobody sells: for those who run the shop.

Searches only read, so what they missed is counted in memory and written down by a sweeper, together. What an instance has not
written when it ends is lost: these are figures to learn from, not books.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.missed_searches.tables import SearchMissRow
from souk.clock import Clock
from souk.contracts.catalogue.search import SEARCH_MISSES_KEPT_DAYS, SearchMiss
from souk.database import AnySession, Session
from souk.database.forgetting import forget_due

MISSES_MAX = 1_000
"""Rows that are kept: those that were asked for most."""

PENDING_MAX = 500
"""Different words that one instance remembers between two sweeps."""

RETENTION = timedelta(days=SEARCH_MISSES_KEPT_DAYS)
SWEEP_MAX = 1_000
WRITE_EVERY_S = 5.0

TOLD_MAX = 200
"""Rows that operators are shown."""

_OF_A_PERSON = re.compile(r"@|\d(?:[ ()/.-]?\d){8}")
"""An address, or so many figures as a telephone number has."""


class Misses:
    """What was missed since the last sweep, and the sweeper."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, int] = {}

    def note(self, wanted: Sequence[str]) -> None:
        """Count a search that nothing has all the words of. What may tell of a person is not kept."""
        words = " ".join(" ".join(wanted).lower().split())
        telling = any(character.isalnum() for character in words) and not _OF_A_PERSON.search(words)
        if telling and (words in self._pending or len(self._pending) < PENDING_MAX):
            self._pending[words] = self._pending.get(words, 0) + 1

    async def __call__(self, session: Session) -> int:
        """Write down what was counted, and forget what is old or one too many."""
        today = self._clock.now().date()
        pending, self._pending = self._pending, {}
        if pending:
            await _write(session, pending, today)
        kept = select(SearchMissRow.words).order_by(*_BY_MOST).limit(MISSES_MAX)
        due = or_(SearchMissRow.last_on <= today - RETENTION, SearchMissRow.words.not_in(kept))
        return len(pending) + await forget_due(session, SearchMissRow, due, most=SWEEP_MAX)


async def _write(session: Session, pending: dict[str, int], today: date) -> None:
    rows = [{"words": words, "asked": asked, "first_on": today, "last_on": today} for words, asked in pending.items()]
    adding = insert(SearchMissRow).values(
        sorted(rows, key=lambda row: str(row["words"]))
    )  # one order for all instances
    more = {"asked": SearchMissRow.asked + adding.excluded.asked, "last_on": adding.excluded.last_on}
    await session.execute(adding.on_conflict_do_update(index_elements=["words"], set_=more))


_BY_MOST = (SearchMissRow.asked.desc(), SearchMissRow.last_on.desc(), SearchMissRow.words)


async def most_missed(session: AnySession) -> list[SearchMiss]:
    """What was looked for most and not found."""
    rows = await session.scalars(select(SearchMissRow).order_by(*_BY_MOST).limit(TOLD_MAX))
    return [SearchMiss(words=row.words, asked=row.asked, first_on=row.first_on, last_on=row.last_on) for row in rows]
