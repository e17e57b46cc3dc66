"""Runs a service's Alembic migrations; `<service>/migrations/env.py` only calls `run_env` here."""

from importlib import import_module
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from souk.database import fixed_settings
from souk.database.engine import ReadSession

MIGRATION_LOCK = 0x50_55_4B
"""Advisory lock key: instances that start together migrate one after the other."""


_REWRITTEN = "rewritten"


class DatabaseNewer(Exception):
    """The database was migrated by a newer Souk than this one."""


def config_for(service: str) -> Config:
    """Alembic's configuration of one service, made in code: there is no ini file to keep in step."""
    package = import_module(service)
    config = Config()
    config.set_main_option("script_location", str(Path(str(package.__file__)).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def run_env(*metadata: MetaData) -> None:
    """What every env.py does: migrate these tables, and the pins, over the connection that `upgrade` opened."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[*metadata, fixed_settings.metadata],
        transaction_per_migration=False,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def vacuum_afterwards(table: str) -> None:
    """For a migration that writes a table anew: vacuum it once the migration is committed.

    PostgreSQL does not notice by itself that this is due, and until then no index alone answers a query.
    """
    context.config.attributes.setdefault(_REWRITTEN, []).append(table)


def run_law(name: str) -> None:
    """For a migration: run the copy of a law (`<service>/<thing>/sql/`) that is frozen beside it, in `versions/sql/`.

    The whole file is sent as it is: it may hold several statements, and colons are not parameters.
    """
    script = Path(ScriptDirectory.from_config(context.config).versions, "sql", name).read_text()

    async def run(connection: AsyncConnection) -> None:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(script)

    op.run_async(run)


def head(service: str) -> str:
    """The newest revision this code knows."""
    found = ScriptDirectory.from_config(config_for(service)).get_current_head()
    assert found is not None, f"{service} has no migration"
    return found


async def upgrade(url: str, service: str) -> bool:
    """Bring the database to this code's newest revision; True if anything had to be done.

    Raises DatabaseNewer if the database is at a revision this code does not know.
    """
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    config = config_for(service)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            current = await connection.run_sync(_revision)
            script = ScriptDirectory.from_config(config)
            if current == script.get_current_head():
                await connection.run_sync(fixed_settings.make_table, service)
                return False
            if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
                raise DatabaseNewer(
                    f"the {service} database is at revision {current}, which this version of Souk does not know; "
                    "run a newer Souk, or use another data folder"
                )
            await connection.run_sync(lambda sync: _upgrade(sync, config))
            await connection.run_sync(fixed_settings.make_table, service)
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in config.attributes.get(_REWRITTEN, ()):
                await alone.execute(text(f"VACUUM (ANALYZE) {table}"))
        return True
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    exists = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    if not exists:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def unknown_revision(session: ReadSession, service: str) -> str | None:
    """The database's revision if this code does not know it; None if all is well."""
    known = {revision.revision for revision in ScriptDirectory.from_config(config_for(service)).walk_revisions()}
    exists = await session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    current: str | None = await session.scalar(text("SELECT version_num FROM alembic_version")) if exists else None
    return None if current is None or current in known else current
