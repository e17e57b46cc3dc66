"""How many purchases are under way, and how many are stuck."""

from datetime import timedelta

from sqlalchemy import text

from souk.clock import Clock
from souk.database import ReadSession
from store import metrics

STUCK_AFTER = timedelta(seconds=60)
"""So long after its deadline the sweeper should have ended a purchase many times over."""

# The statuses stand in the text, so that the small index over open purchases is enough.
_OPEN = text("""
    SELECT count(*), count(*) FILTER (WHERE expires_at < :late)
    FROM purchase WHERE status IN ('placed', 'awaiting_payment')
""")


class Measure:
    """Sets the gauges."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: ReadSession) -> None:
        row = (await session.execute(_OPEN, {"late": self._clock.now() - STUCK_AFTER})).one()
        metrics.purchases_open.set(row[0])
        metrics.purchases_stuck.set(row[1])
