"""Calls of an app in the same process: straight by ASGI, without a client of HTTP in between.

The request goes through the same middleware, identity check and error mapping as over the network.
"""

import asyncio
from contextlib import suppress
from typing import Any, cast
from urllib.parse import unquote

from litestar.types import ASGIApp, Message, Scope

from souk.http.answers import Answer, Body, RawHeaders, headers_of

HOST = "embedded"


class InProcess:
    """Asks one app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "server": (HOST, None),
            "client": ("127.0.0.1", 0),
            "root_path": "",
        }

    async def ask(self, method: str, path: str, query: str, headers: RawHeaders, body: Body) -> Answer:
        """The app's answer; 500 without content if it raises before that is whole. A caller who is cancelled takes the
        app's work along."""
        exchange = _Exchange(body)
        scope = self._scope | {
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", HOST.encode()), *headers],
        }
        with suppress(Exception):  # as a server does it; the app has logged what it was
            await self._app(cast(Scope, scope), exchange.receive, exchange.send)
        return exchange.answer()


class _Exchange:
    """One request, and what is answered to it."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._sent = False
        self._whole = asyncio.Event()
        self._status, self._headers = 500, RawHeaders()
        self._pieces: list[bytes] = []

    async def receive(self) -> Any:
        if self._sent:
            await self._whole.wait()
            return {"type": "http.disconnect"}
        if isinstance(self._body, bytes):
            self._sent = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        piece = await anext(self._body, None)
        self._sent = piece is None
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], [*message["headers"]]
        elif message["type"] == "http.response.body":
            self._pieces.append(message["body"])
            if not message.get("more_body", False):
                self._whole.set()

    def answer(self) -> Answer:
        if not self._whole.is_set():
            return Answer(500, {}, b"")
        pieces = self._pieces
        return Answer(self._status, headers_of(self._headers), pieces[0] if len(pieces) == 1 else b"".join(pieces))
