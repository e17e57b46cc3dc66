"""What a shop that nobody visits takes of the processors, as `souk run` starts it: with one worker and with all."""

import asyncio
import os
from functools import partial

from misc.bench.figures import folder
from misc.bench.running import processors, running

WARM_S, MEASURED_S = 15.0, 30.0


async def bench() -> dict[str, str]:
    """The share of one core, by process."""
    figures: dict[str, str] = {}
    for workers in sorted({1, os.cpu_count() or 1}):
        with folder() as data:
            async with running(data, {"SOUK_LOG_LEVEL": "INFO"}, workers=workers) as (process, _):
                used = partial(processors, process, data, root_serves=workers == 1)
                await asyncio.sleep(WARM_S)
                before = used()
                await asyncio.sleep(MEASURED_S)
                share = {name: (seconds - before[name]) / MEASURED_S for name, seconds in used().items()}
        each = ", ".join(f"{name} {part:.2%}" for name, part in share.items() if part)
        figures[f"{workers} workers, of one core"] = f"{sum(share.values()):.2%} ({each})"
    return figures
