"""The embedded size's own parts."""

import stat
from pathlib import Path

from shop.runtime import make_keys
from souk.database.provision import SERVICES


def test_keys_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    (tmp_path / "keys.new").write_text("what a start that was ended left behind")
    first, again = make_keys(file), make_keys(file)
    assert first == again
    assert set(first[0]) == set(first[1]) == set(SERVICES)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert make_keys() != make_keys()
