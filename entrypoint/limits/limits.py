"""Limits: fixed windows counted in PostgreSQL, so that all instances count together."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from entrypoint.limits.tables import HitRow
from entrypoint.settings import EntrypointSettings
from souk.clock import Clock
from souk.database import Database, Session, Statement
from souk.database.forgetting import forget_due
from souk.errors import RuleBroken

SLICE = 20
"""Hits of a cheap limit that an instance takes from the database at once; limits may be overrun by nothing, only
refused up to a slice per instance too early."""

SLICES_MAX = 10_000
"""Subjects an instance holds slices for; beyond, all are given up."""

SWEEP_MAX = 5000

CONFIRMATIONS_PER_USER_MAX = 3
"""Links to confirm their address, or a new one, that one user may ask for in an hour."""

WAYS_BACK_PER_ADDRESS_MAX = 3
"""Mails with a link to choose a new password that may be asked for one address in an hour, whether it is known or not."""

WAYS_BACK_PER_PLACE_MAX = 20
"""The same of one place, for whichever addresses."""


class TooMany(RuleBroken):
    """Something was tried too often; `retry_after` says in how many seconds it may be tried again."""

    status = 429
    title = "Too many tries"
    members = ("retry_after",)


@dataclass(frozen=True)
class Rule:
    """At most so many in a window."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True)
class Rules:
    """The limits of this service."""

    login: Rule
    login_place: Rule
    registration: Rule
    api: Rule
    upload: Rule
    recipient: Rule
    confirmation: Rule
    way_back: Rule
    way_back_place: Rule


def rules_of(settings: EntrypointSettings) -> Rules:
    """The limits as the operator set them."""
    quarter, hour, minute = timedelta(minutes=15), timedelta(hours=1), timedelta(minutes=1)
    return Rules(
        login=Rule("login", settings.login_tries_max, quarter),
        login_place=Rule("login place", settings.login_tries_per_place_max, quarter),
        registration=Rule("registration", settings.registrations_per_place_max, hour),
        api=Rule("api", settings.api_requests_per_minute, minute),
        upload=Rule("upload", settings.uploads_per_user_max, hour),
        recipient=Rule("recipient", settings.recipients_per_user_max, hour),
        confirmation=Rule("confirmation", CONFIRMATIONS_PER_USER_MAX, hour),
        way_back=Rule("way back", WAYS_BACK_PER_ADDRESS_MAX, hour),
        way_back_place=Rule("way back place", WAYS_BACK_PER_PLACE_MAX, hour),
    )


class Limits:
    """Counts hits in a transaction of its own: a refused request counts as well."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._slices: dict[tuple[str, str], tuple[int, datetime]] = {}

    async def hit(self, *hits: tuple[Rule, str]) -> None:
        """Count one hit per (rule, subject); raises TooMany if any is beyond its rule."""
        for rule, subject in hits:
            count, ends = await self._count(rule, subject, 1)
            if count > rule.most:
                raise self._too_many(ends)

    async def spend(self, rule: Rule, subject: str) -> None:
        """`hit` for what happens often: the database is asked only once a slice."""
        key, now = (rule.name, subject), self._clock.now()
        left, ends = self._slices.get(key, (0, now))
        if left == 0 or ends <= now:
            size = min(SLICE, rule.most)
            count, ends = await self._count(rule, subject, size)
            left = min(size, rule.most - (count - size))
            if left <= 0:
                raise self._too_many(ends)
        if len(self._slices) >= SLICES_MAX:
            self._slices.clear()
        self._slices[key] = (left - 1, ends)

    async def _count(self, rule: Rule, subject: str, hits: int) -> tuple[int, datetime]:
        now = self._clock.now()
        who = hashlib.sha256(subject.encode(errors="replace")).digest()
        [counted] = await _COUNT.once(
            self._database, rule=rule.name, who=who, hits=hits, now=now, ends=now + rule.window
        )
        return counted.hits, counted.window_ends

    def _too_many(self, ends: datetime) -> TooMany:
        seconds = max(1, ceil((ends - self._clock.now()).total_seconds()))
        return TooMany(
            "This was tried too often in a short time. Wait a little and try again.",
            code="too-many-tries-in-a-time",
            retry_after=seconds,
        )


_COUNT: Statement[HitRow] = Statement("""
    INSERT INTO hit (rule, subject, hits, window_ends) VALUES (:rule, :who, :hits, :ends)
    ON CONFLICT (rule, subject) DO UPDATE SET
        hits = CASE WHEN hit.window_ends <= :now THEN excluded.hits
                    ELSE least(hit.hits::bigint + excluded.hits, 1000000000)::int END,
        window_ends = CASE WHEN hit.window_ends <= :now THEN excluded.window_ends ELSE hit.window_ends END
    RETURNING hits, window_ends
""")


class Sweep:
    """Forgets windows that are over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, HitRow, HitRow.window_ends <= self._clock.now(), most=SWEEP_MAX)
