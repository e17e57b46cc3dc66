"""OpenTelemetry: a trace follows a purchase over HTTP and events. Ids are always made; spans leave only if told where to."""

import atexit
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()
_causes: ContextVar[Mapping[UUID, str]] = ContextVar("causes", default=MappingProxyType({}))


class _Sending:
    """Where this process's spans go, and a tracer per service: embedded, four of them share the process."""

    processor: SpanProcessor | None = None
    tracers: ClassVar[dict[str, Tracer]] = {}


def configure(*, endpoint: str = "") -> None:
    """Send spans to `endpoint` (OTLP over HTTP) from now on; the first one named stays."""
    if endpoint and _Sending.processor is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - heavy

        from souk.observability.exporting import Told  # noqa: PLC0415 - it writes to the log, which asks for the trace

        processor = BatchSpanProcessor(Told(OTLPSpanExporter(endpoint=endpoint)))
        atexit.register(processor.shutdown)
        send_to(processor)


def send_to(processor: SpanProcessor | None) -> None:
    """Give every span to `processor` from now on; with None spans are only ids."""
    _Sending.processor = processor
    _Sending.tracers = {}


def _tracer(service: str, processor: SpanProcessor) -> Tracer:
    tracer = _Sending.tracers.get(service)
    if tracer is None:
        provider = TracerProvider(
            sampler=ALWAYS_ON,  # whatever flag a stranger's request brings along
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


def trace_id_of(span: Span) -> str:
    """The trace id as 32 hex digits; empty if there is none."""
    context = span.get_span_context()
    return f"{context.trace_id:032x}" if context.trace_id else ""


def trace_id_in(traceparent: str) -> str:
    """The trace id that a W3C trace context names; empty if it names none."""
    return trace_id_of(trace.get_current_span(parent_of({"traceparent": traceparent})))


def current_trace_id() -> str:
    """The trace id of the work going on now; empty outside any."""
    return trace_id_of(trace.get_current_span())


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
    if _Sending.processor is None:
        return _only_ids(parent)
    linked = [Link(other.get_span_context()) for other in links]
    return _tracer(service, _Sending.processor).start_span(name, context=parent, kind=kind, links=linked)


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
