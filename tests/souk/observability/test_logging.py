"""What a log line may hold, and how it is shown."""

import json

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
