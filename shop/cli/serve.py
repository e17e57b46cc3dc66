"""`souk serve`: one service alone, as in the compose and cluster sizes."""

import asyncio
import contextlib
import os
import tempfile
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shop.databases import explained
from shop.runtime import settle
from shop.services import SETTINGS, create_app
from souk.database import Database
from souk.database.fixed_settings import CurrencyDiffers, pin_currency
from souk.database.provision import SERVICES
from souk.settings import Settings, load

PORTS = {"entrypoint": 8000, "catalogue": 8001, "store": 8002, "payment": 8003}
"""Where a service listens unless told otherwise."""

SERVICE_VARIABLE = "SOUK_SERVE_SERVICE"


def app_from_environment() -> Any:
    """What each worker process starts."""
    service = os.environ[SERVICE_VARIABLE]
    app = create_app(load(SETTINGS[service]))
    settle()
    return app


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: entrypoint 8000, then 8001 to 8003.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
def serve(service: str, host: str, port: int | None, workers: int) -> None:
    """Start one service, told by SOUK_... variables where its database, the broker and the others are."""
    try:
        settings = load(SETTINGS[service])
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong
    if not settings.database_url:
        raise click.ClickException("SOUK_DATABASE_URL is not set: a service alone needs its database")
    if not settings.identity_private_key:
        raise click.ClickException(
            "SOUK_IDENTITY_PRIVATE_KEY is not set: `souk secrets make` makes a set for all services"
        )
    try:
        asyncio.run(_begin(service, settings))
    except CurrencyDiffers as differs:
        raise click.ClickException(str(differs)) from differs
    os.environ[SERVICE_VARIABLE] = service
    if workers > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="souk-metrics-"))
    _serve(host, port or PORTS[service], workers)


async def _begin(service: str, settings: Settings) -> None:
    """Refuse another currency here, where it can be said in a sentence; a database that does not answer yet, the started
    service waits for, and asks then."""
    database = Database(settings.database_url, service=service, pool_max=1)
    try:
        with contextlib.suppress(DBAPIError, OSError):
            await pin_currency(database, settings.currency)
    finally:
        await database.close()


def _serve(host: str, port: int, workers: int) -> None:
    import uvicorn  # noqa: PLC0415 - only this command needs it

    from souk.http.serving import PatientProtocol  # noqa: PLC0415 - nor this

    uvicorn.run(
        "shop.cli.serve:app_from_environment",
        factory=True,
        host=host,
        port=port,
        http=PatientProtocol,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
