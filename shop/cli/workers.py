"""Several workers: processes that each run the whole shop on one port, so that it uses all of a machine's cores.

Here is what keeps them: it starts the first one at once, the others when that one is open and has filled the shop, and again
whichever ends. A worker tells `OPEN` and `FILLED`, or why it refuses to start; it is told the databases' addresses. The pipe
between the two also tells either of the other's end.
"""

import asyncio
import contextlib
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from shop.cli.plan import FILLED, OPEN, Plan
from souk.observability import metrics
from souk.observability.logging import get_logger

STEADY_S = 30.0
"""A worker that ended sooner after its start has failed to start."""

FAILURES_MAX = 5
"""So many failed starts one after the other, and it is given up."""

GIVEN_UP = f"ended {FAILURES_MAX} times right after its start; what it printed, and `souk logs --level error`, say why"

PAUSE_S, PAUSE_MAX_S = 0.5, 8.0
"""The pause before the next start, doubled with each failure."""

END_WITHIN_S = 20.0
"""How long the workers may take to end in order."""

_spawn = multiprocessing.get_context("spawn")


@dataclass(eq=False)
class _Worker:
    """A worker that runs."""

    number: int
    process: SpawnProcess
    pipe: Connection
    started: float


class Workers:
    """Starts the workers and keeps them running."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._running: dict[int, _Worker] = {}
        self._told: asyncio.Queue[tuple[_Worker, str] | None] = asyncio.Queue()
        self._addresses: Mapping[str, str] | None = None
        self._failures = dict.fromkeys(range(1, plan.workers + 1), 0)
        self._milestones: set[str] = set()
        self._ending = False
        self._log = get_logger("workers")
        shutil.rmtree(plan.metrics, ignore_errors=True)
        plan.metrics.mkdir(parents=True)
        os.environ[metrics.SHARED] = str(plan.metrics)

    @property
    def is_open(self) -> bool:
        """Whether the shop was opened."""
        return OPEN in self._milestones

    def start(self, number: int) -> None:
        """Start one worker. It waits for the addresses if they are not known yet."""
        ours, theirs = _spawn.Pipe()
        greets = number == 1 and not self.is_open
        process = _spawn.Process(target=_begin, args=(self._plan, number, greets, theirs), name=f"souk worker {number}")
        with _without_interrupts():
            process.start()
        theirs.close()
        worker = self._running[number] = _Worker(number, process, ours, time.monotonic())
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear, worker)
        self._direct(worker)

    def _direct(self, worker: _Worker) -> None:
        """Tell it where the databases are, if that is known."""
        with contextlib.suppress(OSError):  # it is gone already, which is heard
            if self._addresses is not None:
                worker.pipe.send(self._addresses)

    async def keep(self, addresses: Mapping[str, str]) -> str:
        """Have them run over these databases until `leave`, or until one refuses to or cannot start: returns why."""
        self._addresses = addresses
        for worker in self._running.values():
            self._direct(worker)
        while (told := await self._told.get()) is not None:
            worker, words = told
            if not words:
                if not self._ended(worker):
                    return f"worker {worker.number} {GIVEN_UP}"
            elif words not in (OPEN, FILLED):
                return words
            elif words not in self._milestones:
                self._milestones.add(words)
                if self._milestones == {OPEN, FILLED}:
                    for number in range(2, self._plan.workers + 1):
                        self.start(number)
        return ""

    def leave(self) -> None:
        """Have `keep` return."""
        self._told.put_nowait(None)

    def hurry(self) -> None:
        """Tell those that still run to end: in order at first, at once when told again."""
        for worker in self._running.values():
            worker.process.terminate()

    async def end(self) -> None:
        """End all in order, within END_WITHIN_S."""
        self._ending = True
        self.hurry()
        until = time.monotonic() + END_WITHIN_S
        while self._running and time.monotonic() < until:
            for worker in list(self._running.values()):
                await asyncio.to_thread(worker.process.join, max(0.0, until - time.monotonic()))
                if worker.process.exitcode is not None:
                    self._forget(worker)
        for worker in list(self._running.values()):
            self._log.error("worker killed", worker=worker.number, after_s=END_WITHIN_S)
            worker.process.kill()
            worker.process.join()
            self._forget(worker)

    def _hear(self, worker: _Worker) -> None:
        try:
            words = str(worker.pipe.recv())
        except (EOFError, OSError):
            words = ""
            asyncio.get_running_loop().remove_reader(worker.pipe.fileno())
        self._told.put_nowait((worker, words))

    def _forget(self, worker: _Worker) -> None:
        asyncio.get_running_loop().remove_reader(worker.pipe.fileno())
        worker.pipe.close()
        del self._running[worker.number]
        mark_process_dead(worker.process.pid, str(self._plan.metrics))  # type: ignore[no-untyped-call]

    def _ended(self, worker: _Worker) -> bool:
        """Start it again, later the more often it failed; False if that was too often."""
        worker.process.join()
        self._forget(worker)
        number, code = worker.number, worker.process.exitcode
        failed = time.monotonic() - worker.started < STEADY_S
        failures = self._failures[number] = self._failures[number] + 1 if failed else 0
        pause_s = min(PAUSE_S * 2 ** (failures - 1), PAUSE_MAX_S) if failures else 0.0
        self._log.error("worker ended", worker=number, pid=worker.process.pid, exit_code=code, again_in_s=pause_s)
        if failures < FAILURES_MAX:
            asyncio.get_running_loop().call_later(pause_s, partial(self._start_again, number))
        return failures < FAILURES_MAX

    def _start_again(self, number: int) -> None:
        if not self._ending:
            self.start(number)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal: one that is started now hears of it from its keeper alone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(plan: Plan, number: int, greets: bool, pipe: Any) -> None:
    """What a worker's process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    from shop.cli.worker import run  # noqa: PLC0415 - the whole shop, which who keeps the workers has no use for

    run(plan, number, greets, pipe)
