"""`souk doctor`: says what is wrong with a set-up, and how to mend it."""

import asyncio
import os
import shutil
import socket
import sys
from pathlib import Path

import aio_pika
import click
from pydantic import ValidationError

from shop.cli.run import PORT_DEFAULT
from shop.databases import data_dir, explained, urls_from_environment
from souk.database import Database, embedded
from souk.database.fixed_settings import CurrencyDiffers, check_currency
from souk.database.migrations import unknown_revision
from souk.database.provision import SERVICES
from souk.money import exponent
from souk.settings import Settings, load

FREE_BYTES_MIN = 1_000_000_000
"""Less free space than this is worth a warning."""


class Wrong(Exception):
    """Something is wrong; the message says what, and how to mend it."""


@click.command()
@click.option("--port", type=int, envvar="SOUK_PORT", default=PORT_DEFAULT, show_default=True)
def doctor(port: int) -> None:
    """Check Python, the port, the data folder, the currency, the databases and the broker."""
    checks = [
        ("Python", _python),
        (f"port {port}", lambda: _port(port)),
        ("data folder", lambda: _folder(data_dir())),
        ("currency", _currency),
        ("databases", lambda: asyncio.run(_databases())),
        ("broker", lambda: asyncio.run(_broker())),
    ]
    failed = 0
    for name, check in checks:
        try:
            click.echo(f"ok      {name}: {check()}")
        except Wrong as wrong:
            failed += 1
            click.echo(f"WRONG   {name}: {wrong}")
    sys.exit(1 if failed else 0)


def _python() -> str:
    if sys.version_info < (3, 11):  # noqa: UP036 - people run this to learn it
        raise Wrong(f"{sys.version.split()[0]} is too old; install Python 3.11 or newer")
    return sys.version.split()[0]


def _port(port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise Wrong(
                f"it cannot be used ({taken.strerror}); stop what uses it, or choose another with SOUK_PORT"
            ) from taken
    return "free"


def _folder(folder: Path) -> str:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir():
        raise Wrong(f"{existing} is a file; move it, or choose another folder with SOUK_DATA_DIR")
    if not os.access(existing, os.W_OK):
        raise Wrong(f"{existing} cannot be written to; change its owner, or choose another with SOUK_DATA_DIR")
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES_MIN:
        raise Wrong(f"only {free // 1_000_000} MB are free under {existing}; make room")
    version = folder / "postgres" / "PG_VERSION"
    if version.exists() and version.read_text().strip() != embedded.POSTGRES_MAJOR:
        raise Wrong(
            f"it was made by PostgreSQL {version.read_text().strip()}, this is {embedded.POSTGRES_MAJOR}; "
            "use the version of Souk that made it, or another folder with SOUK_DATA_DIR"
        )
    return f"{folder}, {free // 1_000_000_000} GB free"


def _set_currency() -> str | None:
    """The currency that is set; None if it is none, which a check of its own says."""
    try:
        return load(Settings).currency
    except ValidationError:
        return None


def _currency() -> str:
    try:
        currency = load(Settings).currency
    except ValidationError as wrong:
        raise Wrong(explained(wrong)) from wrong
    return f"{currency}, with {exponent(currency)} decimal places"


async def _databases() -> str:
    currency = _set_currency()
    urls = urls_from_environment()
    server = None
    if urls is None:
        if not (data_dir() / "postgres" / "PG_VERSION").exists():
            return "the embedded server will be made at the first start"
        try:
            server = await embedded.start_async(data_dir())
            urls = await server.ensure()
        except Exception as failure:
            raise Wrong(f"the embedded server does not start: {failure}; see {data_dir()}/postgres/log") from failure
    try:
        for service in SERVICES:
            await _database(service, urls[service].app, currency)
    finally:
        if server is not None:
            server.stop()
    return "all four answer; none is newer than this Souk, or in another currency"


async def _database(service: str, url: str, currency: str | None) -> None:
    database = Database(url, service=service, pool_max=1)
    try:
        async with database.reading() as session:
            unknown = await unknown_revision(session, service)
            if currency is not None:
                await check_currency(session, service, currency)
    except CurrencyDiffers as differs:
        raise Wrong(str(differs)) from differs
    except OSError as failure:
        raise Wrong(f"{service}: nothing answers ({failure}); start PostgreSQL, or correct its URL") from failure
    except Exception as failure:
        raise Wrong(f"{service}: {failure}; check role, password and database name") from failure
    finally:
        await database.close()
    if unknown is not None:
        raise Wrong(f"{service}: it is at revision {unknown}, of a newer Souk; run that one, or another data folder")


async def _broker() -> str:
    url = os.environ.get("SOUK_AMQP_URL", "")
    if not url:
        return "not needed in the embedded size"
    try:
        connection = await aio_pika.connect(url, timeout=5)
        await connection.close()
    except Exception as failure:
        raise Wrong(
            f"RabbitMQ is not reachable ({failure!r}); start it, or correct host, login and vhost in SOUK_AMQP_URL"
        ) from failure
    return "answers"
