"""Passing trouble of the database or the machine is 503 with a time to try again, never 500."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from litestar import Litestar, get
from sqlalchemy import text

from souk.database import Database, ReadSession, Session, engine
from souk.events.embedded import EmbeddedTransport
from souk.http import Answer, ServiceClient, build_app, make_kernel
from souk.http.identity import Signer, new_key_pair
from souk.settings import Settings


@get("/locked")
async def locked(session: Session) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(4711)"))


@get("/slow")
async def slow(reader: ReadSession) -> None:
    await reader.execute(text("SELECT pg_sleep(20)"))


@get("/simple")
async def simple(reader: ReadSession) -> int:
    return int(await reader.scalar(text("SELECT 1")) or 0)


@get("/lost")
async def lost(session: Session) -> None:
    """The server ends the connection in the middle, as it does when it stops."""
    await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await session.execute(text("SELECT 1"))


@get("/raised/{code:str}")
async def raised(session: Session, code: str) -> None:
    await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{code}'; END $$"))


@get("/system/{number:int}")
async def system(number: int) -> None:
    raise OSError(number, "trouble")


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[Callable[[str], Awaitable[Answer]]]:
    """A service over a database, without its background work."""
    private, public = new_key_pair()
    settings = Settings(database_url=url, identity_private_key=private, identity_public_keys={"entrypoint": public})
    kernel = make_kernel("store", settings, transport=EmbeddedTransport())
    app: Litestar = build_app(kernel, [locked, slow, simple, lost, raised, system])
    client = ServiceClient("store", Signer("entrypoint", private), app=app)
    yield lambda path: client.send("GET", path)
    await client.close()
    await kernel.database.close()


@pytest.fixture
async def ask(
    event_database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[str], Awaitable[Answer]]]:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr(engine, "STATEMENT_TIMEOUT_MS", 300)
    async with asking(event_database.engine.url.render_as_string(hide_password=False)) as made:
        yield made


def is_passing(answer: Answer) -> bool:
    """503, with when to try again, and what did not happen."""
    return answer.status == 503 and "retry-after" in answer.headers and "Nothing was changed" in answer.json()["detail"]


async def test_a_lock_that_somebody_holds_too_long(
    event_database: Database, ask: Callable[[str], Awaitable[Answer]]
) -> None:
    async with event_database.transaction() as holder:
        await holder.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        assert is_passing(await ask("/locked"))
    assert (await ask("/locked")).status == 200


async def test_a_statement_that_takes_too_long(ask: Callable[[str], Awaitable[Answer]]) -> None:
    assert is_passing(await ask("/slow"))


async def test_a_connection_that_is_lost_and_the_next_one(ask: Callable[[str], Awaitable[Answer]]) -> None:
    assert is_passing(await ask("/lost"))
    assert (await ask("/simple")).status == 200


@pytest.mark.parametrize("state", ["08006", "40001", "40P01", "53100", "53200", "53300", "57P01", "57P02", "58030"])
async def test_what_the_server_says_of_its_own_trouble(ask: Callable[[str], Awaitable[Answer]], state: str) -> None:
    assert is_passing(await ask(f"/raised/{state}"))


async def test_a_fault_of_ours_stays_one(ask: Callable[[str], Awaitable[Answer]]) -> None:
    assert (await ask("/raised/42P01")).status == 500
    assert (await ask(f"/system/{errno.EISDIR}")).status == 500


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT])
async def test_what_the_system_refuses_for_now(ask: Callable[[str], Awaitable[Answer]], number: int) -> None:
    assert is_passing(await ask(f"/system/{number}"))


@pytest.mark.parametrize("url", ["postgresql://souk@/souk?host=/nowhere", "postgresql://souk:x@127.0.0.1:9/souk"])
async def test_a_server_that_is_not_there(url: str) -> None:
    async with asking(url) as ask:
        assert is_passing(await ask("/simple"))
        assert (await ask("/health/ready")).status == 503
