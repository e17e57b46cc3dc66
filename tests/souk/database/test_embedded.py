"""The embedded server keeps strangers on the same machine out."""

import stat
from pathlib import Path

import asyncpg
import pytest

from souk.database import embedded
from souk.database.embedded import EmbeddedServer, configuration
from souk.ids import new_id


def test_the_socket_is_its_owners_alone(postgres: EmbeddedServer) -> None:
    [socket] = [path for path in Path(postgres.socket_dir).glob(".s.PGSQL.*") if path.is_socket()]
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


@pytest.mark.parametrize(("memory_gib", "cached_mb"), [(0.5, 128), (4, 512), (8, 1024), (64, 4096)])
def test_the_server_caches_in_a_part_of_the_memory(memory_gib: float, cached_mb: int) -> None:
    assert f"\nshared_buffers = {cached_mb}MB\n" in configuration(int(memory_gib * 2**30))


async def test_the_server_keeps_what_is_committed(postgres: EmbeddedServer) -> None:
    admin = await postgres.admin()
    try:
        said = await admin.fetch("SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'")
    finally:
        await admin.close()
    changed_by_tests = {"fsync", "full_page_writes"}
    assert {row["name"] for row in said} - changed_by_tests == {
        line.partition(" = ")[0] for line in configuration(0).splitlines() if line and not line.startswith("#")
    }
    assert not {"fsync", "synchronous_commit"} & {line.partition(" = ")[0] for line in configuration(0).splitlines()}


class Ended(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", ["ensure_roles", "ensure_database", "grant_data_rights", "let_in"])
async def test_databases_that_a_start_left_half_made_are_made_whole_by_the_next(
    postgres: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    prefix = f"half_{new_id().hex}"

    async def end(*_: object, **__: object) -> None:
        raise Ended

    with monkeypatch.context() as patch, pytest.raises(Ended):
        patch.setattr(embedded, step, end)
        await postgres.ensure(prefix)
    urls = await postgres.ensure(prefix)
    try:
        for urls_of_service in urls.values():
            owner, app = [await asyncpg.connect(url) for url in (urls_of_service.owner, urls_of_service.app)]
            await owner.execute("CREATE TABLE note (words text)")
            await app.execute("INSERT INTO note VALUES ('served')")
            await owner.close()
            await app.close()
    finally:
        admin = await postgres.admin()
        for service in urls:
            await admin.execute(f'DROP DATABASE "{prefix}_{service}"')
        await admin.close()
