"""Whether a migrated database keeps exactly the laws that stand in a service's `sql` folders."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from souk.database.embedded import EmbeddedServer
from tests.conftest import drop_database, fresh_database

ROOT = Path(__file__).parent.parent

_OURS = "NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))"

_FUNCTIONS = f"""
SELECT 'function ' || p.oid::regprocedure AS name, p.proname AS function, p.ctid::text AS written,
    pg_get_functiondef(p.oid) AS law
FROM pg_proc p WHERE p.pronamespace {_OURS}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""

_TRIGGERS = f"""
SELECT format('trigger %I on %I', t.tgname, c.relname) AS name, p.proname AS function, t.ctid::text AS written,
    pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' (disabled)' END AS law,
    format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) AS drop
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace {_OURS}
"""


@dataclass(frozen=True)
class Law:
    """A function or trigger as PostgreSQL writes it; the function that it is or calls; and which row says so."""

    function: str
    written: str
    law: str


def law_files(service: str) -> list[Path]:
    """The files of the laws in force; what migrations load are frozen copies."""
    found = (ROOT / service).rglob("sql/*.sql")
    return sorted(path for path in found if "migrations" not in path.parts)


async def drift(postgres: EmbeddedServer, service: str, files: Iterable[Path], *, after: str = "") -> list[str]:
    """How a migrated database, in which `after` was executed, differs from the files. They are applied over it: what they
    hold must be what was there, and everything that was there."""
    urls = await fresh_database(postgres, service)
    connection = await asyncpg.connect(urls.owner)
    try:
        if after:
            await connection.execute(after)
        in_force = await _laws(connection)
        for trigger in await connection.fetch(_TRIGGERS):
            await connection.execute(trigger["drop"])
        found, held = [], {}
        for path in files:
            before = await _laws(connection)
            try:
                await connection.execute(path.read_text())
            except asyncpg.PostgresError as error:
                found.append(f"{path.name} cannot be applied: {error}")
                continue
            made = {name: law for name, law in (await _laws(connection)).items() if law != before.get(name)}
            found += [f"{path.name} holds the {name}" for name, law in made.items() if law.function != path.stem]
            held |= made
        return [*found, *_differences(in_force, held)]
    finally:
        await connection.close()
        await drop_database(postgres, urls)


async def _laws(connection: asyncpg.Connection) -> dict[str, Law]:
    rows = [*await connection.fetch(_FUNCTIONS), *await connection.fetch(_TRIGGERS)]
    return {row["name"]: Law(row["function"], row["written"], row["law"]) for row in rows}


def _differences(in_force: Mapping[str, Law], held: Mapping[str, Law]) -> Iterator[str]:
    for name in sorted(in_force.keys() | held.keys()):
        if name not in held:
            yield f"{name} is in force, and in no file"
        elif name not in in_force:
            yield f"{name} is in a file, and no migration makes it"
        elif held[name].law != in_force[name].law:
            lines = difflib.unified_diff(
                in_force[name].law.splitlines(),
                held[name].law.splitlines(),
                "in force",
                "in its file",
                lineterm="",
                n=1,
            )
            yield f"{name} is not what its file says:\n" + "\n".join(lines)
