"""The model of an order and its problem: it says what the tables say, and Spin finds no run in which money goes wrong."""

import re
import subprocess
from pathlib import Path

import pytest

from misc.model import states
from misc.model.promela import MODEL, promela

SPIN_S_MAX = 120


def walk(spin: str, folder: Path, model: str) -> tuple[int, str]:
    """How many errors there are in all runs of the model, and what Spin says of it."""
    (folder / "model.pml").write_text(model)
    said = ""
    compiler = ["gcc", "-O1", "-DSAFETY", "-o", "pan", "pan.c"]
    for command in ([spin, "-a", "model.pml"], compiler, ["./pan", "-m100000"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SPIN_S_MAX, check=True)
        said += done.stdout
    [errors] = re.findall(r"errors: (\d+)", said)
    return int(errors), said


def test_the_model_is_what_the_tables_say() -> None:
    assert MODEL.read_text() == promela(), "make it anew: python -m misc.model"


def test_the_pictures_of_the_states_are_what_the_tables_say() -> None:
    assert states.PAGE.read_text() == states.page(), "make it anew: python -m misc.model"
    assert f"<!-- from {states.digest()} -->" in states.PICTURE.read_text(), "make it anew: python -m misc.model"


def test_in_every_run_money_moves_once_and_everything_ends(spin: str, tmp_path: Path) -> None:
    errors, said = walk(spin, tmp_path, MODEL.read_text())
    assert errors == 0, said
    unreached = re.findall(r"model\.pml:\d+, state \d+, \"(.*)\"", said)
    assert [what for what in unreached if what.startswith("problem = ")] == []  # every row of the table is walked


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("order == O_shipped && !frozen -> order", "order == O_shipped -> order"),
        ("problem == P_appealed && decider != 1", "problem == P_appealed"),
        ("problem = P_withdrawn; frozen = false", "problem = P_withdrawn"),
        ("settle_asked && escrow == rest", "settle_asked"),
    ],
    ids=["settled under a problem", "the same moderator twice", "no way out", "settled before its refund"],
)
def test_spin_finds_what_is_taken_away(spin: str, tmp_path: Path, old: str, new: str) -> None:
    model = MODEL.read_text()
    assert old in model
    errors, said = walk(spin, tmp_path, model.replace(old, new))
    assert errors > 0, said
