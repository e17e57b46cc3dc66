"""Structured logs: one JSON object a line on standard output, with the ids of what the line is about."""

import logging
import os
import socket
import sys
from collections import deque
from functools import lru_cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger

from souk.observability.log_fields import said
from souk.observability.trace_ids import current_trace_id

SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "private_key")
"""A field whose name contains one of these never reaches the log."""

FILE_BYTES_MAX = 20 * 1024 * 1024
FILES_MAX = 5
"""The log that the embedded size keeps in its data folder: so many files of so many bytes."""


ERRORS_MAX = 20
ERROR_FIELDS = ("timestamp", "service", "event", "error", "cause", "path", "request_id", "trace_id")
ERROR_CHARS_MAX = 300

FIELD_NAMES_MAX = 1024
"""Names of fields of which it is remembered whether they are a secret's."""

_HOST = socket.gethostname()
_LEVELS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}

latest_errors: deque[dict[str, str]] = deque(maxlen=ERRORS_MAX)
"""The last errors of this process, for its operators' page."""


def _about(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name, text in said().items():
        event.setdefault(name, text)
    return event


def _instance(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Which of a service's instances: the machine, in compose the container, and the process on it."""
    event.setdefault("instance", f"{_HOST}:{os.getpid()}")
    return event


def _trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.setdefault("trace_id", current_trace_id())
    return event


@lru_cache(FIELD_NAMES_MAX)
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in event:
        if _is_secret(key):
            event[key] = "[hidden]"
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _trace,
        _about,
        _instance,
        _without_secrets,
        structlog.processors.format_exc_info,
    ]


def plain(text: str) -> str:
    """The text as a terminal may show it: control characters, which could rewrite what stands there, become escapes."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)


def _plain_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: plain(value) if isinstance(value, str) else value for key, value in event.items()}


def _encode(event: EventDict) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


class _LogFile(RotatingFileHandler):
    """Takes whole lines, each in one write; how long the file is, it counts, for the system is slower to say."""

    def __init__(self, path: Path, bytes_max: int) -> None:
        super().__init__(path, maxBytes=bytes_max, backupCount=FILES_MAX - 1)
        self._bytes = path.stat().st_size

    def _open(self) -> Any:
        return Path(self.baseFilename).open("ab", buffering=0)

    def append(self, line: bytes) -> None:
        """Write a line; it comes into a new file if this one is full."""
        self.acquire()
        try:
            if self._bytes + len(line) > self.maxBytes:
                self.doRollover()
                self._bytes = 0
            stream: Any = self.stream
            stream.write(line)
            self._bytes += len(line)
        finally:
            self.release()


class _Lines:
    """Where lines go: standard output and, as JSON, a file beside it: its newest part, of a bounded size."""

    file: _LogFile | None = None
    threshold = logging.INFO
    console = logging.INFO
    for_people: structlog.dev.ConsoleRenderer | None = None
    """How standard output shows a line; None: as JSON."""


def keep(path: Path, *, level: str = "INFO", bytes_max: int = FILE_BYTES_MAX) -> None:
    """Also write the JSON log to this file from now on, whatever standard output shows; call it before `configure`. It is
    this process's alone: no other may write to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o600)  # it tells who bought what
    _Lines.file = _LogFile(path, bytes_max)
    _Lines.threshold = _LEVELS[level.lower()]


def forget() -> None:
    """Write to that file no more."""
    _Lines.file, _Lines.threshold = None, logging.INFO


def _rendered(logger: WrappedLogger, level: str, event: EventDict) -> str:
    """The line for standard output, which may be none; it is written to the file too, and errors are remembered."""
    number = _LEVELS.get(level, logging.INFO)
    if number >= logging.ERROR:
        latest_errors.append({key: str(event.get(key, ""))[:ERROR_CHARS_MAX] for key in ERROR_FIELDS})
    line = b""
    if _Lines.file is not None and number >= _Lines.threshold:
        line = _encode(event)
        _Lines.file.append(line + b"\n")
    if number < _Lines.console:
        raise structlog.DropEvent
    if _Lines.for_people is None:
        return (line or _encode(event)).decode()
    return str(_Lines.for_people(logger, level, _plain_values(logger, level, event)))


def configure(*, level: str = "INFO", style: str = "json") -> None:
    """Set up structlog and the standard library's logging for this process."""
    _Lines.for_people = None if style == "json" else structlog.dev.ConsoleRenderer()
    _Lines.console = _LEVELS[level.lower()]
    threshold = _Lines.console if _Lines.file is None else min(_Lines.console, _Lines.threshold)
    structlog.configure(
        processors=[*_shared(), _rendered],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _rendered],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(max(threshold, logging.WARNING))


def get_logger(service: str) -> Any:
    """A logger whose lines carry the service's name."""
    return structlog.get_logger(service=service)
