"""Events between services: envelope, outbox, inbox, relay, dead letters, and the two adapters."""

from souk.events.consumer import Consumer, NotYet, Runner
from souk.events.outbox import News, Outbox, Sequenced
from souk.events.recording import notify
from souk.events.transport import Transport

__all__ = ["Consumer", "News", "NotYet", "Outbox", "Runner", "Sequenced", "Transport", "notify"]
