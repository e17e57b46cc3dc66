"""What each of several workers may take of the machine."""

import socket

import pytest

from shop.cli.plan import listening_socket
from shop.cli.worker import shares
from tests.ports import free_port


def test_what_the_machine_may_do_at_once_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_PASSWORD_WORKERS", "7")
    first, other = shares(3, first=True), shares(3, first=False)
    assert first["password_workers"] == 2
    assert first["render_processes"] == 1, "nobody is left without"
    assert other == first | {"idle_look_s": 60}


def test_a_port_is_shared_by_workers_and_with_nobody_else() -> None:
    port = free_port()
    with listening_socket("127.0.0.1", port, shared=True), listening_socket("127.0.0.1", port, shared=True) as worker:
        worker.listen()
        with pytest.raises(OSError, match="in use"):
            listening_socket("127.0.0.1", port, shared=False)
        with socket.create_connection(("127.0.0.1", port)), worker.accept()[0]:
            pass
