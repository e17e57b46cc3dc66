"""A web server that stands for others' on the internet: names have public addresses, and connections end up here."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpcore

from souk.http.outbound import Downloads

PUBLIC = "93.184.215.14"

Answer = tuple[int, dict[str, str], bytes]


class Elsewhere(httpcore.AsyncNetworkBackend):
    """Answers requests by `host/path`; `asked` and `connected` say what for and whereto."""

    def __init__(self) -> None:
        self.pages: dict[str, list[Answer]] = {}
        """What comes, the last one again and again."""
        self.names: dict[str, list[str]] = {}
        """The addresses of names, once for each time they are looked up; PUBLIC for those not here."""
        self.asked: list[str] = []
        self.connected: list[str] = []
        self._network = httpcore.AnyIOBackend()
        self._port = 0

    def puts(self, address: str, *answers: Answer | bytes) -> str:
        """What `host/path` answers with; gives the address as people write it."""
        self.pages[address] = [(200, {}, each) if isinstance(each, bytes) else each for each in answers]
        return f"http://{address}"

    def downloads(self) -> Downloads:
        return Downloads(self._looked_up, self)

    async def _looked_up(self, host: str, _: int) -> Sequence[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            waiting = self.names.get(host, [PUBLIC])
            return [waiting.pop(0) if len(waiting) > 1 else waiting[0]]

    async def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        return await self._network.connect_tcp("127.0.0.1", self._port, *rest, **named)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ", 2)[1]
        host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
        self.asked.append(f"{host}{path}")
        answers = self.pages.get(f"{host}{path}", [(404, {}, b"")])
        status, headers, content = answers.pop(0) if len(answers) > 1 else answers[0]
        lines = [f"HTTP/1.1 {status} Here", "Connection: close", *(f"{name}: {text}" for name, text in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Elsewhere"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
