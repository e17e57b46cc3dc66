"""The operators' page without Grafana: key figures of the last hour, drawn by the server, and the latest errors."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from entrypoint.key_figures import key_figures
from entrypoint.key_figures.key_figures import EVERY_S, HEIGHT, SAMPLES_MAX, WIDTH, KeyFigures
from entrypoint.web.reader import Languages
from entrypoint.web.templates import make_environment, render
from souk.clock import SystemClock
from souk.observability import logging, metrics

WANTED = ["souk_purchases_total", "souk_escrow_minor_units"]

FOLDER = Path(__file__).parents[2] / "entrypoint" / "templates"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> CollectorRegistry:
    """Metrics of this test alone."""
    registry = CollectorRegistry()
    monkeypatch.setattr(key_figures, "REGISTRY", registry)
    return registry


def test_counters_are_shown_as_growth_and_gauges_as_they_are(registry: CollectorRegistry) -> None:
    paid = Counter("souk_purchases_total", "", ["outcome"], registry=registry)
    escrow = Gauge("souk_escrow_minor_units", "", registry=registry)
    watched = KeyFigures("EUR")
    for count, held in ((0, 0), (2, 4_200), (1, 8_400)):
        paid.labels("paid").inc(count)
        paid.labels("declined").inc(100)
        escrow.set(held)
        watched.look()
    sold, money = watched.plots()
    assert (sold.title, sold.latest, sold.greatest) == ("Purchases paid", 1 / EVERY_S * 60, 2 / EVERY_S * 60)
    assert (money.title, money.latest, money.greatest) == ("Money in escrow", 84, 84)
    assert sold.points == f"0.0,2.0 {WIDTH:.1f},{HEIGHT / 2:.1f}"


def test_what_several_workers_count_is_one_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.SHARED, str(tmp_path))
    written = [
        ("counter_7.db", "souk_purchases", "souk_purchases_total", "paid", 2, 0),
        ("counter_8.db", "souk_purchases", "souk_purchases_total", "paid", 3, 0),
        ("counter_8.db", "souk_purchases", "souk_purchases_total", "declined", 5, 0),
        ("gauge_mostrecent_7.db", "souk_escrow_minor_units", "souk_escrow_minor_units", "", 700, 20),
        ("gauge_mostrecent_8.db", "souk_escrow_minor_units", "souk_escrow_minor_units", "", 800, 10),
    ]
    for file, metric, sample, outcome, value, at in written:
        labels = {"outcome": outcome} if outcome else {}
        values = MmapedDict(str(tmp_path / file))
        values.write_value(mmap_key(metric, sample, list(labels), list(labels.values()), "some words"), value, at)
        values.close()
    found = {(sample.name, *sample.labels.values()): sample.value for sample in metrics.samples(WANTED)}
    assert found == {
        ("souk_purchases_total", "paid"): 5,
        ("souk_purchases_total", "declined"): 5,
        ("souk_escrow_minor_units",): 700,
    }
    assert len(metrics.samples(WANTED[:1])) == 2


def test_what_nobody_counts_here_is_not_shown(registry: CollectorRegistry) -> None:
    watched = KeyFigures("EUR")
    watched.look()
    watched.look()
    assert watched.plots() == []


def test_an_hour_is_kept_and_drawn_inside_its_box(registry: CollectorRegistry) -> None:
    pending = Gauge("souk_outbox_pending", "", ["service"], registry=registry)
    watched = KeyFigures("EUR")
    for number in range(SAMPLES_MAX + 50):
        pending.labels("store").set(number)
        watched.look()
    [plot] = watched.plots()
    points = [tuple(map(float, point.split(","))) for point in plot.points.split()]
    assert len(points) == SAMPLES_MAX + 1
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_the_page_draws_them_and_escapes_errors(registry: CollectorRegistry) -> None:
    users = Gauge("souk_active_users", "", registry=registry)
    watched = KeyFigures("EUR")
    for count in (1, 3):
        users.set(count)
        watched.look()
    logging.configure()
    logging.get_logger("store").error("dead letter", error="<script>no</script>")
    error = logging.latest_errors[-1]
    assert error["event"] == "dead letter"
    context: dict[str, Any] = {
        "plots": watched.plots(),
        "box": f"0 0 {WIDTH} {HEIGHT}",
        "errors": [error | {"at": datetime.now(UTC)}],
        "counts": {"users": 1, "new_users": 1, "active": 1},
        "proof": None,
        "letters": {},
        "csrf_input": lambda: "",
        "locale": "en",
        "request_path": "/admin",
    }
    reader = Languages(FOLDER / "none", "Europe/Berlin", SystemClock()).reader("", "en-GB")
    html = render(make_environment(FOLDER, lambda name: f"/static/{name}"), reader, "pages/admin/admin.html", context)
    assert f'<polyline points="{watched.plots()[0].points}"' in html
    assert 'aria-label="Users here over the last hour, at most 3"' in html
    assert "dead letter: &lt;script&gt;no&lt;/script&gt;" in html
    assert "style=" not in html[html.index("<svg viewBox") :]
