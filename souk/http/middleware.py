"""One line and one observation per request, with the request's id and trace."""

import asyncio
import logging
import re
import time
from contextlib import AbstractContextManager

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode

from souk.ids import new_id
from souk.observability import metrics
from souk.observability.log_fields import encoded, note_cause, noted, of_request, said
from souk.observability.logging import get_logger
from souk.observability.trace_ids import trace_id_of
from souk.observability.tracing import parent_of, span, unseen

REQUEST_ID = "x-request-id"
ABOUT = "x-souk-about"
"""What a request was about, told to the service that made it, whose own line then says so too; never to strangers."""

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PATH_CHARS_MAX = 500
"""So much of a path is logged: whoever asks decides how long it is."""

QUIET = ("/health", "/metrics", "/static")
"""Paths whose requests are counted, and logged only if they fail."""

PROBES = "/health"
"""What is asked every few seconds says itself, once, what is wrong."""

UNTRACED = ("/health", "/metrics")
"""Paths that are asked all the time, and leave no spans."""

MACHINES_ONLY = ("/health", "/metrics", "/internal")
"""Paths on which no person asks anything: what the shop promises people says nothing of them."""

GIVEN_UP = 499
"""Whoever asked waited no longer and broke the request off (nginx's "client closed request"): no failure of ours."""

STREAM = (b"content-type", b"text/event-stream")
WAIT = b"wait_ms="
"""In the query of a request that wants to be answered later, when there is news."""


class ObservedRequests:
    """ASGI middleware around a whole service; a public one is asked by people and API clients."""

    def __init__(self, app: ASGIApp, service: str, *, public: bool = False) -> None:
        self._app = app
        self._service = service
        self._public = public
        self._log = get_logger(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get(REQUEST_ID, "")
        request_id = given if _ACCEPTABLE_ID.fullmatch(given) else str(new_id())
        started, status, waits = time.perf_counter(), 500, WAIT in scope["query_string"]
        answering = False

        async def watch(message: Message) -> None:
            nonlocal status, waits, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                waits = waits or any((name, value[:17]) == STREAM for name, value in message["headers"])
                added = [(REQUEST_ID.encode(), request_id.encode()), *self._about(scope)]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        parent = parent_of(headers) if "traceparent" in headers else None
        outer = structlog.contextvars.get_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with of_request(), self._span(scope, parent) as own:
                try:
                    await self._app(scope, receive, watch)
                except Exception as failure:
                    note_cause(type(failure).__name__)
                    raise
                except asyncio.CancelledError:
                    status = status if answering else GIVEN_UP
                    raise
                finally:
                    self._note(own, scope, status, time.perf_counter() - started, waits)
        finally:
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(**outer)

    def _span(self, scope: HTTPScope, parent: Context | None) -> AbstractContextManager[Span]:
        if scope["path"].startswith(UNTRACED):
            return unseen()
        return span(scope["method"], service=self._service, kind=SpanKind.SERVER, parent=parent)

    def _count(self, own: Span, scope: HTTPScope, where: tuple[str, str], status: int, seconds: float | None) -> None:
        """By what became of it; and how long it took, if it was not meant to take long."""
        metrics.requests.labels(self._service, *where, _outcome(status)).inc()
        public = self._public and not scope["path"].startswith(MACHINES_ONLY)
        if public:
            metrics.public_requests.labels(_outcome(status)).inc()
        if seconds is None:
            return
        counted = metrics.request_duration.labels(self._service, *where, str(status))
        counted.observe(seconds, {"trace_id": trace_id_of(own)} if own.is_recording() else None)
        if public:
            metrics.public_request_duration.observe(seconds)

    def _about(self, scope: HTTPScope) -> list[tuple[bytes, bytes]]:
        identity = scope.get("state", {}).get("identity")
        told = identity is not None and identity.service != self._service
        return [(ABOUT.encode(), encoded(about).encode())] if told and (about := noted()) else []

    def _note(self, own: Span, scope: HTTPScope, status: int, seconds: float, waits: bool) -> None:
        template = str(scope.get("path_template") or "unmatched")
        trace_id = trace_id_of(own)
        method = (
            scope["method"] if scope["method"] in _METHODS else "other"
        )  # whatever is sent: a label must be bounded
        self._count(own, scope, (template, method), status, None if waits else seconds)
        _describe(own, method, template, status)
        if scope["path"].startswith(QUIET) and (status < 500 or scope["path"].startswith(PROBES)):
            return
        identity = scope.get("state", {}).get("identity")
        self._log.log(
            _level(status),
            "request",
            method=scope["method"],
            route=template,
            path=scope["path"][:PATH_CHARS_MAX],
            status=status,
            duration_ms=round(seconds * 1000, 2),
            user_id=str(identity.user_id) if identity is not None and identity.user_id else "",
            problem=scope.get("state", {}).get("problem", ""),
            trace_id=trace_id,
        )


def _outcome(status: int) -> str:
    return "failed" if status >= 500 else "refused" if status >= 400 else "answered"


def _level(status: int) -> int:
    """An answer that had to do without something, such as another service, is worth a warning."""
    return logging.ERROR if status >= 500 else logging.WARNING if "cause" in said() else logging.INFO


def _describe(own: Span, method: str, template: str, status: int) -> None:
    """Name the span as OpenTelemetry's conventions for HTTP servers do."""
    own.update_name(f"{method} {template}")
    own.set_attributes({"http.request.method": method, "http.route": template, "http.response.status_code": status})
    if status >= 500:
        own.set_status(StatusCode.ERROR)
