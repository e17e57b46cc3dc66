"""What is noted of a request: counts from 0, times without waiting, and no trace of what only machines ask."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from litestar import Litestar, get
from litestar.response import Stream
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from souk.events.embedded import EmbeddedTransport
from souk.http import build_app, make_kernel
from souk.http.identity import new_key_pair
from souk.observability import tracing
from souk.settings import Settings


@get("/page")
async def page(wait_ms: int = 0) -> str:
    """A page; whoever wants to can wait for news."""
    return f"waited {wait_ms}"


@get("/broken")
async def broken() -> None:
    """Has a bug."""
    raise RuntimeError


@get("/news")
async def news() -> Stream:
    """Stays open."""

    async def parts() -> AsyncIterator[str]:
        with tracing.span("inside", service="store"):
            yield "data: 1\n\n"

    return Stream(parts(), media_type="text/event-stream")


@get("/slow")
async def slow() -> None:
    """Takes longer than anybody waits."""
    await asyncio.Event().wait()


@get("/internal/secret")
async def internal() -> str:
    """For other services."""
    return "done"


def shop(*, public: bool) -> Litestar:
    """An app that touches no database."""
    private, key = new_key_pair()
    settings = Settings(
        database_url="postgresql://nobody@localhost/none",
        identity_private_key=private,
        identity_public_keys={"store": key},
    )
    kernel = make_kernel("store", settings, transport=EmbeddedTransport())
    return build_app(kernel, [page, broken, news, slow, internal], public=public)


async def ask(app: Litestar, *paths: str) -> None:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(base_url="http://shop", transport=transport) as http:
        for path in paths:
            await http.get(path)


def public_counts() -> tuple[float, float, float, float]:
    """Public requests answered, refused and failed, and how many of them were timed."""
    outcomes = [
        REGISTRY.get_sample_value("souk_public_requests_total", {"outcome": outcome}) or 0.0
        for outcome in ("answered", "refused", "failed")
    ]
    timed = REGISTRY.get_sample_value("souk_public_request_duration_seconds_count") or 0.0
    return outcomes[0], outcomes[1], outcomes[2], timed


async def grown(app: Litestar, *paths: str) -> tuple[float, ...]:
    """By how much the counts grow when these paths are asked."""
    before = public_counts()
    await ask(app, *paths)
    return tuple(after - was for was, after in zip(before, public_counts(), strict=True))


async def test_people_are_counted_by_what_became_of_their_requests() -> None:
    app = shop(public=True)
    assert await grown(app, "/page", "/page", "/page?wait_ms=x", "/broken") == (2, 1, 1, 3)


async def test_a_request_that_its_asker_gives_up_is_no_failure() -> None:
    app, before = shop(public=True), public_counts()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await ask(app, "/slow")
    assert [after - was for was, after in zip(before, public_counts(), strict=True)] == [0, 1, 0, 1]


async def test_what_machines_ask_is_no_public_request() -> None:
    assert await grown(shop(public=True), "/metrics", "/health/live", "/internal/secret") == (0, 0, 0, 0)
    assert await grown(shop(public=False), "/page", "/broken") == (0, 0, 0, 0)


async def test_who_waits_is_counted_but_not_timed() -> None:
    route = {"service": "store", "route": "/page", "method": "GET", "status": "200"}
    timed = "http_server_request_duration_seconds_count"
    app = shop(public=True)
    await ask(app, "/page")
    before = REGISTRY.get_sample_value(timed, route)
    assert await grown(app, "/page?wait_ms=5", "/news") == (2, 0, 0, 0)
    assert REGISTRY.get_sample_value(timed, route) == before


async def test_every_route_is_counted_from_0() -> None:
    shop(public=False)
    for route in ("/page", "/news", "/metrics"):
        for outcome in ("answered", "refused", "failed"):
            labels = {"service": "store", "route": route, "method": "GET", "outcome": outcome}
            assert REGISTRY.get_sample_value("http_server_requests_total", labels) is not None


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(exporter))
    yield exporter
    tracing.send_to(None)


async def test_what_is_asked_all_the_time_leaves_no_spans(spans: InMemorySpanExporter) -> None:
    await ask(shop(public=True), "/metrics", "/health/live", "/page", "/news")
    assert [span.name for span in spans.get_finished_spans()] == ["GET /page", "inside", "GET /news"]
