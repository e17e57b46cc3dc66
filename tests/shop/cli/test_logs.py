"""`souk logs` over several files and what is piped in."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shop.cli.logs import logs

ORDER = "01a223d5-c02d-711e-a74d-eb66edb87e93"
STORE = [
    {"timestamp": "2026-11-28T20:30:00Z", "service": "store", "event": "request", "order_id": f"other,{ORDER}"},
    {"timestamp": "2026-11-28T20:30:02.5Z", "service": "store", "event": "event", "order_number": "S-7K3M9QX"},
]
PAYMENT = [
    {"timestamp": "2026-11-28T21:30:00.25+01:00", "service": "payment", "event": "event", "order_number": "S-7K3M9Q"},
    {"timestamp": "2026-11-28 20:30:01", "service": "rabbitmq", "event": "closing", "path": f"/orders/{ORDER}"},
    {"service": "payment", "event": "without a time", "error": f"order {ORDER}"},
]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """One file of each service, as `docker compose logs` would not have it."""
    for name, lines in (("a.log", PAYMENT), ("b.log", STORE)):
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines) + "no json\n")
    return [str(tmp_path / "a.log"), str(tmp_path / "b.log")]


def found(*arguments: str, piped: str | None = None) -> list[tuple[str, str]]:
    done = CliRunner().invoke(logs, [*arguments, "--json"], input=piped, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [(line["service"], line["event"]) for line in lines]


def test_lines_of_all_files_are_in_the_order_of_time(files: list[str]) -> None:
    in_order = [
        ("payment", "without a time"),
        ("store", "request"),
        ("payment", "event"),
        ("rabbitmq", "closing"),
        ("store", "event"),
    ]
    assert found(*files) == in_order
    assert found(*reversed(files)) == in_order


@pytest.mark.parametrize("option", ["--order", "--purchase", "--user"])
def test_an_id_is_found_wherever_it_stands(files: list[str], option: str) -> None:
    assert found(*files, option, ORDER) == [
        ("payment", "without a time"),
        ("store", "request"),
        ("rabbitmq", "closing"),
    ]
    assert found(*files, option, ORDER[:-1]) == []


@pytest.mark.parametrize("number", ["S-7K3M9Q", "s-7k3m9q", " S-7K3M9Q "])
def test_a_number_is_found_and_not_one_that_begins_so(files: list[str], number: str) -> None:
    assert found(*files, "--order", number) == [("payment", "event")]
    assert found(*files, "--order", "7K3M9Q") == []


def test_the_logs_of_all_workers_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.cli.logs._piped", lambda: False)
    monkeypatch.setenv("SOUK_DATA_DIR", str(tmp_path))
    names = ["souk-2.log.1", "souk.log", "souk-1.log", "souk-2.log", "souk-10.log"]
    for second, name in enumerate(names):
        line = {"timestamp": f"2026-11-28T20:30:0{second}Z", "service": name, "event": "request"}
        (tmp_path / name).write_text(json.dumps(line) + "\n")
    assert [name for name, _ in found()] == names


def test_both_must_be_named(files: list[str]) -> None:
    assert found(*files, "--order", ORDER, "--user", "other") == [("store", "request")]
