"""What an event is about, read from its contract, and completed by what its cause was about.

A payment knows its purchase, but not the purchase's orders and their numbers; the event that asked for it did. So that
every line of a purchase's life has them all, they travel on from cause to effect, as the trace does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.inspect import ListType, LiteralType, StructType, UnionType, type_info

from souk.contracts import Event
from souk.observability.log_fields import NAMES, About, united

PEOPLE = ("user_id", "buyer_id", "seller_id", "sender_id", "recipient_id")
_NAMES = {"purchase_id": "purchase_id", "order_id": "order_id", **dict.fromkeys(PEOPLE, "user_id")}

FACTS = ("reason", "by", "wallet")
"""Why it happened and who did it; only where the contract lists the possible values, for what people wrote is theirs."""

_causes: ContextVar[Mapping[UUID, About]] = ContextVar("causes_about", default=MappingProxyType({}))


def about(event: Event) -> About:
    """The purchase, the orders with their numbers, and the people that the event itself names."""
    found: dict[str, dict[str, None]] = {name: {} for name in NAMES}
    for holder in (event, *_parts(event)):
        for field, name in _plan(type(holder)).named:
            value = getattr(holder, field)
            if value:
                found[name][str(value)] = None
    return {name: tuple(ids) for name, ids in found.items() if ids}


def details(event: Event) -> dict[str, str]:
    """What else its log line says: its other ids, its reason."""
    said: dict[str, dict[str, None]] = {}
    for field, name in _plan(type(event)).others:
        said[name] = {str(getattr(event, field)): None}
    for holder in (event, *_parts(event)):
        for field in _plan(type(holder)).facts:
            said.setdefault(field, {})[str(getattr(holder, field) or "")] = None
    return {name: text for name, texts in said.items() if (text := ",".join(filter(None, texts)))}


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


def completed(event: Event, own: About) -> About:
    """What it is about itself, with what its cause adds: to one order only what is not about others too."""
    causes = _causes.get()
    cause = next((causes[known] for known in aggregates_of(event) if known in causes), None) if causes else None
    if cause is None:
        return own
    if "order_id" in own and set(own["order_id"]) != set(cause.get("order_id", ())):
        cause = {name: ids for name, ids in cause.items() if name == "purchase_id"}
    return united(own, cause)


class _Plan(NamedTuple):
    """Which fields of a contract say what."""

    named: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    lists: tuple[str, ...]


@cache
def _plan(kind: type[msgspec.Struct]) -> _Plan:
    known = type_info(kind)
    assert isinstance(known, StructType)
    fields = {field.name: field.type for field in known.fields}
    number = getattr(kind, "number_of", "order_number")
    names = _NAMES | {"number": number}
    of_order = issubclass(kind, Event) or "order_id" in fields
    return _Plan(
        named=tuple((field, names[field]) for field in fields if of_order and names.get(field) in NAMES),
        others=tuple(
            (field, names.get(field, field))
            for field in fields
            if (field.endswith("_id") or field == "number") and names.get(field) not in NAMES
        ),
        facts=tuple(field for field in FACTS if field in fields and _is_listed(fields[field])),
        lists=tuple(field for field, type_ in fields.items() if isinstance(type_, ListType)),
    )


def _parts(event: Event) -> Iterator[msgspec.Struct]:
    """What its lists hold: lines, orders."""
    for name in _plan(type(event)).lists:
        for item in getattr(event, name):
            if isinstance(item, msgspec.Struct):
                yield item


def _is_listed(kind: Any) -> bool:
    """Whether the contract lists the possible values."""
    return isinstance(kind, LiteralType) or (isinstance(kind, UnionType) and any(map(_is_listed, kind.types)))
