"""One of several workers of `souk run`, in its process: see `shop.cli.workers`."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from multiprocessing.connection import Connection
from typing import Any

import uvloop
from pydantic import ValidationError

from catalogue.settings import CatalogueSettings
from entrypoint.settings import EntrypointSettings
from payment.settings import PaymentSettings
from shop.cli.plan import FILLED, IDLE_LOOK_S, OPEN, Plan, listening_socket
from shop.cli.serving import filling_of, serve, welcome
from shop.databases import explained, worker_log
from shop.embedded import DRAIN_WITHIN_S, POOL_MAX, shop_over
from shop.runtime import drain
from shop.services import load_services
from souk.observability import logging
from souk.settings import load
from store.settings import StoreSettings


def run(plan: Plan, number: int, greets: bool, pipe: Connection) -> None:
    """Run the shop until SIGTERM, or until who keeps the workers is gone."""
    bytes_max = logging.FILE_BYTES_MAX // plan.workers
    logging.keep(plan.folder / worker_log(number), level=plan.log_level, bytes_max=bytes_max)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, contextlib.suppress(asyncio.CancelledError):
        try:
            runner.run(_work(plan, number, greets, pipe))
        except ValidationError as wrong:
            pipe.send(explained(wrong))


async def _work(plan: Plan, number: int, greets: bool, pipe: Connection) -> None:
    starting = asyncio.current_task()
    assert starting is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, starting.cancel)
    told = _addresses(pipe)
    loading = asyncio.create_task(asyncio.to_thread(load_services))
    overrides = shares(plan.workers, first=number == 1)
    addresses = await told
    await loading
    listener = listening_socket(plan.host, plan.port, shared=True)

    def opened() -> None:
        pipe.send(OPEN)
        if greets:
            welcome(plan.url, plan.folder)

    async with shop_over(addresses, plan.folder, database_pool_max=POOL_MAX, public_url=plan.url, **overrides) as shop:
        filling: Any = nullcontext()
        if number == 1:
            filling = await filling_of(shop, plan.folder, wanted=plan.demo, filled=lambda: pipe.send(FILLED))
        await serve(shop, listener, filling, opened, signals=[signal.SIGTERM])
        await drain(shop, DRAIN_WITHIN_S)


def _addresses(pipe: Connection) -> asyncio.Future[Mapping[str, str]]:
    """The databases' addresses, once they are told. From now on this process ends when its keeper does."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[Mapping[str, str]] = loop.create_future()

    def hear() -> None:
        with contextlib.suppress(EOFError, OSError):
            addresses = pipe.recv()
            loop.call_soon_threadsafe(told.set_result, addresses)
            pipe.recv()  # nothing more is ever told
        os._exit(1)

    threading.Thread(target=hear, daemon=True, name="follow keeper").start()
    return told


def shares(workers: int, *, first: bool) -> dict[str, Any]:
    """One worker's part of what the settings allow the machine; raises ValidationError if they are not good."""
    entrypoint, catalogue, payment = load(EntrypointSettings), load(CatalogueSettings), load(PaymentSettings)
    store = load(StoreSettings)
    allowed = {
        "password_workers": entrypoint.password_workers,
        "password_queue_max": entrypoint.password_queue_max,
        "uploads_at_once_max": entrypoint.uploads_at_once_max,
        "pictures_at_once": catalogue.pictures_at_once,
        "render_processes": payment.render_processes,
    }
    parts: dict[str, Any] = {name: max(1, whole // workers) for name, whole in allowed.items()}
    return parts if first else parts | {"idle_look_s": max(IDLE_LOOK_S, store.idle_look_s)}
