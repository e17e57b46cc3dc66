"""Times on an account never fall, whatever the clock does: the clock is set back, by hand and by machines that differ."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.ledger.blocks import Closer, Sound
from payment.ledger.grouping import GroupCommit, Posting, the_answer
from payment.ledger.ledger import TransferRequest, post
from payment.wallets.wallets import NewMoney, issue
from souk.clock import ManualClock
from souk.database import Database
from souk.ids import new_id
from tests.payment.builders import eur, fund, move, now, open_wallets
from tests.payment.ledger.test_blocks import close, verified

DAY = timedelta(days=1)


async def post_at(database: Database, at: datetime, *requests: TransferRequest) -> list[datetime]:
    """Post with a clock that says this; when each was booked."""
    async with database.transaction() as session:
        answers = await post(session, requests, at=at)
    assert {answer.outcome for answer in answers} == {"accepted"}
    async with database.reading() as reader:
        rows = await reader.execute(text("SELECT id, created_at FROM transfer"))
        times = {row.id: row.created_at for row in rows}
    return [times[request.id] for request in requests]


async def wallets(database: Database, count: int, amount: int = 1000) -> list[UUID]:
    """That many wallets with money, which came long ago."""
    people = [new_id() for _ in range(count)]
    group = GroupCommit(database, ManualClock())
    for person in people:
        await issue(group, NewMoney(new_id(), "issuance", person, new_id(), eur(amount), "to begin with"), now())
    return await open_wallets(database, *people)


async def test_an_entry_is_not_earlier_than_the_last_one_and_others_keep_the_clocks_time(database: Database) -> None:
    a, b, c, d, e = await wallets(database, 5)
    fast, right = now() + DAY, now() + timedelta(minutes=1)
    assert await post_at(database, fast, move(a, b, 5)) == [fast]
    later = right + timedelta(minutes=1)
    # one batch: b was touched by the fast clock, c by b's transfer, d and e by nothing
    booked = await post_at(database, later, move(d, e, 1), move(b, c, 1), move(c, d, 1), move(d, e, 1))
    assert booked == [later, fast, fast, fast]
    assert await post_at(database, fast + DAY, move(a, b, 1)) == [fast + DAY]


async def test_an_answer_given_again_keeps_its_time(database: Database) -> None:
    a, b = await wallets(database, 2)
    first = move(a, b, 5)
    [at] = await post_at(database, now() + DAY, first)
    assert await post_at(database, now(), first) == [at]


async def test_clocks_that_differ_keep_every_account_in_order(database: Database) -> None:
    """Many at once over few accounts, each with a clock of its own; the audit's checks run at the end of the test."""
    accounts = await wallets(database, 4, 100_000)
    clocks = [ManualClock() for _ in range(4)]
    for hours, clock in zip((-30, 0, 5, 26), clocks, strict=True):
        clock.advance(timedelta(hours=hours))
    groups = [GroupCommit(database, clock) for clock in clocks]

    async def send(number: int) -> None:
        source, target = accounts[number % 4], accounts[(number + 1 + number % 3) % 4]
        posting = Posting(move(source, target, 1), the_answer)
        assert (await groups[number % 3].post(posting)).accepted

    await asyncio.gather(*(send(number) for number in range(200)))
    async with database.reading() as reader:
        falls = """SELECT count(*) FROM (SELECT t.created_at < lag(t.created_at) OVER (
            PARTITION BY e.account_id ORDER BY e.account_version) AS falls
            FROM entry e JOIN transfer t ON t.id = e.transfer_id WHERE e.account_version IS NOT NULL) x WHERE falls"""
        assert await reader.scalar(text(falls)) == 0


async def test_the_database_itself_refuses_an_earlier_entry(database: Database) -> None:
    a, b = await wallets(database, 2)
    await post_at(database, now() + DAY, move(a, b, 5))
    made, kept = new_id(), {"a": a, "b": b}
    with pytest.raises(DBAPIError, match="earlier than the last one"):
        async with database.transaction() as session:
            await session.execute(
                text(
                    "INSERT INTO transfer (id, kind, reference, request_hash, created_at) VALUES (:t, 'x', '', '', now())"
                ),
                {"t": made},
            )
            entries = """INSERT INTO entry SELECT CAST(:t AS uuid), a.id, x.amount, a.version + 1, a.balance + x.amount
                FROM (VALUES (CAST(:a AS uuid), -1), (CAST(:b AS uuid), 1)) AS x (id, amount) JOIN account a USING (id)"""
            await session.execute(text(entries), {"t": made} | kept)
    for statement in ("UPDATE account SET last_at = now()", "UPDATE account SET ordered_from = 9"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(statement))


async def test_a_past_balance_is_right_after_the_clock_was_put_right(database: Database) -> None:
    person, other = new_id(), new_id()
    await fund(database, person, 1000)
    source, target = await open_wallets(database, person, other)
    await post_at(database, now() + DAY, move(source, target, 100))
    await post_at(database, now(), move(source, target, 10))
    async with database.reading() as reader:
        version_at = text("SELECT version_at(:a, :at)")
        assert await reader.scalar(version_at, {"a": source, "at": now() + timedelta(hours=1)}) == 1
        assert await reader.scalar(version_at, {"a": source, "at": now() + 2 * DAY}) == 3


async def test_the_chain_stays_sound_when_a_fast_clock_is_put_right(database: Database) -> None:
    a, b, c, d = await wallets(database, 4)
    clock = ManualClock()
    clock.advance(DAY)
    await post_at(database, clock.now(), move(a, b, 5))
    await close(database, Closer(clock))
    clock.offset = timedelta()
    await post_at(database, clock.now(), move(c, d, 5))
    found = await verified(database)
    assert isinstance(found, Sound) and found.waiting == 1
    await close(database, Closer(clock))
    await post_at(database, clock.now(), move(c, d, 5))
    await close(database, Closer(clock))
    found = await verified(database)
    assert isinstance(found, Sound) and (found.blocks, found.waiting) == (3, 0)
