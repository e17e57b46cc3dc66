"""What dashboards are made of: panels with a question for a title, queries, and a grid they are laid on."""

from dataclasses import dataclass, field
from typing import Any

WIDTH = 24
HEIGHT = 8
STAT_HEIGHT = 4

SERVICES = ("entrypoint", "catalogue", "store", "payment")
REQUESTS = "http_server_request_duration_seconds"

PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
LOKI = {"type": "loki", "uid": "loki"}
TEMPO = {"type": "tempo", "uid": "tempo"}
MONEY = "locale"
MINOR_UNITS = "scalar(max(souk_minor_units))"
"""Money is counted in minor units; queries divide by this for whole units of the marketplace's currency, whatever it is."""

Panel = dict[str, Any]


@dataclass(frozen=True)
class Dashboard:
    """One page: rows of panels, each row as high as its first panel."""

    uid: str
    title: str
    about: str
    rows: tuple[tuple[Panel, ...], ...]
    variables: tuple[dict[str, Any], ...] = ()
    since: str = "now-1h"
    tags: tuple[str, ...] = field(default=("souk",))

    def json(self) -> dict[str, Any]:
        """As Grafana reads it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.about,
            "tags": list(self.tags),
            "schemaVersion": 41,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": self.since, "to": "now"},
            "timezone": "browser",
            "templating": {"list": list(self.variables)},
            "annotations": {"list": [_ALERTS]},
            "links": [
                {
                    "type": "dashboards",
                    "title": "Souk",
                    "tags": ["souk"],
                    "asDropdown": True,
                    "keepTime": True,
                    "includeVars": False,
                }
            ],
            "panels": self._laid(),
        }

    def _laid(self) -> list[Panel]:
        laid: list[Panel] = []
        top = 0
        for row in self.rows:
            width = WIDTH // len(row)
            height = max(panel["height"] for panel in row)
            for column, panel in enumerate(row):
                grid = {"x": column * width, "y": top, "w": width, "h": height}
                rest = {key: value for key, value in panel.items() if key != "height"}
                laid.append({"id": len(laid) + 1, "gridPos": grid, **rest})
            top += height
        return laid


_ALERTS = {
    "name": "Alerts",
    "datasource": PROMETHEUS,
    "enable": True,
    "iconColor": "red",
    "expr": 'sum by (alertname) (ALERTS{alertstate="firing"})',
    "titleFormat": "{{alertname}}",
}


def graph(title: str, queries: dict[str, str], unit: str, about: str = "", *, stacked: bool = False) -> Panel:
    """Lines over time; `queries` by what their lines are called."""
    custom = {
        "lineWidth": 2 if not stacked else 1,
        "fillOpacity": 60 if stacked else 8,
        "showPoints": "never",
        "spanNulls": True,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
    }
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    return {
        "type": "timeseries",
        "title": title,
        "description": about,
        "height": HEIGHT,
        "datasource": PROMETHEUS,
        "targets": _targets(queries),
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": custom}, "overrides": []},
        "options": {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}},
    }


def signed(panel: Panel) -> Panel:
    """The same graph for values that may be below zero."""
    panel["fieldConfig"]["defaults"].pop("min")
    return panel


def with_exemplars(panel: Panel) -> Panel:
    """The same graph with dots that lead to traces."""
    for target in panel["targets"]:
        target["exemplar"] = True
    return panel


def stat(
    title: str,
    query: str,
    unit: str,
    about: str = "",
    *,
    bad_above: float | None = None,
    good_above: float | None = None,
    decimals: int | None = None,
) -> Panel:
    """One number now; red above `bad_above`, or below `good_above`."""
    steps: list[dict[str, Any]] = [{"color": "text", "value": None}]
    if bad_above is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": bad_above}]
    if good_above is not None:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": good_above}]
    defaults: dict[str, Any] = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if decimals is not None:
        defaults["decimals"] = decimals
    return {
        "type": "stat",
        "title": title,
        "description": about,
        "height": STAT_HEIGHT,
        "datasource": PROMETHEUS,
        "targets": _targets({"": query}),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "area",
            "textMode": "value",
        },
    }


def bars(title: str, queries: dict[str, str], unit: str, about: str = "") -> Panel:
    """Some numbers now, beside each other."""
    return {
        "type": "bargauge",
        "title": title,
        "description": about,
        "height": HEIGHT,
        "datasource": PROMETHEUS,
        "targets": [target | {"instant": True} for target in _targets(queries)],
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "color": {"mode": "palette-classic"}}, "overrides": []},
        "options": {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "orientation": "horizontal",
            "displayMode": "basic",
            "showUnfilled": True,
        },
    }


def lines(title: str, query: str, about: str = "", *, height: int = 10, sort: str = "Descending") -> Panel:
    """Log lines, the newest first, or the oldest (`Ascending`)."""
    return {
        "type": "logs",
        "title": title,
        "description": about,
        "height": height,
        "datasource": LOKI,
        "targets": [{"refId": "A", "datasource": LOKI, "expr": query, "queryType": "range"}],
        "options": {
            "showTime": True,
            "showLabels": False,
            "wrapLogMessage": True,
            "enableLogDetails": True,
            "sortOrder": sort,
            "dedupStrategy": "none",
        },
    }


def counted(title: str, query: str, legend: str, about: str = "") -> Panel:
    """Log lines counted over time."""
    panel = graph(title, {}, "short", about, stacked=True)
    target = {"refId": "A", "datasource": LOKI, "expr": query, "legendFormat": legend, "queryType": "range"}
    return panel | {"datasource": LOKI, "targets": [target]}


def traces(title: str, query: str, about: str = "") -> Panel:
    """Traces that a TraceQL query finds."""
    target = {"refId": "A", "datasource": TEMPO, "query": query, "queryType": "traceql", "limit": 20}
    return {
        "type": "table",
        "title": title,
        "description": about,
        "height": 10,
        "datasource": TEMPO,
        "targets": [target | {"tableType": "traces"}],
        "fieldConfig": {"defaults": {}, "overrides": []},
        "options": {"showHeader": True},
    }


def choice(name: str, label: str, options: tuple[str, ...]) -> dict[str, Any]:
    """A variable with a few values, all of them at first."""
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ",".join(options),
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": "All", "value": "$__all"},
        "options": [],
    }


def text_box(name: str, label: str) -> dict[str, Any]:
    """A variable to type in."""
    return {
        "name": name,
        "label": label,
        "type": "textbox",
        "query": "",
        "current": {"text": "", "value": ""},
        "options": [],
    }


def _targets(queries: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "refId": chr(ord("A") + number),
            "datasource": PROMETHEUS,
            "expr": " ".join(query.split()),
            "legendFormat": legend or "__auto",
            "range": True,
        }
        for number, (legend, query) in enumerate(queries.items())
    ]


def quantile(q: float, metric: str, by: str, where: str = "") -> str:
    """The q-quantile of a histogram, by some labels."""
    labels = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket{{{where}}}[$__rate_interval])))"
