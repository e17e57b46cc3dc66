"""Nothing is missed because it is the first of its kind: what is counted is there from the start, with 0."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from prometheus_client.samples import Sample

from tests.monitoring.queries import Query, prometheus_queries
from tests.monitoring.seen import Seen

pytestmark = pytest.mark.slow

OURS = ("souk_", "http_server_")
SELECTOR = re.compile(r'\b([a-z_]+(?:_total|_count|_sum|_bucket))(?:\{((?:\w+(?:=~|!~|!=|=)"[^"]*",?)*)\})?')
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


class Asked(NamedTuple):
    """A counter or histogram that a query asks for, and what its labels should be."""

    query: Query
    name: str
    matchers: list[tuple[str, str, str]]

    def fits(self, sample: Sample) -> bool:
        """Whether the query finds this sample."""
        return sample.name == self.name and all(_fits(sample, *matcher) for matcher in self.matchers)


def _fits(sample: Sample, label: str, operator: str, value: str) -> bool:
    found = sample.labels.get(label, "")
    same = found == value if operator in ("=", "!=") else bool(re.fullmatch(value, found))
    return same == (operator in ("=", "=~"))


def asked() -> Iterator[Asked]:
    """All that rules and boards ask our services to have counted. Times by route are drawn for what was asked only."""
    for query in prometheus_queries():
        for name, labels in SELECTOR.findall(query.text):
            if name.startswith(OURS) and not name.startswith("http_server_request_duration"):
                yield Asked(query, name, MATCHER.findall(labels))


def samples(text: str) -> list[Sample]:
    """Every sample of an exposition that is ours."""
    return [s for family in families(text) for s in family.samples if s.name.startswith(OURS)]


def counters(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The value of every counter, by its name and labels."""
    return {(s.name, frozenset(s.labels.items())): s.value for s in samples(text) if s.name.endswith("_total")}


def test_a_fresh_shop_tells_every_label_value_that_rules_and_boards_ask_for(seen: Seen) -> None:
    told = samples(seen.fresh)
    wanted = list(asked())
    assert len(wanted) > 40
    assert [(one.query.where, one.name, one.matchers) for one in wanted if not any(map(one.fits, told))] == []


def test_nothing_is_counted_that_was_not_told_as_0_before(seen: Seen) -> None:
    fresh, now = counters(seen.fresh), counters(httpx.get(f"{seen.shop}/metrics").text)
    assert now.keys() - fresh.keys() == set()
    grown = {name for (name, labels), value in now.items() if value > fresh[name, labels]}
    assert grown >= {"http_server_requests_total", "souk_events_handled_total", "souk_ledger_transfers_total"}
