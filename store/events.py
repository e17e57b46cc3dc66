"""Telling what happened, each event with the version of what it is about."""

from collections import defaultdict
from collections.abc import Iterable

from souk.contracts import Event
from souk.database import Session
from souk.events import Outbox


async def tell(outbox: Outbox, session: Session, happened: Iterable[tuple[Event, int]]) -> None:
    """Emit events with their aggregates' versions, in as few statements as there are versions."""
    by_version: dict[int, list[Event]] = defaultdict(list)
    for event, version in happened:
        by_version[version].append(event)
    for version, events in by_version.items():
        await outbox.emit(session, *events, sequence=version)
