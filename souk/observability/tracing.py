"""OpenTelemetry: a trace follows a purchase over HTTP and events. Ids are always made; spans leave only if told where to."""

import atexit
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from threading import Thread
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from souk.observability.trace_ids import trace_id_of

_propagator = TraceContextTextMapPropagator()
_causes: ContextVar[Mapping[UUID, str]] = ContextVar("causes", default=MappingProxyType({}))


LOOK_EVERY_S = 15.0
"""How often it is looked whether somebody takes spans; while nobody does, none are recorded."""

CONNECT_S_MAX = 2.0


class _Sending:
    """Where this process's spans go, and a tracer per service: embedded, four of them share the process."""

    endpoint = ""
    share = 1.0
    processor: SpanProcessor | None = None
    tracers: ClassVar[dict[str, Tracer]] = {}


def configure(*, endpoint: str = "", share: float = 1.0) -> None:
    """Send this share of the traces to `endpoint` (OTLP over HTTP) whenever somebody listens there; the first one named
    stays."""
    if endpoint and not _Sending.endpoint:
        _Sending.endpoint, _Sending.share = endpoint, share
        Thread(target=_send_while_taken, args=(endpoint,), name="traces", daemon=True).start()


def _send_while_taken(endpoint: str) -> None:
    processor = None
    while True:
        processor = _look(endpoint, processor)
        time.sleep(LOOK_EVERY_S)


def _look(endpoint: str, processor: SpanProcessor | None) -> SpanProcessor | None:
    """Begin to record when somebody listens, and stop when nobody does: the monitoring comes and goes by itself."""
    listens = _listens(endpoint)
    if listens and processor is None:
        processor = _processor(endpoint)
    if listens != (_Sending.processor is not None):
        send_to(processor if listens else None)
    return processor


def _processor(endpoint: str) -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - heavy

    from souk.observability.exporting import Told  # noqa: PLC0415 - it writes to the log, which asks for the trace

    made = BatchSpanProcessor(Told(OTLPSpanExporter(endpoint=endpoint)))
    atexit.register(made.shutdown)
    return made


def _listens(endpoint: str) -> bool:
    """Whether the endpoint's name is known and its port open."""
    place = urlsplit(endpoint)
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        socket.create_connection((place.hostname or "", port), CONNECT_S_MAX).close()
    except OSError:
        return False
    return True


def send_to(processor: SpanProcessor | None) -> None:
    """Give every span to `processor` from now on; with None spans are only ids."""
    _Sending.processor = processor
    _Sending.tracers = {}


def _sampler() -> Sampler:
    """By the trace's id, on which all services decide alike; whatever flag a stranger's request brings along. Inside
    one service, what belongs to a span that is left out is left out too."""
    by_id = TraceIdRatioBased(_Sending.share)
    return ParentBased(by_id, remote_parent_sampled=by_id, remote_parent_not_sampled=by_id)


def _tracer(service: str, processor: SpanProcessor) -> Tracer:
    tracer = _Sending.tracers.get(service)
    if tracer is None:
        provider = TracerProvider(
            sampler=_sampler(),
            resource=Resource.create({"service.name": service, "service.namespace": "souk"}),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(processor)
        tracer = _Sending.tracers[service] = provider.get_tracer("souk")
    return tracer


def _only_ids(parent: Context | None) -> Span:
    """A span that nobody will see: it carries the trace on, and costs a few microseconds."""
    trace_id = trace.get_current_span(parent).get_span_context().trace_id or getrandbits(128)
    return NonRecordingSpan(SpanContext(trace_id, getrandbits(64) or 1, is_remote=False))


def traceparent_of(span: Span) -> str:
    """The W3C trace context that makes others children of this span."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, trace.set_span_in_context(span, Context()))
    return carrier.get("traceparent", "")


def current_traceparent() -> str:
    """The W3C trace context of the work going on now; empty outside any."""
    return traceparent_of(trace.get_current_span())


def trace_id_in(traceparent: str) -> str:
    """The trace id that a W3C trace context names; empty if it names none."""
    return trace_id_of(trace.get_current_span(parent_of({"traceparent": traceparent})))


def parent_of(carrier: Mapping[str, str]) -> Context:
    """The trace context that came with a request's headers or an event."""
    return _propagator.extract(dict(carrier), Context())


def begin(
    name: str,
    *,
    service: str,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: Context | None = None,
    links: Iterable[Span] = (),
) -> Span:
    """A span that is not the current one; whoever began it ends it, and one that never ends is never sent.

    Without a parent it continues the work going on now; `Context()` begins a new trace.
    """
    processor = _Sending.processor
    if processor is None:
        return _only_ids(parent)
    linked = [Link(other.get_span_context()) for other in links]
    return _tracer(service, processor).start_span(name, context=parent, kind=kind, links=linked)


@contextmanager
def span(
    name: str,
    *,
    service: str,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: Context | None = None,
    links: Iterable[Span] = (),
) -> Iterator[Span]:
    """Run a block as one span of the trace."""
    own = begin(name, service=service, kind=kind, parent=parent, links=links)
    with trace.use_span(own, end_on_exit=True):
        yield own


@contextmanager
def unseen() -> Iterator[Span]:
    """Run a block that nobody wants to see in a trace, nor what it does: only ids."""
    with trace.use_span(_only_ids(Context())) as own:
        yield own


@contextmanager
def caused_by(causes: Mapping[UUID, str]) -> Iterator[None]:
    """While a batch of events is handled: which trace context each id that they are about came with."""
    token = _causes.set(causes)
    try:
        yield
    finally:
        _causes.reset(token)


def traceparent_for(ids: Iterable[UUID]) -> str:
    """The trace context for a new event about these ids: of the event in the batch that is about one of them."""
    causes = _causes.get()
    return next((causes[known] for known in ids if known in causes), "") or current_traceparent()
