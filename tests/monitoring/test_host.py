"""The host's figures are the host's: a real exporter in a network of its own, as in a container, with the flags of compose."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.monitoring.waiting import wait_until
from tests.services import succeeds

pytestmark = pytest.mark.slow

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
RECEIVED = re.compile(r'(?m)^node_network_receive_bytes_total\{device="([^"]+)"\} (\S+)$')


@pytest.fixture(autouse=True)
def _can_be_apart(promtool: str) -> None:
    if not shutil.which("unshare") or not succeeds(["unshare", "--net", "true"], 10):
        pytest.skip("this machine does not let a process have a network of its own")


@contextmanager
def apart(flags: list[str]) -> Iterator[str]:
    """The exporter's metrics, while it runs in a network of its own; it is handed a socket of this one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        started = (
            f"exec 3<&{listening.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; "
            'exec unshare --net prometheus-node-exporter --web.systemd-socket "$@"'
        )
        command = [
            "bash",
            "-c",
            started,
            "bash",
            *flags,
            "--collector.netdev.device-exclude=^$",
        ]  # Debian leaves out lo
        process = subprocess.Popen(command, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/metrics"
        try:
            wait_until(lambda: httpx.get(url, timeout=2).status_code == 200, "the exporter")
            yield httpx.get(url).text
        finally:
            process.terminate()
            process.wait(30)


def flags_of(service: str) -> list[str]:
    """As compose gives them, where the host's files are this machine's."""
    return [flag.replace("=/host", "=/").replace("//", "/") for flag in COMPOSE["services"][service]["command"]]


def received_here() -> dict[str, float]:
    """What the first process's network has received, by device."""
    lines = Path("/proc/1/net/dev").read_text().splitlines()[2:]
    return {name.strip(): float(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def received(text: str) -> dict[str, float]:
    return {device: float(value) for device, value in RECEIVED.findall(text)}


def test_the_network_that_is_told_is_the_hosts() -> None:
    before = received_here()
    with apart(flags_of("network-exporter")) as text:
        told = received(text)
    after = received_here()
    there = before.keys() & after.keys()
    assert there
    assert all(before[device] <= told[device] <= after[device] for device in there)


def test_everything_else_comes_from_the_other_and_no_network() -> None:
    with apart(flags_of("node-exporter")) as text:
        assert received(text) == {}
        cores = set(re.findall(r'node_cpu_seconds_total\{cpu="(\d+)"', text))
    assert len(cores) == os.cpu_count()


def test_without_the_flag_it_would_be_the_containers_own() -> None:
    with apart(["--collector.disable-defaults", "--collector.netdev"]) as text:
        assert received(text) == {"lo": 0}
