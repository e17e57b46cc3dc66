"""The embedded adapter: events go from the outbox straight to the consumers in this process.

Nothing is kept here. An event stays pending in its outbox until every consumer has handled or buried it; a
crash in between only means that it is delivered again, and the inboxes know it.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from souk.events.consumer import RETRY_DELAYS, Message, Outcome, Runner, Worker
from souk.events.outbox import Pending


class EmbeddedTransport:
    """Shared by all services of one process."""

    delays = RETRY_DELAYS
    """What is not confirmed here is what a consumer failed at."""

    def __init__(self) -> None:
        self._workers: dict[str, dict[str, Worker]] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._expected: dict[str, int] = {}

    async def start(self, service: str, runners: Sequence[Runner]) -> None:
        workers = {runner.name: Worker(runner) for runner in runners}
        self._workers[service] = workers
        self._expected[service] = len(workers)
        self._tasks[service] = [asyncio.create_task(worker.run(), name=name) for name, worker in workers.items()]

    async def stop(self, service: str) -> None:
        self._workers.pop(service, None)
        tasks = self._tasks.pop(service, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def publish(self, service: str, events: Sequence[Pending]) -> set[UUID]:
        done = await asyncio.gather(*(self._deliver(event) for event in events))
        return {event.id for event, settled in zip(events, done, strict=True) if settled}

    async def _deliver(self, event: Pending) -> bool:
        message = Message(event.body, event.attempts)
        workers = self._wanting(event)
        if not workers:
            return False  # a consumer is not up (yet): keep it
        outcomes: list[Outcome] = await asyncio.gather(*(worker.submit(message) for worker in workers))
        return "retry" not in outcomes

    def _wanting(self, event: Pending) -> list[Worker]:
        everybody = (item for workers in list(self._workers.values()) for item in workers.items())
        if event.target is not None:
            return [worker for name, worker in everybody if name == event.target]
        return [worker for _, worker in everybody if event.type in worker.runner.consumer.event_types]

    def problems(self, service: str) -> list[str]:
        alive = sum(not task.done() for task in self._tasks.get(service, []))
        expected = self._expected.get(service, 0)
        return [] if alive == expected else [f"{alive} of {expected} consumers are running"]
