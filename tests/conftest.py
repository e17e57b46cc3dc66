"""What every test may use: the embedded PostgreSQL, a fresh database per test, the running shop."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from entrypoint.clients import fallbacks
from shop.runtime import settle
from souk.clock import ManualClock
from souk.database import Database, embedded
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.migrations import upgrade
from souk.database.provision import SERVICES, app_role, owner_role
from tests import once
from tests.administrator import Administrator
from tests.broker import HOW_TO_GET_BROKER, find_broker
from tests.services import HOW_TO_GET_CHROMIUM, HOW_TO_GET_SPIN, find_chromium, find_spin

pytest_plugins = ["tests.told"]

settings.register_profile("souk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("souk")  # a busy machine is no fault of what is tested

os.environ["SOUK_IDLE_LOOK_S"] = "1"
"""Tests move the clock, which no sweeper hears of; they do not wait as long as a shop may."""

TEMPLATE = "template_souk"

LENT = "SOUK_TEST_POSTGRES"
"""Folder of a server with its templates that another run of pytest made and keeps running: its starter's, see
`tests/mutants/test_mutants.py`."""

ADMINISTRATORS: dict[str, Administrator] = {}
"""Of each server that is used, by the folder of its socket."""

IN_MEMORY = Path("/dev/shm")
ROOM_MIN = 4 * 2**30
"""Bytes that the tests' databases may come to need. In memory they are made ten times as fast as in some file systems."""

QUICK = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "'128MB'", "max_wal_size": "'512MB'"}
"""Tests prove behaviour, not the disk; benchmarks and the shop itself keep fsync on. To make and drop a database, all
buffers are looked through."""


def pytest_configure(config: pytest.Config) -> None:
    """Each run has a temporary folder of its own. pytest closes the one that it shares between runs to all but its owner
    at every start, and as root the database server of a run under way is somebody else: it dies of that."""
    if not hasattr(config, "workerinput"):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp(prefix="souk-tests-")


def pytest_collection_finish() -> None:
    """As a shop does at its start: what was imported stays, and no search for garbage goes through it again."""
    settle()


@pytest.hookimpl(trylast=True)  # the workers are done with theirs by then
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What a run left is for looking at when it failed."""
    if not hasattr(session.config, "workerinput") and exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(os.environ["PYTEST_DEBUG_TEMPROOT"], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """What is the same in every app is made once per worker."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    (folder / "templates").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        once.share(patch, folder / "templates")
        patch.setattr(fallbacks, "NUMBERS_WAIT_S", 30.0)  # no page leaves anything out because the machine is busy
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[EmbeddedServer]:
    """One embedded server for all test workers, with a migrated template database per service."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    # A unix socket's path may have about 100 bytes at most, so the server lives under a short name.
    link = shared / "postgres-folder"
    with (shared / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not link.exists():
            link.write_text(os.environ.get(LENT) or tempfile.mkdtemp(prefix="souk", dir=_roomy()))
        folder = Path(link.read_text())
        server = embedded.start(folder)
        if not (folder / "ready").exists():
            asyncio.run(_make_templates(server))
            server.stop()  # some of its settings count from the next start
            server = embedded.start(folder)
            asyncio.run(_visit_templates(server))
            (folder / "ready").touch()
    ADMINISTRATORS[server.socket_dir] = Administrator(server)
    yield server
    ADMINISTRATORS.pop(server.socket_dir).close()
    with (shared / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.stop()
        if not (folder / "postgres/postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)


async def _make_templates(server: EmbeddedServer) -> None:
    urls = await server.ensure(TEMPLATE)
    for service in SERVICES:
        if (Path(service) / "migrations").exists():
            await upgrade(urls[service].owner, service)
    admin = await server.admin()
    for name, value in QUICK.items():
        await admin.execute(f"ALTER SYSTEM SET {name} = {value}")
    await admin.close()


async def _visit_templates(server: EmbeddedServer) -> None:
    """Whoever comes first to a database writes down what its catalog says, which halves the time that connections take.
    The server forgets it at its start; what is written in a template is in all its copies."""
    for service in SERVICES:
        await (await server.admin(f"{TEMPLATE}_{service}")).close()


def _roomy() -> Path | None:
    """Where the databases are kept: in memory if there is room; None stands for the usual place of temporary files."""
    there = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)
    return IN_MEMORY if there and shutil.disk_usage(IN_MEMORY).free >= ROOM_MIN else None


async def fresh_database(server: EmbeddedServer, service: str) -> ServiceUrls:
    """A new copy of the service's migrated, empty database."""
    name = f"t_{service}_{uuid4().hex[:12]}"
    await ADMINISTRATORS[server.socket_dir].run(
        f'CREATE DATABASE {name} TEMPLATE {TEMPLATE}_{service} OWNER "{owner_role(service)}" STRATEGY file_copy',
        f'GRANT CONNECT ON DATABASE {name} TO "{app_role(service)}"',
    )
    return ServiceUrls(app=server.url(name, app_role(service)), owner=server.url(name, owner_role(service)))


async def drop_database(server: EmbeddedServer, urls: ServiceUrls) -> None:
    """Forget a test's database."""
    name = urls.app.split("@/")[1].split("?")[0]
    await ADMINISTRATORS[server.socket_dir].run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
async def urls(postgres: EmbeddedServer) -> AsyncIterator[dict[str, ServiceUrls]]:
    """Fresh databases of all four services."""
    made = {service: await fresh_database(postgres, service) for service in SERVICES}
    yield made
    for url in made.values():
        await drop_database(postgres, url)


async def one_database(postgres: EmbeddedServer, service: str) -> AsyncIterator[Database]:
    """A fresh database of one service, as the role that serves."""
    urls = await fresh_database(postgres, service)
    database = Database(urls.app, service=service, pool_max=20)
    yield database
    await database.close()
    await drop_database(postgres, urls)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that tests can move forward."""
    return ManualClock()


def _needed_once(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, name: str, find: Callable[[Path], str | None]
) -> str:
    """Look for something on this machine once for all test workers; the answer, empty if it is not to be had."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    known = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            known.write_text(find(shared) or "")
    return known.read_text()


def _skip_or_fail(what: str, how: str) -> None:
    """Without a thing its tests are skipped, and say how to get it; in CI nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not to be had here: {how}")
    pytest.skip(f"{what} is not to be had here: {how}")


@pytest.fixture(scope="session")
def amqp_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """A real RabbitMQ broker."""

    def find(shared: Path) -> str | None:
        broker = find_broker(shared / "rabbitmq")
        return broker.amqp_url if broker else None

    url = _needed_once(tmp_path_factory, worker_id, "amqp-url", find)
    if not url:
        _skip_or_fail("a RabbitMQ broker", HOW_TO_GET_BROKER)
    return url


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The path of a real Chromium."""
    path = _needed_once(tmp_path_factory, worker_id, "chromium", lambda _: find_chromium())
    if not path:
        _skip_or_fail("Chromium", HOW_TO_GET_CHROMIUM)
    return path


@pytest.fixture(scope="session")
def spin(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The path of a real Spin, which walks through models."""
    path = _needed_once(tmp_path_factory, worker_id, "spin", lambda _: find_spin())
    if not path:
        _skip_or_fail("Spin", HOW_TO_GET_SPIN)
    return path


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was not tested, and how to get it tested."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT TESTED: {reason}")
