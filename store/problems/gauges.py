"""How long people have waited for a moderator."""

from sqlalchemy import text

from souk.clock import Clock
from souk.database import ReadSession
from store import metrics

# The statuses stand in the text, so that the small index over what waits is enough.
_LONGEST = text("SELECT min(changed_at) FROM problem WHERE status IN ('escalated', 'appealed')")


class MeasureProblems:
    """Sets the gauge."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: ReadSession) -> None:
        since = await session.scalar(_LONGEST)
        metrics.problems_waiting.set((self._clock.now() - since).total_seconds() if since else 0)
