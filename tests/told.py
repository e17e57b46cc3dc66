"""A pytest plugin: a whole run of the tests fails if a value that an event's contract allows is told nowhere.

What counts are the events that the services' own code writes into their outboxes while the tests run.
"""

import functools
import sys
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from souk.contracts import EVENTS
from souk.database import Session
from souk.events import News, Outbox, Sequenced

Value = tuple[str, str]
"""A field, e.g. `OrderCancelled.by`, and one of its values."""

_told: set[Value] = set()
_emit = Outbox.emit


def _emit_noting(self: Outbox, session: Session, *news: News) -> None:
    caller = sys._getframe(1).f_globals["__name__"]
    if caller.partition(".")[0] in (self.service, "souk"):
        for one in news:
            event = one.event if isinstance(one, Sequenced) else one
            _told.update(_said(event, type(event).__name__))
    _emit(self, session, *news)


def _said(thing: Any, name: str) -> Iterator[Value]:
    if isinstance(thing, msgspec.Struct):
        for field in thing.__struct_fields__:
            yield from _said(getattr(thing, field), f"{name}.{field}")
    elif isinstance(thing, list):
        for part in thing:
            yield from _said(part, name)
    elif isinstance(thing, str | bool):
        yield name, str(thing)


def _allowed(kind: Any, name: str) -> Iterator[Value]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        for field in kind.__struct_fields__:
            yield from _allowed(hints[field], f"{name}.{field}")
    elif get_origin(kind) is Literal:
        yield from ((name, str(value)) for value in get_args(kind))
    elif kind is bool:
        yield from ((name, str(value)) for value in (True, False))
    else:
        for part in get_args(kind):
            yield from _allowed(part, name)


@functools.cache
def _untold() -> list[str]:
    allowed = {value for event in EVENTS.values() for value in _allowed(event, event.__name__)}
    return [f"{name} is never {value!r}" for name, value in sorted(allowed - _told)]


def _whole(config: pytest.Config) -> bool:
    """Whether all tests but the slow ones run."""
    chosen = config.option
    return config.args == config.getini("testpaths") and chosen.markexpr == "not slow" and not chosen.keyword


def pytest_configure() -> None:
    Outbox.emit = _emit_noting  # type: ignore[method-assign]


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # one of several workers: the one who started them collects
        output["told"] = sorted(_told)
    elif _whole(session.config) and session.exitstatus == pytest.ExitCode.OK and _untold():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _told.update(map(tuple, getattr(node, "workeroutput", {}).get("told", ())))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if _whole(config) and _untold():
        terminalreporter.section("values of events that no test made a service tell")
        terminalreporter.write_line("\n".join(_untold()))
