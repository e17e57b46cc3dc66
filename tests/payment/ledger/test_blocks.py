"""Closed blocks: what they hold never changes, and if it does, the first one that differs is named."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select, text

from payment.ledger import blocks
from payment.ledger.blocks import Broken, Closer, Sound, verify
from payment.ledger.ledger import post
from payment.ledger.tables import Block
from souk.clock import ManualClock, SystemClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.ids import new_id
from tests.payment.builders import book, fund, move, now, open_wallets
from tests.payment.conftest import running_service
from tests.payment.test_audit import metric


@pytest.fixture
async def wallets(database: Database) -> Sequence[UUID]:
    """One with 1000, one with nothing."""
    anna, ben = new_id(), new_id()
    await fund(database, anna, 1000)
    return await open_wallets(database, anna, ben)


async def sweep(database: Database, closer: Closer) -> int:
    async with database.transaction() as session:
        return await closer.sweep(session)


async def close(database: Database, closer: Closer | None = None) -> None:
    """Close over all that is committed. Others may use the server, and a block waits for their transactions too."""
    closer = closer or Closer(SystemClock())
    waiting = text("SELECT count(*) FROM transfer WHERE position > (SELECT coalesce(max(last_position), 0) FROM block)")
    async with asyncio.timeout(30):
        while True:
            await sweep(database, closer)
            async with database.reading() as reader:
                if not await reader.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def chain(database: Database) -> Sequence[Block]:
    async with database.reading() as reader:
        return (await reader.scalars(select(Block).order_by(Block.number))).all()


async def verified(database: Database, known: dict[int, str] | None = None) -> Broken | Sound:
    async with database.reading() as reader:
        return await verify(reader, known)


async def test_each_block_follows_the_one_before(database: Database, wallets: Sequence[UUID]) -> None:
    a, b = wallets
    assert await verified(database) == Sound(0, 0, "0" * 64, 1)
    await close(database)
    await book(database, move(a, b, 5), move(a, b, 5000))
    await close(database)
    await close(database)  # nothing new: no block
    first, second = await chain(database)
    assert (first.number, first.transfers, first.previous_hash) == (1, 1, bytes(32))
    assert (second.number, second.transfers, second.previous_hash) == (2, 2, first.hash)
    await book(database, move(a, b, 1))
    assert await verified(database, {1: first.hash.hex()}) == Sound(2, 3, second.hash.hex(), 1)


async def test_a_block_is_dated_when_its_last_position_was_read(database: Database, wallets: Sequence[UUID]) -> None:
    """Time may jump between two sweeps (a demo's past, a machine that slept): what comes after it is made out later."""
    clock = ManualClock()
    begun, closer = clock.now(), Closer(clock)
    await sweep(database, closer)
    clock.advance(timedelta(days=5))
    await close(database, closer)
    [block] = await chain(database)
    assert begun <= block.closed_at < begun + timedelta(days=1)
    a, b = wallets
    await book(database, move(a, b, 1))
    assert isinstance(await verified(database), Sound)


async def test_the_hash_is_what_the_description_says(database: Database, wallets: Sequence[UUID]) -> None:
    """Written anew from the description in `blocks`, so that others can verify without this code."""
    a, b = wallets
    tricky = move(a, b, 7, kind='with "quotes",\nlines and ünïcode')
    await book(database, tricky, move(a, b, 5000))
    await close(database)
    [block] = await chain(database)
    lines = []
    async with database.reading() as reader:
        transfers = await reader.execute(text("SELECT * FROM transfer ORDER BY position"))
        for t in transfers.all():
            rows = await reader.execute(
                text("SELECT * FROM entry WHERE transfer_id = :id ORDER BY account_id"), {"id": t.id}
            )
            entries = [[str(e.account_id), e.amount, e.account_version, e.balance_after] for e in rows]
            declined = (
                await reader.execute(text("SELECT * FROM decline WHERE transfer_id = :id"), {"id": t.id})
            ).first()
            decline = [declined.reason, str(declined.account_id), declined.missing] if declined else None
            lines.append(
                [
                    t.position,
                    str(t.id),
                    t.kind,
                    t.reference,
                    t.request_hash.hex(),
                    micros(t.created_at),
                    entries,
                    decline,
                ]
            )
    header = [1, "0" * 64, block.last_position, block.transfers, micros(block.closed_at)]
    told = json.dumps(header, separators=(",", ":"))
    # PostgreSQL writes a nested array as compactly as it was built: ", " between the parts it joins itself
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert hashlib.sha256(f"{told}\n{body}".encode()).digest() == block.hash


def micros(when: datetime) -> int:
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


async def test_a_block_waits_for_who_has_not_committed(database: Database, wallets: Sequence[UUID]) -> None:
    a, b = wallets
    c, d = await open_wallets(database, new_id(), new_id())
    await fund(database, new_id(), 1)
    closer = Closer(SystemClock())
    await close(database, closer)
    closed = (await chain(database))[-1].last_position
    async with database.transaction() as slow:
        await post(slow, [move(c, d, 1)], at=now())  # has the lower position
        await book(database, move(a, b, 1))  # is committed first
        for _ in range(4):
            await sweep(database, closer)
            await sweep(database, Closer(SystemClock()))
        assert (await chain(database))[-1].last_position == closed
    await close(database, closer)
    assert (await chain(database))[-1].transfers == 2
    assert isinstance(await verified(database), Sound)


async def test_a_block_waits_for_who_ran_before_another_that_was_running_too(
    database: Database, wallets: Sequence[UUID]
) -> None:
    """Nothing is done between these two, so a snapshot's upper end is below both."""
    a, b = wallets
    c, d = await open_wallets(database, new_id(), new_id())
    await fund(database, new_id(), 1)
    closer = Closer(SystemClock())
    await close(database, closer)
    closed = (await chain(database))[-1].last_position
    async with database.transaction() as slow:
        await post(slow, [move(c, d, 1)], at=now())  # has the lower position
        async with database.transaction() as quick:
            await post(quick, [move(a, b, 1)], at=now())
            await sweep(database, closer)  # until here nobody is done; the second position is known
            await sweep(database, closer)
        for _ in range(4):
            await sweep(database, closer)
        assert (await chain(database))[-1].last_position == closed
    await close(database, closer)
    assert (await chain(database))[-1].transfers == 2
    assert isinstance(await verified(database), Sound)


DAWDLE = """
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END';
    CREATE TRIGGER dawdle BEFORE INSERT ON transfer FOR EACH ROW WHEN (NEW.kind = 'slow') EXECUTE FUNCTION dawdle();
"""
"""Makes an insert rest when it has its position and has not written its row."""


async def test_a_block_waits_for_who_has_a_position_and_has_written_nothing(
    postgres: EmbeddedServer, database: Database, wallets: Sequence[UUID]
) -> None:
    name = database.engine.url.database
    admin = await asyncpg.connect(user="postgres", database=name, host=postgres.socket_dir)
    await admin.execute(DAWDLE)
    by_hand = await asyncpg.connect(user="souk_payment", database=name, host=postgres.socket_dir)
    attempt = by_hand.transaction()
    await attempt.start()
    insert = "INSERT INTO transfer VALUES (gen_random_uuid(), 'slow', '', '', now())"
    slow = asyncio.create_task(by_hand.execute(insert))
    while not await admin.fetchval("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await book(database, move(*wallets, 1))  # has the higher position, and is there first
    closer = Closer(SystemClock())
    for _ in range(3):
        await sweep(database, closer)
    assert not slow.done(), "the test was too slow to tell"
    found = await chain(database)
    await slow
    await attempt.rollback()
    await by_hand.close()
    await admin.close()
    assert sum(block.transfers for block in found) <= 1, "closed over a position that was still to come"
    await close(database)
    assert isinstance(await verified(database), Sound)


async def test_many_close_while_many_post(
    database: Database, wallets: Sequence[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "CONTENT_MAX", 7)
    busy = True

    async def posting() -> None:
        for n in range(25):
            async with database.transaction() as session:
                await post(session, [move(*wallets, 1) for _ in range(n % 3 + 1)], at=now())
                if n % 5 == 0:
                    await asyncio.sleep(0.01)

    async def closing() -> None:
        closer = Closer(SystemClock())
        while busy:
            await sweep(database, closer)

    closers = [asyncio.create_task(closing()) for _ in range(3)]
    await asyncio.gather(*(posting() for _ in range(5)))
    busy = False
    await asyncio.gather(*closers)
    await close(database)
    found = await verified(database)
    async with database.reading() as reader:
        transfers = await reader.scalar(text("SELECT count(*) FROM transfer"))
    assert isinstance(found, Sound) and found.transfers == transfers and found.waiting == 0
    assert found.blocks > 20


async def test_a_full_block_asks_for_the_next(
    database: Database, wallets: Sequence[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "CONTENT_MAX", 3)
    await book(database, *(move(*wallets, 1) for _ in range(7)))
    closer = Closer(SystemClock())
    async with asyncio.timeout(30):
        while not await chain(database):
            asks = await sweep(database, closer)
    assert asks == 3
    await close(database, closer)
    assert [block.transfers for block in await chain(database)] == [3, 3, 2]


OLD = "(SELECT id FROM transfer WHERE kind = 'old')"
NEW = "(SELECT id FROM transfer WHERE kind = 'new')"
DECLINED = "(SELECT transfer_id FROM decline)"
COPY = "INSERT INTO transfer (id, kind, reference, request_hash, created_at, position) OVERRIDING SYSTEM VALUE SELECT gen_random_uuid(), 'extra', '', '', {at}, {position}"
TAMPERINGS = (
    (2, f"UPDATE entry SET amount = amount * 2 WHERE transfer_id = {OLD}"),
    (2, f"UPDATE entry SET account_id = gen_random_uuid() WHERE transfer_id = {OLD} AND amount > 0"),
    (2, f"UPDATE entry SET balance_after = balance_after + 1 WHERE transfer_id = {OLD} AND amount > 0"),
    (2, f"UPDATE entry SET account_version = account_version + 9 WHERE transfer_id = {OLD} AND amount > 0"),
    (2, f"DELETE FROM entry WHERE transfer_id = {OLD}"),
    (2, f"INSERT INTO entry VALUES ({OLD}, gen_random_uuid(), 5, 1, 5)"),
    (2, "UPDATE transfer SET kind = 'gift' WHERE kind = 'old'"),
    (2, "UPDATE transfer SET reference = 'x' WHERE kind = 'old'"),
    (2, "UPDATE transfer SET request_hash = 'x' WHERE kind = 'old'"),
    (2, "UPDATE transfer SET created_at = created_at + interval '1 microsecond' WHERE kind = 'old'"),
    (2, "UPDATE transfer SET id = gen_random_uuid() WHERE kind = 'old'"),
    (2, "DELETE FROM transfer WHERE kind = 'old'"),
    (2, "UPDATE decline SET reason = 'account_closed', missing = NULL"),
    (2, "UPDATE decline SET missing = missing + 1"),
    (2, "UPDATE decline SET account_id = gen_random_uuid()"),
    (2, "DELETE FROM decline"),
    (2, f"INSERT INTO decline VALUES ({OLD}, 'account_closed', gen_random_uuid(), NULL)"),
    (3, "UPDATE transfer SET kind = 'gift' WHERE kind = 'new'"),
    (3, f"UPDATE entry SET amount = amount * 2 WHERE transfer_id = {NEW}"),
    (3, "DELETE FROM transfer WHERE kind = 'new'"),
    # a position was left free by a rollback, and there are many below the first
    (2, COPY.format(at="now()", position="(SELECT max(position) - 1 FROM transfer WHERE kind = 'old')")),
    (1, COPY.format(at="now()", position="0")),
    (1, COPY.format(at="now()", position="-5000000000")),
    (4, COPY.format(at="now()", position="5000000000")),
    (4, COPY.format(at="now() - interval '1 month'", position="nextval('transfer_position_seq')")),
    (2, "UPDATE block SET hash = sha256('x') WHERE number = 2"),
    (2, "UPDATE block SET previous_hash = sha256('x') WHERE number = 2"),
    (2, "UPDATE block SET closed_at = closed_at - interval '1 second' WHERE number = 2"),
    (2, "UPDATE block SET last_position = last_position - 1 WHERE number = 2"),
    (3, "UPDATE block SET transfers = transfers + 1 WHERE number = 3"),
    (3, "UPDATE block SET last_position = last_position + 1 WHERE number = 3"),
    (1, "DELETE FROM block WHERE number = 1"),
    (2, "DELETE FROM block WHERE number = 2"),
    (3, "DELETE FROM block WHERE number = 3"),  # told by its hash, which somebody kept
)


async def test_whatever_is_changed_is_found_and_the_first_block_named(
    postgres: EmbeddedServer, database: Database, wallets: Sequence[UUID]
) -> None:
    """As a superuser who switches the triggers off."""
    a, b = wallets
    await close(database)
    await book(database, move(a, b, 1), move(a, b, 9999))
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            await post(session, [move(a, b, 2)], at=now())
            raise ZeroDivisionError
    await book(database, move(a, b, 3, kind="old"))
    await close(database)
    await book(database, move(a, b, 4, kind="new"))
    await close(database)
    known = {block.number: block.hash.hex() for block in await chain(database)}
    assert len(known) == 3 and isinstance(await verified(database, known), Sound)
    connection = await asyncpg.connect(user="postgres", database=database.engine.url.database, host=postgres.socket_dir)
    for number, statement in TAMPERINGS:
        await connection.execute("CREATE SCHEMA kept; " + KEEP)
        await connection.execute("SET session_replication_role = replica")
        done = await connection.execute(statement)
        assert not done.endswith(" 0"), f"{statement}: nothing was tampered with"
        found = await verified(database, known)
        assert isinstance(found, Broken), f"{statement}: unnoticed"
        assert found.number == number, f"{statement}: {found}"
        await connection.execute(RESTORE + "DROP SCHEMA kept CASCADE")
        assert isinstance(await verified(database, known), Sound), f"{statement} was not undone"
    await connection.close()


TABLES = ("transfer", "entry", "decline", "block")
KEEP = "".join(f"CREATE TABLE kept.{table} AS TABLE {table}; " for table in TABLES)
RESTORE = "".join(
    f"DELETE FROM {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE kept.{table}; " for table in TABLES
)


async def test_a_chain_that_was_written_anew_is_told_by_a_hash_that_somebody_kept(
    postgres: EmbeddedServer, database: Database, wallets: Sequence[UUID]
) -> None:
    await book(database, move(*wallets, 1, kind="old"))
    await close(database)
    [block] = await chain(database)
    connection = await asyncpg.connect(user="postgres", database=database.engine.url.database, host=postgres.socket_dir)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("UPDATE transfer SET kind = 'gift' WHERE kind = 'old'; DELETE FROM block")
    await connection.close()
    await close(database)
    assert isinstance(await verified(database), Sound)
    found = await verified(database, {1: block.hash.hex()})
    assert found == Broken(1, "has another hash than the one that was known")
    assert await verified(database, {2: block.hash.hex()}) == Broken(2, "is not there, though its hash was known")


async def test_the_service_closes_blocks_and_shows_how_fresh_they_are(
    database: Database, clock: ManualClock, wallets: Sequence[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payment.app.CLOSE_BLOCK_EVERY_S", 0.05)
    monkeypatch.setattr("souk.http.app.GAUGES_EVERY_S", 0.05)
    clock.advance(timedelta(seconds=50))
    async with database.reading() as reader:
        await blocks.measure(reader, clock)
    async with running_service(database, clock, background=True) as running:
        async with asyncio.timeout(20):
            while await metric(running, "souk_ledger_block_timestamp_seconds") == 0:
                waited = await metric(running, "souk_ledger_unchained_seconds")
                assert waited == 0 or 49 < waited < 70
                await asyncio.sleep(0.02)
            while await metric(running, "souk_ledger_unchained_seconds"):  # noqa: ASYNC110 - another task sets it
                await asyncio.sleep(0.02)
    assert isinstance(await verified(database), Sound)
