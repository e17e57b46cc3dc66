"""How requests are read: HEAD wherever GET is, bodies to the letter of their types, and nobody is waited for in vain."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import InternalServerException, ValidationException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from souk.errors import RuleBroken

PIECE_S_MAX = 30.0
"""How long a request's body may pause, as at the edge (`client_body_timeout`)."""


class SenderGone(RuleBroken):
    """Whoever asked left before the request was whole: nobody reads the answer, and nothing broke."""

    status = 400
    title = "The request was not sent whole"


class SenderSlow(RuleBroken):
    """A request's body stopped coming."""

    status = 408
    title = "The request took too long"


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body must have the very types of its route: `"5"` is no number, and 1 is not true.

    Paths, queries and forms are text, so Litestar reads numbers out of text everywhere; in JSON that hides faults of
    the caller, such as an amount that was never a number.
    """

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces; raises SenderGone or SenderSlow."""
        pieces = super().stream()
        while True:
            try:
                async with asyncio.timeout(PIECE_S_MAX):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise SenderSlow(
                    "Nothing came for {seconds} seconds. Nothing was changed.", seconds=round(PIECE_S_MAX)
                ) from None
            except InternalServerException as ended:
                if not self.is_connected:  # it was read before, which is a fault of ours
                    raise
                raise SenderGone("Nothing was changed.") from ended
            yield piece

    async def json(self) -> Any:
        """The body; raises ValidationException if it is not what the route takes."""
        try:
            body = await super().json()
        except RecursionError:
            raise ValidationException("Lists and objects stand too deep inside each other.") from None
        data = self.route_handler.parsed_data_field
        if data is None:
            return body
        try:
            return msgspec.convert(body, data.annotation)
        except msgspec.ValidationError as wrong:
            raise ValidationException(str(wrong), extra=[{"key": "data", "message": str(wrong)}]) from wrong


class Head:
    """ASGI middleware around an app: HEAD is answered as GET is, without the content (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = False

        async def send_headers(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                await send(message)
            elif not answered:
                answered = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def receive_or_leave() -> Any:
            """Whoever only asked for headers has left once they are there: what is sent on and on ends."""
            return {"type": "http.disconnect"} if answered else await receive()

        await self._app(cast(Scope, scope | {"method": "GET"}), receive_or_leave, send_headers)
