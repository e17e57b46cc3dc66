"""What each of several workers may take of the machine."""

import socket
from pathlib import Path

import pytest

from shop.cli.plan import CONNECTIONS_BESIDE, WORKERS_MAX, Plan, listening_socket
from shop.cli.worker import shares
from souk.database.provision import SERVICES
from tests.ports import free_port


@pytest.mark.parametrize(("workers", "pool"), [(1, 8), (2, 8), (5, 8), (8, 5), (16, 4), (WORKERS_MAX, 4)])
def test_the_server_lets_in_all_that_the_pools_may_open(workers: int, pool: int) -> None:
    plan = Plan(Path(), "127.0.0.1", 1, "", demo=False, workers=workers, log_level="INFO")
    assert plan.pool == pool
    assert plan.connections - CONNECTIONS_BESIDE == workers * pool * len(SERVICES)


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
