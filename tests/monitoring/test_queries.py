"""Every PromQL query is run against a real Prometheus that watches a running shop, and finds something."""

import math
import os
import re
import subprocess
import time
from pathlib import Path

import httpx
import pytest
import yaml

from monitoring.grafana.build import all_dashboards
from tests.monitoring.queries import DASHBOARDS, Query, prometheus_queries
from tests.monitoring.seen import Seen

pytestmark = pytest.mark.slow

JOB_OF = {
    "rabbitmq_detailed_": "rabbitmq-queues",
    "rabbitmq_": "rabbitmq",
    "probe_": "probes",
    "pg_": "postgres",
    "node_": "node",
    "container_": "containers",
}
"""Which exporter a metric comes from; all others come from the services."""

ALWAYS_SEEN = {"entrypoint", "node", "postgres", "probes"} | ({"rabbitmq"} if os.environ.get("CI") == "true" else set())
"""What answers wherever these tests run. cAdvisor never does (Debian has no package of it), and RabbitMQ if it is here,
as it is in CI: the queries for those that do not answer are parsed only."""


def test_the_dashboards_on_disk_are_what_the_code_builds() -> None:
    assert {path.name: path.read_text() for path in DASHBOARDS} == all_dashboards()


def test_every_query_finds_something(seen: Seen) -> None:
    assert seen.jobs >= ALWAYS_SEEN
    queries = [query for query in prometheus_queries() if job_of(query) in seen.jobs]
    assert len(queries) > 90
    until = time.monotonic() + 15
    while True:
        empty = [query for query in queries if not finds_something(seen, query)]
        if not empty or time.monotonic() > until:
            break
        time.sleep(1)
    assert empty == []


def test_queries_for_what_is_not_here_can_be_parsed(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"parsed:{number}", "expr": query.text} for number, query in enumerate(prometheus_queries())]
    path = tmp_path / "parsed.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "parsed", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_counted_is_right(seen: Seen) -> None:
    values = {
        'souk_purchases_total{outcome="paid"}': 4,
        'souk_purchases_total{outcome="declined"}': 2,
        "souk_purchases_placed_total": 6,
        "souk_fees_minor_units": 420,
        "souk_issued_minor_units": 100_000,
        "souk_ledger_imbalance_minor_units": 0,
        "souk_escrow_minor_units": 0,
        "souk_active_users": 4,
        'souk_ledger_transfers_total{kind="settlement",outcome="accepted"}': 2,
        'souk_dead_letters{service="store"}': 1,
    }
    until = time.monotonic() + 25  # some gauges are set only every ten seconds
    while {query: value_of(seen, query) for query in values} != values and time.monotonic() < until:
        time.sleep(1)
    assert {query: value_of(seen, query) for query in values} == values


def test_a_slow_request_leads_to_its_trace(seen: Seen) -> None:
    window = {"start": time.time() - 300, "end": time.time()}
    answer = seen.prometheus.get(
        "/api/v1/query_exemplars", params={"query": "http_server_request_duration_seconds_bucket", **window}
    ).json()
    ids = {exemplar["labels"]["trace_id"] for series in answer["data"] for exemplar in series["exemplars"]}
    assert ids
    assert ids & {line.get("trace_id") for line in seen.log}


def test_metrics_are_also_told_in_plain_text(seen: Seen) -> None:
    plain = httpx.get(f"{seen.shop}/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    assert "# {" not in plain.text
    exact = httpx.get(f"{seen.shop}/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert exact.headers["content-type"].startswith("application/openmetrics-text")
    assert exact.text.endswith("# EOF\n")
    assert re.search(r'# \{trace_id="[0-9a-f]{32}"\}', exact.text)


def job_of(query: Query) -> str:
    """The scrape job whose metrics the query needs."""
    return next((job for start, job in JOB_OF.items() if re.search(rf"\b{start}", query.text)), "entrypoint")


def finds_something(seen: Seen, query: Query) -> bool:
    """Whether the query gives at least one number."""
    return any(not math.isnan(float(series["value"][1])) for series in seen.query(query.text))


def value_of(seen: Seen, query: str) -> float | None:
    """The single value of a query."""
    found = seen.query(query)
    return float(found[0]["value"][1]) if len(found) == 1 else None
