"""A circuit breaker: whoever did not answer twice is left alone for a moment, so that nobody waits for it in vain."""

import time

from souk.errors import Unavailable
from souk.observability.log_fields import note_cause

SILENCES_MAX = 2
"""Calls in a row without an answer, after which no more are made for a while."""

REST_S = 2.0
"""How long that is; then one call tries again, and the others wait for its outcome."""


class Breaker:
    """Calls to one other service. Only silence counts: who refuses a connection says so at once, and costs no time."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._silences = 0
        self._closed_until = 0.0

    def admit(self) -> None:
        """Let a call pass, or raise Unavailable while the service is left alone."""
        if self._silences < SILENCES_MAX:
            return
        if time.monotonic() < self._closed_until:
            note_cause(f"{self._service}: left alone, it did not answer")
            raise unavailable(self._service)
        self._closed_until = time.monotonic() + REST_S  # this call tries; the others go on being turned away

    def answered(self) -> None:
        """A call was answered, be it with a refusal."""
        self._silences = 0

    def silent(self) -> None:
        """A call was not answered in its time."""
        self._silences += 1
        self._closed_until = time.monotonic() + REST_S


def unavailable(service: str) -> Unavailable:
    """What a caller is told when a service does not answer."""
    return Unavailable(
        "The {service} does not answer just now. Try again in a moment.", code="service-silent", service=service
    )
