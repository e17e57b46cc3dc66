"""Where a shop's databases are: the embedded server in the data folder, or the ones the environment names."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from souk.database import Database, embedded
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.fixed_settings import check_currency
from souk.database.migrations import upgrade
from souk.database.provision import SERVICES

DATA_DIR_DEFAULT = "data"

KEYS_FILE = "keys.json"
"""The private keys of the embedded shop's services, in the data folder: what they sign outlasts a restart."""

LOG_FILE = "souk.log"
"""The embedded shop's JSON log, in the data folder; each of several workers has one of its own beside it."""


def worker_log(number: int | str) -> str:
    """The log of one of several workers; with `*` the pattern of all."""
    return LOG_FILE.replace(".", f"-{number}.")


def data_dir() -> Path:
    """The data folder: `SOUK_DATA_DIR`, else `data` in the present folder."""
    return Path(os.environ.get("SOUK_DATA_DIR", DATA_DIR_DEFAULT)).expanduser().resolve()


def urls_from_environment() -> dict[str, ServiceUrls] | None:
    """Every service's database as `SOUK_<SERVICE>_DATABASE_URL` (and `..._MIGRATION_URL`) name it; None if none does."""
    named = {service: os.environ.get(f"SOUK_{service.upper()}_DATABASE_URL", "") for service in SERVICES}
    if not any(named.values()):
        return None
    missing = [f"SOUK_{service.upper()}_DATABASE_URL" for service, url in named.items() if not url]
    if missing:
        raise ValueError(f"set {', '.join(missing)} as well: a command over all services needs every database")
    owners = {service: os.environ.get(f"SOUK_{service.upper()}_MIGRATION_URL", named[service]) for service in SERVICES}
    return {service: ServiceUrls(app=named[service], owner=owners[service]) for service in SERVICES}


async def open_embedded(folder: Path, *, connections: int = 0) -> tuple[EmbeddedServer, dict[str, ServiceUrls]]:
    """Start (or join) the embedded server, with every service's database there and migrated."""
    server = await embedded.start_async(folder, connections=connections)
    urls = await server.ensure()
    for service in SERVICES:
        await upgrade(urls[service].owner, service)
    return server, urls


async def check_currencies(urls: Mapping[str, ServiceUrls], services: Iterable[str], currency: str) -> None:
    """Raise CurrencyDiffers if one of the services' databases keeps another currency."""
    for service in services:
        database = Database(urls[service].app, service=service, pool_max=1)
        try:
            async with database.reading() as reader:
                await check_currency(reader, service, currency)
        finally:
            await database.close()


@asynccontextmanager
async def all_databases() -> AsyncIterator[dict[str, Database]]:
    """Every service's database, for commands that look over all of them."""
    server: EmbeddedServer | None = None
    urls = urls_from_environment()
    if urls is None:
        server, urls = await open_embedded(data_dir())
    databases = {service: Database(urls[service].app, service=service, pool_max=2) for service in SERVICES}
    try:
        yield databases
    finally:
        for database in databases.values():
            await database.close()
        if server is not None:
            server.stop()


def explained(wrong: ValidationError) -> str:
    """What is wrong with which setting, without the values."""
    lines = []
    for error in wrong.errors():
        name = ".".join(str(part) for part in error["loc"])
        lines.append(f"SOUK_{name.upper()}: {error['msg']}" if name else str(error["msg"]))
    return "; ".join(lines)
