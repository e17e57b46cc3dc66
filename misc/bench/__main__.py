"""`python -m misc.bench [name ...]`: run the benchmarks and keep their figures in misc/bench/results/."""

import asyncio
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from misc.bench import (
    buyers,
    catalogue,
    history,
    idle,
    invoices,
    ledger,
    listings,
    logins,
    pages,
    purchases,
    saved_searches,
    server,
    start,
)

BENCHES = {
    "start": start.bench,
    "buyers": buyers.bench,
    "buyers-rabbitmq": buyers.bench_rabbitmq,
    "history": history.bench,
    "idle": idle.bench,
    "purchases-embedded": purchases.bench_embedded,
    "purchases-rabbitmq": purchases.bench_rabbitmq,
    "listings": listings.bench,
    "pages": pages.bench,
    "logins": logins.bench,
    "saved-searches": saved_searches.bench,
    "catalogue": catalogue.bench,
    "server": server.bench,
    "ledger": ledger.bench,
    "invoices": invoices.bench,
}
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what is named, or everything."""
    names = sys.argv[1:] or list(BENCHES)
    figures: dict[str, dict[str, str]] = {}
    for name in names:
        print(f"\n{name}", flush=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures[name] = runner.run(BENCHES[name]())
        for what, figure in figures[name].items():
            if "\n" not in figure:
                print(f"  {what:58} {figure}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    today = datetime.now(UTC).date().isoformat()
    path = RESULTS / f"{today}.json"
    known = json.loads(path.read_text())["figures"] if path.exists() else {}
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    path.write_text(json.dumps({"machine": machine, "figures": known | figures}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
