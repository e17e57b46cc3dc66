"""Measuring and printing, the same for all benchmarks."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder of its own, with a short name: the database's socket lives in it."""
    made = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered)) - 1))]


def spread(seconds: Sequence[float]) -> str:
    """p50, p99 and the worst, in milliseconds."""
    p50, p99 = percentile(seconds, 50) * 1000, percentile(seconds, 99) * 1000
    return f"p50 {p50:.1f} ms   p99 {p99:.1f} ms   worst {max(seconds) * 1000:.1f} ms   (n = {len(seconds)})"


async def settle(admin: asyncpg.Connection) -> None:
    """What autovacuum and the checkpointer would do some day, now, so that they do not do it in somebody's turn."""
    await admin.execute("VACUUM ANALYZE")
    await admin.execute("CHECKPOINT")
