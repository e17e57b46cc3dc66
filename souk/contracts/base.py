"""What every event contract has."""

from typing import Any, ClassVar
from uuid import UUID

import msgspec

EVENTS: dict[str, type["Event"]] = {}
"""Every event contract by its CloudEvents `type`."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as other services are told.

    A subclass sets `event_type` (`souk.<service>.<thing>.<past tense>.v1`, also the routing key) and
    `subject_field`, the field that holds the id of the aggregate it is about.
    """

    event_type: ClassVar[str] = ""
    subject_field: ClassVar[str] = ""
    number_of: ClassVar[str] = "order_number"
    """What its field `number` is the number of, if it has one; logs call it so."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.event_type:
            EVENTS[cls.event_type] = cls

    @property
    def subject(self) -> UUID:
        """The id of the aggregate the event is about."""
        subject: UUID = getattr(self, self.subject_field)
        return subject
