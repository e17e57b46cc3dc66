"""The embedded server keeps strangers on the same machine out."""

import stat
from pathlib import Path

from souk.database.embedded import EmbeddedServer


def test_the_socket_is_its_owners_alone(postgres: EmbeddedServer) -> None:
    [socket] = [path for path in Path(postgres.socket_dir).glob(".s.PGSQL.*") if path.is_socket()]
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
