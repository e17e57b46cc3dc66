"""Processes beside the one that serves, for work that would hold it up."""

import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

HIGH_SHARE = 0.5
"""A process that takes more than this of a core has little to spare."""


class Load:
    """How much of a core this process took since it was last asked."""

    def __init__(self) -> None:
        self._used, self._at = time.process_time(), time.perf_counter()

    def is_high(self) -> bool:
        """Whether it should leave for later what nobody waits for."""
        used, at = time.process_time(), time.perf_counter()
        share = (used - self._used) / max(at - self._at, 1e-6)
        self._used, self._at = used, at
        return share > HIGH_SHARE


def process_pool(processes: int, *, tasks_per_process_max: int | None = None, niceness: int = 0) -> ProcessPoolExecutor:
    """A pool of so many processes, started when they are needed; they end with this process, however that ends, and stand
    back behind it by `niceness`.

    Spawned, for a fork would copy the event loop's threads and locks in whatever state they are. After
    `tasks_per_process_max` tasks a process is replaced, so that no leak lasts.
    """
    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        max_tasks_per_child=tasks_per_process_max,
        initializer=_begin,
        initargs=(niceness,),
    )


def _begin(niceness: int) -> None:
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C means the parent, which ends the pool
    _follow_parent()


def _follow_parent() -> None:
    """A process of a pool waits for work at a pipe that its siblings hold open too: of its parent's end it would never
    hear. Another pipe is between the two alone."""
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True, name="follow parent").start()
