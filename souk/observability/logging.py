"""Structured logs: one JSON object a line on standard output, with the ids of what the line is about."""

import logging
import os
import socket
import sys
from collections import deque
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

_HOST = socket.gethostname()

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


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
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


def _encode(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class _File:
    """A copy of the log as JSON, beside standard output: its newest part, of a bounded size."""

    handler: RotatingFileHandler | None = None
    threshold = logging.INFO
    console = logging.INFO


def keep(path: Path, *, level: str = "INFO", bytes_max: int = FILE_BYTES_MAX) -> None:
    """Also write the JSON log to this file from now on, whatever standard output shows; call it before `configure`. It is
    this process's alone: no other may write to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o600)  # it tells who bought what
    _File.handler = RotatingFileHandler(path, maxBytes=bytes_max, backupCount=FILES_MAX - 1, encoding="utf-8")
    _File.threshold = logging.getLevelNamesMapping()[level]


def forget() -> None:
    """Write to that file no more."""
    _File.handler, _File.threshold = None, logging.INFO


def _copy(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """Write the line to the file, remember errors, and stop it if standard output is not to show it."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    if number >= logging.ERROR:
        latest_errors.append({key: str(event.get(key, ""))[:ERROR_CHARS_MAX] for key in ERROR_FIELDS})
    if _File.handler is not None and number >= _File.threshold:
        line = {key: value for key, value in event.items() if key not in ("_record", "_from_structlog")}
        _File.handler.handle(logging.makeLogRecord({"msg": _encode(line)}))
    if number < _File.console:
        raise structlog.DropEvent
    return event


def configure(*, level: str = "INFO", style: str = "json") -> None:
    """Set up structlog and the standard library's logging for this process."""
    renderers: list[Any] = (
        [structlog.processors.JSONRenderer(serializer=_encode)]
        if style == "json"
        else [_plain_values, structlog.dev.ConsoleRenderer()]
    )
    _File.console = logging.getLevelNamesMapping()[level]
    threshold = _File.console if _File.handler is None else min(_File.console, _File.threshold)
    structlog.configure(
        processors=[*_shared(), _copy, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), _copy],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(max(threshold, logging.WARNING))


def get_logger(service: str) -> Any:
    """A logger whose lines carry the service's name."""
    return structlog.get_logger(service=service)
