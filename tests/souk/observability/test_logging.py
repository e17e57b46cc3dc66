"""What a log line may hold, and how it is shown."""

import json
from pathlib import Path

import pytest

from souk.observability import logging


@pytest.fixture(autouse=True)
def _as_before() -> object:
    yield
    logging.configure()


def test_what_a_visitor_sends_cannot_write_to_the_operators_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure(style="console")
    logging.get_logger("entrypoint").info("request", path="/\x1b[2J\x9bm")
    out = capsys.readouterr().out
    assert "/\\x1b[2J\\x9bm" in out and "\x9b" not in out and "\x1b[2J" not in out


def test_one_event_is_one_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure(style="json")
    logging.get_logger("entrypoint").info(
        "request", path='/a\n{"level":"error"}', new_password="swordfish", api_token="x1"
    )
    [line] = capsys.readouterr().out.splitlines()
    known = json.loads(line)
    assert known["path"] == '/a\n{"level":"error"}' and known["level"] == "info"
    assert known["new_password"] == known["api_token"] == "[hidden]" and "swordfish" not in line


@pytest.mark.parametrize("level", ["INFO", "ERROR"])
def test_the_file_has_every_line_once_and_begins_anew_when_it_is_full(
    level: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.keep(tmp_path / "souk.log", bytes_max=1000)
    try:
        logging.configure(level=level)
        for number in range(10):
            logging.get_logger("store").info("request", number=number, at="\N{SNOWMAN}" * 20)
    finally:
        logging.forget()
    newest_first = sorted(tmp_path.iterdir())
    assert [file.name for file in newest_first[:2]] == ["souk.log", "souk.log.1"]
    assert all(file.stat().st_size <= 1000 for file in newest_first)
    kept = [json.loads(line)["number"] for file in reversed(newest_first) for line in file.read_text().splitlines()]
    assert kept == list(range(kept[0], 10))
    assert len(capsys.readouterr().out.splitlines()) == (10 if level == "INFO" else 0)
