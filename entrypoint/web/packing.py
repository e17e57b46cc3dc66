"""Answers go out with gzip (RFC 9110, section 8.4.1), in every size of the shop.

What a page costs at zlib's levels, of 8 to 56 KB of HTML (28 to 18 % remain at 4):

    level    listing, 30 KB      results, 56 KB
    1        6.8 KB, 0.12 ms     10.7 KB, 0.14 ms
    4        6.2 KB, 0.19 ms      9.9 KB, 0.24 ms
    6        6.0 KB, 0.26 ms      9.5 KB, 0.59 ms
    9        6.0 KB, 0.29 ms      9.5 KB, 0.71 ms

Nothing is kept as it goes out but static files (`assets`): every page has its reader's own token in it.

How long a packed page is tells something of what it contains, to whoever can put words of theirs into it again and again
(BREACH). The token against forged requests, the secret of every page, is therefore masked anew in each (`request_context`), cookies
do not come with what other sites embed (SameSite), and the header is of a random length ("Heal the Breach").
"""

import asyncio
import secrets
import struct
import zlib
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoint.web.assets import GZIP_FROM_BYTES

LEVEL = 4
ASIDE_FROM_BYTES = 256 * 1024
"""What takes longer than a few milliseconds is packed beside the event loop."""

NAME_CHARS_MAX = 100
"""Up to so many random characters stand in the header as the name of a file, which nobody reads."""

TYPES = ("text/", "application/json", "application/problem+json", "application/xml", "application/manifest+json")
EVENTS = "text/event-stream"


class Packed:
    """ASGI middleware around an app. Left as they are: streams, what is small, packed already, or has a strong validator
    (an ETag that is not weak names the bytes that it came with)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        accepted = accepts_gzip(_header(scope, b"accept-encoding"))
        begun: Message | None = None

        async def pack(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _may_be_packed(message):
                begun = message
                return
            if begun is not None and message["type"] == "http.response.body":
                start, begun = begun, None
                message = await _packed(start, message, accepted=accepted)
                await send(start)
            await send(message)

        await self._app(scope, receive, pack)


def accepts_gzip(header: str) -> bool:
    """Whether somebody who sends this Accept-Encoding takes gzip."""
    for item in header.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def gzipped(content: bytes) -> bytes:
    """The content in the gzip format, under a name of random length (RFC 1952, section 2.3)."""
    name = secrets.token_urlsafe(NAME_CHARS_MAX)[: secrets.randbelow(NAME_CHARS_MAX) + 1]
    header = b"\x1f\x8b\x08\x08" + bytes(5) + b"\xff" + name.encode() + b"\x00"
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return header + packer.compress(content) + packer.flush() + struct.pack("<II", zlib.crc32(content), len(content))


def _may_be_packed(message: Any) -> bool:
    headers = MutableScopeHeaders.from_message(message)
    kind = headers.get("content-type", "")
    return (
        kind.startswith(TYPES)
        and not kind.startswith(EVENTS)
        and message["status"] not in (204, 206, 304)
        and headers.get("etag", "W/").startswith("W/")
        and not any(name in headers for name in ("content-encoding", "content-range"))
    )


async def _packed(start: Any, body: Any, *, accepted: bool) -> Message:
    """The body that goes out, and the headers that tell of it. A body in several parts is a stream."""
    content: bytes = body.get("body", b"")
    if body.get("more_body") or len(content) < GZIP_FROM_BYTES:
        return body  # type: ignore[no-any-return]
    headers = MutableScopeHeaders.from_message(start)
    headers.extend_header_value("vary", "Accept-Encoding")
    if not accepted:
        return body  # type: ignore[no-any-return]
    small = await asyncio.to_thread(gzipped, content) if len(content) >= ASIDE_FROM_BYTES else gzipped(content)
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(len(small))
    return body | {"body": small}  # type: ignore[no-any-return]


def _header(scope: Any, wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)
