"""`souk logs`: what happened to an order, a user, a request; over the JSON log, wherever it comes from."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import click
import msgspec

from shop.databases import LOG_FILE, data_dir, worker_log
from souk.clock import SystemClock
from souk.observability.logging import plain

LEVELS = ("debug", "info", "warning", "error", "critical")
PRINTED_FIRST = ("timestamp", "level", "service", "event")
SHOWN_LAST = ("trace_id", "request_id", "exception")
"""Shown last: ids to go on with, and what is long."""

Line = dict[str, Any]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--order", help="All that happened to this order, by its id or its number (S-...), across services.")
@click.option("--purchase", help="All that happened to this purchase and its orders.")
@click.option("--user", help="All that this user did, or that concerned them.")
@click.option("--request", help="One request, by its X-Request-Id, or a whole trace by its id.")
@click.option("--service", help="Only this service.")
@click.option("--level", type=click.Choice(LEVELS), help="Only lines at least as severe.")
@click.option("--event", help="Only this kind of line: request, event, swept, ...")
@click.option("--slower", type=click.IntRange(min=0), metavar="MS", help="Only what took longer than this.")
@click.option("--refused", is_flag=True, help="Only requests that were refused, with the reason.")
@click.option("--since", type=click.IntRange(min=1), metavar="MINUTES", help="Only the last minutes.")
@click.option("--json", "as_json", is_flag=True, help="The lines as they are.")
def logs(files: tuple[Path, ...], as_json: bool, **wanted: Any) -> None:
    """Search the log: the embedded shop's own, FILES, or what is piped in (`docker compose logs --no-log-prefix | souk logs`).

    What is found is sorted by time, whatever it comes from.
    """
    sources: Sequence[Iterable[str]]
    with ExitStack() as stack:
        if files:
            sources = [stack.enter_context(path.open(encoding="utf-8", errors="replace")) for path in files]
        elif not sys.stdin.isatty() and _piped():
            sources = [sys.stdin]
        else:
            sources = [stack.enter_context(path.open(encoding="utf-8", errors="replace")) for path in _own_files()]
        lines = parsed(raw for source in sources for raw in source)
        found = [(_when(line), text, line) for text, line in lines if matches(text, line, **wanted)]
    for _, text, line in sorted(found, key=itemgetter(0)):
        click.echo(text if as_json else plain(shown(line)))


def parsed(texts: Iterable[str]) -> Iterator[tuple[str, Line]]:
    """The lines that are JSON objects."""
    for text in texts:
        begin = text.find("{")
        if begin < 0:
            continue
        try:
            line = msgspec.json.decode(text[begin:])
        except msgspec.DecodeError:
            continue
        if isinstance(line, dict):
            yield text[begin:].rstrip(), line


def matches(
    text: str,
    line: Line,
    *,
    order: str | None = None,
    purchase: str | None = None,
    user: str | None = None,
    request: str | None = None,
    service: str | None = None,
    level: str | None = None,
    event: str | None = None,
    slower: int | None = None,
    refused: bool = False,
    since: int | None = None,
) -> bool:
    """Whether the line is one of those wanted. Who or what it is about is found wherever it stands in its text, as by
    Grafana: a line may be about several orders, and name them in a path or in an error."""
    return (
        all(_names(text, wanted) for wanted in (order, purchase, user) if wanted is not None)
        and (request is None or request in (line.get("request_id"), line.get("trace_id")))
        and (service is None or line.get("service") == service)
        and (event is None or line.get("event") == event)
        and (level is None or _severity(line) >= LEVELS.index(level))
        and (slower is None or line.get("duration_ms", 0) > slower)
        and (not refused or 400 <= line.get("status", 0) < 500)
        and (since is None or _when(line) >= SystemClock().now() - timedelta(minutes=since))
    )


def shown(line: Line) -> str:
    """The line for people: time, level, service and event, then the rest."""
    head = f"{str(line.get('timestamp', ''))[11:23]} {line.get('level', ''):7} {line.get('service', ''):10} {line.get('event', '')}"
    rest = [key for key in line if key not in PRINTED_FIRST + SHOWN_LAST]
    last = [key for key in SHOWN_LAST if key in line]
    return " ".join([head, *(f"{key}={line[key]}" for key in rest + last if line[key] not in ("", None))])


def _names(text: str, wanted: str) -> bool:
    """Whether an id or a number stands in the text, and not only the beginning of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(wanted.strip())}(?![\w-])", text, re.IGNORECASE) is not None


def _own_files() -> list[Path]:
    """The embedded shop's log and those of its workers, of each the oldest file first."""
    folder = data_dir()
    newest = [folder / LOG_FILE, *sorted(folder.glob(worker_log("*")))]
    if not newest[0].exists():
        raise click.ClickException(f"there is no {newest[0]}: `souk run` writes it; else name files or pipe a log in")
    return [
        path
        for file in newest
        for path in (*sorted(folder.glob(f"{file.name}.[0-9]*"), key=lambda older: -int(older.suffix[1:])), file)
    ]


def _piped() -> bool:
    mode = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _severity(line: Line) -> int:
    level = str(line.get("level", "info"))
    return LEVELS.index(level) if level in LEVELS else LEVELS.index("info")


def _when(line: Line) -> datetime:
    """The line's time, in UTC unless it says otherwise; without one it comes first."""
    try:
        when = datetime.fromisoformat(str(line.get("timestamp", "")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
