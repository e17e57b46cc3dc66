"""What migrations of all services may use."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config

from souk.database import migrations
from souk.database.embedded import EmbeddedServer
from tests.conftest import drop_database, fresh_database

ENV = """
from sqlalchemy import MetaData
from souk.database.migrations import run_env
run_env(MetaData())
"""
MIGRATION = """
from alembic import op
from souk.database.migrations import run_law

revision, down_revision = "0001", None

def upgrade():
    op.execute("CREATE TABLE kept (said text)")
    run_law("0001_keep.sql")
    {after}
"""
LAW = """
-- Keeps what is said; and this comment ends like a statement does;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.said := NEW.said::text || ':kept';
    RETURN NEW;
END $$;

CREATE TRIGGER keep BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION keep();
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations of a service that has no other."""

    def config(service: str) -> Config:
        made = Config()
        made.set_main_option("script_location", str(tmp_path))
        made.set_main_option("path_separator", "os")
        return made

    monkeypatch.setattr(migrations, "config_for", config)
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / "versions" / "sql").mkdir(parents=True)
    (tmp_path / "versions" / "sql" / "0001_keep.sql").write_text(LAW)
    return tmp_path


@pytest.fixture
async def url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    """A database of which nobody knows that it was migrated."""
    urls = await fresh_database(postgres, "store")
    await ask(urls.owner, "DROP TABLE alembic_version")
    yield urls.owner
    await drop_database(postgres, urls)


async def ask(url: str, statement: str) -> object:
    """What a statement answers."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_migration_runs_the_law_that_is_frozen_beside_it(url: str, folder: Path) -> None:
    (folder / "versions" / "0001_keep.py").write_text(MIGRATION.format(after="pass"))
    assert await migrations.upgrade(url, "store")
    assert await ask(url, "INSERT INTO kept VALUES ('said') RETURNING said") == "said:kept"


async def test_a_law_goes_with_the_migration_that_fails_after_it(url: str, folder: Path) -> None:
    (folder / "versions" / "0001_keep.py").write_text(MIGRATION.format(after="raise Ended"))
    with pytest.raises(NameError, match="Ended"):
        await migrations.upgrade(url, "store")
    assert await ask(url, "SELECT to_regclass('kept') IS NULL AND to_regproc('keep') IS NULL")
