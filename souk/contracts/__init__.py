"""The published language: what services tell each other, in events and over internal HTTP.

One module per service that *publishes* the events or *serves* the structs. Everybody may read these; nobody
imports another service. A struct may gain optional fields; anything else is a new version of the event.
"""

from souk.contracts import catalogue, entrypoint, payment, store
from souk.contracts.base import EVENTS, Event

__all__ = ["EVENTS", "Event", "catalogue", "entrypoint", "payment", "store"]
