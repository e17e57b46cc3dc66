"""The shipper: what its configuration makes of each program's lines, and whether it can start at all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring.alloy import Block, Environment, NotAlloy, parse, references
from tests.monitoring.pipeline import Entry, Unknown, rendered, run, selector
from tests.monitoring.seen import ROOT

CONFIGURATION = ROOT / "monitoring/alloy/config.alloy"
CASES = [json.loads(line) for line in (Path(__file__).parent / "lines.jsonl").read_text().splitlines()]
"""Lines of every program, each with the entries that the stages of Loki 3.5.7 and 3.7.6 made of it under this configuration."""
IMAGE_GROUP = "473"
"""Whose the data folder of Alloy's image is, with mode 770 (its Dockerfile)."""
LABELS = {"service", "level"}
LEVELS = {"debug", "info", "warning", "error", "critical"}
EXPORTS = {
    "discovery.docker": {"targets"},
    "discovery.relabel": {"output", "rules"},
    "loki.process": {"receiver"},
    "loki.write": {"receiver"},
    "loki.source.docker": set(),
}


@pytest.fixture(scope="session")
def alloy() -> Block:
    """The shipper's configuration."""
    return parse(CONFIGURATION.read_text())


@pytest.fixture(scope="session")
def stages(alloy: Block) -> list[Block]:
    """The stages that lines go through."""
    return next(block.blocks for block in alloy.blocks if block.name == "loki.process")


@pytest.fixture(scope="session")
def composed() -> dict[str, Any]:
    """The services of compose."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_every_line_arrives_with_its_level_and_its_ids(stages: list[Block], case: dict[str, Any]) -> None:
    arrived = run(stages, [Entry(line, {"service": case["service"]}) for line in case["lines"]])
    told = [{"level": entry.labels["level"], "metadata": entry.metadata} for entry in arrived]
    assert told == case["entries"]
    assert all(entry.labels.keys() == LABELS and entry.labels["level"] in LEVELS for entry in arrived)
    assert "\n".join(entry.line for entry in arrived) == "\n".join(case["lines"])


def test_which_container_wrote_a_line_is_kept_beside_it(stages: list[Block]) -> None:
    for case in CASES:
        written = [Entry(line, {"service": case["service"], "container": "souk-x-2"}) for line in case["lines"]]
        arrived = run(stages, written)
        assert all(entry.labels.keys() == LABELS for entry in arrived)
        expected = [entry["metadata"] | {"container": "souk-x-2"} for entry in case["entries"]]
        assert [entry.metadata for entry in arrived] == expected


def test_a_services_own_time_is_taken_and_no_others(stages: list[Block]) -> None:
    times = {
        case["about"]: run(stages, [Entry(line, {"service": case["service"]}) for line in case["lines"]])[0].time
        for case in CASES
    }
    assert str(times["an error of a service"]) == "2026-11-28 20:30:00.123456+00:00"
    assert str(times["a time with another offset"]) == "2026-11-28 21:30:01.500000+01:00"
    kept = ("a time that is none", "a traceback", "a request that failed at the edge", "RabbitMQ, warning")
    assert [times[about] for about in kept] == [None] * 4


def test_the_cases_are_of_every_program_and_level() -> None:
    assert {case["service"] for case in CASES} >= {"entrypoint", "catalogue", "store", "payment", "migrate", "demo"}
    assert {case["service"] for case in CASES} >= {"edge", "postgres", "rabbitmq"}
    assert {entry["level"] for case in CASES for entry in case["entries"]} == LEVELS


def test_the_ids_in_the_metadata_are_the_fields_of_the_lines(alloy: Block) -> None:
    expressions = next(block for block in alloy.walk() if block.name == "stage.json").attributes["expressions"]
    assert all(expression.split(" ")[0] == name for name, expression in expressions.items())
    labels = [set(block.attributes["values"]) for block in alloy.walk() if block.name == "stage.labels"]
    assert labels == [{"level"}] * 3


def test_the_shipper_is_wired(alloy: Block, composed: dict[str, Any]) -> None:
    components = {f"{block.name}.{block.label}": block for block in alloy.blocks if block.label}
    assert {block.name for block in components.values()} == set(EXPORTS)
    exported = {f"{name}.{export}" for name, block in components.items() for export in EXPORTS[block.name]}
    exported |= {f"discovery.docker.{block.label}.targets" for block in components.values()}
    for block in alloy.walk():
        for value in block.attributes.values():
            for path in references(value):
                assert path in exported, path
    shipped = components["discovery.relabel.services"].blocks[0].attributes["regex"].split("|")
    assert set(shipped) <= set(composed)
    assert {"entrypoint", "catalogue", "store", "payment", "edge", "postgres", "rabbitmq"} <= set(shipped)
    url = next(block.attributes["url"] for block in alloy.walk() if block.name == "endpoint")
    assert url == "http://loki:3100/loki/api/v1/push"


def test_only_this_projects_containers_are_read(alloy: Block, composed: dict[str, Any]) -> None:
    [chosen] = [block.attributes for block in alloy.walk() if block.name == "filter"]
    [wanted] = chosen["values"]
    assert chosen["name"] == "label"
    assert wanted == Environment("SOUK_COMPOSE_PROJECT", "com.docker.compose.project=")
    assert composed["alloy"]["environment"][wanted.name] == "${COMPOSE_PROJECT_NAME}"


def test_the_shipper_may_read_the_socket_and_write_its_folder(composed: dict[str, Any]) -> None:
    """Root without capabilities goes by modes as anybody: the socket is root's, the folder the image's group's."""
    shipper = composed["alloy"]
    assert (shipper["cap_drop"], "cap_add" in shipper) == (["ALL"], False)
    assert shipper["user"] == f"0:{IMAGE_GROUP}"
    [storage] = [part.split("=")[1] for part in shipper["command"] if part.startswith("--storage.path=")]
    assert f"alloy:{storage}" in shipper["volumes"]
    assert "/var/run/docker.sock:/var/run/docker.sock:ro" in shipper["volumes"]


def test_the_prefix_of_postgresqls_lines_is_the_one_that_is_read(composed: dict[str, Any]) -> None:
    assert "log_line_prefix=%m [%p] app=%a db=%d user=%u %x" in composed["postgres"]["command"][-1]


@pytest.mark.parametrize(
    "broken",
    [
        'a "b" {',
        'a "b" { c = }',
        'a "b" { c = 1 d = 2 }',
        "a = [1, 2",
        'a = "b',
        "a.b = 1",
        "a = 1\na = 2",
        'a = sys.exec("b")',
        'a = "b" + "c"',
    ],
)
def test_broken_configurations_are_noticed(broken: str) -> None:
    with pytest.raises(NotAlloy):
        parse(broken)


@pytest.mark.parametrize(
    "unknown",
    [
        'stage.drop {\n expression = "x"\n}',
        'stage.labels {\n values = {level = ""}\n source_type = "extracted"\n}',
        'stage.json {\n expressions = {level = "a.level"}\n}',
        'stage.template {\n source = "level"\n template = "{{ ToLower .level }}"\n}',
        'stage.match {\n selector = "{service=\\"a\\"} | json"\n}',
        'stage.timestamp {\n source = "time"\n format = "Unix"\n action_on_failure = "skip"\n}',
        "stage.multiline {\n}",
    ],
)
def test_what_the_model_does_not_know_is_refused(unknown: str) -> None:
    with pytest.raises(Unknown):
        run(parse(unknown).blocks, [Entry('{"level": "info"}', {"service": "store"})])


def test_labels_are_written_over_what_was_parsed() -> None:
    """Why no branch may find a level among the labels: it would win over the parsed one."""
    stages = parse(
        """
        stage.json {
          expressions = {level = "level"}
        }
        stage.match {
          selector = "{service=\\"store\\"}"
          stage.labels {
            values = {level = ""}
          }
        }
        """
    ).blocks
    [entry] = run(stages, [Entry('{"level": "error"}', {"service": "store", "level": "info"})])
    assert entry.labels["level"] == "info"


def test_templates_are_go_templates() -> None:
    assert rendered('{{ if eq .a "x" "y" }}1{{ else if .b }}2{{ else }}3{{ end }}.', {"a": "y"}) == "1."
    assert rendered('{{ if eq .a "x" "y" }}1{{ else if .b }}2{{ else }}3{{ end }}.', {"b": "z"}) == "2."
    assert rendered('{{ if eq .a "x" "y" }}1{{ else if .b }}2{{ else }}3{{ end }}.', {"a": None}) == "3."
    assert rendered("{{ .a }} {{ .b }}", {"a": 1.5}) == "1.5 <no value>"


def test_selectors_are_logqls() -> None:
    entry = Entry("{a", {"service": "edge"})
    assert selector('{service=~"ed.e", level=""} |~ "^\\\\{"')(entry)
    assert not selector('{service=~"ed"}')(entry)
    assert not selector('{service!~"e.*"}')(entry)
    assert selector('{service!="store"} != "b"')(entry)


def test_loki_keeps_what_the_shipper_sends() -> None:
    loki = yaml.safe_load((ROOT / "monitoring/loki/loki.yml").read_text())
    assert loki["limits_config"]["allow_structured_metadata"] is True
    assert loki["schema_config"]["configs"][-1]["schema"] == "v13"


def test_every_selector_names_programs_that_are_shipped(alloy: Block) -> None:
    named = {
        name
        for block in alloy.walk()
        if block.name == "stage.match"
        for found in re.findall(r'service=~?"([^"]+)"', block.attributes["selector"])
        for name in found.split("|")
    }
    assert named - {".+"} <= {case["service"] for case in CASES}
