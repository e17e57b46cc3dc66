"""A request's line: how bad it was, why, what it was about, and which instance wrote it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from litestar.exceptions import HTTPException
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shop.runtime import running_app
from souk.database import Database, ReadSession
from souk.errors import NotFound, Unavailable
from souk.events.embedded import EmbeddedTransport
from souk.http import Identity, ServiceClient, build_app, make_kernel
from souk.http.identity import Signer, new_key_pair
from souk.observability import logging
from souk.observability.log_fields import note, note_cause, said
from souk.settings import Settings
from tests.ports import free_port

ABOUT = {"purchase_id": ("p-1",), "order_id": ("o-1", "o-2"), "order_number": ("S-1", "S-2")}


@get("/broken")
async def broken() -> None:
    """Has a bug."""
    raise KeyError("a secret detail")


@get("/full")
async def full() -> None:
    """Has no room just now."""
    raise Unavailable("Many pictures are being uploaded just now.")


@get("/no-connection")
async def no_connection() -> None:
    """Waited for the database in vain."""
    raise PoolTimeout("QueuePool limit of size 8 reached")


@get("/locked")
async def locked(reader: ReadSession) -> None:
    """The database gives up."""
    await reader.execute(text("DO $$ BEGIN RAISE SQLSTATE '57P01'; END $$"))


@get("/slow")
async def slow(reader: ReadSession) -> None:
    """Takes the database too long."""
    await reader.execute(text("SET LOCAL statement_timeout = '1ms'"))
    await reader.execute(text("SELECT pg_sleep(9)"))


@get("/wallet")
async def wallet() -> None:
    """Fails where it is, too."""
    raise Unavailable("Many documents are being packed just now.")


@get("/teapot")
async def teapot() -> None:
    """Litestar's own failure."""
    raise HTTPException(status_code=502, detail="from a library")


@get("/upstream")
async def upstream(peer: ServiceClient) -> None:
    """Needs another service."""
    await peer.get("/wallet", dict[str, str])


@get("/without")
async def without(peer: ServiceClient) -> str:
    """Makes do without another service."""
    try:
        await peer.get("/wallet", dict[str, str])
    except Unavailable:
        return "without"
    return "with"


@get("/both")
async def both(peer: ServiceClient) -> None:
    """Asks for two things at once."""
    await asyncio.gather(*(peer.get("/wallet", dict[str, str]) for _ in range(2)))


@get("/order")
async def order(identity: Identity) -> None:
    """Is about two orders of one purchase, and refuses."""
    identity.require_service("entrypoint")
    note(ABOUT)
    raise NotFound("There is no such order among yours.")


@get("/page")
async def page(peer: ServiceClient) -> None:
    """Asks for them, for somebody."""
    await peer.get("/order", dict[str, str])


ROUTES = [broken, full, no_connection, locked, slow, wallet, teapot, upstream, both, without, order, page]


class Pair:
    """An entrypoint and the payment service that it asks, which can be away."""

    def __init__(self, database: Database) -> None:
        private, public = new_key_pair()
        self._settings = Settings(
            database_url=database.engine.url.render_as_string(hide_password=False),
            identity_private_key=private,
            identity_public_keys={"entrypoint": public},
        )
        self._signer = Signer("entrypoint", private)
        self.payment = self.app("payment", None)
        self.here = self.app("entrypoint", ServiceClient("payment", self._signer, app=self.payment))
        away = ServiceClient("payment", self._signer, url=f"http://127.0.0.1:{free_port()}")
        self.alone = self.app("entrypoint", away)

    def app(self, service: str, peer: ServiceClient | None) -> Litestar:
        kernel = make_kernel(service, self._settings, transport=EmbeddedTransport())
        more: dict[str, Any] = {"identify": lambda: Identity(service="entrypoint")} if service == "entrypoint" else {}
        return build_app(kernel, ROUTES, singletons={"peer": peer}, **more)

    async def get(self, app: Litestar, path: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),  # type: ignore[arg-type]
            base_url="http://localhost",
        ) as http:
            return await http.get(path)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Where the services write their log."""
    logging.keep(tmp_path / "souk.log")
    yield tmp_path / "souk.log"
    logging.forget()


@pytest.fixture
async def pair(event_database: Database, log: Path) -> AsyncIterator[Pair]:
    made = Pair(event_database)
    async with running_app(made.payment), running_app(made.here), running_app(made.alone):
        yield made


def written(log: Path) -> list[dict[str, Any]]:
    """The requests' lines."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in lines if line["event"] == "request"]


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/broken", "KeyError"),
        ("/full", "Many pictures are being uploaded just now."),
        ("/no-connection", "database: TimeoutError"),
        ("/locked", "database: AdminShutdownError"),
        ("/slow", "database: QueryCanceledError"),
        ("/teapot", "HTTPException"),
        ("/upstream", "payment: ConnectError"),
        ("/both", "payment: ConnectError"),
    ],
)
async def test_a_failure_is_an_error_with_its_cause(pair: Pair, log: Path, path: str, cause: str) -> None:
    answer = await pair.get(pair.alone, path)
    [line] = written(log)
    assert answer.status_code >= 500
    assert (line["level"], line["status"], line["cause"]) == ("error", answer.status_code, cause)
    assert line["service"] == "entrypoint"


async def test_what_another_service_failed_at_is_its_callers_cause(pair: Pair, log: Path) -> None:
    assert (await pair.get(pair.here, "/upstream")).status_code == 503
    assert [(line["service"], line["level"], line["cause"]) for line in written(log)] == [
        ("payment", "error", "Many documents are being packed just now."),
        ("entrypoint", "error", "payment: unavailable"),
    ]


async def test_an_answer_that_does_without_something_is_a_warning(pair: Pair, log: Path) -> None:
    assert (await pair.get(pair.alone, "/without")).text == "without"
    [line] = written(log)
    assert (line["level"], line["status"], line["cause"]) == ("warning", 200, "payment: ConnectError")


async def test_the_cause_of_one_request_is_not_the_next_ones(pair: Pair, log: Path) -> None:
    await pair.get(pair.alone, "/without")
    await pair.get(pair.alone, "/order")
    assert [line.get("cause") for line in written(log)] == ["payment: ConnectError", None]


async def test_outside_of_requests_nothing_is_noted() -> None:
    note(ABOUT)
    note_cause("payment: ConnectError")
    assert said() == {}


async def test_whoever_asked_says_what_it_was_about_and_strangers_are_not_told(pair: Pair, log: Path) -> None:
    answer = await pair.get(pair.here, "/page")
    assert "x-souk-about" not in answer.headers
    lines = written(log)
    assert [(line["service"], line["status"], line["problem"]) for line in lines] == [
        ("payment", 404, "not-found"),
        ("entrypoint", 404, "not-found"),
    ]
    for line in lines:
        assert {name: line[name].split(",") for name in ABOUT} == {name: list(ids) for name, ids in ABOUT.items()}
        assert line["instance"].endswith(f":{os.getpid()}")
        assert line["instance"] == lines[0]["instance"]
