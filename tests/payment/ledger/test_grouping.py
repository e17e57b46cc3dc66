"""Group commit: shared transactions in which nobody pays for a neighbour."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.ledger import grouping
from payment.ledger.grouping import Finished, GroupCommit, LedgerBusy, Posting, the_answer
from payment.ledger.ledger import Answer, TransferRequest
from payment.wallets.wallets import NewMoney, issue
from shop.demo.past import PastClock, telling
from souk.clock import SystemClock
from souk.database import Database, Session
from souk.errors import RuleBroken
from souk.ids import new_id
from tests.payment.builders import book, eur, fund, move, open_wallets
from tests.payment.conftest import Service


@pytest.fixture
def group(database: Database) -> GroupCommit:
    return GroupCommit(database, SystemClock())


@pytest.fixture
async def pair(database: Database) -> tuple[UUID, UUID]:
    """A wallet with 1000, and an empty one."""
    anna, ben = new_id(), new_id()
    await fund(database, anna, 1000)
    a, b = await open_wallets(database, anna, ben)
    return a, b


def plain(request: TransferRequest) -> Posting[Answer]:
    return Posting(request, the_answer)


async def balance(database: Database, account_id: UUID) -> int:
    async with database.reading() as reader:
        return int(await reader.scalar(text("SELECT balance FROM account WHERE id = :id"), {"id": account_id}) or 0)


async def transactions(database: Database, kind: str = "move") -> int:
    """How many transactions the transfers of a kind were written in."""
    async with database.reading() as reader:
        sql = "SELECT count(DISTINCT xmin::text) FROM transfer WHERE kind = :kind"
        return int(await reader.scalar(text(sql), {"kind": kind}) or 0)


async def test_a_transfer_is_dated_as_its_caller_tells_the_time(database: Database) -> None:
    anna, ben = new_id(), new_id()
    pair = await open_wallets(database, anna, ben)
    clock = PastClock()
    clock.turn_to(clock.now() - timedelta(days=30))
    group = GroupCommit(database, clock)
    with telling():
        await issue(group, NewMoney(new_id(), "issuance", anna, new_id(), eur(100), "to begin with"), clock.now())
        await group.post(plain(move(*pair, 5)))
    await group.post(plain(move(*pair, 7)))
    async with database.reading() as reader:
        sql = "SELECT extract(day FROM now() - created_at)::int FROM transfer WHERE kind = 'move' ORDER BY position"
        assert list(await reader.scalars(text(sql))) == [30, 0]


async def test_who_asks_at_once_shares_a_transaction(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    answers = await asyncio.gather(*(group.post(plain(move(*pair, n))) for n in range(1, 41)))
    assert all(answer.accepted for answer in answers)
    assert await transactions(database) <= grouping.GROUPS_AT_ONCE
    assert await balance(database, pair[1]) == sum(range(1, 41))


async def test_each_gets_its_own_answer(database: Database, group: GroupCommit, pair: tuple[UUID, UUID]) -> None:
    a, b = pair
    first, dear = move(a, b, 600), move(a, b, 600)
    other = move(a, b, 1, transfer_id=first.id)
    asked = [first, dear, first, other, move(b, a, 600), move(a, new_id(), 1)]
    answers = await asyncio.gather(*(group.post(plain(request)) for request in asked))
    assert await transactions(database) == 1
    assert [(answer.outcome, answer.duplicate) for answer in answers] == [
        ("accepted", False),
        ("insufficient_funds", False),
        ("accepted", True),
        ("conflict", False),
        ("accepted", False),
        ("account_unknown", False),
    ]
    again = await group.post(plain(dear))
    assert (again.outcome, again.duplicate, again.missing) == ("insufficient_funds", True, answers[1].missing)


async def test_one_that_breaks_fails_only_itself(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    """Python's own error, and one of the database that ends the whole transaction."""

    async def breaks(_: Session, __: Answer) -> Finished[Answer]:
        raise ZeroDivisionError

    async def breaks_the_transaction(session: Session, answer: Answer) -> Finished[Answer]:
        await session.execute(text("SELECT 1 / 0"))
        return Finished(answer)

    finishes: list[Callable[[Session, Answer], Awaitable[Finished[Answer]]]] = [the_answer] * 7
    finishes[2], finishes[4] = breaks, breaks_the_transaction
    outcomes = await asyncio.gather(
        *(
            group.post(Posting(move(*pair, 10**n), finish))
            for n, finish in zip((0, 0, 1, 0, 2, 0, 0), finishes, strict=True)
        ),
        return_exceptions=True,
    )
    assert isinstance(outcomes[2], ZeroDivisionError) and "division by zero" in str(outcomes[4])
    assert [o.accepted for o in outcomes if isinstance(o, Answer)] == [True] * 5
    assert await balance(database, pair[1]) == 5


class TooMuch(RuleBroken):
    """The test's rule."""


async def test_one_that_may_not_costs_nobody_a_second_try(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    async def refused(_: Session) -> None:
        raise TooMuch("no")

    async def allowed(_: Session) -> None:
        pass

    request = move(*pair, 500)
    outcomes = await asyncio.gather(
        group.post(Posting(move(*pair, 5), the_answer, allowed)),
        group.post(Posting(request, the_answer, refused)),
        group.post(Posting(move(*pair, 6), the_answer, allowed)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], TooMuch)
    assert await balance(database, pair[1]) == 11
    assert await transactions(database) == 1
    # what was refused was never asked for, so it may be asked again; what was answered is not checked again
    assert not (await group.post(Posting(request, the_answer, allowed))).duplicate
    assert (await group.post(Posting(request, the_answer, refused))).duplicate


async def test_a_rule_returned_is_raised_and_its_decline_remembered(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    async def told(_: Session, answer: Answer) -> Finished[Answer] | RuleBroken:
        return Finished(answer) if answer.accepted else TooMuch("not covered")

    request = move(*pair, 1001)
    with pytest.raises(TooMuch):
        await group.post(Posting(request, told))
    [again] = await book(database, request)
    assert (again.outcome, again.duplicate) == ("insufficient_funds", True)


async def test_whose_limit_is_the_same_comes_one_after_the_other(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    whose, spent = new_id(), text("SELECT coalesce(sum(amount), 0) FROM entry WHERE account_id = :id")

    async def within_ten(session: Session) -> None:
        if await session.scalar(spent, {"id": pair[1]}) >= 10:
            raise TooMuch("no")

    asked = [Posting(move(*pair, 5), the_answer, within_ten, counts_for=whose) for _ in range(6)]
    asked += [plain(move(*pair, 1, kind="free")) for _ in range(4)]
    outcomes = await asyncio.gather(*(group.post(posting) for posting in asked), return_exceptions=True)
    assert sum(isinstance(outcome, TooMuch) for outcome in outcomes) >= 4
    assert await transactions(database) == sum(isinstance(outcome, Answer) for outcome in outcomes[:6])
    assert await transactions(database, "free") == 1


async def test_limits_hold_over_instances(database: Database, pair: tuple[UUID, UUID]) -> None:
    """Each instance has its own line; what one counts, the others have written."""
    spent = text("SELECT coalesce(sum(amount), 0) FROM entry WHERE account_id = :id")

    async def within_ten(session: Session) -> None:
        so_far = await session.scalar(spent, {"id": pair[1]})
        await asyncio.sleep(0.02)
        if so_far >= 10:
            raise TooMuch("no")

    groups = [GroupCommit(database, SystemClock()) for _ in range(5)]
    postings = [Posting(move(*pair, 5), the_answer, within_ten, counts_for=pair[0]) for _ in groups]
    outcomes = await asyncio.gather(
        *(group.post(posting) for group, posting in zip(groups, postings, strict=True)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooMuch) for outcome in outcomes) == 3
    assert await balance(database, pair[1]) == 10


async def test_who_goes_away_takes_nobody_along(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Session, answer: Answer) -> Finished[Answer]:
        began.set()
        await go_on.wait()
        return Finished(answer)

    leaving = asyncio.create_task(group.post(Posting(move(*pair, 100), slow)))
    staying = asyncio.create_task(group.post(plain(move(*pair, 10))))
    await began.wait()
    never_begun = asyncio.create_task(group.post(plain(move(*pair, 1))))
    await asyncio.sleep(0)
    for task in (leaving, never_begun):
        task.cancel()
    await asyncio.wait([leaving, never_begun])
    go_on.set()
    assert (await staying).accepted
    await group.close()
    assert leaving.cancelled() and await balance(database, pair[1]) == 110


async def test_closing_finishes_what_waits_and_takes_no_more(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "GROUP_MAX", 3)
    waiting = [asyncio.create_task(group.post(plain(move(*pair, 1)))) for _ in range(20)]
    await asyncio.sleep(0)
    await group.close()
    assert all(task.done() and task.result().accepted for task in waiting)
    with pytest.raises(LedgerBusy):
        await group.post(plain(move(*pair, 1)))
    assert await balance(database, pair[1]) == 20


async def test_the_line_has_an_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "WAITING_MAX", 2)
    body = {"amount": {"amount": 5, "currency": "EUR"}}

    async def deposit() -> int:
        headers = {"idempotency-key": str(new_id())}
        answer = await service.ask("POST", "/wallet/deposits", anna, headers=headers, json=body)
        if answer.status_code == 503:
            assert answer.headers["retry-after"] and answer.json()["type"].endswith("/ledger-busy")
        return answer.status_code

    anna = new_id()
    statuses = await asyncio.gather(*(deposit() for _ in range(12)))
    assert set(statuses) == {201, 503}
    wallet = (await service.ask("GET", "/wallet", anna)).json()
    assert wallet["available"]["amount"] == 5 * statuses.count(201)


class Flaky(Database):
    """Loses the answer to its first commits, as a cut connection would."""

    lost = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        async with super().transaction() as session:
            yield session
        if self.lost:
            self.lost -= 1
            raise ConnectionResetError


async def test_a_commit_whose_answer_is_lost_is_done_once(database: Database, pair: tuple[UUID, UUID]) -> None:
    flaky = Flaky(database.engine.url.render_as_string(hide_password=False), service="payment")
    group = GroupCommit(flaky, SystemClock())
    flaky.lost = 1
    answers = await asyncio.gather(*(group.post(plain(move(*pair, n))) for n in (1, 2, 3)))
    assert [(answer.accepted, answer.duplicate) for answer in answers] == [(True, True)] * 3
    flaky.lost = 1
    request = move(*pair, 4)
    with pytest.raises(ConnectionResetError):
        await group.post(plain(request))
    assert (await group.post(plain(request))).duplicate
    assert await balance(database, pair[1]) == 10
    await flaky.close()


async def test_without_a_database_nobody_waits_for_each_others_try(pair: tuple[UUID, UUID]) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", service="payment")
    tried = 0

    class Counting(GroupCommit):
        async def _try(self, group):  # type: ignore[no-untyped-def]
            nonlocal tried
            tried += 1
            return await super()._try(group)

    group = Counting(nowhere, SystemClock())
    outcomes = await asyncio.gather(*(group.post(plain(move(*pair, 1))) for _ in range(9)), return_exceptions=True)
    assert all(isinstance(outcome, DBAPIError) for outcome in outcomes)
    assert tried == 2
    await nowhere.close()


request_of: ContextVar[int] = ContextVar("request_of")


async def test_hooks_work_in_their_callers_context(group: GroupCommit, pair: tuple[UUID, UUID]) -> None:
    async def call(number: int) -> int:
        request_of.set(number)

        async def finish(_: Session, __: Answer) -> Finished[int]:
            return Finished(request_of.get())

        return await group.post(Posting(move(*pair, 1), finish))

    assert await asyncio.gather(*(asyncio.create_task(call(n)) for n in range(5))) == [0, 1, 2, 3, 4]


async def test_postings_with_a_check_and_without_share_a_group(
    database: Database, group: GroupCommit, pair: tuple[UUID, UUID]
) -> None:
    async def allowed(_: Session) -> None:
        pass

    checks = [None, allowed, None, allowed, allowed, None]
    answers = await asyncio.gather(*(group.post(Posting(move(*pair, 1), the_answer, check)) for check in checks))
    assert all(answer.accepted for answer in answers)
    assert await transactions(database) == 1


async def test_groups_and_batches_around_the_same_wallets_do_not_deadlock(database: Database) -> None:
    users = [new_id() for _ in range(8)]
    for user in users:
        await fund(database, user, 1000)
    wallets = await open_wallets(database, *users)
    dice, groups = random.Random(11), [GroupCommit(database, SystemClock()) for _ in range(3)]

    async def allowed(session: Session) -> None:
        await session.execute(text("SELECT 1"))

    def one() -> TransferRequest:
        return move(*dice.sample(wallets, 2), dice.randint(1, 50))

    work: list[Awaitable[object]] = []
    for n in range(120):
        work.append(groups[n % 3].post(Posting(one(), the_answer, allowed if n % 2 else None)))
        if n % 4 == 0:
            work.append(book(database, one(), one(), one()))
    await asyncio.gather(*work)
    assert sum([await balance(database, wallet) for wallet in wallets]) == 8000


async def test_requests_repeated_through_other_instances_do_not_deadlock(database: Database) -> None:
    """A deadlock would go unseen here, for a group that fails is tried again: the database has counted it."""
    users = [new_id() for _ in range(6)]
    for user in users:
        await fund(database, user, 1000)
    wallets = await open_wallets(database, *users)
    dice, groups = random.Random(5), [GroupCommit(database, SystemClock()) for _ in range(3)]

    async def allowed(session: Session) -> None:
        await session.execute(text("SELECT 1"))

    postings = [Posting(move(*dice.sample(wallets, 2), 1), the_answer, allowed if n % 2 else None) for n in range(60)]
    asked = [(group, posting) for group in groups for posting in postings]
    dice.shuffle(asked)
    answers = await asyncio.gather(*(group.post(posting) for group, posting in asked))
    assert all(answer.accepted for answer in answers)
    assert sum(not answer.duplicate for answer in answers) == 60
    async with database.reading() as reader:
        await reader.execute(text("SELECT pg_stat_clear_snapshot()"))
        query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await reader.scalar(query) == 0
