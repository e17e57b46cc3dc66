"""The entrypoint with small stand-ins for the other services, and browsers and API clients that use it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import httpx
import pytest
from litestar import Controller, HttpMethod, Litestar, Request, Response, get, post, route
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import Body

from entrypoint import app as wiring
from entrypoint.accounts import accounts
from entrypoint.accounts.accounts import NewUser
from entrypoint.context.layout import redirect, render_page
from entrypoint.context.parts import Parts
from entrypoint.context.request_context import CurrentUser, RequestContext
from entrypoint.context.sign_in import set_password, sign_in, sign_out
from entrypoint.settings import EntrypointSettings
from shop.runtime import make_keys
from souk.clock import ManualClock
from souk.contracts.catalogue.categories import Category
from souk.contracts.entrypoint.users import User
from souk.contracts.payment.wallets import Wallet
from souk.contracts.store.carts import Cart
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.events.embedded import EmbeddedTransport
from souk.http.identity import Identity, Verifier
from souk.http.problems import EXCEPTION_HANDLERS
from souk.money import Money
from tests.browsing import Browser
from tests.conftest import one_database
from tests.form import TOKEN
from tests.page import Page

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    """A fresh database of the entrypoint."""
    async for database in one_database(postgres, "entrypoint"):
        yield database


@dataclass
class Peer:
    """A stand-in for another service: remembers what it was asked and by whom."""

    service: str
    verifier: Verifier
    seen: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False

    def note(self, request: Request[Any, Any, Any], body: bytes) -> None:
        identity: Identity = self.verifier.identity(request.headers["authorization"].removeprefix("Bearer "))
        self.seen.append(
            {
                "method": request.method,
                "path": request.url.path,
                "query": sorted(request.query_params.multi_items()),
                "identity": identity,
                "headers": dict(request.headers),
                "body": body,
            }
        )

    def app(self) -> Litestar:
        """The stand-in as an app. Its routes are laid once: they find who is asked in the app's state."""
        app = copy(_stand_in(self.service))
        app.state = State({"peer": self})
        app.asgi_handler = app._create_asgi_handler()
        return app


def _asked(state: State) -> Peer:
    peer: Peer = state.peer
    return peer


@get("/wallet", summary="Your wallet")
async def wallet() -> Wallet:
    """The caller's wallet."""
    zero = Money(0, "EUR")
    return Wallet(
        available=Money(4200, "EUR"),
        held=zero,
        holds=[],
        incoming=zero,
        deposit_limit_left=None,
        owed=zero,
        transfer_limit_left=zero,
    )


@get("/internal/balance", include_in_schema=False)
async def balance() -> Money:
    """What the caller can spend."""
    return Money(4200, "EUR")


@get("/internal/cart/units", include_in_schema=False)
async def units(state: State) -> int:
    """How many things are in the caller's cart."""
    if _asked(state).fails:
        raise RuntimeError("this service is broken")
    return 0


@get("/cart")
async def cart(state: State) -> Cart:
    """The caller's cart."""
    if _asked(state).fails:
        raise RuntimeError("this service is broken")
    return Cart(lines=[], total=Money(0, "EUR"), ready=False)


@get("/categories")
async def categories() -> list[Category]:
    """The tree."""
    return [Category(slug="toys", name="Toys", parent=None, icon="toys", listings=3)]


@get("/internal/secrets")
async def secrets() -> str:
    """Not for the public."""
    return "secret"


@route(
    ["/listings", "/listings/{rest:path}", "/orders/{rest:path}", "/me/listings", "/pictures/{rest:path}"],
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PATCH],
    request_max_body_size=100 * 1024 * 1024,
    include_in_schema=False,
)
async def echo(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """Whatever else is asked."""
    _asked(state).note(request, await request.body())
    headers = {"etag": '"e1"', "location": "http://embedded/orders/7?a=b", "x-inner": "1", "set-cookie": "a=b"}
    status = 200 if request.url.path == "/pictures/there.webp" else 201
    return Response(b"{}", status_code=status, media_type="application/json", headers=headers)


@cache
def _stand_in(service: str) -> Litestar:
    return Litestar(
        [wallet, cart, balance, units, categories, secrets, echo],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=OpenAPIConfig(title=service, version="1", path="/schema", render_plugins=[JsonRenderPlugin()]),
        logging_config=None,
    )


MORE_ROUTES: list[Any] = []
"""Real pages that a test module adds."""


class PagesForTests(Controller):
    """Pages as their author will write them."""

    path = "/t"

    @get("/home")
    async def home(self, request: Request[Any, Any, Any]) -> Response[str]:
        return await render_page(
            request, "error.html", {"status": 200, "title": "<b>Home</b>", "detail": "d", "next_steps": []}
        )

    @get("/member")
    async def member(self, member: CurrentUser) -> str:
        return member.display_name

    @post("/in", status_code=303)
    async def enter(
        self,
        request: Request[Any, Any, Any],
        ctx: RequestContext,
        data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Response[Any]:
        await sign_in(request, data["email"], data["password"])
        ctx.flash("success", "You are logged in.")
        return redirect("/t/home")

    @post("/out")
    async def leave(self, request: Request[Any, Any, Any]) -> Response[Any]:
        await sign_out(request)
        return redirect("/t/home")

    @post("/password")
    async def password(
        self,
        request: Request[Any, Any, Any],
        data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Response[Any]:
        await set_password(request, data["current"], data["new"])
        return redirect("/t/home")


@dataclass
class World:
    """The running entrypoint."""

    app: Litestar
    database: Database
    clock: ManualClock
    peers: dict[str, Peer]

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    @asynccontextmanager
    async def browser(self, **headers: str) -> AsyncIterator["Visitor"]:
        """A browser with its own cookies."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)  # type: ignore[arg-type]
        base = self.parts.settings.public_url
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as http:
            yield Visitor(http, **headers)

    async def register(self, email: str = "ada@example.org", name: str = "Ada Lovelace") -> User:
        """A user with the usual password."""
        parts = self.parts
        new = NewUser(email=email, password=PASSWORD, display_name=name, country="GB")
        async with self.database.transaction() as session:
            user, news = await accounts.register(session, parts.passwords, new, self.clock.now())
            parts.kernel.outbox.emit(session, *news)
            return user

    async def token(self, email: str = "ada@example.org") -> dict[str, str]:
        """The headers of an API client of this user."""
        async with self.browser() as browser:
            answer = await browser.http.post("/api/v1/tokens", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 201, answer.text
            return {"authorization": f"Bearer {answer.json()['token']}"}


class Visitor(Browser):
    """A browser in front of an entrypoint that has few pages of its own: what it sends, it sends from `/t/home`."""

    async def csrf(self) -> str:
        """The token that the page's forms carry."""
        return Page((await self.http.get("/t/home")).text).token

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page; what is answered, which is not followed."""
        return await self.post(path, {TOKEN: await self.csrf(), **fields})

    async def sign_in(self, email: str = "ada@example.org", password: str = PASSWORD) -> httpx.Response:
        """Log in."""
        return await self.submit("/t/in", email=email, password=password)


def without_mask(page: str) -> str:
    """The page without what is new in every response: the form token under its mask."""
    return page.replace(Page(page).token, "")


MakeWorld = Callable[..., Any]


@pytest.fixture
def make_world(
    postgres: EmbeddedServer, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> MakeWorld:
    """Builds the entrypoint over the test's database; `background` runs its consumers, relay and listener."""

    @asynccontextmanager
    async def make(*, background: bool = False, **settings: Any) -> AsyncIterator[World]:
        private, public = make_keys()
        monkeypatch.setattr(wiring, "ROUTES", [PagesForTests, *MORE_ROUTES])
        services = ("catalogue", "store", "payment")
        peers = {service: Peer(service, Verifier(service, public)) for service in services}
        known: dict[str, Any] = {
            "database_url": database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
            "identity_private_key": private["entrypoint"],
            "identity_public_keys": public,
            "password_memory_kib": 64,
            "password_passes": 1,
            "log_level": "ERROR",
        }
        app = wiring.create_app(
            EntrypointSettings(**(known | settings)),
            transport=EmbeddedTransport(),
            clock=clock,
            peers={service: peer.app() for service, peer in peers.items()},
        )
        world = World(app, database, clock, peers)
        if background:
            async with app.lifespan():
                yield world
        else:
            yield world
            await world.parts.clients.close()
            world.parts.passwords.close()
            await world.parts.kernel.database.close()

    return make


@pytest.fixture
async def world(make_world: MakeWorld) -> AsyncIterator[World]:
    async with make_world() as world:
        yield world


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Visitor]:
    async with world.browser() as browser:
        yield browser
