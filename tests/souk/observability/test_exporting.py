"""An outage of whoever takes the traces is told once, not with every try."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from souk.observability import exporting, logging, tracing
from souk.observability.exporting import Told
from tests.ports import free_port

TIMEOUT_S = 0.2
"""How long one export tries: so long a failing one takes."""


class Receiver:
    """Takes spans as Tempo does, and may be away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken = 0
        self._server: ThreadingHTTPServer | None = None

    def come(self) -> None:
        if self._server is not None:
            return
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                receiver.taken += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    def go(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.go()


@pytest.fixture
def sending(receiver: Receiver) -> Iterator[BatchSpanProcessor]:
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{receiver.port}/v1/traces", timeout=TIMEOUT_S)
    processor = BatchSpanProcessor(Told(exporter))
    tracing.send_to(processor)
    yield processor
    tracing.send_to(None)
    receiver.come()
    processor.shutdown()
    logging.configure()


def trace(sending: BatchSpanProcessor, spans: int = 1) -> None:
    for _ in range(spans):
        with tracing.span("work", service="store"):
            pass
    sending.force_flush()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_outage_is_told_when_it_begins_and_when_it_ends(
    receiver: Receiver, sending: BatchSpanProcessor, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.configure(style="json")
    for _ in range(4):
        trace(sending, 2)
    [begun] = lines(capsys)
    assert (begun["event"], begun["level"], begun["service"]) == ("traces are lost", "warning", "store")
    assert begun["error"]
    receiver.come()
    for _ in range(3):
        trace(sending)
    [ended] = lines(capsys)
    assert (ended["event"], ended["level"], ended["lost"]) == ("traces are sent again", "info", 8)
    assert ended["seconds"] >= 0
    assert receiver.taken == 3
    receiver.go()
    trace(sending)
    trace(sending)
    assert [line["event"] for line in lines(capsys)] == ["traces are lost"]


def test_while_all_is_well_nothing_is_told(
    receiver: Receiver, sending: BatchSpanProcessor, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.configure(style="json")
    receiver.come()
    trace(sending, 3)
    assert lines(capsys) == []
    assert receiver.taken == 1


def test_the_shop_sends_that_way(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(tracing, "send_to", made.append)
    monkeypatch.setattr(exporting, "Told", lambda exporter: made.append(exporter) or Told(exporter))
    monkeypatch.setattr(tracing._Sending, "processor", None)
    tracing.configure(endpoint=f"http://127.0.0.1:{receiver.port}/v1/traces")
    exporter, processor = made
    assert isinstance(exporter, OTLPSpanExporter)
    receiver.come()
    processor.shutdown()
