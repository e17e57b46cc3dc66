"""What every service's app does: transaction per request, problem details, health, metrics, limits."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.response import Stream
from litestar.types import Message
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shop.runtime import running_app
from souk.database import Database, ReadSession, Session
from souk.errors import InvalidInput, RuleBroken
from souk.events.embedded import EmbeddedTransport
from souk.http import Identity, Refused, ServiceClient, build_app, make_kernel, requests
from souk.http.identity import Signer, new_key_pair
from souk.settings import Settings


class TooMany(RuleBroken):
    status = 409
    title = "Too many"
    members = ("most",)


class Wish(msgspec.Struct):
    count: int


@post("/wishes")
async def wish(session: Session, identity: Identity, data: Wish) -> dict[str, int]:
    """Writes, and then refuses what is too much."""
    await session.execute(text("INSERT INTO effect VALUES (:id, 'wish')"), {"id": uuid4()})
    if data.count > 10:
        raise TooMany("{most} at the most, not {wished}; nothing was wished.", most=10, wished=data.count)
    if data.count < 0:
        raise InvalidInput("count", "give a number from 0 to 10", code="not-from-0-to-10")
    return {"count": data.count}


@post("/late-failure")
async def late_failure(session: Session) -> dict[str, str]:
    """Succeeds until its commit."""
    await session.execute(text("CREATE TEMP TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
    await session.execute(text("INSERT INTO late VALUES (1), (1)"))
    return {"status": "done"}


@get("/writes-while-reading")
async def writes_while_reading(reader: ReadSession) -> None:
    """A reader that writes."""
    await reader.execute(text("INSERT INTO effect VALUES (gen_random_uuid(), 'no')"))


@get("/broken")
async def broken() -> None:
    """Has a bug."""
    raise RuntimeError("a secret detail")


@get("/nul")
async def nul(reader: ReadSession, q: str) -> str:
    """Gives the database what it cannot hold."""
    return str(await reader.scalar(text("SELECT CAST(:q AS text)"), {"q": q}))


@get("/endless")
async def endless() -> Stream:
    """Tells for ever."""

    async def words() -> AsyncIterator[str]:
        while True:
            yield "on and on"
            await asyncio.sleep(0.01)

    return Stream(words())


@pytest.fixture
async def app(event_database: Database) -> AsyncIterator[Litestar]:
    private, public = new_key_pair()
    settings = Settings(
        database_url=event_database.engine.url.render_as_string(hide_password=False),
        identity_private_key=private,
        identity_public_keys={"entrypoint": public},
    )
    kernel = make_kernel("store", settings, transport=EmbeddedTransport())
    built = build_app(kernel, [wish, late_failure, writes_while_reading, broken, nul, endless])
    async with running_app(built):
        yield built


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[ServiceClient]:
    kernel = app.state.kernel
    made = ServiceClient("store", Signer("entrypoint", kernel.settings.identity_private_key), app=app)
    yield made
    await made.close()


async def _effects(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(text("SELECT count(*) FROM effect")) or 0)


async def test_a_request_is_one_transaction(client: ServiceClient, event_database: Database) -> None:
    assert await client.post("/wishes", dict[str, int], json=Wish(3)) == {"count": 3}
    assert await _effects(event_database) == 1


async def test_a_broken_rule_changes_nothing_and_says_how_to_mend_it(
    client: ServiceClient, event_database: Database
) -> None:
    response = await client.send("POST", "/wishes", json=Wish(11))
    assert response.status == 409
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith("/too-many")
    assert problem["detail"] == "10 at the most, not 11; nothing was wished."
    assert (problem["code"], problem["params"]) == ("too-many", {"most": 10, "wished": 11})
    assert problem["most"] == 10, "where programs have always read it"
    assert await _effects(event_database) == 0


async def test_the_client_raises_what_was_refused(client: ServiceClient) -> None:
    with pytest.raises(Refused) as refused:
        await client.post("/wishes", dict[str, int], json=Wish(11))
    assert (refused.value.status, refused.value.code, refused.value.fields) == (409, "too-many", {"most": 10})


async def test_a_failing_commit_is_no_success(client: ServiceClient) -> None:
    assert (await client.send("POST", "/late-failure")).status == 500


async def test_a_reader_cannot_write(client: ServiceClient, event_database: Database) -> None:
    assert (await client.send("GET", "/writes-while-reading")).status == 500
    assert await _effects(event_database) == 0


async def test_a_bug_is_told_without_details(client: ServiceClient) -> None:
    response = await client.send("GET", "/broken")
    assert response.status == 500
    assert b"secret" not in response.body


async def test_a_failed_statement_does_not_tell_its_values(event_database: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with event_database.reading() as session:
            await session.execute(text("SELECT 1 / 0 WHERE CAST(:value AS text) <> ''"), {"value": "a secret"})
    assert "a secret" not in f"{failed.value} {failed.value!r}"


async def test_bad_input_names_the_field(client: ServiceClient) -> None:
    for body in (b'{"count": "many"}', b"{}", b'{"count": -1}'):
        response = await client.send("POST", "/wishes", content=body, headers={"content-type": "application/json"})
        assert response.status in (400, 422), body
        assert response.json()["errors"][0]["field"] == "count", response.body
    response = await client.send("POST", "/wishes", content=b"{", headers={"content-type": "application/json"})
    assert response.status == 400


async def test_what_the_database_cannot_hold_is_bad_input(client: ServiceClient) -> None:
    assert (await client.send("GET", "/nul", params={"q": "a\x00b"})).status == 400


async def test_unknown_routes_and_methods(client: ServiceClient) -> None:
    assert (await client.send("GET", "/nowhere")).status == 404
    assert (await client.send("DELETE", "/wishes")).status == 405


async def test_a_large_body_is_refused(client: ServiceClient) -> None:
    body = b'{"count": 1, "padding": "' + b"x" * 300_000 + b'"}'
    response = await client.send("POST", "/wishes", content=body, headers={"content-type": "application/json"})
    assert response.status == 413


async def test_without_a_signed_identity_nothing_is_answered(app: Litestar, event_database: Database) -> None:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as bare:
        response = await bare.post("/wishes", json={"count": 1})
        assert response.status_code == 401
        assert (await bare.get("/health/live")).status_code == 200
        ready = await bare.get("/health/ready")
        assert (ready.status_code, ready.json()["problems"]) == (200, [])
        metrics = (await bare.get("/metrics")).text
    assert (
        'http_server_request_duration_seconds_count{method="POST",route="/wishes",service="store",status="401"}'
        in metrics
    )
    assert await _effects(event_database) == 0


async def test_what_is_not_ready_tells_no_details(
    app: Litestar, client: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise ConnectionRefusedError("db.inner:5432 as souk_store")

    monkeypatch.setattr(app.state.kernel.database, "ping", fail)
    answer = await client.send("GET", "/health/ready")
    assert (answer.status, answer.json()["problems"]) == (503, ["database: ConnectionRefusedError"])


async def test_dead_letters_are_for_admins(client: ServiceClient) -> None:
    assert (await client.send("GET", "/internal/dead-letters")).status == 401
    user = Identity(service="store", user_id=uuid4())
    assert (await client.send("GET", "/internal/dead-letters", identity=user)).status == 403
    admin = Identity(service="store", user_id=uuid4(), roles=frozenset({"admin"}))
    assert (await client.send("GET", "/internal/dead-letters", identity=admin)).json() == []
    gone = await client.send("POST", f"/internal/dead-letters/{uuid4()}/replay", identity=admin)
    assert gone.status == 404


@pytest.mark.parametrize("body", ['{"count": "3"}', '{"count": true}', '{"count": 3.5}', '{"count": null}', "{}", "[]"])
async def test_a_body_has_the_very_types_of_its_route(
    client: ServiceClient, event_database: Database, body: str
) -> None:
    headers = {"content-type": "application/json"}
    refused = await client.send("POST", "/wishes", content=body.encode(), headers=headers)
    assert refused.status == 400
    assert refused.json()["type"].endswith("/invalid-input")
    assert refused.json()["errors"][0]["message"]
    assert await _effects(event_database) == 0


async def test_a_refused_method_says_which_are_taken(client: ServiceClient) -> None:
    refused = await client.send("DELETE", "/nul")
    assert refused.status == 405
    assert set(refused.headers["allow"].split(", ")) >= {"GET", "HEAD"}
    assert "HEAD" not in (await client.send("DELETE", "/wishes")).headers["allow"]


async def test_head_is_get_without_the_content(client: ServiceClient) -> None:
    whole, head = [await client.send(method, "/nul", params={"q": "known"}) for method in ("GET", "HEAD")]
    assert (whole.body, head.body) == (b"known", b"")
    assert {name: head.headers[name] for name in ("content-type", "content-length")} == {
        name: whole.headers[name] for name in ("content-type", "content-length")
    }
    assert (await client.send("HEAD", "/wishes")).status == 405


async def test_head_of_what_never_ends_ends(client: ServiceClient) -> None:
    assert (await asyncio.wait_for(client.send("HEAD", "/endless"), 5)).status == 200


async def test_a_body_may_not_nest_without_end(client: ServiceClient) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"[" * 20_000, b'{"count":' * 20_000, b"[" * 20_000 + b"]" * 20_000):
        refused = await client.send("POST", "/wishes", content=body, headers=headers)
        assert (refused.status, refused.json()["type"].rpartition("/")[2]) == (400, "invalid-input"), body[:20]


async def post_in_pieces(app: Litestar, *pieces: Message) -> list[Message]:
    """What the app answers to a request whose body comes so, and then pauses for ever."""
    left, sent = list(pieces), list[Message]()

    async def receive() -> Message:
        return left.pop(0) if left else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    token = Signer("entrypoint", app.state.kernel.settings.identity_private_key).token("store")
    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/wishes", "query_string": b"", "headers": headers}
    await app(scope | {"app": app}, receive, send)  # type: ignore[arg-type]
    return sent


async def test_a_sender_that_leaves_is_no_fault_of_ours(app: Litestar) -> None:
    begun: Message = {"type": "http.request", "body": b'{"count": ', "more_body": True}
    answer = await post_in_pieces(app, begun, {"type": "http.disconnect"})
    assert answer[0]["status"] == 400


async def test_a_sender_that_pauses_is_not_waited_for(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "PIECE_S_MAX", 0.05)
    answer = await post_in_pieces(app, {"type": "http.request", "body": b'{"count": ', "more_body": True})
    assert answer[0]["status"] == 408
