"""Watching listings, and who is to be told when one becomes cheaper or can be had again.

What is news is decided from the tables, not from the event that says "look again": so events may come twice, late or
in another order, and nobody is told twice or of what is no longer true.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from catalogue.listings.rules import UnknownListing
from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, card, cards_query
from catalogue.watchlist.tables import WatchRow
from souk import paging
from souk.clock import Clock
from souk.contracts.catalogue.events import WatchedPriceDropped, WatchedRestocked, Watcher
from souk.contracts.catalogue.watchlist import Watch, WatchPage, WatchSort
from souk.database import AnySession, Database, Session, Statement
from souk.database.forgetting import forget_due
from souk.errors import NotFound, RuleBroken
from souk.money import Money
from souk.paging import KeyPlace

WATCHES_PER_USER_MAX = 500
WATCH_LASTS = timedelta(days=90)
"""How long a watch lasts, unless it is begun anew."""

BACK_TOLD_EVERY = timedelta(days=1)
"""A user is told that a listing can be had again so often at the most."""

WATCHERS_PER_EVENT_MAX = 1000
"""Users that one event names; more make more events."""

SWEEP_MAX = 1000
PAGE_DEFAULT = 24
MARKS_MAX = 200
"""Listings that are asked about at once: all cards of a page."""

News = WatchedPriceDropped | WatchedRestocked

_MARKS: Statement[WatchRow] = Statement(
    select(WatchRow.listing_id).where(
        WatchRow.user_id == bindparam("user_id"),
        WatchRow.listing_id == func.any(bindparam("ids", type_=ARRAY(Uuid()))),
        WatchRow.ends_at > bindparam("now"),
    )
)


class TooManyWatches(RuleBroken):
    """A user may watch only so many listings."""

    title = "You watch too many listings"


class NotWatched(NotFound):
    """The user does not watch that listing."""


async def watch(session: Session, user_id: UUID, listing_id: UUID, *, now: datetime) -> None:
    """Begin to watch a listing, or begin anew: its end moves on, what is known of its price stays.

    Raises UnknownListing and TooManyWatches.
    """
    seen = select(ListingRow.price).where(
        ListingRow.id == listing_id, ListingRow.status.in_(("published", "withdrawn"))
    )
    price = await session.scalar(seen)
    if price is None:
        raise UnknownListing("There is no such listing.")
    # One at a time for one user, so that the limit holds.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"watch {user_id}", 0))))
    row = {"user_id": user_id, "listing_id": listing_id, "first_price": price, "price": price}
    beginning = insert(WatchRow).values(row | {"created_at": now, "ends_at": now + WATCH_LASTS})
    again = beginning.on_conflict_do_update(
        index_elements=["user_id", "listing_id"], set_={"ends_at": now + WATCH_LASTS}
    )
    await session.execute(again)
    how_many = select(func.count()).select_from(WatchRow).where(WatchRow.user_id == user_id)
    if (await session.scalar(how_many) or 0) > WATCHES_PER_USER_MAX:
        raise TooManyWatches(
            "You may watch {most} listings. Stop watching some first; this one was not added.",
            most=WATCHES_PER_USER_MAX,
        )


async def unwatch(session: Session, user_id: UUID, listing_id: UUID) -> None:
    """Stop watching; nothing happens if it was not watched."""
    await session.execute(delete(WatchRow).where(WatchRow.user_id == user_id, WatchRow.listing_id == listing_id))


async def one(session: AnySession, user_id: UUID, listing_id: UUID, *, now: datetime) -> Watch:
    """The user's watch of a listing; raises NotWatched."""
    found = await _watches(session, [WatchRow.user_id == user_id, WatchRow.listing_id == listing_id], now, "recent", 1)
    if not found:
        raise NotWatched("You do not watch this listing.")
    return found[0]


async def marks(database: Database, user_id: UUID, listing_ids: Iterable[UUID], *, now: datetime) -> list[UUID]:
    """Which of these listings the user watches."""
    rows = await _MARKS.once(database, user_id=user_id, ids=sorted(set(listing_ids)), now=now)
    return [row.listing_id for row in rows]


async def marks_of(database: Database, user_id: UUID | None, ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """The same for whoever reads a page; visitors watch nothing."""
    return await marks(database, user_id, ids, now=now) if user_id is not None and ids else []


async def list_of(
    session: AnySession, user_id: UUID, sort: WatchSort, *, cursor: str | None, limit: int, now: datetime
) -> WatchPage:
    """A page of what a user watches: what was added last first, or what ends first. Raises BadCursor."""
    query, ending = paging.checksum(user_id, sort), sort == "ending"
    behind = paging.behind(paging.place_of(cursor, KeyPlace, query), WatchRow.listing_id, _key(sort), up=ending)
    conditions: list[Any] = [WatchRow.user_id == user_id, *behind]
    found = await _watches(session, conditions, now, sort, limit + 1)

    def place(watch: Watch) -> KeyPlace:
        return KeyPlace.of(query, watch.listing.id, watch.ends_at if ending else watch.created_at)

    return WatchPage(items=found[:limit], next_cursor=paging.next_cursor(found, limit, place))


def _key(sort: WatchSort) -> Any:
    return WatchRow.ends_at if sort == "ending" else WatchRow.created_at


async def _watches(
    session: AnySession, conditions: Sequence[Any], now: datetime, sort: WatchSort, rows_max: int
) -> list[Watch]:
    own = (WatchRow.first_price, WatchRow.created_at.label("watched_at"), WatchRow.ends_at)
    columns = [*CARD_COLUMNS, *own]
    order = [_key(sort), WatchRow.listing_id] if sort == "ending" else [_key(sort).desc(), WatchRow.listing_id.desc()]
    page = select(*columns).join(WatchRow, WatchRow.listing_id == ListingRow.id).where(*conditions)
    page = page.where(WatchRow.ends_at > now).order_by(*order).limit(rows_max)

    def by(chosen: Any) -> list[Any]:
        if sort == "ending":
            return [chosen.ends_at, chosen.id]
        return [chosen.watched_at.desc(), chosen.id.desc()]

    return [
        Watch(
            listing=card(row),
            price_then=Money(row.first_price, row.currency),
            created_at=row.watched_at,
            ends_at=row.ends_at,
        )
        for row in await session.execute(cards_query(page, by))
    ]


async def tell_of_prices(session: Session, listing_ids: Iterable[UUID], *, now: datetime) -> list[News]:
    """Who is to know that these listings cost less than they knew; from now on they know."""
    rows = await session.execute(
        text("""
            WITH due AS (
                SELECT watch.user_id, watch.listing_id, listing.price, listing.currency, listing.title
                FROM watch JOIN listing ON listing.id = watch.listing_id
                WHERE watch.listing_id = ANY(CAST(:ids AS uuid[])) AND watch.ends_at > :now
                    AND listing.on_sale AND watch.price > listing.price
                ORDER BY watch.listing_id, watch.user_id FOR UPDATE OF watch
            )
            UPDATE watch SET price = due.price FROM due
            WHERE watch.user_id = due.user_id AND watch.listing_id = due.listing_id
            RETURNING watch.listing_id, watch.user_id, old.price AS was, due.price, due.currency, due.title
        """),
        {"ids": sorted(set(listing_ids)), "now": now},
    )
    return [
        WatchedPriceDropped(
            listing_id=some[0].listing_id,
            title=some[0].title,
            price=Money(some[0].price, some[0].currency),
            watchers=[Watcher(user_id=row.user_id, price_known=Money(row.was, row.currency)) for row in some],
        )
        for some in _portions(rows)
    ]


async def tell_of_stock(session: Session, listing_ids: Iterable[UUID], *, now: datetime) -> list[News]:
    """Who is to know that these listings can be had again. They hear of it once a day at the most."""
    rows = await session.execute(
        text("""
            WITH due AS (
                SELECT watch.user_id, watch.listing_id, listing.price, listing.currency, listing.title
                FROM watch JOIN listing ON listing.id = watch.listing_id
                WHERE watch.listing_id = ANY(CAST(:ids AS uuid[])) AND watch.ends_at > :now AND listing.on_sale
                    AND (watch.back_told_at IS NULL OR watch.back_told_at <= :before)
                ORDER BY watch.listing_id, watch.user_id FOR UPDATE OF watch
            )
            UPDATE watch SET back_told_at = :now FROM due
            WHERE watch.user_id = due.user_id AND watch.listing_id = due.listing_id
            RETURNING watch.listing_id, watch.user_id, due.price, due.currency, due.title
        """),
        {"ids": sorted(set(listing_ids)), "now": now, "before": now - BACK_TOLD_EVERY},
    )
    return [
        WatchedRestocked(
            listing_id=some[0].listing_id,
            title=some[0].title,
            price=Money(some[0].price, some[0].currency),
            watchers=[row.user_id for row in some],
        )
        for some in _portions(rows)
    ]


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """The rows of each listing, as many at a time as an event may name."""
    ordered = sorted(rows, key=lambda row: (row.listing_id, row.user_id))
    for _, of_listing in groupby(ordered, key=lambda row: row.listing_id):
        told = list(of_listing)
        for start in range(0, len(told), WATCHERS_PER_EVENT_MAX):
            yield told[start : start + WATCHERS_PER_EVENT_MAX]


class Sweep:
    """Forgets watches that have ended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(session, WatchRow, WatchRow.ends_at <= self._clock.now(), most=SWEEP_MAX)
