"""Makes a service's roles and database: an owner that migrates, and a role with data rights only that serves."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import unquote, urlsplit

import asyncpg

SERVICES = ("catalogue", "payment", "store", "entrypoint")
"""The services, in the order they start."""


def owner_role(service: str) -> str:
    """The role that owns the tables and runs migrations."""
    return f"souk_{service}_owner"


def app_role(service: str) -> str:
    """The role the service runs as: data, no definitions."""
    return f"souk_{service}"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def ensure_roles(
    admin: asyncpg.Connection, service: str, *, owner_password: str = "", password: str = ""
) -> None:
    """Make the two roles of a service if they are missing, and set their passwords if given."""
    for role, secret in ((owner_role(service), owner_password), (app_role(service), password)):
        exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        if not exists:
            try:
                await admin.execute(f"CREATE ROLE {_quote(role)} LOGIN")
            except asyncpg.DuplicateObjectError:
                pass  # another process made it just now
            except asyncpg.UniqueViolationError:
                pass
        if secret:
            quoted = await admin.fetchval("SELECT quote_literal($1)", secret)
            await admin.execute(f"ALTER ROLE {_quote(role)} PASSWORD {quoted}")


async def ensure_database(admin: asyncpg.Connection, service: str, database: str) -> bool:
    """Make the service's database if it is missing, closed to all but its owner; True if it was made."""
    missing = not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database)
    if missing:
        await admin.execute(
            f"CREATE DATABASE {_quote(database)} OWNER {_quote(owner_role(service))} TEMPLATE template0"
        )
    await admin.execute(f"REVOKE ALL ON DATABASE {_quote(database)} FROM PUBLIC")
    return missing


async def let_in(admin: asyncpg.Connection, service: str, database: str) -> None:
    """Let the app role into the service's database: the last step, and so the mark of a database that is whole."""
    await admin.execute(f"GRANT CONNECT ON DATABASE {_quote(database)} TO {_quote(app_role(service))}")


async def whole_databases(admin: asyncpg.Connection) -> set[str]:
    """The databases that the last step was done on, whatever ended the process that made them."""
    rows = await admin.fetch(
        "SELECT datname FROM pg_database, aclexplode(datacl) AS rights JOIN pg_roles ON pg_roles.oid = rights.grantee "
        "WHERE rights.privilege_type = 'CONNECT' AND rolname = ANY($1)",
        [app_role(service) for service in SERVICES],
    )
    return {row["datname"] for row in rows}


async def grant_data_rights(owner: asyncpg.Connection, service: str) -> None:
    """As the database's owner: what the owner creates later, the app role may read and write, not alter."""
    app = _quote(app_role(service))
    await owner.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await owner.execute(f"GRANT USAGE ON SCHEMA public TO {app}")
    await owner.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}")
    await owner.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {app}")


class Urls(Protocol):
    """One service's database, as the role that serves and as the role that owns."""

    @property
    def app(self) -> str: ...

    @property
    def owner(self) -> str: ...


async def provision(admin_url: str, urls: Mapping[str, Urls], monitoring_url: str = "") -> set[str]:
    """Make, as the server's admin, whatever these URLs speak of and set the passwords in them; safe to repeat.

    `monitoring_url`, if given, names a role that may only read statistics. Returns the services whose database was made.
    Raises ValueError if a URL names another role than the service's own.
    """
    made = set()
    admin = await asyncpg.connect(admin_url)
    try:
        # Nobody has business in the maintenance database but the admin and whoever is let in below.
        await admin.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
        for service, url in urls.items():
            _check_roles(service, url)
            await ensure_roles(admin, service, owner_password=_password_of(url.owner), password=_password_of(url.app))
            database = urlsplit(url.app).path.lstrip("/")
            if await ensure_database(admin, service, database):
                made.add(service)
            await let_in(admin, service, database)
        if monitoring_url:
            await _ensure_monitoring(admin, monitoring_url)
    finally:
        await admin.close()
    for service, url in urls.items():
        owner = await asyncpg.connect(url.owner)
        try:
            await grant_data_rights(owner, service)
        finally:
            await owner.close()
    return made


def _check_roles(service: str, url: Urls) -> None:
    for given, expected in ((url.app, app_role(service)), (url.owner, owner_role(service))):
        if urlsplit(given).username != expected:
            raise ValueError(f"the {service} database's URLs must name the role {expected}")


def _password_of(url: str) -> str:
    return unquote(urlsplit(url).password or "")


async def _ensure_monitoring(admin: asyncpg.Connection, url: str) -> None:
    role = _quote(urlsplit(url).username or "")
    if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", urlsplit(url).username):
        await admin.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 5")
    secret = await admin.fetchval("SELECT quote_literal($1)", _password_of(url))
    await admin.execute(f"ALTER ROLE {role} PASSWORD {secret}")
    await admin.execute(f"GRANT pg_monitor TO {role}")
    await admin.execute(f"GRANT CONNECT ON DATABASE postgres TO {role}")
