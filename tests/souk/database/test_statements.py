"""Statements that are built once: what goes in, what comes out, and what happens when they fail."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from souk.database import Database, Statement, as_columns, insert_rows
from souk.http.problems import passes


class Base(DeclarativeBase):
    metadata = MetaData()


class ThingRow(Base):
    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    more: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


COLUMNS = ("id", "name", "more")
INSERT: Statement[None] = Statement(insert_rows(ThingRow, COLUMNS))
ALL: Statement[ThingRow] = Statement(select(ThingRow).order_by(ThingRow.id))
BY_NAME: Statement[ThingRow] = Statement(
    select(ThingRow).where(ThingRow.name == bindparam("name"), ThingRow.id.in_([1, 2])).limit(1)
)
ROWS = [{"id": 1, "name": "one", "more": {"a": [1]}}, {"id": 2, "name": "two", "more": None}]


@pytest.fixture
async def things(event_database: Database) -> Database:
    async with event_database.transaction() as session:
        await (await session.connection()).run_sync(Base.metadata.create_all)
        await INSERT.run(session, **as_columns(ROWS, COLUMNS))
    return event_database


async def test_rows_have_their_columns_as_attributes_and_documents_are_read(things: Database) -> None:
    async with things.reading() as reader:
        rows = await ALL.all(reader)
        assert [(row.id, row.name, row.more) for row in rows] == [(1, "one", {"a": [1]}), (2, "two", None)]
        assert await BY_NAME.all(reader, name="three") == []
        assert (await BY_NAME.one(reader, name="two") or rows[0]).id == 2
        assert await Statement[int]("SELECT count(*) FROM thing").scalar(reader) == 2
        assert await Statement[int]("SELECT id FROM thing WHERE id = ANY(CAST(:ids AS int[])) ORDER BY id").scalars(
            reader, ids=[2, 1, 7]
        ) == [1, 2]


async def test_it_says_which_parameters_it_wants(things: Database) -> None:
    async with things.reading() as reader:
        for wrong in ({}, {"nam": "one"}, {"name": "one", "more": 1}):
            with pytest.raises(TypeError, match="name"):
                await BY_NAME.all(reader, **wrong)


def test_a_default_made_by_python_would_be_forgotten() -> None:
    at = Table("at", MetaData(), Column("id", Integer), Column("at", Text, default=lambda: datetime.now(UTC)))
    with pytest.raises(TypeError, match="default"):
        Statement(at.insert().values(id=bindparam("id")))


async def test_it_is_part_of_the_sessions_transaction(things: Database) -> None:
    with pytest.raises(RuntimeError):
        async with things.transaction() as session:
            session.add(ThingRow(id=3, name="three", more=None))
            assert len(await ALL.all(session)) == 3, "what the session holds back is written first"
            await INSERT.run(session, **as_columns([{"id": 4, "name": "four", "more": None}], COLUMNS))
            raise RuntimeError
    async with things.reading() as reader:
        assert len(await ALL.all(reader)) == 2
        with pytest.raises(DBAPIError, match="read-only"):
            await INSERT.run(reader, **as_columns([{"id": 4, "name": "four", "more": None}], COLUMNS))


async def test_readers_have_a_transaction_only_if_they_ask_for_one(things: Database) -> None:
    began: Statement[Any] = Statement("SELECT now()")
    async with things.reading() as reader:
        assert await began.scalar(reader) < await began.scalar(reader)
        await reader.begun()
        assert await began.scalar(reader) == await began.scalar(reader)
        with pytest.raises(DBAPIError, match="read-only"):
            await INSERT.run(reader, **as_columns([{"id": 4, "name": "four", "more": None}], COLUMNS))
    async with things.reading() as reader:
        assert await began.scalar(reader) < await began.scalar(reader)


async def test_failures_are_told_as_sqlalchemy_tells_them(things: Database) -> None:
    again = as_columns([ROWS[0]], COLUMNS)
    with pytest.raises(IntegrityError) as failure:
        async with things.transaction() as session:
            await INSERT.run(session, **again)
    assert "one" not in str(failure.value).split("DETAIL")[0], "values stay out of it"
    with pytest.raises(IntegrityError):
        await INSERT.once(things, **again)
    assert len(await ALL.once(things)) == 2
    assert things.in_use == 0


async def test_a_session_whose_flush_failed_takes_no_more_statements(things: Database) -> None:
    async with things.transaction() as session:
        await ALL.all(session)
        session.add(ThingRow(id=1, name="again", more=None))
        with pytest.raises(IntegrityError):
            await session.flush()
        with pytest.raises(PendingRollbackError):
            await INSERT.run(session, **as_columns([{"id": 4, "name": "four", "more": None}], COLUMNS))
        await session.rollback()
    assert len(await ALL.once(things)) == 2
    assert things.in_use == 0


@pytest.mark.parametrize("alone", [True, False])
async def test_a_connection_that_was_lost_or_left_is_not_used_again(things: Database, *, alone: bool) -> None:
    end: Statement[Any] = Statement("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)")
    wait: Statement[Any] = Statement("SELECT pg_sleep(5)")

    async def run(statement: Statement[Any]) -> None:
        if alone:
            await statement.once(things)
        else:
            async with things.transaction() as session:
                await statement.run(session)

    with pytest.raises(DBAPIError) as lost:
        await run(end)
    assert passes(lost.value)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await run(wait)
    assert len(await ALL.once(things)) == 2
    assert things.in_use == 0
    async with things.reading() as reader:
        await reader.execute(text("SELECT 1"))


async def test_when_the_server_was_away_no_old_connection_is_tried(things: Database) -> None:
    async def hold() -> None:
        async with things.transaction() as session:
            await ALL.run(session)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(hold() for _ in range(5)))
    others: Statement[Any] = Statement(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    ours: Statement[Any] = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
    await others.once(things)
    with pytest.raises(DBAPIError):
        await ours.once(things)
    await asyncio.gather(*(hold() for _ in range(5)))
