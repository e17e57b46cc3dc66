"""Sending spans, and telling of it once when that begins to fail and once when it works again."""

import logging
import time
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from souk.observability.logging import get_logger

CHATTY = ("opentelemetry.exporter", "opentelemetry.sdk._shared_internal")
"""Loggers that tell of each try; the first thing they say of a batch becomes the reason in our one line."""

ERROR_CHARS_MAX = 300


class Told(SpanExporter):
    """Sends spans by another exporter: of an outage its log has one line at the beginning and one at the end.

    `lost` counts the spans that could not be sent. What arrived while the queue before this was full is not in it.
    """

    def __init__(self, sending: SpanExporter) -> None:
        self._sending = sending
        self._reason = _Reason.listening()
        self._since: float | None = None
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Called for one batch at a time, from one thread."""
        self._reason.said = ""
        result = self._sending.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._failed(spans)
        elif self._since is not None:
            self._recovered(spans, self._since)
        return result

    def shutdown(self) -> None:
        """As the exporter does."""
        self._sending.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """As the exporter does."""
        return self._sending.force_flush(timeout_millis)

    def _failed(self, spans: Sequence[ReadableSpan]) -> None:
        if self._since is None:
            self._since = time.monotonic()
            get_logger(_service(spans)).warning("traces are lost", error=self._reason.said[:ERROR_CHARS_MAX])
        self._lost += len(spans)

    def _recovered(self, spans: Sequence[ReadableSpan], since: float) -> None:
        seconds = round(time.monotonic() - since, 1)
        get_logger(_service(spans)).info("traces are sent again", lost=self._lost, seconds=seconds)
        self._since, self._lost = None, 0


class _Reason(logging.Handler):
    """Takes what the chatty loggers say, in place of the log."""

    said = ""

    @classmethod
    def listening(cls) -> "_Reason":
        reason = cls()
        for name in CHATTY:
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [reason], False
        return reason

    def emit(self, record: logging.LogRecord) -> None:
        self.said = self.said or record.getMessage()


def _service(spans: Sequence[ReadableSpan]) -> str:
    return str(spans[0].resource.attributes.get("service.name", ""))
