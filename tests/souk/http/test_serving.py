"""Connections over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from souk.http import serving

WAITED_S_MAX = 10


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(serving, "HEADERS_S_MAX", 0.3)
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, http=serving.PatientProtocol)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nhost: souk\r\nx-more: "])
async def test_whoever_does_not_say_what_they_want_is_not_waited_for(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    assert await asyncio.wait_for(reader.read(), WAITED_S_MAX) == b""
    writer.close()


async def test_a_connection_takes_one_request_after_the_other(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET / HTTP/1.1\r\nhost: souk\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"ok"), WAITED_S_MAX)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.4)  # longer than headers may take: between requests is another matter
    writer.write(b"GET / HTTP/1.1\r\n")
    assert await asyncio.wait_for(reader.read(), WAITED_S_MAX) == b""
    writer.close()
