"""What Souk counts, in one place, named as Prometheus names things."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each counter, which nobody asks for

REQUEST_OUTCOMES = ("answered", "refused", "failed")
EVENT_OUTCOMES = ("handled", "duplicate", "failed")

requests = Counter(
    "http_server_requests_total",
    "Requests answered, refused (4xx) or failed (5xx)",
    ["service", "route", "method", "outcome"],
)
request_duration = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request; without streams, and requests that asked to wait",
    ["service", "route", "method", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
public_requests = Counter(
    "souk_public_requests_total",
    "What people and API clients asked, without what machines ask about this one (/metrics, /health, /internal)",
    ["outcome"],
)
public_request_duration = Histogram(
    "souk_public_request_duration_seconds",
    "Time to answer them; without streams, and requests that asked to wait",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
outbox_lag = Gauge(
    "souk_outbox_lag_seconds", "Age of the oldest event not yet told", ["service"], multiprocess_mode="mostrecent"
)
outbox_pending = Gauge("souk_outbox_pending", "Events not yet told", ["service"], multiprocess_mode="mostrecent")
dead_letters = Gauge(
    "souk_dead_letters", "Events given up on that wait for an operator", ["service"], multiprocess_mode="mostrecent"
)
events_handled = Counter("souk_events_handled_total", "Events handled", ["service", "consumer", "type", "outcome"])
event_duration = Histogram(
    "souk_event_handling_duration_seconds",
    "Time to handle a batch of events in one transaction",
    ["service", "consumer"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
event_batch = Histogram(
    "souk_event_batch_size",
    "Events handled together in one transaction",
    ["service", "consumer"],
    buckets=(1, 2, 5, 10, 20, 50, 100),
)
event_lag = Histogram(
    "souk_event_lag_seconds",
    "From an event's emission until a consumer has handled it",
    ["service", "consumer"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300),
)
connections = Gauge(
    "souk_database_connections", "Connections of the pool in use", ["service"], multiprocess_mode="livesum"
)
connections_max = Gauge(
    "souk_database_connections_max", "Connections that the pool may open", ["service"], multiprocess_mode="livesum"
)
swept = Counter("souk_swept_total", "Things moved on by a deadline or retention", ["service", "sweeper"])

# A counter that is born with its first event shows no increase by it: what can be counted is there from the start.
for _outcome in REQUEST_OUTCOMES:
    public_requests.labels(_outcome)


def expect_requests(service: str, route: str, method: str) -> None:
    """Count a route's requests from 0."""
    for outcome in REQUEST_OUTCOMES:
        requests.labels(service, route, method, outcome)


def expect_events(service: str, consumer: str, types: Iterable[str]) -> None:
    """Count a consumer's events from 0."""
    for kind in types:
        for outcome in EVENT_OUTCOMES:
            events_handled.labels(service, consumer, kind, outcome)
    events_handled.labels(service, consumer, "unreadable", "dead")
    for histogram in (event_duration, event_batch, event_lag):
        histogram.labels(service, consumer)


SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several workers count together; unset where there is one."""


def samples(names: Collection[str], registry: CollectorRegistry = PROCESS_REGISTRY) -> list[Sample]:
    """Counters and gauges by their samples' names, of all workers together. A gauge's is the newest that one of them set.

    Much cheaper than an exposition: of what is shared, nothing else is looked into.
    """
    if SHARED not in os.environ:
        found = registry.restricted_registry(names).collect()
        return [sample for metric in found for sample in metric.samples]
    newest: dict[str, tuple[float, float]] = {}
    for file in Path(os.environ[SHARED]).glob("[cg]*.db"):
        is_counter = file.name.startswith("counter")
        for key, value, at, _ in MmapedDict.read_all_values_from_file(file):  # type: ignore[no-untyped-call]
            if key.split('"', 4)[3] not in names:  # ["metric", "sample", {labels}, "help"]
                continue
            before, before_at = newest.get(key, (0.0, -1.0))
            if is_counter:
                newest[key] = before + value, at
            elif at > before_at:
                newest[key] = value, at
    keys = {key: msgspec.json.decode(key) for key in newest}
    return [Sample(keys[key][1], keys[key][2], value) for key, (value, _) in newest.items()]


def exposition(accept: str = "") -> tuple[bytes, str]:
    """All metrics of this service instance, over all workers where there are several, and their content type.

    Whoever accepts OpenMetrics gets it, with exemplars: trace ids of some requests. Several workers keep none.
    """
    encode, content_type = choose_encoder(accept)
    registry = PROCESS_REGISTRY
    if SHARED in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return encode(registry), content_type
