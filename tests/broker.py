"""Finds a RabbitMQ for the tests, best one of their own, and forgets queues."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import aio_pika

from souk.events import Consumer, rabbitmq
from souk.events.rabbitmq import queue_name, retry_name
from tests.ports import free_port
from tests.services import apt_install, succeeds

LOCAL_AMQP_URL = "amqp://guest:guest@localhost:5672/"
DOCKER_IMAGE = "rabbitmq:4-management"
DOCKER_NAME = "souk-test-rabbitmq"
START_MAX_S = 90
HOW_TO_GET_BROKER = "install RabbitMQ, or set SOUK_TEST_AMQP_URL, or start Docker"

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Where Debian keeps the server itself; what it puts on the path will run for root and one other user only."""

WATCH = """
ulimit -n "$(ulimit -Hn)"
"$1" & while kill -0 "$2" 2>/dev/null; do sleep 1; done
rm -rf "$3"
kill -KILL 0
"""
"""Runs the server as long as the test run lives, however that ends."""


@dataclass(frozen=True)
class Broker:
    """A RabbitMQ that tests may use."""

    amqp_url: str
    metrics_url: str | None
    """Where it shows its metrics to Prometheus; None if it is not the tests' own."""


def find_broker(folder: Path) -> Broker | None:
    """A broker that answers: the one named; one of the tests' own, with its data in `folder`, from Debian's package if
    need be; one on localhost; one in Docker. None if there is none."""
    named = os.environ.get("SOUK_TEST_AMQP_URL")
    if named:
        return Broker(named, None)
    server = _server()
    if server:
        own = _start(server, folder)
        if _answers_by_and_by(own.amqp_url):
            return own
    local = Broker(LOCAL_AMQP_URL, None)
    if _answers(LOCAL_AMQP_URL) or (_start_in_docker() and _answers_by_and_by(LOCAL_AMQP_URL)):
        return local
    return None


def _server() -> str | None:
    if not shutil.which("rabbitmq-server"):
        apt_install("rabbitmq-server")
    return SERVER if Path(SERVER).exists() else shutil.which("rabbitmq-server")


def _start(server: str, folder: Path) -> Broker:
    """Start a broker that ends, and removes its folder, with the process that runs the tests. Nothing that another
    broker of this machine holds (its port, its queues, its limits) touches it."""
    folder.mkdir(parents=True)
    port, metrics_port = free_port(), free_port()
    settings = {
        "listeners.tcp.local": f"127.0.0.1:{port}",
        "prometheus.tcp.ip": "127.0.0.1",
        "prometheus.tcp.port": metrics_port,
    }
    files = {
        "rabbitmq.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
        "rabbitmq-env.conf": "",
        "enabled_plugins": "[rabbitmq_prometheus].\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    environment = os.environ | {
        "HOME": str(folder),  # where Erlang makes its cookie
        "RABBITMQ_NODENAME": f"souk-test-{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    tests = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with (folder / "said").open("wb") as said:
        subprocess.Popen(
            ["sh", "-c", WATCH, "sh", server, str(tests), str(folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    return Broker(f"amqp://guest:guest@127.0.0.1:{port}/", f"127.0.0.1:{metrics_port}")


def _start_in_docker() -> bool:
    if not shutil.which("docker"):
        return False
    command = ["docker", "run", "--detach", "--rm", "--name", DOCKER_NAME, "--publish", "127.0.0.1:5672:5672"]
    return succeeds([*command, DOCKER_IMAGE], 300)


def _answers_by_and_by(url: str) -> bool:
    until = time.monotonic() + START_MAX_S
    while not _answers(url):
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


def _answers(url: str) -> bool:
    async def attempt() -> None:
        connection = await aio_pika.connect(url, timeout=3)
        await connection.close()

    with ThreadPoolExecutor(1) as thread:  # whoever asks may have an event loop of its own
        return thread.submit(asyncio.run, attempt()).exception() is None


async def forget_queues(amqp_url: str, namespace: str, consumers: Sequence[Consumer]) -> None:
    """Leave the broker as it was before a shop of this namespace and these consumers."""
    async with asyncio.timeout(60), await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for consumer in consumers:
            for suffix in ("", ".dead"):
                await channel.queue_delete(queue_name(namespace, consumer.name) + suffix)
        for service in {consumer.service for consumer in consumers}:
            for delay in rabbitmq.RETRY_DELAYS:
                await channel.queue_delete(retry_name(namespace, service, delay))
                await channel.exchange_delete(retry_name(namespace, service, delay))
            await channel.exchange_delete(queue_name(namespace, service))
        await channel.exchange_delete(namespace)
