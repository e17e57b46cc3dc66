"""The alerts: each fires when it should and only then, and each has its entry in the runbook."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring.queries import dashboard_queries
from tests.monitoring.seen import ROOT, RULES

pytestmark = pytest.mark.slow

ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for path in RULES
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
SERVICES = ("entrypoint", "catalogue", "store", "payment")
REQUESTS = "souk_public_requests"
DURATION = "souk_public_request_duration_seconds"


def requests(good: str, failed: str) -> dict[str, str]:
    """How many public requests were answered each minute, well and badly."""
    return {f'{REQUESTS}_total{{outcome="answered"}}': good, f'{REQUESTS}_total{{outcome="failed"}}': failed}


def timed(all_of_them: str, fast: str) -> dict[str, str]:
    """How many public requests were answered each minute, and how many of them within half a second."""
    return {f"{DURATION}_count": all_of_them, f'{DURATION}_bucket{{le="0.5"}}': fast}


def everybody_up(without: str = "") -> dict[str, str]:
    """An instance of each service that answers."""
    return {f'up{{job="{service}",instance="a"}}': "1x40" for service in SERVICES if service != without}


def expected(**instances: str) -> dict[str, str]:
    """How many instances the settings say there should be."""
    return {f'job:instances:expected{{job="{service}"}}': count for service, count in instances.items()}


@dataclass(frozen=True)
class Case:
    """Series over minutes in which an alert fires at last, not a moment too early; and others in which it must not."""

    alert: str
    bad: dict[str, str]
    good: dict[str, str]
    summary: str
    labels: dict[str, str] = field(default_factory=dict)
    quiet_until: str = "0m"
    fires_at: str = "20m"


CASES = [
    Case(
        "LedgerImbalance",
        {"souk_ledger_imbalance_minor_units": "0 0 -1x30"},
        {"souk_ledger_imbalance_minor_units": "0x30"},
        "The ledger is out of balance by 1 minor units.",
        {"service": "payment"},
        quiet_until="1m",
    ),
    Case(
        "LedgerProofTooOld",
        {"souk_ledger_proof_timestamp_seconds": "0x30"},
        {"souk_ledger_proof_timestamp_seconds": "0+60x30"},
        "Nobody has proven the money for 20m 0s.",
        {"service": "payment"},
        quiet_until="3m",
    ),
    Case(
        "LedgerProofAbsent",
        {"souk_ledger_imbalance_minor_units": "0 0 _x30", "souk_ledger_proof_timestamp_seconds": "0+60x30"},
        {"souk_ledger_imbalance_minor_units": "0x30", "souk_ledger_proof_timestamp_seconds": "0x30"},
        "Nobody tells whether the money is right.",
        {"service": "payment"},
        quiet_until="7m",
    ),
    Case(
        "LedgerChainTooOld",
        {"souk_ledger_unchained_seconds": "0+60x30"},
        {"souk_ledger_unchained_seconds": "10x30"},
        "Transfers have waited 20m 0s to be closed in a block.",
        {"service": "payment"},
        quiet_until="3m",
    ),
    Case(
        "PurchasesStuck",
        {"souk_purchases_stuck": "3x30"},
        {"souk_purchases_stuck": "0x10 2 0x20"},
        "3 purchases are open long after their deadline.",
        {"service": "store"},
        quiet_until="1m",
    ),
    Case(
        "ProblemsWait",
        {"souk_problems_waiting_seconds": "432060x40"},
        {"souk_problems_waiting_seconds": "431000x40"},
        "A problem of an order has waited 5d 0h 1m 0s for a moderator.",
        {"service": "store"},
        quiet_until="9m",
    ),
    Case(
        "DeadLetters",
        {
            'souk_dead_letters{service="store",instance="a"}': "2x30",
            'souk_dead_letters{service="store",instance="b"}': "2x30",
        },
        {'souk_dead_letters{service="store"}': "0x30"},
        "store gave up on 2 events.",
        {"service": "store"},
    ),
    Case(
        "OutboxLag",
        {'souk_outbox_lag_seconds{service="payment"}': "0+60x30"},
        {'souk_outbox_lag_seconds{service="payment"}': "1x5 45 2x30"},
        "payment has had an event to tell for 20m 0s.",
        {"service": "payment"},
        quiet_until="2m",
    ),
    Case(
        "QueueWithoutConsumers",
        {'rabbitmq_detailed_queue_consumers{queue="souk.store.saga"}': "1 1 0x30"},
        {
            'rabbitmq_detailed_queue_consumers{queue="souk.store.saga"}': "2x30",
            'rabbitmq_detailed_queue_consumers{queue="souk.store.retry.0.5s"}': "0x30",
            'rabbitmq_detailed_queue_consumers{queue="of.someone.else"}': "0x30",
        },
        "Nobody takes from the queue souk.store.saga.",
        {"queue": "souk.store.saga", "service": "store"},
        quiet_until="3m",
    ),
    Case(
        "ErrorBudgetBurnsFast",
        requests("0+95x90", "0+5x90"),
        requests("0+9995x90", "0+5x90"),
        "5% of requests fail.",
        quiet_until="2m",
    ),
    Case(
        "ErrorBudgetBurns",
        requests("0+99x400", "0+1x400"),
        requests("0+9995x400", "0+5x400"),
        "1% of requests have failed for hours.",
        quiet_until="14m",
        fires_at="350m",
    ),
    Case(
        "LatencyBudgetBurnsFast",
        timed("0+100x90", "0+75x90"),
        timed("0+100x90", "0+99x90"),
        "25% of requests take longer than half a second.",
        quiet_until="2m",
    ),
    Case(
        "LatencyBudgetBurns",
        timed("0+100x400", "0+90x400"),
        timed("0+100x400", "0+99x400"),
        "10% of requests have been slow for hours.",
        quiet_until="14m",
        fires_at="350m",
    ),
    Case(
        "TargetDown",
        {'up{job="store",instance="store:8002"}': "1 1 0x30"},
        {'up{job="store",instance="store:8002"}': "1x5 0 1x30"},
        "store at store:8002 does not answer.",
        {"job": "store", "instance": "store:8002", "service": "store"},
        quiet_until="3m",
    ),
    *(
        Case(
            "ServiceGone",
            everybody_up(without=service) | {f'up{{job="{service}",instance="a"}}': "1 1 1 _x30"},
            everybody_up(),
            f"No {service} answers.",
            {"job": service, "service": service},
            quiet_until="7m",
        )
        for service in SERVICES
    ),
    Case(
        "ServiceGone",
        everybody_up(without="store") | {'up{job="store",instance="a"}': "1 1 0x30"},
        everybody_up(),
        "No store answers.",
        {"job": "store", "service": "store"},
        quiet_until="2m",
    ),
    Case(
        "TooFewInstances",
        everybody_up() | expected(catalogue="3x30") | {'up{job="catalogue",instance="b"}': "1x30"},
        everybody_up() | expected(catalogue="1x30"),
        "1 of the catalogue's instances are missing.",
        {"job": "catalogue", "service": "catalogue"},
        quiet_until="2m",
    ),
    Case(
        "TooFewInstances",
        everybody_up(without="store") | expected(store="1x30"),
        everybody_up() | expected(store="1x30"),
        "1 of the store's instances are missing.",
        {"job": "store", "service": "store"},
        quiet_until="2m",
    ),
    Case(
        "ShopUnreachable",
        {'probe_success{instance="https://shop.example/"}': "1 1 0x30"},
        {'probe_success{instance="https://shop.example/"}': "1x10 0 1x30"},
        "https://shop.example/ does not answer as it should.",
        {"instance": "https://shop.example/"},
        quiet_until="3m",
    ),
    Case(
        "DatabaseDown",
        {'pg_up{instance="a"}': "1 1 0x30"},
        {'pg_up{instance="a"}': "1x30"},
        "PostgreSQL does not answer.",
        {"instance": "a"},
        quiet_until="2m",
    ),
    Case(
        "DatabaseNearItsConnections",
        {
            'pg_stat_activity_count{datname="souk_store",state="idle"}': "225x30",
            "pg_settings_max_connections": "250x30",
        },
        {
            'pg_stat_activity_count{datname="souk_store",state="idle"}': "100x30",
            "pg_settings_max_connections": "250x30",
        },
        "90% of the database's connections are taken.",
        quiet_until="4m",
    ),
    Case(
        "PoolExhausted",
        {
            'souk_database_connections{service="store"}': "10x30",
            'souk_database_connections_max{service="store"}': "10x30",
        },
        {
            'souk_database_connections{service="store"}': "5x30",
            'souk_database_connections_max{service="store"}': "10x30",
        },
        "store uses 100% of its connections.",
        {"service": "store"},
        quiet_until="4m",
    ),
    Case(
        "DiskFillsUp",
        {
            'node_filesystem_avail_bytes{instance="a",mountpoint="/",fstype="ext4"}': "5x30",
            'node_filesystem_size_bytes{instance="a",mountpoint="/",fstype="ext4"}': "100x30",
        },
        {
            'node_filesystem_avail_bytes{instance="a",mountpoint="/run",fstype="tmpfs"}': "0x30",
            'node_filesystem_size_bytes{instance="a",mountpoint="/run",fstype="tmpfs"}': "100x30",
        },
        "5% of the disk at / is left.",
        {"instance": "a", "mountpoint": "/"},
        quiet_until="4m",
    ),
    Case(
        "MemoryShort",
        {'node_memory_MemAvailable_bytes{instance="a"}': "2x30", 'node_memory_MemTotal_bytes{instance="a"}': "100x30"},
        {'node_memory_MemAvailable_bytes{instance="a"}': "50x30", 'node_memory_MemTotal_bytes{instance="a"}': "100x30"},
        "2% of the memory is left.",
        {"instance": "a"},
        quiet_until="4m",
    ),
]


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == set(ALERTS)


def test_alerts_fire_when_they_should_and_only_then(promtool: str, tmp_path: Path) -> None:
    tests = [test for case in CASES for test in (_firing(case), _quiet(case))]
    document = {"rule_files": [str(path) for path in RULES], "evaluation_interval": "1m", "tests": tests}
    path = tmp_path / "alerts.yml"
    path.write_text(yaml.safe_dump(document))
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_panel_says_no_when_a_service_is_missing(promtool: str, tmp_path: Path) -> None:
    [panel] = [query for query in dashboard_queries() if query.where == "2 Services: Is everybody up?"]
    there = dict.fromkeys(SERVICES, "1x20")
    worlds = {0: everybody_up(without="payment"), 1: everybody_up()}
    tests = [
        {
            "interval": "1m",
            "input_series": _series(series | expected(**there)),
            "promql_expr_test": [
                {"expr": panel.text, "eval_time": "10m", "exp_samples": [{"labels": "{}", "value": up}]}
            ],
        }
        for up, series in worlds.items()
    ]
    document = {"rule_files": [str(path) for path in RULES], "evaluation_interval": "1m", "tests": tests}
    path = tmp_path / "panel.yml"
    path.write_text(yaml.safe_dump(document))
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_valid(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "config", "monitoring/prometheus/prometheus.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_entry_in_the_runbook() -> None:
    runbook = (ROOT / "misc/runbook.md").read_text()
    entries = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", runbook, re.MULTILINE | re.DOTALL))
    assert sorted(entries) == sorted(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"misc/runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
        for part in ("**Means.**", "**Look first.**", "**Mend.**"):
            assert part in entries[name], f"{name} lacks {part}"


def _firing(case: Case) -> dict[str, Any]:
    rule = ALERTS[case.alert]
    fired = {
        "exp_labels": rule["labels"] | case.labels,
        "exp_annotations": {"summary": case.summary, "runbook": rule["annotations"]["runbook"]},
    }
    return {
        "name": f"{case.alert} fires",
        "interval": "1m",
        "input_series": _series(case.bad),
        "alert_rule_test": [
            {"eval_time": case.quiet_until, "alertname": case.alert, "exp_alerts": []},
            {"eval_time": case.fires_at, "alertname": case.alert, "exp_alerts": [fired]},
        ],
    }


def _quiet(case: Case) -> dict[str, Any]:
    minutes = range(0, 31, 2) if case.fires_at == "20m" else range(0, 400, 25)
    return {
        "name": f"{case.alert} is quiet",
        "interval": "1m",
        "input_series": _series(case.good),
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": case.alert, "exp_alerts": []} for minute in minutes
        ],
    }


def _series(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": series, "values": value} for series, value in values.items()]
