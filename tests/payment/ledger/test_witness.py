"""Blocks are noted in a file outside the database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from payment.ledger import witness
from payment.ledger.witness import Witness, read

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def digest(number: int) -> bytes:
    return number.to_bytes(32)


def test_what_was_noted_is_read_again(tmp_path: Path) -> None:
    noted = Witness(tmp_path / "folder" / "blocks.txt")
    assert read(noted.path) == {}
    for number in (1, 2):
        noted.note(number, digest(number), AT)
    assert read(noted.path) == {1: digest(1).hex(), 2: digest(2).hex()}
    assert noted.path.read_text().splitlines()[0] == f"1:{digest(1).hex()} 2026-11-29T12:00:00+00:00"


def test_the_first_hash_of_a_number_counts_and_torn_lines_do_not(tmp_path: Path) -> None:
    noted = Witness(tmp_path / "blocks.txt")
    noted.note(1, digest(1), AT)
    noted.path.write_bytes(noted.path.read_bytes() + b"2:00ff\xff\n")
    noted.note(1, digest(7), AT)
    assert read(noted.path) == {1: digest(1).hex()}


def test_two_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "FILE_BYTES_MAX", 300)
    noted = Witness(tmp_path / "blocks.txt")
    for number in range(1, 12):
        noted.note(number, digest(number), AT)
    assert {path.name for path in tmp_path.iterdir()} == {"blocks.txt", "blocks.txt.1"}
    assert max(read(noted.path)) == 11 and 2 < len(read(noted.path)) < 8


def test_a_start_catches_up_once(tmp_path: Path) -> None:
    path = tmp_path / "blocks.txt"
    Witness(path).note(1, digest(1), AT)
    after = Witness(path)
    after.catch_up(2, digest(2), AT)
    after.catch_up(3, digest(3), AT)
    assert read(path) == {1: digest(1).hex(), 2: digest(2).hex()}
    Witness(path).catch_up(2, digest(2), AT)
    assert len(path.read_text().splitlines()) == 2


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    Witness(tmp_path / "taken" / "blocks.txt").note(1, digest(1), AT)
