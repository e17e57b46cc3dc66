"""What the workers of `souk run` are to do, and what each may take of the machine."""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from shop.embedded import POOL_MAX
from souk.database.provision import SERVICES

OPEN, FILLED = "open", "filled"

WORKERS_MAX = 64
WORKERS_DEFAULT_MAX = 8
"""Each takes some 200 MB: who has more cores says so."""

CONNECTIONS_BESIDE = 40
"""Connections left to commands, and to the server's own needs."""

IDLE_LOOK_S = 60.0
"""How often the workers beside the first look for work when nothing happened in them: it looks often enough for all, and
they only for when it hangs."""

METRICS_FOLDER = "metrics"
"""What the workers count, in the data folder: each answers `/metrics` for all of them."""


@dataclass(frozen=True)
class Plan:
    """What all workers are to do."""

    folder: Path
    host: str
    port: int
    url: str
    demo: bool
    workers: int
    log_level: str
    """Of the logs that are kept."""

    @property
    def connections(self) -> int:
        """Connections that the database server must let in."""
        return len(SERVICES) * self.workers * POOL_MAX + CONNECTIONS_BESIDE

    @property
    def metrics(self) -> Path:
        """The folder of what the workers count."""
        return self.folder / METRICS_FOLDER


def default_workers() -> int:
    """One for each core that this process may use. Only Linux shares the connections to a port among those who listen."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), WORKERS_DEFAULT_MAX)


def listening_socket(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket bound to the port, with others if it is shared with those of the same user; raises OSError."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
