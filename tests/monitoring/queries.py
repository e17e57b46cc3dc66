"""Every query of the dashboards and alerts."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from tests.monitoring.seen import ROOT, RULES

DASHBOARDS = sorted((ROOT / "monitoring/grafana/dashboards").glob("*.json"))
TYPED = "01a1fb95"
"""What stands for an id that somebody typed into a dashboard."""

_VARIABLES = {
    "$__rate_interval": "5m",
    "$__range": "5m",
    "$__interval": "5m",
    "$service": ".+",
    "$level": ".+",
    "$id": TYPED,
    "$purchase": TYPED,
}


class Query(NamedTuple):
    """A query as it is sent, and where it stands."""

    where: str
    language: str
    text: str


def dashboard_queries() -> Iterator[Query]:
    """All queries of all panels and annotations, the variables filled in."""
    for path in DASHBOARDS:
        board = json.loads(path.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield Query(
                    f"{board['title']}: {panel['title']}",
                    target["datasource"]["type"],
                    filled(target.get("expr") or target["query"]),
                )


def filled(expression: str) -> str:
    """With values where Grafana puts its variables."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in re.sub(r'\$["`]', "", expression), f"unknown variable in {expression}"
    return expression


def rule_queries() -> Iterator[Query]:
    """All alerts and recorded rules. Bounds are opened: what a rule looks at must be there, bad or not, absent or not."""
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                looked_at = re.sub(r"absent\(([^()]*)\)", r"(\1 > 0)", rule["expr"])
                text = re.sub(r"(==|!=|>=|<=|>|<) +(\([^()]*\)|-?[0-9.]+)", "> -Inf", looked_at)
                assert "alert" not in rule or "> -Inf" in text
                yield Query(rule.get("alert") or rule["record"], "prometheus", text)


def prometheus_queries() -> list[Query]:
    """All of PromQL."""
    return [query for query in (*dashboard_queries(), *rule_queries()) if query.language == "prometheus"]


def loki_queries() -> list[Query]:
    """All of LogQL."""
    return [query for query in dashboard_queries() if query.language == "loki"]


def tempo_queries() -> list[Query]:
    """All of TraceQL."""
    return [query for query in dashboard_queries() if query.language == "tempo"]


def runbook_queries() -> list[Query]:
    """The ready-made LogQL of the runbook."""
    blocks = re.findall(r"```logql\n(.*?)```", (ROOT / "misc/runbook.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.strip().splitlines()]
    return [Query("runbook", "loki", line.replace("THE-ID", TYPED)) for line in lines]
