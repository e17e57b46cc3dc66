"""What a service answered, and what it is asked with: the same over the network and inside a process."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

Params = Mapping[str, Any] | Iterable[tuple[str, Any]]
"""A query: values are texts, numbers, truths or ids. What is None is left out."""

Body = bytes | AsyncIterator[bytes]

RawHeaders = list[tuple[bytes, bytes]]


class Answer(msgspec.Struct, frozen=True):
    """An answer that has come whole."""

    status: int
    headers: dict[str, str]
    """By name, in small letters."""
    body: bytes

    def json(self) -> Any:
        """The body's content; raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as they came, by name; of one that came several times the values stand side by side (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def query_of(params: Params | None) -> str:
    """The query of an address, without the question mark."""
    if not params:
        return ""
    pairs = params.items() if isinstance(params, Mapping) else params
    return urlencode([(name, _text(value)) for name, value in pairs if value is not None])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
