"""How the demo's users log in is kept before there is anybody, and never changes."""

from pathlib import Path

from shop.demo.logins import KNOWN, WORDS, kept_logins
from shop.demo.state import LOGINS_FILE


def test_passwords_are_made_once(tmp_path: Path) -> None:
    made = kept_logins(tmp_path / "new")
    assert kept_logins(tmp_path / "new") == made
    assert kept_logins(tmp_path / "other") != made
    assert (tmp_path / "new" / LOGINS_FILE).stat().st_mode & 0o077 == 0


def test_every_account_has_a_line_of_its_own(tmp_path: Path) -> None:
    made = kept_logins(tmp_path)
    lines = made.text().splitlines()
    assert lines == (tmp_path / LOGINS_FILE).read_text().splitlines()
    for person, line in zip(KNOWN, lines, strict=True):
        assert line.split()[-2:] == [person.email, made.passwords[person.email]]
        assert set(made.passwords[person.email].split("-")) <= set(WORDS)


def test_a_file_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    made = kept_logins(tmp_path)
    (tmp_path / LOGINS_FILE).write_text(made.text().splitlines()[0])
    assert kept_logins(tmp_path) != made
