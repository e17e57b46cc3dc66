"""The shop in its shapes: embedded, as two workers, over RabbitMQ, with two instances of every service, as four processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from shop.audit import audit
from shop.runtime import Shop, build_shop, make_keys, running
from souk.clock import SystemClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.provision import SERVICES
from souk.events.embedded import EmbeddedTransport
from souk.events.rabbitmq import declare_all
from souk.http import app
from tests.broker import forget_queues
from tests.conftest import drop_database, fresh_database
from tests.journeys.people import Person
from tests.ports import free_port

CHEAP = {
    "password_memory_kib": 64,
    "password_passes": 1,
    "login_tries_max": 100_000,
    "login_tries_per_place_max": 100_000,
    "registrations_per_place_max": 100_000,
    "api_requests_per_minute": 1_000_000,
}
"""Passwords are hashed cheaply and nobody is slowed down: these tests are about the journey."""

START_MAX_S = 60

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
"""For modules whose tests share an open shop."""


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sweeper runs and no gauge is set, which come whenever they come: for tests that count statements."""

    async def rest(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(app, "run_sweepers", rest)
    monkeypatch.setattr(app, "GAUGES_EVERY_S", 3600)


class World:
    """A running shop and the way into it."""

    def __init__(
        self, http: httpx.AsyncClient, urls: Mapping[str, ServiceUrls], fronts: list[httpx.AsyncClient]
    ) -> None:
        self.http = http
        self.urls = urls
        self.fronts = fronts
        self._turn = 0
        self.currency = "EUR"

    async def person(self, name: str, money: int = 0) -> Person:
        """Somebody new, with money; people are spread over the entrypoint's instances."""
        self._turn += 1
        person = await Person(self.fronts[self._turn % len(self.fronts)], name).register()
        person.currency = self.currency
        if money:
            await person.add_money(money)
        return person

    async def proves(self, *people: Person, seconds: float = 30) -> None:
        """These people prove their addresses, and the payment service has heard of it."""
        addresses: Any = import_module("entrypoint.accounts.email_addresses")
        ids = [UUID(person.id) for person in people]
        async with self._database("entrypoint") as database, database.transaction() as session:
            for user_id in ids:
                await addresses.vouch(session, user_id, SystemClock().now())
        heard = text("SELECT count(*) FROM proved_address WHERE user_id = ANY(:ids)")
        until = asyncio.get_running_loop().time() + seconds
        async with self._database("payment") as database:
            while True:
                async with database.reading() as reader:
                    if await reader.scalar(heard, {"ids": ids}) == len(ids):
                        return
                assert asyncio.get_running_loop().time() < until, "payment did not hear of it"
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def _database(self, service: str) -> AsyncIterator[Database]:
        database = Database(self.urls[service].app, service=service, pool_max=1)
        try:
            yield database
        finally:
            await database.close()

    async def audit(self) -> None:
        """Fails if any invariant does not hold."""
        databases = {service: Database(url.app, service=service, pool_max=1) for service, url in self.urls.items()}
        try:
            findings = await audit(databases, patience_s=15)
        finally:
            for database in databases.values():
                await database.close()
        assert findings == []


def _overrides(folder: Path, **more: Any) -> dict[str, Any]:
    return {"data_dir": folder, "log_level": "WARNING", "database_pool_max": 8, **CHEAP, **more}


def _front(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost:8000", timeout=30)


@asynccontextmanager
async def embedded_world(
    urls: Mapping[str, ServiceUrls], folder: Path, **more: Any
) -> AsyncIterator[tuple[World, Shop]]:
    """All services in this process, events straight from the outbox."""
    addresses = {service: url.app for service, url in urls.items()}
    shop = build_shop(addresses, transport=EmbeddedTransport(), overrides=_overrides(folder, **more))
    async with running(shop), _front(shop.entrypoint) as http:
        yield World(http, urls, [http]), shop


@asynccontextmanager
async def workers_world(
    urls: Mapping[str, ServiceUrls], folder: Path, **more: Any
) -> AsyncIterator[tuple[World, list[Shop]]]:
    """Two workers of `souk run`, though in this process: each the whole shop, with nothing but the database in common."""
    addresses = {service: url.app for service, url in urls.items()}
    settings = {"overrides": _overrides(folder, **more), "keys": folder / "keys.json"}
    shops = [build_shop(addresses, transport=EmbeddedTransport(), **settings) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for shop in shops:
            await stack.enter_async_context(running(shop))
        fronts = [await stack.enter_async_context(_front(shop.entrypoint)) for shop in shops]
        yield World(fronts[0], urls, fronts), shops


@asynccontextmanager
async def rabbit_world(
    urls: Mapping[str, ServiceUrls], folder: Path, amqp_url: str, *, instances: int
) -> AsyncIterator[World]:
    """`instances` of every service in this process, events over RabbitMQ."""
    namespace = f"souk-test-{uuid4().hex[:10]}"
    addresses = {service: url.app for service, url in urls.items()}
    overrides = _overrides(folder, amqp_url=amqp_url, amqp_namespace=namespace)
    shops = [build_shop(addresses, transport=None, overrides=overrides) for _ in range(instances)]
    consumers = [consumer for service in SERVICES for consumer in shops[0].kernel(service).consumers]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(forget_queues, amqp_url, namespace, consumers)
        await declare_all(amqp_url, consumers, namespace)
        for shop in shops:
            await stack.enter_async_context(running(shop))
        fronts = [await stack.enter_async_context(_front(shop.entrypoint)) for shop in shops]
        yield World(fronts[0], urls, fronts)


class Processes:
    """The four services as processes of `souk serve`, over RabbitMQ."""

    def __init__(self, urls: Mapping[str, ServiceUrls], folder: Path, amqp_url: str) -> None:
        self._urls = urls
        self._folder = folder
        self.amqp_url = amqp_url
        self.namespace = f"souk-test-{uuid4().hex[:10]}"
        self.ports = {service: free_port() for service in SERVICES}
        self._private, self._public = make_keys()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, service: str) -> dict[str, str]:
        """What a process of this service is told."""
        return os.environ | {
            "SOUK_SIZE": "compose",
            "SOUK_PUBLIC_URL": f"http://localhost:{self.ports['entrypoint']}",
            "SOUK_DATABASE_URL": self._urls[service].app,
            "SOUK_AMQP_URL": self.amqp_url,
            "SOUK_AMQP_NAMESPACE": self.namespace,
            "SOUK_IDENTITY_PRIVATE_KEY": self._private[service],
            "SOUK_IDENTITY_PUBLIC_KEYS": json.dumps(self._public),
            "SOUK_DATA_DIR": str(self._folder),
            "SOUK_SELF_DEPOSIT": "true",
            **{f"SOUK_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in self.ports.items()},
            **{f"SOUK_{name.upper()}": str(value) for name, value in CHEAP.items()},
        }

    def start(self, service: str) -> None:
        """Start one."""
        command = [sys.executable, "-m", "shop", "serve", service, "--port", str(self.ports[service])]
        log = (self._folder / f"{service}.log").open("ab")
        self._running[service] = subprocess.Popen(command, env=self.environment(service), stdout=log, stderr=log)

    def kill(self, service: str) -> None:
        """End one as a crash would: at once, with nothing put in order."""
        process = self._running.pop(service)
        process.kill()
        process.wait()

    def stop_for_a_while(self, service: str) -> None:
        """Leave one its connections and take the processor from it: it accepts requests, and answers none."""
        self._running[service].send_signal(signal.SIGSTOP)

    def go_on(self, service: str) -> None:
        """Give it back."""
        self._running[service].send_signal(signal.SIGCONT)

    async def ready(self, service: str) -> None:
        """Wait until it is ready."""
        until = asyncio.get_running_loop().time() + START_MAX_S
        async with httpx.AsyncClient() as http:
            while True:
                try:
                    answer = await http.get(f"http://127.0.0.1:{self.ports[service]}/health/ready", timeout=2)
                    if answer.status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                log = (self._folder / f"{service}.log").read_text()[-3000:]
                assert service in self._running, "it was killed"
                assert self._running[service].poll() is None, f"{service} ended: {log}"
                assert asyncio.get_running_loop().time() < until, f"{service} is not ready: {log}"
                await asyncio.sleep(0.1)

    def stop(self) -> None:
        """End all in order."""
        for process in self._running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def process_world(
    urls: Mapping[str, ServiceUrls], folder: Path, amqp_url: str
) -> AsyncIterator[tuple[World, Processes]]:
    """Four processes, as in compose."""
    addresses = {service: url.app for service, url in urls.items()}
    shop = build_shop(addresses, transport=EmbeddedTransport(), overrides=_overrides(folder))
    consumers = [consumer for service in SERVICES for consumer in shop.kernel(service).consumers]
    processes = Processes(urls, folder, amqp_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(forget_queues, amqp_url, processes.namespace, consumers)
        await declare_all(amqp_url, consumers, processes.namespace)
        stack.callback(processes.stop)
        for service in SERVICES:
            processes.start(service)
        for service in SERVICES:
            await processes.ready(service)
        base = f"http://127.0.0.1:{processes.ports['entrypoint']}"
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=base, timeout=30))
        yield World(http, urls, [http]), processes


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[
        "embedded",
        "two-workers",
        pytest.param("rabbitmq", marks=pytest.mark.rabbitmq),
        pytest.param("two-of-each", marks=pytest.mark.rabbitmq),
    ],
)
async def open_world(
    request: pytest.FixtureRequest, postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The shop in each shape that fits one process. A module's tests go to the same one, as people do: each has people
    of its own."""
    folder = tmp_path_factory.mktemp("shop")
    urls = {service: await fresh_database(postgres, service) for service in SERVICES}
    async with AsyncExitStack() as stack:
        for url in urls.values():
            stack.push_async_callback(drop_database, postgres, url)
        if request.param == "embedded":
            made, _ = await stack.enter_async_context(embedded_world(urls, folder))
        elif request.param == "two-workers":
            made, _ = await stack.enter_async_context(workers_world(urls, folder))
        else:
            instances = 2 if request.param == "two-of-each" else 1
            amqp_url = request.getfixturevalue("amqp_url")
            made = await stack.enter_async_context(rabbit_world(urls, folder, amqp_url, instances=instances))
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def world(open_world: World) -> AsyncIterator[World]:
    """The open shop; each test ends with a clean audit. Modules that use it run in one event loop: `IN_ONE_LOOP`."""
    yield open_world
    await open_world.audit()
