"""The rules of posting, one by one and in batches."""

import asyncio
import random

import pytest
from sqlalchemy import text

from payment.ledger import accounts
from payment.ledger.ledger import BadTransfer, NewEntry, TransferRequest, post
from souk.database import Database
from souk.ids import new_id
from souk.money import Money
from tests.payment.builders import book, fund, move, now, open_wallets


async def balances(database: Database, *account_ids: object) -> list[int]:
    async with database.reading() as reader:
        rows = await reader.execute(text("SELECT id, balance FROM account"))
        known = {row.id: row.balance for row in rows}
    return [known[account_id] for account_id in account_ids]


async def test_money_moves_and_its_entries_tell_the_story(database: Database) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 500)
    a, b = await open_wallets(database, anna, ben)
    [answer] = await book(database, move(a, b, 200))
    assert answer.accepted and not answer.duplicate
    assert await balances(database, a, b) == [300, 200]
    async with database.reading() as reader:
        rows = await reader.execute(
            text("SELECT amount, account_version, balance_after FROM entry WHERE account_id = :id ORDER BY 2"),
            {"id": a},
        )
        assert [tuple(row) for row in rows] == [(500, 1, 500), (-200, 2, 300)]


async def test_one_that_fails_leaves_its_neighbours_alone(database: Database) -> None:
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    answers = await book(database, move(a, b, 30), move(a, b, 30), move(a, b, 41), move(a, b, 30), move(b, a, 90))
    assert [answer.outcome for answer in answers] == [
        "accepted",
        "accepted",
        "insufficient_funds",
        "accepted",
        "accepted",
    ]
    assert answers[2].missing == Money(1, "EUR") and answers[2].account_id == a
    assert await balances(database, a, b) == [100, 0]


async def test_the_third_of_five_in_one_wallet_is_declined_alone(database: Database) -> None:
    """Each of the others is booked on what those before it left, though one between them was not."""
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    asked = [move(a, b, amount) for amount in (20, 30, 51, 40, 10)]
    answers = await book(database, *asked)
    assert [answer.accepted for answer in answers] == [True, True, False, True, True]
    assert (answers[2].outcome, answers[2].account_id, answers[2].missing) == ("insufficient_funds", a, Money(1, "EUR"))
    async with database.reading() as reader:
        sql = "SELECT account_version, balance_after FROM entry WHERE account_id = :id ORDER BY 1"
        rows = [tuple(row) for row in await reader.execute(text(sql), {"id": a})]
    assert rows == [(1, 100), (2, 80), (3, 50), (4, 10), (5, 0)]
    again = await book(database, *reversed(asked))
    assert [answer.accepted for answer in again] == [True, True, False, True, True]
    assert all(answer.duplicate for answer in again)


async def test_a_batch_is_booked_in_its_order(database: Database) -> None:
    anna, ben, cem = new_id(), new_id(), new_id()
    await fund(database, anna, 100)
    a, b, c = await open_wallets(database, anna, ben, cem)
    answers = await book(database, move(b, c, 50), move(a, b, 60), move(b, c, 50), move(b, c, 20), move(c, a, 50))
    assert [answer.accepted for answer in answers] == [False, True, True, False, True]
    assert await balances(database, a, b, c) == [90, 10, 0]


async def test_the_same_request_again_gives_the_first_answer(database: Database) -> None:
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    request = move(a, b, 60)
    answers = [*(await book(database, request)), *(await book(database, request, request))]
    assert [(answer.outcome, answer.duplicate) for answer in answers] == [
        ("accepted", False),
        ("accepted", True),
        ("accepted", True),
    ]
    assert await balances(database, a, b) == [40, 60]


async def test_the_same_id_for_another_request_is_a_conflict(database: Database) -> None:
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    request = move(a, b, 10)
    other = move(a, b, 11, transfer_id=request.id)
    other_kind = move(a, b, 10, transfer_id=request.id, kind="another")
    answers = await book(database, request, other, request)
    answers += await book(database, other, request, other_kind)
    outcomes = [answer.outcome for answer in answers]
    assert outcomes == ["accepted", "conflict", "accepted", "conflict", "accepted", "conflict"]
    assert await balances(database, a, b) == [90, 10]


async def test_declines_are_remembered(database: Database) -> None:
    anna = new_id()
    a, b = await open_wallets(database, anna, new_id())
    request = move(a, b, 70)
    [first] = await book(database, request)
    await fund(database, anna, 1000)
    [second] = await book(database, request)
    assert (first.outcome, first.missing, first.duplicate) == ("insufficient_funds", Money(70, "EUR"), False)
    assert (second.outcome, second.missing, second.duplicate) == (
        "insufficient_funds",
        Money(70, "EUR"),
        True,
    )
    assert await balances(database, a, b) == [1000, 0]


async def test_unknown_closed_frozen_and_foreign_accounts(database: Database) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    await fund(database, ben, 100)
    a, b, closed = await open_wallets(database, anna, ben, new_id())
    async with database.transaction() as session:
        await session.execute(text("UPDATE account SET status = 'frozen' WHERE id = :id"), {"id": b})
        await session.execute(text("UPDATE account SET status = 'closed' WHERE id = :id"), {"id": closed})
    dollars = (NewEntry(a, -1, "USD"), NewEntry(b, 1, "USD"))
    answers = await book(
        database,
        move(a, new_id(), 1),
        move(a, closed, 1),
        move(b, a, 1),
        move(a, b, 1),
        TransferRequest(new_id(), "move", "", dollars),
    )
    assert [answer.outcome for answer in answers] == [
        "account_unknown",
        "account_closed",
        "account_frozen",
        "accepted",
        "currency_differs",
    ]
    assert await balances(database, a, b) == [99, 101]


async def test_a_frozen_wallet_receives_and_does_not_give(database: Database) -> None:
    """Each alone: what is asked with nothing wrong beside it is booked another way than in a batch with a decline."""
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    async with database.transaction() as session:
        await session.execute(text("UPDATE account SET status = 'frozen' WHERE id = :id"), {"id": a})
    [given] = await book(database, move(a, b, 1))
    await fund(database, anna, 5)
    assert (given.outcome, given.account_id) == ("account_frozen", a)
    assert await balances(database, a, b) == [105, 0]


async def test_a_transfer_may_hold_several_currencies_if_each_sums_to_zero(database: Database) -> None:
    anna, ben = new_id(), new_id()
    specs = [accounts.wallet(user, currency) for user in (anna, ben) for currency in ("EUR", "USD")]
    specs += [accounts.issuance("EUR"), accounts.issuance("USD")]
    async with database.transaction() as session:
        await accounts.open_accounts(session, specs)
    ids = [spec.id for spec in specs]
    start = (
        NewEntry(ids[4], -50, "EUR"),
        NewEntry(ids[0], 50, "EUR"),
        NewEntry(ids[5], -70, "USD"),
        NewEntry(ids[3], 70, "USD"),
    )
    swap = (
        NewEntry(ids[0], -50, "EUR"),
        NewEntry(ids[2], 50, "EUR"),
        NewEntry(ids[3], -70, "USD"),
        NewEntry(ids[1], 70, "USD"),
    )
    answers = await book(database, *(TransferRequest(new_id(), "swap", "", entries) for entries in (start, swap)))
    assert [answer.accepted for answer in answers] == [True, True]
    assert await balances(database, *ids[:4]) == [0, 70, 50, 0]
    # the two issuances above are no recorded money; this test is about currencies only
    async with database.reading() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM unrolled")) == 2


@pytest.mark.parametrize(
    "amounts",
    [[(1, 5), (2, -4)], [(1, 5), (1, -5)], [(1, 0), (2, 0)], [(1, 5)], [(1, 10**14), (2, -(10**14))]],
    ids=["unbalanced", "one account twice", "nothing", "one entry", "too much"],
)
def test_what_cannot_be_a_transfer(amounts: list[tuple[int, int]]) -> None:
    ids = {1: new_id(), 2: new_id()}
    with pytest.raises(BadTransfer):
        TransferRequest(new_id(), "move", "", tuple(NewEntry(ids[n], amount, "EUR") for n, amount in amounts))


async def test_rolled_back_means_never_asked(database: Database) -> None:
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    request = move(a, b, 500)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            await post(session, [request], at=now())
            raise ZeroDivisionError
    await fund(database, anna, 400)
    [answer] = await book(database, request)
    assert answer.accepted and not answer.duplicate


async def test_fifty_at_once_around_ten_accounts_do_not_deadlock(database: Database) -> None:
    """PostgreSQL would end a deadlock by failing one of the transactions, and so this test."""
    users = [new_id() for _ in range(10)]
    for user in users:
        await fund(database, user, 1000)
    wallets = await open_wallets(database, *users)
    dice = random.Random(7)

    async def batch() -> list[bool]:
        requests = [move(*dice.sample(wallets, 2), dice.randint(1, 300)) for _ in range(3)]
        return [answer.accepted for answer in await book(database, *requests)]

    answers = await asyncio.gather(*(batch() for _ in range(50)))
    assert sum(map(sum, answers)) > 100
    assert sum(await balances(database, *wallets)) == 10_000


async def test_the_same_transfer_asked_by_many_at_once_is_booked_once(database: Database) -> None:
    anna = new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, new_id())
    request, other = move(a, b, 60), move(a, b, 1)
    answers = await asyncio.gather(
        *(book(database, *((request, other) if n % 2 else (other, request))) for n in range(12))
    )
    assert sum(not answer.duplicate for pair in answers for answer in pair) == 2
    assert all(answer.accepted for pair in answers for answer in pair)
    assert await balances(database, a, b) == [39, 61]


async def test_no_sale_waits_at_the_shops_own_accounts(database: Database) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    await fund(database, ben, 100)
    a, b = await open_wallets(database, anna, ben)
    fees = accounts.fees("EUR")
    async with database.transaction() as session:
        await accounts.open_accounts(session, [fees])
    async with database.transaction() as first:
        await post(first, [move(a, fees.id, 5)], at=now())
        async with asyncio.timeout(10):
            [answer] = await book(database, move(b, fees.id, 5))
        assert answer.accepted
