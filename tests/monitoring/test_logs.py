"""The log lines that the services write, and what reads them: Grafana's queries, `souk logs` (the shipper: test_shipper)."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from shop.cli.logs import logs
from tests.monitoring.alloy import Block, parse
from tests.monitoring.queries import TYPED, Query, loki_queries, runbook_queries
from tests.monitoring.seen import ROOT, Seen

pytestmark = pytest.mark.slow

GRAMMAR = "@grafana/lezer-logql@0.4.2"
HOW_TO_GET_NODE = "install Node.js with npm (Debian: apt-get install nodejs npm)"
LABELS = {"service", "level"}
OF_FAILURES = {"cause"}
"""What only lines of failures have, which this shop does not see (tests/souk/http/test_log_lines.py does)."""


@pytest.fixture(scope="session")
def logql(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Grafana's grammar of LogQL: a function from queries to what is in them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_GET_NODE)
        pytest.skip(HOW_TO_GET_NODE)
    folder = tmp_path_factory.mktemp("logql")
    install = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", str(folder)]
    subprocess.run([*install, GRAMMAR], check=True, capture_output=True, timeout=120)
    module = folder / "node_modules/@grafana/lezer-logql/index.es.js"

    def read(queries: list[Query]) -> list[dict[str, list[str]]]:
        command = [node, str(Path(__file__).parent / "logql.mjs"), str(module)]
        sent = json.dumps([query.text for query in queries])
        done = subprocess.run(command, input=sent, capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout))

    return read


@pytest.fixture(scope="session")
def alloy() -> Block:
    """The shipper's configuration."""
    return parse((ROOT / "monitoring/alloy/config.alloy").read_text())


def test_every_line_says_what_it_is_about(seen: Seen) -> None:
    lines = seen.log
    assert {line["event"] for line in lines} >= {"request", "event", "event failed", "dead letter", "swept"}
    for line in lines:
        assert {"timestamp", "level", "service", "event", "trace_id"} <= line.keys(), line
        if line["event"] in ("request", "event", "swept", "event failed"):
            assert re.fullmatch("[0-9a-f]{32}", line["trace_id"]), line
        if line["event"] == "request":
            assert line["request_id"], line
            assert "user_id" in line, line
    assert {line["service"] for line in lines} == {"entrypoint", "catalogue", "store", "payment"}
    assert "correct-horse" not in json.dumps(lines)


def test_one_purchase_is_one_trace_in_the_log(seen: Seen) -> None:
    about = [line for line in seen.log if line.get("order_id") == seen.order_id and line["event"] == "event"]
    invoiced = next(line for line in about if line["type"] == "souk.payment.invoice.issued.v1")
    together = {
        (line["service"], line.get("consumer") or line["event"])
        for line in seen.log
        if line["trace_id"] == invoiced["trace_id"]
    }
    assert together >= {
        ("entrypoint", "request"),
        ("store", "request"),
        ("catalogue", "catalogue.reservations"),
        ("payment", "payment.captures"),
        ("store", "store.saga"),
        ("payment", "payment.invoices"),
        ("entrypoint", "entrypoint.live"),
    }


def test_every_logql_query_is_logql_and_asks_for_fields_that_exist(seen: Seen, logql: Any) -> None:
    queries = [*loki_queries(), *runbook_queries()]
    assert len(queries) >= 14
    known = LABELS | OF_FAILURES | {key for line in seen.log for key in line}
    for query, found in zip(queries, logql(queries), strict=True):
        assert found["wrong"] == [], query
        assert found["labels"], query
        assert set(found["labels"]) <= LABELS, query
        shown = re.findall(r"{{\.(\w+)}}", query.text)
        assert {*found["fields"], *shown} <= known, query


def test_failures_are_counted_by_service_and_cause() -> None:
    counted = [query.text for query in loki_queries() if query.text.startswith("sum by (service, cause)")]
    assert any('level="error"' in text and "status>=500" in text for text in counted)


def test_lines_without_json_are_shown_as_they_are() -> None:
    """PostgreSQL's, tracebacks: unless a query asks for a field that only the services' JSON has."""
    shown = [query.text for query in loki_queries() if "line_format" in query.text and "| event=" not in query.text]
    assert shown
    assert all("{{ if .__error__ }}{{ __line__ }}{{ else }}" in text for text in shown)


def test_what_is_no_logql_is_noticed(logql: Any) -> None:
    broken = [
        Query("", "loki", text) for text in ("{service=} | json", '{service="a"} | json |', 'rate({service="a"})')
    ]
    assert all(found["wrong"] for found in logql(broken))


def test_the_shipper_asks_for_fields_that_exist(seen: Seen, alloy: Block) -> None:
    known = {key for line in seen.log for key in line}
    parsed = next(block for block in alloy.walk() if block.name == "stage.json")
    assert set(parsed.attributes["expressions"]) <= known


def test_the_shippers_selectors_are_logql(alloy: Block, logql: Any) -> None:
    found = [Query("alloy", "loki", b.attributes["selector"]) for b in alloy.walk() if b.name == "stage.match"]
    assert len(found) == 5
    assert [read["wrong"] for read in logql(found)] == [[]] * 5


def test_data_sources_and_dashboards_find_each_other() -> None:
    provisioning = ROOT / "monitoring/grafana/provisioning"
    sources = yaml.safe_load((provisioning / "datasources/souk.yml").read_text())["datasources"]
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for source in sources:
        assert re.fullmatch(r"http://([a-z]+):\d+", source["url"]).group(1) in composed  # type: ignore[union-attr]
    uids = {source["uid"] for source in sources}
    text = json.dumps(sources)
    assert set(re.findall(r'"datasourceUid": "(\w+)"', text)) <= uids
    used = {
        target["datasource"]["uid"]
        for path in (ROOT / "monitoring/grafana/dashboards").glob("*.json")
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    }
    assert used <= uids
    provider = yaml.safe_load((provisioning / "dashboards/souk.yml").read_text())["providers"][0]
    assert f"./monitoring/grafana/dashboards:{provider['options']['path']}:ro" in composed["grafana"]["volumes"]


def test_souk_logs_finds_what_happened_to_an_order(seen: Seen) -> None:
    lines = souk_logs(seen, "--order", seen.order_id, "--json")
    read = [json.loads(line) for line in lines]
    assert {line["service"] for line in read} == {"entrypoint", "catalogue", "store", "payment"}
    assert any(line.get("route") == "/orders/{order_id}/shipment" for line in read)
    user = next(line["user_id"] for line in read if line.get("user_id"))
    assert any(user in line for line in souk_logs(seen, "--user", user))
    request = next(line["request_id"] for line in read if line.get("request_id"))
    assert {json.loads(line)["request_id"] for line in souk_logs(seen, "--request", request, "--json")} == {request}


def test_souk_logs_filters(seen: Seen) -> None:
    assert all(" payment " in line for line in souk_logs(seen, "--service", "payment"))
    assert all(" error " in line for line in souk_logs(seen, "--level", "error"))
    assert any("dead letter" in line for line in souk_logs(seen, "--level", "error"))
    refused = souk_logs(seen, "--refused")
    assert refused
    assert all("status=4" in line for line in refused)
    everything = souk_logs(seen, "--json")
    assert souk_logs(seen, "--since", "60", "--json")[: len(everything)] == everything
    slow = [json.loads(line)["duration_ms"] for line in souk_logs(seen, "--slower", "50", "--json")]
    assert slow
    assert min(slow) > 50
    assert souk_logs(seen, "--order", TYPED * 4) == []


def test_souk_logs_reads_the_shops_own_log_and_what_is_piped_in(seen: Seen) -> None:
    assert process(seen, "--order", seen.order_id) == souk_logs(seen, "--order", seen.order_id)
    line = json.dumps({"timestamp": "2026-11-21T00:49:33Z", "level": "info", "service": "store", "event": "swept"})
    piped = f"store-1  | {line}\nno json\n{{broken\n"
    assert process(seen, "--service", "store", "--json", piped=piped) == [line]


def souk_logs(seen: Seen, *options: str) -> list[str]:
    """What the command prints for the shop's log."""
    done = CliRunner().invoke(logs, [str(seen.folder / "souk.log"), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def process(seen: Seen, *options: str, piped: str | None = None) -> list[str]:
    """What it prints as its own process, for the folder it is told or what is piped in."""
    done = subprocess.run(
        [sys.executable, "-m", "shop", "logs", *options],
        env=os.environ | {"SOUK_DATA_DIR": str(seen.folder)},
        input=piped,
        stdin=None if piped is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()
