"""The payment service's database, its parts, and a client that speaks for users."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from payment.audit import CHECKS
from payment.settings import PaymentSettings
from shop.runtime import make_keys, running_app
from shop.services import create_app
from souk.clock import ManualClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.events.embedded import EmbeddedTransport
from souk.http.identity import Signer
from souk.http.kernel import Kernel
from tests.audits import violations_sql
from tests.conftest import one_database


@pytest.fixture
async def database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    """A fresh database; whatever a test does to it, the books are right in the end."""
    async for database in one_database(postgres, "payment"):
        yield database
        if not getattr(database, "tampered", False):
            assert await violations(database) == []


async def violations(database: Database) -> list[str]:
    """What the audit finds: "check: key: what is wrong"."""
    async with database.reading() as reader:
        return [": ".join(map(str, row)) for row in await reader.execute(text(violations_sql(CHECKS)))]


@dataclass
class Service:
    """The running service."""

    app: Litestar
    http: httpx.AsyncClient
    signer: Signer

    @property
    def kernel(self) -> Kernel:
        kernel: Kernel = self.app.state.kernel
        return kernel

    async def ask(
        self,
        method: str,
        path: str,
        user_id: UUID | None = None,
        *,
        roles: tuple[str, ...] = (),
        **request: Any,
    ) -> httpx.Response:
        """A call of the entrypoint for a user."""
        token = self.signer.token("payment", user_id, frozenset(roles))
        headers = {"authorization": f"Bearer {token}"} | request.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **request)


@asynccontextmanager
async def running_service(
    database: Database, clock: ManualClock, *, background: bool = False, **settings: Any
) -> AsyncIterator[Service]:
    """The service over this database; without `background` no consumer and no sweeper runs."""
    private, public = make_keys()
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = {"witness_file": os.devnull} | settings
    known = {"database_url": url, "identity_private_key": private["payment"], "identity_public_keys": public}
    app = create_app(PaymentSettings(**known, **settings), transport=EmbeddedTransport(), clock=clock)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://payment") as http:
        service = Service(app, http, Signer("entrypoint", private["entrypoint"]))
        if background:
            async with running_app(app):
                yield service
        else:
            yield service
            await service.kernel.database.close()


@pytest.fixture
async def service(database: Database, clock: ManualClock) -> AsyncIterator[Service]:
    async with running_service(database, clock) as service:
        yield service
