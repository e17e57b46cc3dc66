"""A database keeps the currency of its first start."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.database.fixed_settings import CurrencyDiffers, kept_currency, pin_currency
from souk.database.migrations import upgrade
from tests.conftest import drop_database, fresh_database, one_database


@pytest.fixture
async def database(postgres: EmbeddedServer) -> AsyncIterator[Database]:
    async for database in one_database(postgres, "payment"):
        yield database


async def kept(database: Database) -> str | None:
    async with database.reading() as reader:
        return await kept_currency(reader)


async def test_the_first_start_writes_it_and_later_ones_must_agree(database: Database) -> None:
    assert await kept(database) is None
    await pin_currency(database, "KWD")
    await pin_currency(database, "KWD")
    with pytest.raises(
        CurrencyDiffers, match="payment database is in KWD since its first start, and SOUK_CURRENCY says EUR"
    ):
        await pin_currency(database, "EUR")
    assert await kept(database) == "KWD"


async def test_of_two_first_starts_at_once_one_decides(database: Database) -> None:
    tries = [pin_currency(database, currency) for currency in ("EUR", "USD") * 5]
    came = await asyncio.gather(*tries, return_exceptions=True)
    first = await kept(database)
    assert [came[number] is None for number in range(10)] == [currency == first for currency in ("EUR", "USD") * 5]
    assert {type(refused) for refused in came} == {type(None), CurrencyDiffers}


async def test_rows_from_before_say_what_the_database_is_in(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO account (id, kind, currency) VALUES (gen_random_uuid(), 'fees', 'EUR')")
        )
    with pytest.raises(CurrencyDiffers):
        await pin_currency(database, "USD")
    await pin_currency(database, "EUR")


@pytest.mark.parametrize("statement", ["UPDATE pinned SET value = 'USD'", "DELETE FROM pinned", "TRUNCATE pinned"])
async def test_the_service_cannot_change_it(database: Database, statement: str) -> None:
    await pin_currency(database, "EUR")
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction() as session:
            await session.execute(text(statement))


async def test_a_database_that_needs_no_migration_still_gets_the_table(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "store")
    owner = Database(urls.owner, service="store")
    async with owner.transaction() as session:
        await session.execute(text("DROP TABLE pinned"))
    assert not await upgrade(urls.owner, "store")
    served = Database(urls.app, service="store")
    await pin_currency(served, "JPY")
    assert await kept(served) == "JPY"
    for database in (owner, served):
        await database.close()
    await drop_database(postgres, urls)
