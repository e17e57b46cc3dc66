"""A store on its own: a real database and app, a catalogue that answers from a dict, and events handed over by hand."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar, Response, get
from sqlalchemy import text

from shop.runtime import make_keys
from souk.clock import ManualClock
from souk.contracts import Event
from souk.contracts.catalogue.events import StockReserved
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.payment.events import PaymentCaptured
from souk.database import Database
from souk.events import Runner
from souk.events.consumer import Message, Outcome
from souk.events.embedded import EmbeddedTransport
from souk.events.envelope import seal, unseal
from souk.http.identity import Signer
from souk.http.kernel import Kernel
from souk.ids import derived_id, new_id
from souk.money import Money
from store.app import create_app
from store.audit import CHECKS
from store.settings import StoreSettings
from tests.audits import violations_sql

ADDRESS = {"name": "Ada Byron", "line1": "1 Main Street", "postcode": "12345", "city": "Berlin", "country": "DE"}


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


class Catalogue:
    """Stands for the catalogue: says what the test wants of listings."""

    def __init__(self) -> None:
        self.listings: dict[UUID, ListingSnapshot] = {}
        self.down = False
        self.asked = 0
        self.before_answer: Any = None
        self.app = Litestar([self._route()], openapi_config=None)

    def _route(self) -> Any:
        @get("/internal/listings")
        async def listings(ids: list[UUID]) -> Response[Any]:
            self.asked += 1
            if self.before_answer is not None:
                await self.before_answer()
            if self.down:
                return Response({"title": "down"}, status_code=503)
            return Response([self.listings[i] for i in ids if i in self.listings])

        return listings

    def offer(self, price: int = 1000, *, seller: UUID | None = None, available: int = 10, **more: Any) -> UUID:
        listing_id = more.pop("listing_id", None) or new_id()
        self.listings[listing_id] = ListingSnapshot(
            **{
                "id": listing_id,
                "seller_id": seller or new_id(),
                "seller_name": "Grace",
                "title": "Bicycle",
                "price": euros(price),
                "condition": "good",
                "picture": "bicycle.webp",
                "status": "published",
                "available": available,
                **more,
            }
        )
        return listing_id

    def change(self, listing_id: UUID, **changes: Any) -> None:
        old = self.listings[listing_id]
        fields = {name: getattr(old, name) for name in old.__struct_fields__}
        self.listings[listing_id] = ListingSnapshot(**(fields | changes))


class User:
    """Somebody at the store's door, as the entrypoint passes them on."""

    def __init__(self, store: "Store", user_id: UUID, roles: frozenset[str] = frozenset()) -> None:
        self.id = user_id
        self._store = store
        self._roles = roles

    async def ask(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        token = self._store.signer.token("store", self.id, self._roles)
        headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
        return await self._store.http.request(method, path, json=json, headers=headers, **more)

    async def put(self, listing_id: UUID, quantity: int = 1, **more: Any) -> httpx.Response:
        return await self.ask("PUT", f"/cart/lines/{listing_id}", {"quantity": quantity, **more})

    async def cart(self) -> dict[str, Any]:
        response = await self.ask("GET", "/cart")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def check_out(
        self,
        *,
        total: int | None = None,
        key: UUID | None = None,
        address: dict[str, str] | None = None,
        language: str = "",
    ) -> httpx.Response:
        if total is None:
            total = (await self.cart())["total"]["amount"]
        body = {"address": address or ADDRESS, "total": {"amount": total, "currency": "EUR"}}
        headers = {"idempotency-key": str(key or new_id())} | ({"accept-language": language} if language else {})
        return await self.ask("POST", "/purchases", body, headers=headers)

    async def place(self, *listings: UUID, quantity: int = 1) -> dict[str, Any]:
        for listing_id in listings:
            assert (await self.put(listing_id, quantity)).status_code in (200, 201)
        response = await self.check_out()
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.json()
        return found

    async def offer(self, listing_id: UUID, price: int, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """A first price for a listing."""
        body = {"listing_id": str(listing_id), "price": {"amount": price, "currency": "EUR"}, "quantity": quantity}
        answer = await self.ask("POST", "/offers", body | more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def answer(self, offer: dict[str, Any], action: str, price: int = 0, round: int = 0) -> httpx.Response:
        """Accept, counter, refuse or withdraw; the price that is answered is the offer's last as it is given."""
        body: dict[str, Any] = {"round": round or len(offer["rounds"])}
        if price:
            body["price"] = {"amount": price, "currency": "EUR"}
        return await self.ask("POST", f"/offers/{offer['id']}/{action}", body)

    async def purchase(self, purchase_id: str, wait_ms: int = 0) -> dict[str, Any]:
        response = await self.ask("GET", f"/purchases/{purchase_id}", params={"wait_ms": wait_ms})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def order(self, order_id: str) -> dict[str, Any]:
        response = await self.ask("GET", f"/orders/{order_id}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


class Store:
    """The service under test; nothing runs in the background unless the test starts it."""

    def __init__(self, database: Database, clock: ManualClock, **settings: Any) -> None:
        private, public = make_keys()
        self.catalogue = Catalogue()
        self.clock = clock
        self.signer = Signer("entrypoint", private["entrypoint"])
        self.transport = EmbeddedTransport()
        url = database.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
        self.app = create_app(
            StoreSettings(
                database_url=url,
                database_pool_max=20,
                identity_private_key=private["store"],
                identity_public_keys=public,
                **settings,
            ),
            transport=self.transport,
            clock=clock,
            peers={"catalogue": self.catalogue.app},
        )
        self.kernel: Kernel = self.app.state.kernel
        self.database = self.kernel.database
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)  # type: ignore[arg-type]
        self.http = httpx.AsyncClient(transport=transport, base_url="http://store")

    def user(self, user_id: UUID | None = None, *roles: str) -> User:
        return User(self, user_id or new_id(), frozenset(roles))

    def runner(self, name: str) -> Runner:
        return next(runner for runner in self.kernel.runners if runner.name == name)

    async def deliver(
        self, *events: Event, consumer: str = "store.saga", event_id: UUID | None = None
    ) -> list[Outcome]:
        """Hand events over as one batch, each as a new message."""
        return await self.runner(consumer).handle([message(event, event_id) for event in events])

    async def sweep(self, name: str) -> int:
        sweeper = next(sweeper for sweeper in self.kernel.sweepers if sweeper.name == name)
        async with self.database.transaction() as session:
            return await sweeper.sweep(session)

    async def told(self, kind: type[Event] | None = None, *, naming: str = "") -> list[Any]:
        """What the store has told, in order; `naming` leaves only events that name this id."""
        bodies = await self.query(f"SELECT body FROM outbox WHERE body LIKE '%{naming}%' ORDER BY id")
        events = [unseal(body).event for (body,) in bodies]
        return [event for event in events if kind is None or type(event) is kind]

    async def query(self, sql: str) -> Sequence[Any]:
        async with self.database.reading() as session:
            return (await session.execute(text(sql))).all()

    async def execute(self, sql: str) -> None:
        """Change rows behind the service's back."""
        async with self.database.transaction() as session:
            await session.execute(text(sql))

    async def violations(self) -> list[tuple[str, str, str]]:
        """What the store's own audit finds."""
        return [tuple(row) for row in await self.query(violations_sql(CHECKS))]

    async def reserve(self, purchase_id: str) -> None:
        assert await self.deliver(StockReserved(purchase_id=UUID(purchase_id))) == ["done"]

    async def capture(self, purchase_id: str, amount: int = 1000) -> None:
        assert await self.deliver(captured(UUID(purchase_id), amount)) == ["done"]

    async def buy(self, buyer: User, *listings: UUID, quantity: int = 1) -> dict[str, Any]:
        """A purchase from the cart to the money in escrow; gives its first order as the buyer sees it."""
        purchase = await buyer.place(*listings, quantity=quantity)
        await self.reserve(purchase["id"])
        await self.capture(purchase["id"], purchase["total"]["amount"])
        return await buyer.order(purchase["orders"][0]["id"])

    async def close(self) -> None:
        await self.http.aclose()
        await self.database.close()


def message(event: Event, event_id: UUID | None = None, attempt: int = 1) -> Message:
    """The event as a transport hands it over."""
    time = ManualClock().now()
    body = seal("test", event, event_id=event_id or new_id(), time=time, sequence=0, traceparent="")
    return Message(body, attempt)


def captured(purchase_id: UUID, amount: int = 1000) -> PaymentCaptured:
    return PaymentCaptured(
        purchase_id=purchase_id,
        transfer_id=derived_id("capture", purchase_id),
        amount=euros(amount),
        captured_at=ManualClock().now(),
    )
