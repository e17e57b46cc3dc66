"""What the entrypoint counts."""

from datetime import timedelta

from prometheus_client import Counter, Gauge
from sqlalchemy import text

from entrypoint.live.live import Live
from souk.clock import Clock
from souk.database import ReadSession

ACTIVE_WITHIN = timedelta(minutes=15)
"""Who did something so lately is active."""

active_users = Gauge(
    "souk_active_users", "Users who did something in the last 15 minutes", multiprocess_mode="mostrecent"
)
live_streams = Gauge("souk_live_streams", "Open streams of live updates", multiprocess_mode="livesum")

mails = Counter(
    "souk_mails_total", "Mails that were sent, failed once, were given up, or withdrawn by their user", ["outcome"]
)
for outcome in ("sent", "failed", "given_up", "withdrawn"):
    mails.labels(outcome)  # told as 0 from the start, so that the first one is an increase

_ACTIVE = text("""
    SELECT count(*) FROM (
        SELECT user_id FROM session WHERE last_seen_at > :since
        UNION
        SELECT user_id FROM token WHERE last_used_at > :since
    ) AS active
""")


class Measure:
    """Sets the gauges of people."""

    def __init__(self, clock: Clock, live: Live) -> None:
        self._clock = clock
        self._live = live

    async def __call__(self, session: ReadSession) -> None:
        active_users.set(await session.scalar(_ACTIVE, {"since": self._clock.now() - ACTIVE_WITHIN}) or 0)
        live_streams.set(self._live.count)
