"""One trace from the click to the invoice: over HTTP, over events, and through batches."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy import select

from souk.clock import ManualClock
from souk.contracts.store.events import PurchaseCancelled
from souk.database import Database, Session
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.events import Consumer, Outbox, Runner
from souk.events.consumer import Message
from souk.events.envelope import seal, unseal
from souk.events.tables import outbox as outbox_table
from souk.ids import new_id
from souk.observability import trace_ids, tracing
from tests.conftest import one_database
from tests.journeys.conftest import embedded_world
from tests.monitoring.queries import tempo_queries


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """All spans that end during the test."""
    exporter = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(exporter))
    yield exporter
    tracing.send_to(None)


@pytest.fixture
async def database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    async for made in one_database(postgres, "payment"):
        yield made


async def test_from_the_click_to_the_invoice(
    urls: dict[str, ServiceUrls], tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        anna, cleo = await world.person("Anna"), await world.person("Cleo", 50_000)
        lamp = await anna.sell("Brass reading lamp", 4_200)
        await cleo.put_in_cart(lamp)
        purchase = await cleo.check_out()
        order_id = purchase["orders"][0]["id"]
        await cleo.invoices_when(order_id, 1)
        trace = await _settled(spans, order_id)
    assert _edges(trace) >= {
        ("POST /api/v1/purchases", "POST store"),
        ("POST store", "POST /purchases"),
        ("POST /purchases", "GET catalogue"),
        ("GET catalogue", "GET /internal/listings"),
        ("POST /purchases", "handle catalogue.reservations"),
        ("handle catalogue.reservations", "handle store.saga"),
        ("handle store.saga", "handle payment.captures"),
        ("handle payment.captures", "handle store.saga"),
        ("handle store.saga", "handle payment.invoices"),
        ("handle store.saga", "handle catalogue.sales"),
        ("handle store.saga", "handle entrypoint.live"),
        ("handle payment.invoices", "handle entrypoint.live"),
    }
    services = {str(span.resource.attributes["service.name"]) for span in trace}
    assert services == {"entrypoint", "catalogue", "store", "payment"}
    roots = [span for span in trace if span.parent is None]
    assert [span.name for span in roots] == ["POST /api/v1/purchases"]
    kinds = {span.kind for span in trace}
    assert kinds >= {SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CONSUMER}
    invoiced = next(span for span in trace if span.name == "handle payment.invoices")
    assert (invoiced.attributes or {})["souk.order_id"] == order_id
    asked = {name for query in tempo_queries() for name in re.findall(r"span\.([\w.]+)", query.text)}
    assert asked
    assert asked <= {name for span in trace for name in span.attributes or {}}


async def test_what_follows_from_a_batch_stays_in_each_events_trace(
    database: Database, spans: InMemorySpanExporter
) -> None:
    outbox = Outbox("payment", ManualClock())

    async def answer(session: Session, events: list[PurchaseCancelled]) -> None:
        for event in reversed(events):
            outbox.emit(session, event)

    consumer = Consumer("payment.test")
    consumer.on_many(PurchaseCancelled, answer)
    purchases = [_cancelled() for _ in range(3)]
    traces = [f"{number:032x}" for number in (0xA1, 0xB2, 0xC3)]
    messages = [_message(purchase, trace) for purchase, trace in zip(purchases, traces, strict=True)]
    outcomes = await Runner(consumer, database).handle(messages)
    assert outcomes == ["done"] * 3

    own = {_trace(span): span for span in spans.get_finished_spans() if span.name == "handle payment.test"}
    assert sorted(own) == traces
    [batch] = [span for span in spans.get_finished_spans() if span.name == "batch payment.test"]
    assert sorted(f"{link.context.trace_id:032x}" for link in batch.links) == traces

    async with database.reading() as reader:
        written = [unseal(body).envelope for body in await reader.scalars(select(outbox_table.c.body))]
    told = {envelope.subject: envelope.traceparent for envelope in written}
    for purchase, trace in zip(purchases, traces, strict=True):
        _, trace_id, parent, _ = told[purchase.purchase_id].split("-")
        assert trace_id == trace
        context = own[trace].context
        assert context is not None
        assert int(parent, 16) == context.span_id


async def test_the_batch_is_tried_again_one_by_one_in_the_same_traces(
    database: Database, spans: InMemorySpanExporter
) -> None:
    purchases = [_cancelled() for _ in range(2)]

    async def refuse_the_second(_: Session, event: PurchaseCancelled) -> None:
        if event.purchase_id == purchases[1].purchase_id:
            raise ValueError("no")

    consumer = Consumer("payment.test")
    consumer.on(PurchaseCancelled, refuse_the_second)
    traces = [f"{number:032x}" for number in (0xA1, 0xB2)]
    messages = [_message(purchase, trace) for purchase, trace in zip(purchases, traces, strict=True)]
    assert await Runner(consumer, database).handle(messages) == ["done", "retry"]
    ended = [
        (_trace(span), span.status.is_ok)
        for span in spans.get_finished_spans()
        if span.name == "handle payment.test" and (span.attributes or {})["souk.batch"] == 1
    ]
    assert ended == [(traces[0], True), (traces[1], False)]


async def _settled(spans: InMemorySpanExporter, order_id: str) -> list[ReadableSpan]:
    """The trace in which the order's invoice was told, once nothing more is added to it."""
    known = -1
    trace: list[ReadableSpan] = []
    for _ in range(100):
        ended = spans.get_finished_spans()
        told = [
            _trace(span)
            for span in ended
            if span.name == "handle entrypoint.live"
            and (span.attributes or {}).get("souk.event_type") == "souk.payment.invoice.issued.v1"
            and (span.attributes or {}).get("souk.order_id") == order_id
        ]
        trace = [span for span in ended if told and _trace(span) == told[0]]
        if trace and len(trace) == known:
            return trace
        known = len(trace)
        await asyncio.sleep(0.2)
    raise AssertionError(f"the trace has {len(trace)} spans and does not settle")


def _edges(trace: list[ReadableSpan]) -> set[tuple[str, str]]:
    """Which kind of work led to which."""
    names = {span.context.span_id: span.name for span in trace if span.context}
    return {(names[span.parent.span_id], span.name) for span in trace if span.parent and span.parent.span_id in names}


def _trace(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def _message(event: PurchaseCancelled, trace: str) -> Message:
    body = seal(
        "store",
        event,
        event_id=new_id(),
        time=datetime.now(UTC),
        sequence=1,
        traceparent=f"00-{trace}-00000000000000ff-01",
    )
    return Message(body, 1)


def _cancelled() -> PurchaseCancelled:
    return PurchaseCancelled(purchase_id=new_id(), buyer_id=new_id(), reason="cancelled")


def test_without_a_receiver_ids_are_still_made_and_carried_on() -> None:
    with tracing.span("first", service="store") as first:
        trace_id = trace_ids.current_trace_id()
        assert len(trace_id) == 32
        with tracing.span("inside", service="store"):
            assert trace_ids.current_trace_id() == trace_id
        came_with = tracing.traceparent_of(first)
    assert trace_ids.current_trace_id() == ""
    with tracing.span("there", service="payment", parent=tracing.parent_of({"traceparent": came_with})):
        assert trace_ids.current_trace_id() == trace_id
