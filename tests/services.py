"""Finds what some tests need on this machine, a RabbitMQ broker and a Chromium, and installs it where that is allowed."""

import asyncio
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aio_pika

LOCAL_AMQP_URL = "amqp://guest:guest@localhost:5672/"
DOCKER_IMAGE = "rabbitmq:4-management"
DOCKER_NAME = "souk-test-rabbitmq"
BROKER_START_MAX_S = 90
HOW_TO_GET_BROKER = "set SOUK_TEST_AMQP_URL, or start RabbitMQ on localhost (guest/guest), or start Docker"
HOW_TO_GET_CHROMIUM = "install Chromium (Debian: apt-get install chromium), or set SOUK_TEST_CHROMIUM to its path"


def find_broker() -> str | None:
    """The URL of a broker that answers: the one named, one on localhost, one in Docker, one from Debian's packages."""
    named = os.environ.get("SOUK_TEST_AMQP_URL")
    if named:
        return named
    if _answers(LOCAL_AMQP_URL):
        return LOCAL_AMQP_URL
    if _start_in_docker() or _start_from_debian():
        until = time.monotonic() + BROKER_START_MAX_S
        while time.monotonic() < until:
            if _answers(LOCAL_AMQP_URL):
                return LOCAL_AMQP_URL
            time.sleep(1)
    return None


def find_chromium() -> str | None:
    """The path of a Chromium that can be run headless; from Debian's packages as root if none is there."""
    for name in (os.environ.get("SOUK_TEST_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name) if name else None
        if path:
            return path
    if apt_install("chromium"):
        return shutil.which("chromium")
    return None


def _answers(url: str) -> bool:
    async def attempt() -> None:
        connection = await aio_pika.connect(url, timeout=3)
        await connection.close()

    with ThreadPoolExecutor(1) as thread:  # whoever asks may have an event loop of its own
        return thread.submit(asyncio.run, attempt()).exception() is None


def _start_in_docker() -> bool:
    if not shutil.which("docker"):
        return False
    command = [
        "docker",
        "run",
        "--detach",
        "--rm",
        "--name",
        DOCKER_NAME,
        "--publish",
        "127.0.0.1:5672:5672",
        DOCKER_IMAGE,
    ]
    return _succeeds(command, 300)


def _start_from_debian() -> bool:
    if not shutil.which("rabbitmq-server") and not apt_install("rabbitmq-server"):
        return False
    if _succeeds(["rabbitmqctl", "status"], 30):
        return True
    return _succeeds(["rabbitmq-server", "-detached"], 60)


def apt_install(package: str) -> bool:
    """Install one of Debian's packages, as root on Debian; False where that cannot be done."""
    if not shutil.which("apt-get") or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return False
    _succeeds(["apt-get", "update", "-qq"], 180)
    return _succeeds(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], 600)


def _succeeds(command: list[str], seconds: float) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
