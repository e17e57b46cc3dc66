"""The clock that is turned back for a story alone."""

import asyncio
from datetime import datetime, timedelta

from shop.demo.past import PastClock, telling
from souk.clock import SystemClock

SOON = timedelta(minutes=1)


def shows(clock: PastClock, moment: datetime) -> bool:
    return abs(clock.now() - moment) < SOON


def test_only_who_tells_the_past_lives_in_it() -> None:
    clock, now = PastClock(), SystemClock().now()
    clock.turn_to(now - timedelta(days=30))
    assert shows(clock, now)
    with telling():
        assert shows(clock, now - timedelta(days=30))
    assert shows(clock, now)


async def test_tasks_that_were_begun_in_the_past_stay_in_it() -> None:
    clock, now = PastClock(), SystemClock().now()
    go_on = asyncio.Event()

    async def later() -> datetime:
        await go_on.wait()
        return clock.now()

    with telling():
        task = asyncio.create_task(later())
    clock.turn_to(now - timedelta(days=3))
    go_on.set()
    assert abs(await task - (now - timedelta(days=3))) < SOON


def test_the_storys_time_never_runs_back() -> None:
    clock, now = PastClock(), SystemClock().now()
    with telling():
        clock.turn_to(now - timedelta(days=3))
        clock.turn_to(now - timedelta(days=9))
        assert shows(clock, now - timedelta(days=3))
        clock.turn_to(now + timedelta(days=1))
        assert shows(clock, now)


def test_in_the_end_there_is_one_time() -> None:
    clock, now = PastClock(), SystemClock().now()
    clock.turn_to(now - timedelta(days=3))
    clock.return_to_present()
    with telling():
        assert shows(clock, now)
