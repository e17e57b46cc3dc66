"""Packed answers: which ones, for whom, and that nothing is held back or told by their length."""

import gzip
from typing import Any

import pytest

from entrypoint.web.assets import GZIP_FROM_BYTES
from entrypoint.web.packing import Packed, accepts_gzip, gzipped
from tests.entrypoint.conftest import Visitor, World

PAGE = b"<p>Brass lamp</p>" * 200


async def answer(*messages: dict[str, Any], accept: bytes = b"gzip, deflate, br") -> list[Any]:
    """What goes out of an app that sends these messages."""
    sent: list[Any] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        for message in messages:
            await send(message)
            sent.append("…")

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await Packed(app)({"type": "http", "headers": [(b"accept-encoding", accept)]}, receive, send)  # type: ignore[arg-type, typeddict-item]
    return sent


def start(kind: bytes = b"text/html; charset=utf-8", status: int = 200, **more: bytes) -> dict[str, Any]:
    headers = [(b"content-type", kind), (b"content-length", b"3400"), (b"vary", b"Cookie")]
    headers += [(name.replace("_", "-").encode(), value) for name, value in more.items()]
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(content: bytes = PAGE, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


def told(message: Any) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in message["headers"]}


async def test_a_page_is_packed_and_says_so() -> None:
    out = [message for message in await answer(start(), body()) if message != "…"]
    headers = told(out[0])
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Cookie,Accept-Encoding"
    assert int(headers["content-length"]) == len(out[1]["body"]) < len(PAGE) / 4
    assert gzip.decompress(out[1]["body"]) == PAGE


async def test_whoever_takes_no_gzip_gets_the_page_as_it_is() -> None:
    out = [message for message in await answer(start(), body(), accept=b"br") if message != "…"]
    assert "content-encoding" not in told(out[0])
    assert told(out[0])["vary"] == "Cookie,Accept-Encoding"
    assert out[1]["body"] == PAGE


@pytest.mark.parametrize(
    "message",
    [
        start(b"image/webp"),
        start(b"application/pdf"),
        start(content_encoding=b"gzip"),
        start(etag=b'"e1"'),
        start(status=304),
        start(status=206, content_range=b"bytes 0-9/20"),
    ],
)
async def test_what_must_stay_as_it_is_does(message: dict[str, Any]) -> None:
    before = told(message)
    out = [message for message in await answer(message, body()) if message != "…"]
    assert (told(out[0]), out[1]["body"]) == (before, PAGE)


async def test_what_is_small_is_not_packed() -> None:
    out = [message for message in await answer(start(), body(b"x" * (GZIP_FROM_BYTES - 1))) if message != "…"]
    assert "content-encoding" not in told(out[0])


async def test_a_stream_begins_at_once_and_each_part_goes_out() -> None:
    events = start(b"text/event-stream"), body(b"data: 1\n\n" * 300, more=True), body(b"", more=False)
    out = await answer(*events)
    assert out == [events[0], "…", events[1], "…", events[2], "…"]
    parts = start(b"text/csv"), body(PAGE, more=True), body(PAGE)
    out = [message for message in await answer(*parts) if message != "…"]
    assert out == list(parts)


@pytest.mark.parametrize(
    ("header", "takes"),
    [("gzip", True), ("br;q=1, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("gzip; q=0.0", False),
     ("br, deflate", False), ("", False)],
)  # fmt: skip
def test_what_a_client_takes(header: str, takes: bool) -> None:
    assert accepts_gzip(header) is takes


def test_the_length_tells_little_of_the_content() -> None:
    lengths = {len(gzipped(PAGE)) for _ in range(200)}
    assert len(lengths) > 30


async def test_every_page_hides_its_token_anew_and_all_of_them_are_good(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    first, second = await browser.csrf(), await browser.csrf()
    assert first != second
    for token in (first, second):
        answer = await browser.http.post("/t/password", data={"csrf_token": token, "current": "x", "new": "y"})
        assert answer.status_code != 403, token
    for wrong in ("", "x" * 64, first[:-2], first[:32] + second[32:], "é" * 64, "0" * 64):
        answer = await browser.http.post("/t/out", data={"csrf_token": wrong})
        assert answer.status_code == 403, wrong


async def test_pages_refusals_and_the_api_are_packed(browser: Visitor) -> None:
    for path in ("/t/home", "/nowhere", "/api/openapi.json"):
        answer = await browser.http.get(path, headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip", path
        assert "accept-encoding" in answer.headers["vary"].lower()
        head = await browser.http.head(path, headers={"accept-encoding": "gzip"})
        assert head.headers["content-encoding"] == "gzip", path
    answer = await browser.http.get("/t/home", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
