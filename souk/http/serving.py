"""The server's side of a connection, with an end to waiting."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S_MAX = 10.0
"""How long a request's headers may take, as at the edge (`client_header_timeout`)."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which closes connections whose next request has begun (or never begins) and does not go on.

    uvicorn itself ends idle connections only after their first answer, so strangers could hold them open for ever.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client came: its first request is waited for."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._late is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Its headers are there."""
        self._done()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEADERS_S_MAX, self.transport.close)

    def _done(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
