"""The embedded size's own parts."""

import stat
import subprocess
import sys
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


def test_all_services_are_loaded_while_the_database_starts() -> None:
    apps = "[name for name in ('catalogue', 'payment', 'store', 'entrypoint') if f'{name}.app' in sys.modules]"
    program = f"import sys\nfrom shop.services import load_services\nprint({apps})\nload_services()\nprint(len({apps}))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "4"]
