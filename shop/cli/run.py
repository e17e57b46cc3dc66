"""`souk run`: the embedded size, the whole shop on one machine, in one process or in several workers."""

import asyncio
import os
import signal
import socket
import sys

import click
import uvloop
from pydantic import ValidationError

from shop.cli.plan import WORKERS_MAX, Plan, default_workers, listening_socket
from shop.cli.serving import LEAVING, filling_of, serve, welcome
from shop.cli.workers import Workers
from shop.databases import LOG_FILE, data_dir, explained
from shop.embedded import only_one, open_databases, open_shop
from souk.database.fixed_settings import CurrencyDiffers
from souk.database.migrations import DatabaseNewer
from souk.database.postmaster import ServerFailed
from souk.observability import logging

PORT_DEFAULT = 8000


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), envvar="SOUK_PORT", default=PORT_DEFAULT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    envvar="SOUK_WORKERS",
    help="Processes that serve. Default: one for each core, up to eight.",
)
@click.option("--demo/--no-demo", default=True, show_default=True, help="Fill an empty shop with demo data.")
def run(port: int, host: str, workers: int | None, demo: bool) -> None:
    """Start the whole shop: no Docker, no broker, PostgreSQL included. Ctrl-C stops it."""
    os.umask(0o077)  # what is in the data folder is its owner's alone
    plan = Plan(
        folder=data_dir(),
        host=host,
        port=port,
        url=os.environ.get("SOUK_PUBLIC_URL", f"http://localhost:{port}"),
        demo=demo,
        workers=workers or default_workers(),
        log_level=os.environ.get("SOUK_LOG_LEVEL", "INFO"),
    )
    try:
        with only_one(plan.folder), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(plan))
    except (DatabaseNewer, ServerFailed, CurrencyDiffers) as reason:
        raise click.ClickException(str(reason)) from reason
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("\n  Stopped before it was open; the next start goes on from here.", err=True)
    except PermissionError as refused:
        raise click.ClickException(f"{refused}; `souk doctor` says more") from refused


async def _run(plan: Plan) -> None:
    # Until the server listens to signals itself, both end what is under way in order: Ctrl-C does already.
    starting = asyncio.current_task()
    assert starting is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, starting.cancel)
    logging.keep(plan.folder / LOG_FILE, level=plan.log_level)
    os.environ.setdefault("SOUK_LOG_LEVEL", "WARNING" if sys.stdout.isatty() else "INFO")
    os.environ.setdefault("SOUK_LOG_FORMAT", "console" if sys.stdout.isatty() else "json")
    # The port is taken before anything is started, so that a taken one is told at once.
    try:
        listener = listening_socket(plan.host, plan.port, shared=False)
        if plan.workers > 1:
            alone, listener = listener, listening_socket(plan.host, plan.port, shared=True)
            alone.close()
    except OSError as taken:
        reason = taken.strerror or str(taken)
        raise click.ClickException(f"port {plan.port} cannot be used ({reason}); SOUK_PORT chooses another") from taken
    with listener:
        await (_keep_workers(plan, starting) if plan.workers > 1 else _serve(plan, listener))


async def _serve(plan: Plan, listener: socket.socket) -> None:
    """The whole shop in this process."""
    listener.listen()
    async with open_shop(plan.folder, public_url=plan.url) as shop:
        filling = await filling_of(shop, plan.folder, wanted=plan.demo, filled=lambda: None)
        await serve(shop, listener, filling, lambda: welcome(plan.url, plan.folder))


async def _keep_workers(plan: Plan, starting: asyncio.Task[None]) -> None:
    """The databases here, and the shop in several workers. A signal ends them in order, a second one at once."""
    logging.configure(level=os.environ["SOUK_LOG_LEVEL"], style=os.environ["SOUK_LOG_FORMAT"])
    workers = Workers(plan)
    signalled = False

    def leave() -> None:
        nonlocal signalled
        signalled, again = True, signalled
        if again:
            workers.hurry()
        elif workers.is_open:
            workers.leave()
        else:
            starting.cancel()

    for number in LEAVING:
        asyncio.get_running_loop().add_signal_handler(number, leave)
    try:
        workers.start(1)  # it loads the services while the database starts
        async with open_databases(plan.folder, connections=plan.connections) as addresses:
            try:
                reason = await workers.keep(addresses)
            finally:
                await workers.end()
        if reason:
            raise click.ClickException(reason)
    finally:
        await workers.end()
