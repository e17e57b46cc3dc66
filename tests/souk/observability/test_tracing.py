"""Which spans are recorded: while somebody takes them, and of so many traces as the settings say."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from souk.observability import trace_ids, tracing


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    monkeypatch.setattr(tracing._Sending, "share", 1.0)
    exporter = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(exporter))
    yield exporter
    tracing.send_to(None)


def traces(spans: InMemorySpanExporter) -> list[int]:
    return [span.context.trace_id for span in spans.get_finished_spans() if span.context]


def test_a_share_of_the_traces_is_kept_and_each_of_them_whole(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing._Sending, "share", 0.5)
    for _ in range(200):
        with tracing.span("asks", service="entrypoint") as first:
            came_with = {"traceparent": tracing.traceparent_of(first)}
        with tracing.span("answers", service="store", parent=tracing.parent_of(came_with)):
            pass
    kept = traces(spans)
    assert all(kept.count(trace) == 2 for trace in kept)
    assert 50 < len(set(kept)) < 150  # outside it less than once in 10^12 times


@pytest.mark.parametrize("flag", ["00", "01"])
def test_a_strangers_flag_decides_nothing(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setattr(tracing._Sending, "share", 0.5)
    low, high = f"{1:032x}", f"{2**64 - 1:032x}"
    for trace in (low, high):
        parent = tracing.parent_of({"traceparent": f"00-{trace}-{1:016x}-{flag}"})
        with tracing.span("answers", service="store", parent=parent):
            pass
    assert traces(spans) == [int(low, 16)]


def test_nothing_inside_what_is_unseen_is_seen(spans: InMemorySpanExporter) -> None:
    with tracing.unseen(), tracing.span("inside", service="store"):
        assert trace_ids.current_trace_id()
    assert traces(spans) == []


def test_spans_are_recorded_only_while_somebody_takes_them() -> None:
    def recorded() -> bool:
        with tracing.span("work", service="store") as own:
            return own.is_recording()

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}/v1/traces"
        processor = tracing._look(endpoint, None)
        assert processor is not None
        assert recorded()
        assert tracing._look(endpoint, processor) is processor
    assert tracing._look(endpoint, processor) is processor
    assert not recorded()
    assert tracing._look("http://tempo.invalid:4318/v1/traces", None) is None
    assert not recorded()
