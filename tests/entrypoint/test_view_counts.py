"""Counting what visitors look at, without knowing who they are."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from entrypoint.view_counts import view_counts
from entrypoint.view_counts.view_counts import ViewCounts
from souk.clock import ManualClock
from souk.database import Database
from souk.events import Outbox
from souk.ids import new_id


async def told(database: Database) -> list[tuple[str, int, int]]:
    """Day, views and cart adds of every listing in every event."""
    async with database.reading() as session:
        bodies = [body for (body,) in await session.execute(text("SELECT body FROM outbox ORDER BY id"))]
    data = [msgspec.json.decode(body)["data"] for body in bodies]
    return [(one["day"], count["views"], count["cart_adds"]) for one in data for count in one["counts"]]


@pytest.fixture
def seen(database: Database, clock: ManualClock) -> ViewCounts:
    return ViewCounts(database, Outbox("entrypoint", clock), clock)


async def test_one_person_counts_once_a_day_and_robots_never(
    seen: ViewCounts, database: Database, clock: ManualClock
) -> None:
    lamp, today = new_id(), clock.now().date()
    for visitor, agent in (("ada", "Firefox"), ("ada", "Firefox"), ("bob", "Firefox"), ("x", "Googlebot/2.1")):
        seen.viewed(lamp, visitor, agent)
    seen.put_in_cart(lamp)
    clock.advance(timedelta(days=1))
    seen.viewed(lamp, "ada", "Firefox")
    while await seen.tell():
        pass
    tomorrow = today + timedelta(days=1)
    assert await told(database) == [(today.isoformat(), 2, 1), (tomorrow.isoformat(), 1, 0)]
    assert "ada" not in repr(vars(seen))


async def test_what_could_not_be_told_is_told_later(
    seen: ViewCounts, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_counts, "LISTINGS_MAX", 2)
    for number in range(3):
        seen.viewed(new_id(), str(number), "Firefox")
    with monkeypatch.context() as broken:
        broken.setattr(seen, "_database", None)
        with pytest.raises(AttributeError):
            await seen.tell()
    seen.viewed(new_id(), "4", "Firefox")
    assert [await seen.tell(), await seen.tell(), await seen.tell()] == [2, 2, 0]
    assert [views for _, views, _ in await told(database)] == [1, 1, 1, 1]
