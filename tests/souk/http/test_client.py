"""A call is the same inside a process and over the network; only that one of them needs no network."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import uvicorn
from litestar import Litestar, Request, get, post, put
from litestar.response import Stream

from souk.errors import Unavailable
from souk.http import Answer, Identity, Refused, ServiceClient
from souk.http.identity import Signer, Verifier, new_key_pair

USER = UUID("01930000-0000-7000-8000-000000000001")
PRIVATE, PUBLIC = new_key_pair()


@post("/echo/{part:str}", status_code=200)
async def echo(request: Request[Any, Any, Any], part: str) -> dict[str, Any]:
    """What came, as it came."""
    return {
        "part": part,
        "query": parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True),
        "body": (await request.body()).decode(),
        "length": request.headers.get("content-length"),
        "type": request.headers.get("content-type", ""),
        "words": request.headers.get("x-words", ""),
        "user": Verifier("store", {"entrypoint": PUBLIC}).identity(request.headers["authorization"][7:]).user_id,
    }


@put("/nothing", status_code=204)
async def nothing() -> None:
    """Answers nothing."""


@post("/files", status_code=200)
async def files(request: Request[Any, Any, Any]) -> list[tuple[str, str, int]]:
    """Names, types and sizes of what came."""
    sent = (await request.form()).multi_items()
    return [(each.filename, each.content_type, len(await each.read())) for _, each in sent]


@get("/pieces")
async def pieces() -> Stream:
    """Comes in pieces."""

    async def words() -> AsyncIterator[str]:
        for number in range(3):
            await asyncio.sleep(0)
            yield f"{number} "

    return Stream(words())


@get("/broken-off")
async def broken_off() -> Stream:
    """Fails after the first piece."""

    async def words() -> AsyncIterator[str]:
        yield "whole?"
        raise RuntimeError("no")

    return Stream(words())


@pytest.fixture
def app() -> Litestar:
    return Litestar([echo, nothing, files, pieces, broken_off], logging_config=None)


@pytest.fixture(params=["in process", "network"])
async def client(app: Litestar, request: pytest.FixtureRequest) -> AsyncIterator[ServiceClient]:
    signer = Signer("entrypoint", PRIVATE)
    if request.param == "in process":
        yield ServiceClient("store", signer, app=app)
        return
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = ServiceClient("store", signer, url=f"http://127.0.0.1:{port}")
    yield made
    await made.close()
    server.should_exit = True
    await running


async def test_all_of_a_request_arrives(client: ServiceClient) -> None:
    identity = Identity(service="entrypoint", user_id=USER)
    params = [
        ("ids", USER),
        ("ids", "ä b&c=/?+"),
        ("yes", True),
        ("no", False),
        ("many", 3),
        ("empty", ""),
        ("x", None),
    ]
    answer = await client.send(
        "POST",
        "/echo/%C3%A4%20b",
        identity=identity,
        params=params,
        json={"a": "ü"},
        headers={"X-Words": "Grüße"},
    )
    assert answer.status == 200
    assert answer.json() == {
        "part": "ä b",
        "query": [
            ["ids", str(USER)],
            ["ids", "ä b&c=/?+"],
            ["yes", "true"],
            ["no", "false"],
            ["many", "3"],
            ["empty", ""],
        ],
        "body": '{"a":"ü"}',
        "length": "10",
        "type": "application/json",
        "words": "Grüße",
        "user": str(USER),
    }
    assert answer.headers["content-type"] == "application/json"


async def test_a_body_may_be_left_out(client: ServiceClient) -> None:
    seen = (await client.send("POST", "/echo/x")).json()
    assert (seen["body"], seen["length"], seen["type"], seen["user"]) == ("", "0", "", None)
    assert await client.put("/nothing", type(None)) is None
    assert (await client.send("PUT", "/nothing")).body == b""


async def test_a_body_goes_on_as_it_came(client: ServiceClient) -> None:
    seen = (await client.send("POST", "/echo/x", content=b"a=1", headers={"content-type": "text/x"})).json()
    assert (seen["body"], seen["length"], seen["type"]) == ("a=1", "3", "text/x")


async def test_files_arrive_as_a_form(client: ServiceClient) -> None:
    sent = [("pictures", ("ä.png", b"x" * 100_000, "image/png")), ("pictures", ("b.png", b"y", "image/png"))]
    assert await client.post("/files", list[tuple[str, str, int]], files=sent) == [
        ("ä.png", "image/png", 100_000),
        ("b.png", "image/png", 1),
    ]
    opened = {"file": b"z", "pictures": io.BytesIO(b"0" * 200_000)}
    sizes = [size for _, _, size in await client.post("/files", list[tuple[str, str, int]], files=opened)]
    assert sorted(sizes) == [1, 200_000]


async def test_pieces_are_put_together(client: ServiceClient) -> None:
    assert (await client.send("GET", "/pieces")).body == b"0 1 2 "


async def test_an_answer_that_breaks_off_is_none(client: ServiceClient) -> None:
    """Over the network it is seen that something is missing; in the process it must not pass for the whole either."""
    with suppress(Unavailable):
        assert (await client.send("GET", "/broken-off")).status == 500


async def test_refusals_are_raised(client: ServiceClient) -> None:
    for call in (client.get("/nowhere", dict), client.delete("/nothing"), client.patch("/nothing", dict)):
        with pytest.raises(Refused) as refused:
            await call
        assert refused.value.status in (404, 405)


async def test_a_header_that_comes_several_times_is_one_text() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
        headers = [(b"Allow", b"GET"), (b"allow", b"HEAD"), (b"x", "ü".encode("latin-1"))]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body", "body": b"no"})
        assert (await receive())["type"] == "http.disconnect"

    client = ServiceClient("store", Signer("entrypoint", PRIVATE), app=app)
    assert await client.send("GET", "/") == Answer(405, {"allow": "GET, HEAD", "x": "ü"}, b"no")


@pytest.mark.parametrize("begun", [False, True])
async def test_an_app_that_fails_or_forgets_to_answer_is_a_500(*, begun: bool) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("no")

    async def forgets(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})

    for app in (fails, forgets):
        client = ServiceClient("store", Signer("entrypoint", PRIVATE), app=app)
        assert await client.send("GET", "/") == Answer(500, {}, b"")


async def test_requests_know_nothing_of_each_other() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["path"], scope.get("state"), scope["headers"]))
        scope["state"] = {"who": scope["path"]}
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["state"]["who"].encode()})

    client = ServiceClient("store", Signer("entrypoint", PRIVATE), app=app)
    answers = await asyncio.gather(*(client.send("GET", f"/{number}") for number in range(5)))
    assert [answer.body for answer in answers] == [b"/0", b"/1", b"/2", b"/3", b"/4"]
    assert [state for _, state, _ in seen] == [None] * 5
