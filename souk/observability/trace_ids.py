"""The id that joins what the log and the traces say of one piece of work."""

from opentelemetry import trace
from opentelemetry.trace import Span


def trace_id_of(span: Span) -> str:
    """The trace id as 32 hex digits; empty if there is none."""
    context = span.get_span_context()
    return f"{context.trace_id:032x}" if context.trace_id else ""


def current_trace_id() -> str:
    """The trace id of the work going on now; empty outside any."""
    return trace_id_of(trace.get_current_span())
