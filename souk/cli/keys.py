"""`souk secrets` and `souk provision`: passwords, keys, roles and databases for the sizes where services run alone."""

import asyncio
import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
from cryptography.hazmat.primitives import serialization

from souk.cli.home import urls_from_environment
from souk.database.provision import SERVICES, app_role, owner_role, provision
from souk.http.identity import new_key_pair

ADMIN_URL = "SOUK_ADMIN_DATABASE_URL"
MONITORING_URL = "SOUK_MONITORING_DATABASE_URL"
VHOST = "souk"
NAMESPACE = "souk"
OPERATOR = "operator"
"""The folder of, and the broker user for, commands over all services."""

PASSWORD_BYTES = 24


@click.command("secrets")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--postgres", default="postgres:5432", show_default=True, help="Where the services reach PostgreSQL.")
@click.option("--rabbitmq", default="rabbitmq:5672", show_default=True, help="Where the services reach RabbitMQ.")
def make_secrets(folder: Path, postgres: str, rabbitmq: str) -> None:
    """Make random passwords and identity keys as files, a folder for each that needs some; never overwrites one."""
    made = _Files(folder)
    _databases(made, postgres)
    _broker(made, rabbitmq)
    _identities(made)
    made.value(["grafana/password"], _password)
    click.echo(f"{made.written} secrets made, {made.kept} kept")


@click.command("provision")
def provision_databases() -> None:
    """As the server's admin, make every service's roles and database; what is there is kept, passwords are set.

    SOUK_ADMIN_DATABASE_URL names the admin; SOUK_<SERVICE>_DATABASE_URL and SOUK_<SERVICE>_MIGRATION_URL name what to
    make; SOUK_MONITORING_DATABASE_URL, if set, a role that may only read statistics.
    """
    admin_url = os.environ.get(ADMIN_URL, "")
    if not admin_url:
        raise click.ClickException(f"{ADMIN_URL} is not set: it is needed to make roles and databases")
    urls = urls_from_environment()
    if urls is None:
        raise click.ClickException("no SOUK_<SERVICE>_DATABASE_URL is set: they name what to make")
    try:
        made = asyncio.run(provision(admin_url, urls, os.environ.get(MONITORING_URL, "")))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    for service in SERVICES:
        click.echo(f"{service}: {'database made' if service in made else 'database is there'}")


@dataclass
class _Files:
    """Secret files below a folder: each is written once, and read by whoever its folder is mounted for."""

    folder: Path
    written: int = 0
    kept: int = 0

    def value(self, names: Iterable[str], make: Callable[[], str]) -> str:
        """One secret that several may hold: the file that is there tells it to the others, else it is made."""
        paths = [self.folder / name for name in names]
        found = next((path.read_text().strip() for path in paths if path.exists()), None)
        secret = make() if found is None else found
        for path in paths:
            self._write(path, secret)
        return secret

    def _write(self, path: Path, secret: str) -> None:
        if path.exists():
            self.kept += 1
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.unlink(missing_ok=True)
        # Read-only for all: each container sees its own folder only, and runs as a user of its own.
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
            file.write(secret)
        partial.rename(path)
        self.written += 1


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _databases(made: _Files, server: str) -> None:
    def url(role: str, database: str, password: str) -> Callable[[], str]:
        return lambda: f"postgresql://{role}:{password}@{server}/{database}"

    for service in SERVICES:
        names = [f"{service}/souk_database_url", f"{OPERATOR}/souk_{service}_database_url"]
        made.value(names, url(app_role(service), f"souk_{service}", _password()))
        made.value(
            [f"{OPERATOR}/souk_{service}_migration_url"], url(owner_role(service), f"souk_{service}", _password())
        )
    admin = made.value(["postgres/password"], _password)
    made.value([f"{OPERATOR}/souk_admin_database_url"], url("postgres", "postgres", admin))
    monitoring = made.value(["postgres-exporter/password"], _password)
    made.value([f"{OPERATOR}/souk_monitoring_database_url"], url("souk_monitoring", "postgres", monitoring))


def _broker(made: _Files, broker: str) -> None:
    urls = {
        user: made.value(
            [f"{user}/souk_amqp_url"],
            lambda user=user: f"amqp://souk_{user}:{_password()}@{broker}/{VHOST}",  # type: ignore[misc]
        )
        for user in (*SERVICES, OPERATOR)
    }
    made.value(["rabbitmq/definitions.json"], lambda: json.dumps(broker_definitions(urls), indent=1))


def broker_definitions(urls: dict[str, str]) -> dict[str, object]:
    """RabbitMQ's definitions: a user per service that can make and read its own queues only, and say its own events.

    `urls` are the AMQP URLs by service; the one of `operator` may declare every queue, and look at them.
    """
    own = {service: rf"^{NAMESPACE}(\.{re.escape(service)}\..+)?$" for service in SERVICES}
    everything = rf"^{NAMESPACE}(\..+)?$"
    users, permissions, topics = [], [], []
    for who, url in urls.items():
        name, password = urlsplit(url).username or "", urlsplit(url).password or ""
        tags = ["monitoring"] if who == OPERATOR else []
        users.append({"name": name, "password_hash": _broker_hash(password), "tags": tags})
        queues = own.get(who, everything)
        # Replaying goes to a queue directly, over the default exchange.
        write = f"{queues}|^amq\\.default$"
        permissions.append({"user": name, "vhost": VHOST, "configure": queues, "write": write, "read": queues})
        says = rf"^{NAMESPACE}\.{re.escape(who)}\." if who in own else "^$"
        topics.append({"user": name, "vhost": VHOST, "exchange": NAMESPACE, "write": says, "read": ".*"})
    return {"vhosts": [{"name": VHOST}], "users": users, "permissions": permissions, "topic_permissions": topics}


def _broker_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256 of a password: base64 of a 4-byte salt and the digest over salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _identities(made: _Files) -> None:
    private = {s: made.value([f"{s}/souk_identity_private_key"], lambda: new_key_pair()[0]) for s in SERVICES}
    public = json.dumps({service: _public_of(key) for service, key in private.items()})
    for service in SERVICES:
        made.value([f"{service}/souk_identity_public_keys"], lambda: public)


def _public_of(private_pem: str) -> str:
    key = serialization.load_pem_private_key(private_pem.encode(), password=None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
