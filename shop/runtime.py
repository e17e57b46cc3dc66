"""The embedded size: all four services in one process, calling each other without sockets."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from shop.services import SETTINGS, create_app
from souk.clock import Clock
from souk.database import Database
from souk.database.provision import SERVICES
from souk.events import Transport, outbox
from souk.http.identity import new_key_pair, public_key_of
from souk.http.kernel import Kernel

COLLECTED_AFTER = (2_000, 10, 50)
"""Objects made before the youngest are looked through, and how often that is done before the older ones are too."""


def settle() -> None:
    """Call once everything is made: modules, routes and settings stay until the end, so garbage is no longer looked for
    among them. All in all that is a million objects, and each look held up every request for 0.15 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


@dataclass(frozen=True)
class Shop:
    """The four running services."""

    apps: Mapping[str, Litestar]

    def kernel(self, service: str) -> Kernel:
        """A service's parts."""
        kernel: Kernel = self.apps[service].state.kernel
        return kernel

    @property
    def entrypoint(self) -> Litestar:
        """The only one that browsers and API clients reach."""
        return self.apps["entrypoint"]

    @property
    def databases(self) -> dict[str, Database]:
        """Every service's database."""
        return {service: self.kernel(service).database for service in self.apps}


def make_keys(kept: Path | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """A key pair per service: private keys and public keys by service name.

    With `kept`, those in that file, which is made at the first time: what is signed with them (links in mails, forms,
    cookies) outlasts a restart.
    """
    if kept is None:
        private = {service: new_key_pair()[0] for service in SERVICES}
    elif kept.exists():
        private = msgspec.json.decode(kept.read_bytes(), type=dict[str, str])
    else:
        private = make_keys()[0]
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(0o600, exist_ok=False)
        fresh.write_bytes(msgspec.json.encode(private))
        fresh.rename(kept)
    return private, {service: public_key_of(key) for service, key in private.items()}


def build_shop(
    database_urls: Mapping[str, str],
    *,
    transport: Transport | None,
    clock: Clock | None = None,
    overrides: Mapping[str, Any] | None = None,
    keys: Path | None = None,
) -> Shop:
    """Wire the four services together in this process.

    Without a transport each service connects to the broker that the settings name. `overrides` are settings for all
    services (each takes what it knows); `keys` is the file that their keys are kept in, else they are new ones.
    """
    private, public = make_keys(keys)
    apps: dict[str, Litestar] = {}
    for service in SERVICES:
        values = {**(overrides or {}), "database_url": database_urls[service]}
        values |= {"identity_private_key": private[service], "identity_public_keys": public}
        settings = SETTINGS[service](**values)
        apps[service] = create_app(settings, transport=transport, clock=clock, peers=dict(apps))
    return Shop(apps)


@asynccontextmanager
async def running_app(app: Litestar) -> AsyncIterator[Litestar]:
    """Run an app's lifespan in a task of its own, so that whoever started it need not be the one to stop it."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    up = asyncio.create_task(started.wait())
    try:
        await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
        if started.is_set():
            yield app
    finally:
        up.cancel()
        stop.set()
        if started.is_set() or task.done():
            await task
        else:  # stopped while it was starting: nothing of it may outlive what it runs on
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[Shop]:
    """Start the services in order, stop them in reverse."""
    async with AsyncExitStack() as stack:
        for service in SERVICES:
            await stack.enter_async_context(running_app(shop.apps[service]))
        yield shop


async def drain(shop: Shop, within_s: float) -> None:
    """Wait until every event has been told, for so long at the most; what is left is told at the next start."""
    until = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < until:
        waiting = 0
        for database in shop.databases.values():
            async with database.reading() as session:
                waiting += (await outbox.lag(session))[0]
        if not waiting:
            return
        await asyncio.sleep(0.05)
