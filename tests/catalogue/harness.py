"""The catalogue under test, and everybody who calls it."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from PIL import Image
from sqlalchemy import text

from catalogue.audit import CHECKS
from catalogue.house_rules import HouseRules
from souk.clock import ManualClock
from souk.contracts import Event
from souk.contracts.store.events import SellerRated
from souk.database import Database
from souk.events import Runner
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.http import Kernel
from souk.http.identity import Signer
from souk.ids import new_id
from tests.audits import violations_sql


class Caller:
    """Calls the catalogue as a service, for a user or for nobody."""

    def __init__(self, http: httpx.AsyncClient, signer: Signer, user_id: UUID | None, roles: frozenset[str]) -> None:
        self._http, self._signer, self._roles = http, signer, roles
        self.id = user_id

    async def __call__(self, method: str, path: str, **request: Any) -> httpx.Response:
        token = self._signer.token("catalogue", self.id, self._roles)
        return await self._http.request(method, path, headers={"authorization": f"Bearer {token}"}, **request)


class Shop:
    """The catalogue under test."""

    def __init__(self, kernel: Kernel, http: httpx.AsyncClient, keys: dict[str, str], rules: HouseRules) -> None:
        self.kernel, self._http, self.rules = kernel, http, rules
        self._signers = {service: Signer(service, key) for service, key in keys.items()}

    @property
    def database(self) -> Database:
        return self.kernel.database

    def user(self, *roles: str) -> Caller:
        """A user through the entrypoint."""
        return Caller(self._http, self._signers["entrypoint"], new_id(), frozenset(roles))

    def service(self, name: str) -> Caller:
        """A service that speaks for nobody; the entrypoint does so for visitors."""
        return Caller(self._http, self._signers[name], None, frozenset())

    async def handle(self, consumer: str, *events: Event, together: bool = True) -> list[str]:
        """Deliver events as a transport does."""
        messages = [message(event) for event in events]
        return await self.deliver(consumer, messages, together=together)

    async def deliver(self, consumer: str, messages: Sequence[Message], *, together: bool = True) -> list[str]:
        runner = self.runner(consumer)
        batches = [messages] if together else [[one] for one in messages]
        return [outcome for batch in batches for outcome in await runner.handle(batch)]

    def runner(self, consumer: str) -> Runner:
        return next(runner for runner in self.kernel.runners if runner.name == f"catalogue.{consumer}")

    async def rate(self, seller: "Caller", reviews: int, stars: int, *, version: int) -> None:
        """Tell the catalogue how a seller is rated."""
        assert seller.id is not None
        rated = SellerRated(seller_id=seller.id, reviews=reviews, stars=stars)
        assert await self.deliver("sellers", [message(rated, sequence=version)]) == ["done"]

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(text(sql), values)).all())

    async def answers(self) -> list[dict[str, Any]]:
        """What the catalogue told about stock, in order."""
        sql = "SELECT type, body::json -> 'data' FROM outbox WHERE type LIKE '%stock%' ORDER BY created_at, id"
        return [{"type": kind.split(".")[-2], **data} for kind, data in await self.rows(sql)]

    async def audit(self) -> None:
        """No invariant of the catalogue is broken."""
        assert await self.rows(violations_sql(CHECKS)) == []


def message(event: Event, *, attempt: int = 1, sequence: int = 0) -> Message:
    """The event as it travels."""
    body = seal("store", event, event_id=new_id(), time=ManualClock().now(), sequence=sequence, traceparent="")
    return Message(body, attempt)


def picture(
    size: tuple[int, int] = (40, 30), kind: str = "PNG", colour: Any = (200, 30, 30), mode: str = "RGB", **save: Any
) -> bytes:
    """A plain picture file."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **save)
    return out.getvalue()


def fields(**changed: Any) -> dict[str, Any]:
    """A listing as it is entered."""
    return {
        "title": "Brass desk lamp",
        "description": "Warm light, works.",
        "price": {"amount": 4200, "currency": "EUR"},
        "category": "lighting",
        "condition": "good",
        "quantity": 1,
        "language": "en",
    } | changed


async def new_listing(caller: Caller, *, publish: bool = True, **changed: Any) -> dict[str, Any]:
    """A listing of the caller's, on sale unless told otherwise."""
    made = await caller("POST", "/listings", json=fields(**changed))
    assert made.status_code == 201, made.text
    if not publish:
        return made.json()
    on_sale = await caller("PUT", f"/listings/{made.json()['id']}/publication")
    assert on_sale.status_code == 200, on_sale.text
    return on_sale.json()
