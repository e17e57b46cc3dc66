"""CloudEvents 1.0 in JSON, structured mode: what travels between services."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from souk.contracts import EVENTS, Event
from souk.events.log_fields import about, completed, details
from souk.observability.log_fields import About, decoded, encoded, fields, united

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
BODY_BYTES_MAX = 256 * 1024
"""An event larger than this is refused where it is made."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The CloudEvents attributes and the event's data, still as raw JSON."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    data: msgspec.Raw
    datacontenttype: str = "application/json"
    souksequence: int = 0
    """The aggregate's version that the event left behind; 0 where order cannot matter."""
    traceparent: str = ""
    """W3C trace context of what caused it."""
    soukabout: str = ""
    """The purchase, orders and people that it is about, where its cause knew more of them than its data say."""


class Unreadable(Exception):
    """The message is no event that this code knows; trying again cannot help."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed event as a handler's wrapper gets it."""

    envelope: Envelope
    event: Event
    body: str
    attempt: int
    about: About
    """The purchase, the orders and the people that it is about."""

    @property
    def logged(self) -> dict[str, str]:
        """What its log line and its span say of it."""
        return fields(self.about) | details(self.event)


_envelopes = msgspec.json.Decoder(Envelope)
_decoders: dict[str, msgspec.json.Decoder[Any]] = {}


def seal(service: str, event: Event, *, event_id: UUID, time: datetime, sequence: int, traceparent: str) -> str:
    """The CloudEvent as JSON text; raises ValueError if it is too large."""
    own = about(event)
    whole = completed(event, own)
    envelope = Envelope(
        specversion="1.0",
        id=event_id,
        source=f"/souk/{service}",
        type=event.event_type,
        subject=event.subject,
        time=time,
        data=msgspec.Raw(msgspec.json.encode(event)),
        souksequence=sequence,
        traceparent=traceparent,
        soukabout=encoded(whole) if whole != own else "",
    )
    body = msgspec.json.encode(envelope)
    if len(body) > BODY_BYTES_MAX:
        raise ValueError(f"{event.event_type} has {len(body)} bytes, at most {BODY_BYTES_MAX} can be sent")
    return body.decode()


def unseal(body: str | bytes, *, attempt: int = 1) -> Received:
    """Parse a message; raises Unreadable if it is not a CloudEvent of a known type with valid data."""
    try:
        envelope = _envelopes.decode(body)
        kind = EVENTS.get(envelope.type)
        if kind is None:
            raise Unreadable(f"no contract for event type {envelope.type!r}")
        decoder = _decoders.setdefault(envelope.type, msgspec.json.Decoder(kind))
        event = decoder.decode(envelope.data)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unreadable(str(wrong)) from wrong
    text = body if isinstance(body, str) else body.decode()
    known = united(about(event), decoded(envelope.soukabout)) if envelope.soukabout else about(event)
    return Received(envelope=envelope, event=event, body=text, attempt=attempt, about=known)
