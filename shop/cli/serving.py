"""One process of `souk run` answers on the shop's port, until it is told to leave."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import uvicorn

from shop.demo import state as demo_state
from shop.embedded import settling
from shop.runtime import Shop, settle
from souk.http.serving import PatientProtocol

STOP_WITHIN_S = 3

LEAVING = (signal.SIGINT, signal.SIGTERM)

Filling = AbstractAsyncContextManager[asyncio.Task[None] | None]


async def serve(
    shop: Shop,
    listener: socket.socket,
    filling: Filling,
    opened: Callable[[], None],
    signals: Sequence[signal.Signals] = LEAVING,
) -> None:
    """Answer at `listener` until a signal says to leave, and fill the shop meanwhile; `opened` is called once it answers."""
    settle()
    config = uvicorn.Config(
        shop.entrypoint,
        lifespan="off",
        http=PatientProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    server = _Server(config, leaving=shop.entrypoint.state.parts.live.close, signals=signals)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event for it
        await asyncio.sleep(0.01)
    if server.started:
        opened()
    async with filling:
        await serving


async def filling_of(shop: Shop, folder: Path, *, wanted: bool, filled: Callable[[], None]) -> Filling:
    """Fills the shop for as long as it is entered, if it is to be filled; `filled` is called when nothing is (left) to do.
    The logins are there when this returns."""
    state = demo_state.load(folder)
    if not (state.done if state is not None else not wanted):
        from shop.cli.demo import meanwhile  # noqa: PLC0415 - draws pictures: not loaded at every start
        from shop.cli.filling import Filling as DemoFilling  # noqa: PLC0415

        filling = await DemoFilling.due(shop.entrypoint, folder, wanted=wanted, settled=settling(shop))
        if filling is not None:
            return _until_filled(meanwhile(filling), filled)
    filled()
    return nullcontext()


@contextlib.asynccontextmanager
async def _until_filled(filling: Filling, filled: Callable[[], None]) -> Any:
    async with filling as work:
        if work is not None:
            work.add_done_callback(lambda _: filled())
        yield work


def welcome(url: str, folder: Path) -> None:
    """Say where the shop is open, and who may log in."""
    logins = folder / demo_state.LOGINS_FILE
    lines = [f"\n  Souk is open at {url}\n"]
    if logins.exists():
        lines.append(logins.read_text())
    lines.append("  Ctrl-C closes it; everything is kept in " + str(folder) + "\n")
    click.echo("\n".join(lines), err=True)


class _Server(uvicorn.Server):
    """Leaves stopping to us: a signal ends serving, and the shop is then closed in order.

    `leaving` ends the live streams, which would otherwise hold the server open.
    """

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None], signals: Sequence[signal.Signals]) -> None:
        super().__init__(config)
        self._leaving = leaving
        self._signals = signals

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self._leave)
        yield

    def _leave(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._leaving()
