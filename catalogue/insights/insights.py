"""How a seller's listing does, day by day. Each function runs inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from catalogue.insights.tables import ListingDayRow
from catalogue.listings.listings import own
from souk.clock import Clock
from souk.contracts.catalogue.listings import InsightDay, Insights
from souk.contracts.entrypoint.events import ListingsSeen
from souk.database import AnySession, Session
from souk.database.forgetting import forget_due

DAYS_MAX = 90
RETENTION_DAYS = 400
SWEEP_MAX = 1000


async def count(session: Session, events: Sequence[ListingsSeen]) -> None:
    """Add up what was seen, in one statement and in the order of ids, so that no two batches wait for each other."""
    sums: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0, 0])
    for event in events:
        for one in event.counts:
            seen = sums[one.listing_id, event.day]
            seen[0] += one.views
            seen[1] += one.cart_adds
    if not sums:
        return
    ordered = sorted(sums)
    await session.execute(
        text("""
            INSERT INTO listing_day (listing_id, day, views, cart_adds)
            SELECT seen.* FROM unnest(
                CAST(:ids AS uuid[]), CAST(:days AS date[]), CAST(:views AS int[]), CAST(:adds AS int[])
            ) AS seen (listing_id, day, views, cart_adds)
            JOIN listing ON listing.id = seen.listing_id ORDER BY seen.listing_id, seen.day
            ON CONFLICT (listing_id, day) DO UPDATE SET
                views = listing_day.views + excluded.views, cart_adds = listing_day.cart_adds + excluded.cart_adds
        """),
        {
            "ids": [listing_id for listing_id, _ in ordered],
            "days": [day for _, day in ordered],
            "views": [sums[key][0] for key in ordered],
            "adds": [sums[key][1] for key in ordered],
        },
    )


async def insights_of(session: AnySession, seller_id: UUID, listing_id: UUID, days: int, *, now: datetime) -> Insights:
    """The last so many days of the seller's own listing, today last. Raises what `own` raises."""
    await own(session, listing_id, seller_id)
    today = now.date()
    rows = await session.execute(
        text("""
            SELECT CAST(begun.at AS date) AS day, coalesce(seen.views, 0) AS views,
                coalesce(seen.cart_adds, 0) AS cart_adds,
                (SELECT count(*) FROM watch WHERE watch.listing_id = CAST(:id AS uuid)
                    AND created_at >= begun.at AND created_at < begun.at + interval '1 day') AS watchers,
                (SELECT coalesce(sum(quantity), 0) FROM reservation WHERE reservation.listing_id = CAST(:id AS uuid)
                    AND status = 'sold' AND sold_at >= begun.at AND sold_at < begun.at + interval '1 day') AS sales
            FROM generate_series(CAST(:first AS timestamptz), CAST(:last AS timestamptz), interval '1 day') AS begun (at)
            LEFT JOIN listing_day AS seen
                ON seen.listing_id = CAST(:id AS uuid) AND seen.day = CAST(begun.at AS date)
            ORDER BY begun.at
        """),
        {"id": listing_id, "first": _midnight(today - timedelta(days=days - 1), now), "last": _midnight(today, now)},
    )
    told = [
        InsightDay(day=row.day, views=row.views, watchers=row.watchers, cart_adds=row.cart_adds, sales=row.sales)
        for row in rows
    ]
    watching = await session.execute(
        text("SELECT count(*) FROM watch WHERE listing_id = :id AND ends_at > :now"), {"id": listing_id, "now": now}
    )
    return Insights(days=told, watching=int(watching.scalar_one()))


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


class Sweep:
    """Forgets days of long ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        before = self._clock.now().date() - timedelta(days=RETENTION_DAYS)
        return await forget_due(session, ListingDayRow, ListingDayRow.day < before, most=SWEEP_MAX)
