"""Work a service does besides answering: the relay, and sweepers that move what is due."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import StatusCode, use_span

from souk.database import Database, Session
from souk.events import News, Outbox
from souk.observability import metrics
from souk.observability.logging import get_logger
from souk.observability.tracing import begin

RESTART_S = 1.0
"""Pause before a failed background loop starts again."""

TURN_S = 0.5
"""How long a sweeper that starts waits for the first look of the one before."""


@dataclass(frozen=True)
class Sweeper:
    """Moves a bounded number of due things in one transaction, `FOR UPDATE SKIP LOCKED`; returns how many.

    Called again at once while it finds something, else `every_s` seconds after something happened in this instance, and
    where nothing does, every `souk.settings.Settings.idle_look_s`.
    """

    name: str
    every_s: float
    sweep: Callable[[Session], Awaitable[int]]


@dataclass(frozen=True)
class Errand:
    """Like a sweeper, for what waits for somebody outside: it claims a bounded number of due things in one transaction,
    does the work outside of any, and notes in another what became of it. A claim ends by itself, for who made it may die.
    """

    name: str
    every_s: float
    run: Callable[[Database], Awaitable[int]]


def emitting(
    outbox: Outbox, sweep: Callable[[Session], Awaitable[tuple[int, Sequence[News]]]]
) -> Callable[[Session], Awaitable[int]]:
    """A sweep of which others must know: what it tells is emitted in its transaction."""

    async def swept(session: Session) -> int:
        moved, news = await sweep(session)
        outbox.emit(session, *news)
        return moved

    return swept


async def run_sweepers(database: Database, sweepers: Sequence[Sweeper | Errand], idle_s: float) -> None:
    """Sweep for ever. They begin one after the other: all at once would take a connection each, of which a start would
    open as many as the pool allows and those who ask would wait for them."""
    async with asyncio.TaskGroup() as group:
        for sweeper in sweepers:
            looked = asyncio.Event()
            group.create_task(run_sweeper(database, sweeper, idle_s, looked))
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_S):
                    await looked.wait()


async def run_sweeper(database: Database, sweeper: Sweeper | Errand, idle_s: float, looked: asyncio.Event) -> None:
    """Sweep for ever, every `idle_s` where nothing happens; `looked` is set after the first time."""
    log = get_logger(database.service).bind(sweeper=sweeper.name)
    while True:
        known = database.changes
        moved = await _sweep_once(database, sweeper, log)
        looked.set()
        if moved:
            database.note_change()
            continue
        await database.changed_since(known, max(0.0, idle_s - sweeper.every_s))
        await asyncio.sleep(sweeper.every_s)


async def _sweep_once(database: Database, sweeper: Sweeper | Errand, log: Any) -> int:
    """One transaction, and one trace if it found something: what follows from a deadline can be followed too."""
    moved = 0
    own = begin(f"sweep {sweeper.name}", service=database.service, parent=Context())
    with use_span(own):
        try:
            if isinstance(sweeper, Errand):
                moved = await sweeper.run(database)
            else:
                async with database.transaction(leaves_work=False) as session:
                    moved = await sweeper.sweep(session)
        except Exception as failure:
            own.set_status(StatusCode.ERROR, repr(failure)[:200])
            own.end()
            log.warning("sweep failed", error=repr(failure))
        if moved:
            own.end()
            metrics.swept.labels(database.service, sweeper.name).inc(moved)
            log.info("swept", count=moved)
    return moved


async def keep_running(name: str, service: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Run a loop that should never end; start it again if it fails."""
    log = get_logger(service)
    while True:
        try:
            await work()
        except Exception as failure:
            log.error("background work failed", work=name, error=repr(failure), exc_info=failure)
        await asyncio.sleep(RESTART_S)
