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

from shop.databases import urls_from_environment
from souk.database.provision import SERVICES, app_role, owner_role, provision
from souk.http.identity import new_key_pair, public_key_of

ADMIN_URL = "SOUK_ADMIN_DATABASE_URL"
MONITORING_URL = "SOUK_MONITORING_DATABASE_URL"
VHOST = "souk"
NAMESPACE = "souk"
OPERATOR = "operator"
"""The folder of, and the broker user for, commands over all services."""

PASSWORD_BYTES = 24


@click.group("secrets")
def secret_files() -> None:
    """Passwords and keys as files: make them, show the logins of the tools beside the shop."""


@secret_files.command("make")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--postgres", default="postgres:5432", show_default=True, help="Where the services reach PostgreSQL.")
@click.option("--rabbitmq", default="rabbitmq:5672", show_default=True, help="Where the services reach RabbitMQ.")
def make_secrets(folder: Path, postgres: str, rabbitmq: str) -> None:
    """Make random passwords and identity keys as files, a folder for each that needs some; never overwrites one."""
    made = _Files(folder)
    _databases(made, postgres)
    _broker(made, rabbitmq)
    _identities(made)
    made.value(["grafana/password", f"{OPERATOR}/grafana_password"], _password)
    click.echo(f"{made.written} secrets made, {made.kept} kept")


@secret_files.command("show")
@click.argument("tool", type=click.Choice(("grafana", "rabbitmq", "postgres")))
def show_login(tool: str) -> None:
    """Print the user and the password with which an operator logs in to a tool."""
    folder = Path(os.environ.get("SOUK_SECRETS_DIR", ""))
    name = {"grafana": "grafana_password", "rabbitmq": "souk_amqp_url", "postgres": "souk_admin_database_url"}[tool]
    try:
        secret = (folder / name).read_text().strip()
    except OSError as missing:
        raise click.ClickException(f"{folder / name} cannot be read; SOUK_SECRETS_DIR names the folder") from missing
    url = urlsplit(secret)
    user, password = (url.username, url.password) if url.scheme else ("admin", secret)
    click.echo(f"user      {user}\npassword  {password}")


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

    def derived(self, name: str, text: str) -> None:
        """A file that follows from the secrets and from this version: written anew when it says something else."""
        path = self.folder / name
        if path.exists() and path.read_text() != text:
            path.unlink()
        self._write(path, text)

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
    made.derived("rabbitmq/definitions.json", json.dumps(broker_definitions(urls), indent=1))


def broker_definitions(urls: dict[str, str]) -> dict[str, object]:
    """RabbitMQ's definitions: a user per service that takes from its own queues only, and says its own events.

    `urls` are the AMQP URLs by service. Only the one of `operator` may make queues and bind them (`souk migrate` does),
    so what a service hears is not the service's to choose. The exchange must be here: rights name it.
    """
    users, permissions, topics = [], [], []
    for who, url in urls.items():
        name, password = urlsplit(url).username or "", urlsplit(url).password or ""
        tags = ["monitoring"] if who == OPERATOR else []
        users.append({"name": name, "password_hash": _broker_hash(password), "tags": tags})
        permissions.append({"user": name, "vhost": VHOST, **_rights(who)})
        says = "^$" if who == OPERATOR else rf"^{NAMESPACE}\.{re.escape(who)}\."
        hears = ".*" if who == OPERATOR else "^$"
        topics.append({"user": name, "vhost": VHOST, "exchange": NAMESPACE, "write": says, "read": hears})
    return {
        "vhosts": [{"name": VHOST}],
        "users": users,
        "permissions": permissions,
        "topic_permissions": topics,
        "exchanges": [
            {
                "name": NAMESPACE,
                "vhost": VHOST,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
        ],
    }


def _rights(who: str) -> dict[str, str]:
    """What a broker user may do, as patterns over the names of queues and exchanges."""
    if who == OPERATOR:
        everything = rf"^{NAMESPACE}(\..+)?$|^amq\.default$"
        return {"configure": everything, "write": everything, "read": everything}
    own = rf"{NAMESPACE}\.{re.escape(who)}"
    # Writing: events, its own exchange (replayed dead letters) and its resting places. Reading: its queues.
    return {"configure": "^$", "write": rf"^{NAMESPACE}$|^{own}(\.retry\..+)?$", "read": rf"^{own}\..+$"}


def _broker_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256 of a password: base64 of a 4-byte salt and the digest over salt and password.

    The salt follows from the password (which is random), so that the definitions are the same each time they are made.
    """
    salt = hashlib.sha256(b"salt of " + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _identities(made: _Files) -> None:
    private = {s: made.value([f"{s}/souk_identity_private_key"], lambda: new_key_pair()[0]) for s in SERVICES}
    public = json.dumps({service: public_key_of(key) for service, key in private.items()})
    for service in SERVICES:
        made.value([f"{service}/souk_identity_public_keys"], lambda: public)
