"""The app factory every service uses: health, metrics, problem details, identity, limits, background work."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler
from sqlalchemy.exc import DBAPIError

from souk.database import ReadSession, Session
from souk.database.fixed_settings import pin_currency
from souk.events import outbox
from souk.events.consumer import sweep_inbox
from souk.http.background import RESTART_S, Errand, Sweeper, keep_running, run_sweepers
from souk.http.dead_letters import DeadLetterRoutes, count_waiting
from souk.http.event_routes import EventRoutes
from souk.http.identity import Identity
from souk.http.kernel import Kernel
from souk.http.middleware import ObservedRequests
from souk.http.problems import EXCEPTION_HANDLERS, passes
from souk.http.requests import Head, StrictRequest
from souk.observability import metrics
from souk.observability.log_fields import note_cause
from souk.observability.logging import get_logger

REQUEST_BODY_BYTES_MAX = 256 * 1024
"""The largest request body unless a route (an upload) names its own limit."""

GAUGES_EVERY_S = 10.0
"""But not more often than an idle instance looks for work."""

HOUSEKEEPING_EVERY_S = 300.0

HOUSEKEEPING: tuple[Sweeper | Errand, ...] = (
    Sweeper("outbox", HOUSEKEEPING_EVERY_S, outbox.sweep),
    Sweeper("inbox", HOUSEKEEPING_EVERY_S, sweep_inbox),
)
"""What every service sweeps."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def build_app(
    kernel: Kernel,
    routes: Sequence[ControllerRouterHandler],
    *,
    singletons: Mapping[str, Any] | None = None,
    lifespan: Sequence[Lifespan] = (),
    identify: Callable[[Request[Any, Any, Any]], Any] | None = None,
    plugins: Sequence[Any] = (),
    exception_handlers: dict[Any, Any] | None = None,
    on_app_init: Callable[[AppConfig], AppConfig] | None = None,
    public: bool = False,
    around: Sequence[Callable[[ASGIApp], ASGIApp]] = (),
    **more: Any,
) -> Litestar:
    """Build a service.

    Handlers get by name: `session` (the request's transaction), `reader` (a read-only one), `identity`, and of what
    there is once in an instance the `kernel` and the `singletons`. The default identity is the signed token of another
    service.
    A `public` service is asked by people and API clients, and its figures are those that the shop promises.
    `around` wraps the whole app, refusals of unknown paths included.
    """
    provided = {
        **{name: _always(one) for name, one in {"kernel": kernel, **(singletons or {})}.items()},
        "session": Provide(_session),
        "reader": Provide(_reader),
        "identity": Provide(identify or _identity_of_call, sync_to_thread=False),
    }
    app = Litestar(
        route_handlers=[live, ready, scrape, DeadLetterRoutes, EventRoutes, *routes],
        dependencies=provided,
        exception_handlers=EXCEPTION_HANDLERS | (exception_handlers or {}),
        lifespan=[lambda _: _running(kernel), *lifespan],
        middleware=[lambda app: ObservedRequests(app, kernel.service, public=public), *more.pop("middleware", ())],
        request_max_body_size=REQUEST_BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title=f"Souk {kernel.service}",
            version="1",
            path="/schema",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
        ),
        state=State({"kernel": kernel}),
        request_class=StrictRequest,
        plugins=list(plugins),
        on_app_init=[on_app_init] if on_app_init else None,
        debug=False,
        logging_config=None,
        **more,
    )
    _resolve_in_turn(app)
    for wrap in around:
        app.asgi_handler = wrap(app.asgi_handler)
    app.asgi_handler = Head(app.asgi_handler)
    _count_from_zero(kernel, app)
    return app


def _resolve_in_turn(app: Litestar) -> None:
    """What a handler needs is made one after the other, transactions last: nothing of it waits for long, and the tasks in
    which Litestar makes it at once cost more than all that is made (of a call inside a process, a third)."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [
                    {each}
                    for batch in model.dependency_batches
                    for each in sorted(batch, key=lambda one: one.provide.has_async_generator_dependency)
                ]


def _count_from_zero(kernel: Kernel, app: Litestar) -> None:
    """All that this service can count is there from the start."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method in route.methods:
                metrics.expect_requests(kernel.service, route.path_format, method)
    for consumer in kernel.consumers:
        metrics.expect_events(kernel.service, consumer.name, consumer.event_types)
    for work in (*kernel.sweepers, *kernel.errands, *HOUSEKEEPING):
        metrics.swept.labels(kernel.service, work.name)


def _always(singleton: Any) -> Provide:
    return Provide(lambda: singleton, sync_to_thread=False, use_cache=True)


async def _session(state: State) -> AsyncGenerator[Session, None]:
    async with state.kernel.database.transaction() as session:
        yield session


async def _reader(state: State) -> AsyncGenerator[ReadSession, None]:
    async with state.kernel.database.reading() as session:
        yield session


def _identity_of_call(request: Request[Any, Any, Any]) -> Identity:
    kernel: Kernel = request.app.state.kernel
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    identity = kernel.verifier.identity(token if scheme.lower() == "bearer" else "")
    request.state.identity = identity
    return identity


@asynccontextmanager
async def _running(kernel: Kernel) -> AsyncIterator[None]:
    """Consumers, relay, listener and sweepers run while the app does."""
    name = kernel.service
    await _begin(kernel)
    await kernel.transport.start(name, kernel.runners)
    sweepers = (*kernel.sweepers, *kernel.errands, *HOUSEKEEPING)
    tasks = [
        asyncio.create_task(keep_running("relay", name, kernel.relay.run)),
        asyncio.create_task(kernel.listener.run()),
        asyncio.create_task(keep_running("gauges", name, lambda: _watch_gauges(kernel))),
        asyncio.create_task(run_sweepers(kernel.database, sweepers, kernel.settings.idle_look_s)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await kernel.transport.stop(name)
        await kernel.database.close()


async def _begin(kernel: Kernel) -> None:
    """Nothing is done over a database of another currency; while the database does not answer, nothing could be.
    Raises CurrencyDiffers."""
    while True:
        try:
            return await pin_currency(kernel.database, kernel.settings.currency)
        except DBAPIError as failure:
            if not passes(failure):
                raise
            kernel.log.warning("the start waits for the database", error=repr(failure))
        await asyncio.sleep(RESTART_S)


async def _watch_gauges(kernel: Kernel) -> None:
    """What every service tells of itself, and then what this one wants to be seen besides."""
    while True:
        async with kernel.database.reading() as session:
            pending, seconds = await outbox.lag(session)
            metrics.outbox_pending.labels(kernel.service).set(pending)
            metrics.outbox_lag.labels(kernel.service).set(seconds)
            metrics.dead_letters.labels(kernel.service).set(await count_waiting(session))
            metrics.connections.labels(kernel.service).set(kernel.database.in_use)
            metrics.connections_max.labels(kernel.service).set(kernel.settings.database_pool_max)
            for measure in kernel.measures:
                await measure(session)
        await asyncio.sleep(max(GAUGES_EVERY_S, kernel.settings.idle_look_s))


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", include_in_schema=False)
async def ready(kernel: Kernel) -> Response[dict[str, Any]]:
    """The database answers and every consumer is attached: this instance can do its work."""
    problems = kernel.transport.problems(kernel.service)
    try:
        await kernel.database.ping()
    except Exception as failure:
        get_logger(kernel.service).warning("not ready", error=repr(failure))
        problems = [*problems, f"database: {type(failure).__name__}"]  # its words may name hosts and roles
    if problems:
        note_cause(f"not ready: {problems[0]}")
    body = {"status": "ok" if not problems else "not ready", "service": kernel.service, "problems": problems}
    return Response(body, status_code=503 if problems else 200)


@get("/metrics", include_in_schema=False)
async def scrape(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Metrics for Prometheus."""
    body, content_type = metrics.exposition(request.headers.get("accept", ""))
    return Response(body, headers={"content-type": content_type})
