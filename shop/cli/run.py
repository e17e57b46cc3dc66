"""`souk run`: the embedded size, the whole shop in one process."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import uvicorn
import uvloop
from pydantic import ValidationError

from shop.databases import LOG_FILE, data_dir, explained
from shop.demo import state as demo_state
from shop.embedded import only_one, open_shop, settling
from shop.runtime import Shop, settle
from souk.database.fixed_settings import CurrencyDiffers
from souk.database.migrations import DatabaseNewer
from souk.database.postmaster import ServerFailed
from souk.http.serving import PatientProtocol
from souk.observability import logging

PORT_DEFAULT = 8000
STOP_WITHIN_S = 3


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), envvar="SOUK_PORT", default=PORT_DEFAULT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--demo/--no-demo", default=True, show_default=True, help="Fill an empty shop with demo data.")
def run(port: int, host: str, demo: bool) -> None:
    """Start the whole shop: no Docker, no broker, PostgreSQL included. Ctrl-C stops it."""
    os.umask(0o077)  # what is in the data folder is its owner's alone
    folder = data_dir()
    try:
        with only_one(folder), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(folder, host, port, demo))
    except (DatabaseNewer, ServerFailed, CurrencyDiffers) as reason:
        raise click.ClickException(str(reason)) from reason
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("\n  Stopped before it was open; the next start goes on from here.", err=True)
    except PermissionError as refused:
        raise click.ClickException(f"{refused}; `souk doctor` says more") from refused


async def _run(folder: Path, host: str, port: int, demo: bool) -> None:
    # Until the server listens to signals itself, both end what is under way in order: Ctrl-C does already.
    starting = asyncio.current_task()
    assert starting is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, starting.cancel)
    url = os.environ.get("SOUK_PUBLIC_URL", f"http://localhost:{port}")
    logging.keep(folder / LOG_FILE, level=os.environ.get("SOUK_LOG_LEVEL", "INFO"))
    os.environ.setdefault("SOUK_LOG_LEVEL", "WARNING" if sys.stdout.isatty() else "INFO")
    os.environ.setdefault("SOUK_LOG_FORMAT", "console" if sys.stdout.isatty() else "json")
    listener = _listen(host, port)
    async with open_shop(folder, public_url=url) as shop:
        filling = await _filling(shop, folder, wanted=demo)
        settle()
        server = _Server(
            uvicorn.Config(
                shop.entrypoint,
                host=host,
                port=port,
                lifespan="off",
                http=PatientProtocol,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            ),
            leaving=shop.entrypoint.state.parts.live.close,
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.01)
        if server.started:
            click.echo(_welcome(url, folder), err=True)
        async with filling:
            await serving


async def _filling(shop: Shop, folder: Path, *, wanted: bool) -> AbstractAsyncContextManager[None]:
    """Fills the shop for as long as it is entered, if it is to be filled. The logins are there when this returns."""
    state = demo_state.load(folder)
    if state.done if state is not None else not wanted:
        return nullcontext()
    from shop.cli.demo import meanwhile  # noqa: PLC0415 - draws pictures: not loaded at every start
    from shop.cli.filling import Filling  # noqa: PLC0415

    filling = await Filling.due(shop.entrypoint, folder, wanted=wanted, settled=settling(shop))
    return meanwhile(filling) if filling is not None else nullcontext()


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is started, so that a taken one is told at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as taken:
        reason = taken.strerror or str(taken)
        raise click.ClickException(f"port {port} cannot be used ({reason}); SOUK_PORT chooses another") from taken
    listener.listen()
    return listener


class _Server(uvicorn.Server):
    """Leaves stopping to us: a signal ends serving, and the shop is then closed in order.

    `leaving` ends the live streams, which would otherwise hold the server open.
    """

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self._leaving = leaving

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        yield

    def _leave(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._leaving()


def _welcome(url: str, folder: Path) -> str:
    logins = folder / demo_state.LOGINS_FILE
    lines = [f"\n  Souk is open at {url}\n"]
    if logins.exists():
        lines.append(logins.read_text())
    lines.append("  Ctrl-C closes it; everything is kept in " + str(folder) + "\n")
    return "\n".join(lines)
