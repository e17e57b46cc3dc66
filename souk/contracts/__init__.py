"""The published language: what services tell each other, in events and over internal HTTP.

A folder per service that *publishes* the events or *serves* the structs. Everybody may read its `events`; the other
modules are for whoever calls the service. Nobody imports another service. A struct may gain optional fields; anything
else is a new version of the event.
"""

from souk.contracts.base import EVENTS, Event
from souk.contracts.catalogue import events as catalogue_events
from souk.contracts.entrypoint import events as entrypoint_events
from souk.contracts.payment import events as payment_events
from souk.contracts.store import events as store_events
from souk.contracts.store import problem_events, thread_events

__all__ = [
    "EVENTS",
    "Event",
    "catalogue_events",
    "entrypoint_events",
    "payment_events",
    "problem_events",
    "store_events",
    "thread_events",
]
