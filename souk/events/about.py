"""What an event is about, read from its contract, and completed by what its cause was about.

A payment knows its purchase, but not the purchase's orders and their numbers; the event that asked for it did. So that
every line of a purchase's life has them all, they travel on from cause to effect, as the trace does.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from msgspec.inspect import LiteralType, StructType, UnionType, type_info

from souk.contracts import Event
from souk.observability.about import About, united

PEOPLE = ("user_id", "buyer_id", "seller_id", "sender_id", "recipient_id")
_NAMES = {"purchase_id": "purchase_id", "order_id": "order_id", **dict.fromkeys(PEOPLE, "user_id")}

FACTS = ("reason", "by", "wallet")
"""Why it happened and who did it; only where the contract lists the possible values, for what people wrote is theirs."""

_causes: ContextVar[Mapping[UUID, About]] = ContextVar("causes_about", default=MappingProxyType({}))


def about(event: Event) -> About:
    """The purchase, the orders with their numbers, and the people that the event itself names."""
    return united(*(_named(holder) for holder in (event, *_parts(event)) if holder is event or _of_order(holder)))


def details(event: Event) -> dict[str, str]:
    """What else its log line says: its other ids, its reason."""
    ids = {name: str(value) for name in event.__struct_fields__ if (value := _other_id(event, name)) is not None}
    if event.number_of != "order_number":
        ids[event.number_of] = str(getattr(event, "number", ""))
    said = [(name, str(value)) for holder in (event, *_parts(event)) for name, value in _facts(holder) if value]
    facts = {name: ",".join(dict.fromkeys(text for other, text in said if other == name)) for name, _ in said}
    return ids | facts


def aggregates_of(event: Event) -> list[UUID]:
    """The ids that connect an event with the one that caused it, the most particular first."""
    return [getattr(event, name) for name in ("order_id", "purchase_id") if getattr(event, name, None)] + [
        event.subject
    ]


@contextmanager
def causing(causes: Mapping[UUID, About]) -> Iterator[None]:
    """While a batch of events is handled: what the event was about that came with each aggregate's id."""
    token = _causes.set(causes)
    try:
        yield
    finally:
        _causes.reset(token)


def completed(event: Event) -> About:
    """What the event is about, with what its cause adds: to one order only what is not about others too."""
    own, causes = about(event), _causes.get()
    cause = next((causes[known] for known in aggregates_of(event) if known in causes), {})
    if "order_id" in own and set(own["order_id"]) != set(cause.get("order_id", ())):
        cause = {name: ids for name, ids in cause.items() if name == "purchase_id"}
    return united(own, cause)


def _named(holder: Any) -> About:
    number = getattr(holder, "number", None) if getattr(holder, "number_of", "order_number") == "order_number" else None
    found = [("order_number", number), *((key, getattr(holder, name, None)) for name, key in _NAMES.items())]
    return united(*({key: (str(value),)} for key, value in found if value))


def _parts(event: Event) -> Iterable[msgspec.Struct]:
    """What its lists hold: lines, orders."""
    lists = (value for name in event.__struct_fields__ if isinstance(value := getattr(event, name), list))
    return (item for items in lists for item in items if isinstance(item, msgspec.Struct))


def _of_order(part: msgspec.Struct) -> bool:
    return hasattr(part, "order_id")


def _other_id(event: Event, name: str) -> Any:
    return getattr(event, name) if name.endswith("_id") and name not in _NAMES else None


def _facts(holder: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(holder, name)) for name in _listed(type(holder)))


@cache
def _listed(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The facts whose possible values the contract lists."""
    known = type_info(kind)
    assert isinstance(known, StructType)
    return tuple(field.name for field in known.fields if field.name in FACTS and _is_listed(field.type))


def _is_listed(kind: Any) -> bool:
    return isinstance(kind, LiteralType) or (isinstance(kind, UnionType) and any(map(_is_listed, kind.types)))
