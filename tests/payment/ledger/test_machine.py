"""Whatever is done to the ledger, in whatever order: it answers as a few lines of Python would, and the books stay right.

Hypothesis draws the steps and shrinks what fails to the shortest way there. After each step the balances are compared,
the audit is run, and the chain of blocks is verified against every hash seen so far.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, TypeVar
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text

from payment.ledger import accounts
from payment.ledger.blocks import Closer, Sound, verify
from payment.ledger.grouping import GroupCommit, Posting, the_answer
from payment.ledger.ledger import Answer, NewEntry, TransferRequest, post
from payment.ledger.proof import roll_up
from payment.ledger.tables import Block
from souk.clock import SystemClock
from souk.database import Database
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.ids import new_id
from tests.conftest import drop_database, fresh_database
from tests.payment.builders import book, fund, now, open_wallets
from tests.payment.conftest import violations

EXAMPLES, STEPS = 8, 14
WALLETS = 4
FEES, NOBODY = WALLETS, WALLETS + 1
START = 100

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """A transfer as the model knows it: who gives, who gets, how much of that is the fee, and its name."""

    source: int
    target: int
    amount: int
    fee: int
    currency: str
    name: int

    @property
    def entries(self) -> list[tuple[int, int]]:
        rest = self.amount - self.fee
        moves = [(self.source, -self.amount), (self.target, rest), (FEES, self.fee)]
        return [(who, amount) for who, amount in moves if amount]


TRANSFERS = st.builds(
    Asked,
    source=st.integers(0, WALLETS - 1),
    target=st.integers(0, WALLETS - 1) | st.just(NOBODY),
    amount=st.integers(2, 120),
    fee=st.sampled_from((0, 0, 1)),
    currency=st.sampled_from(("EUR",) * 9 + ("USD",)),
    name=st.integers(0, 30),
).filter(lambda asked: asked.source != asked.target)
BATCH = st.lists(TRANSFERS, min_size=1, max_size=7)
OneAnswer = tuple[str, bool, int]


@dataclass
class Model:
    """Balances, and what was answered to each name."""

    balances: list[int] = field(default_factory=lambda: [START] * WALLETS + [0])
    status: list[str] = field(default_factory=lambda: ["open"] * WALLETS)
    answered: dict[int, tuple[Asked, str, int]] = field(default_factory=dict)

    def copy(self) -> "Model":
        return Model(list(self.balances), list(self.status), dict(self.answered))

    def post(self, asked: Asked) -> OneAnswer:
        """(outcome, duplicate, missing)"""
        if asked.name in self.answered:
            before, outcome, missing = self.answered[asked.name]
            return (outcome, True, missing) if before == asked else ("conflict", False, 0)
        outcome = next((why for why in (self._refusal(*e, asked.currency) for e in asked.entries) if why), "")
        missing = 0
        if not outcome:
            missing = max(asked.amount - self.balances[asked.source], 0)
            outcome = "insufficient_funds" if missing else "accepted"
        if outcome == "accepted":
            for who, amount in asked.entries:
                self.balances[who] += amount
        self.answered[asked.name] = (asked, outcome, missing)
        return (outcome, False, missing)

    def _refusal(self, who: int, amount: int, currency: str) -> str:
        if who == NOBODY:
            return "account_unknown"
        if currency != "EUR":
            return "currency_differs"
        status = "open" if who == FEES else self.status[who]
        if status == "closed" or (status == "frozen" and amount < 0):
            return f"account_{status}"
        return ""


class Crash(Exception):
    """The process dies before its commit."""


def told(answers: Sequence[Answer]) -> list[OneAnswer]:
    return [(a.outcome, a.duplicate, a.missing.amount if a.missing else 0) for a in answers]


class LedgerMachine(RuleBasedStateMachine):
    """The ledger and the model, side by side."""

    urls: ServiceUrls

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.urls.app, service="payment", pool_max=6)
        self.closer = Closer(SystemClock())
        self.space = new_id()
        self.model = Model()
        self.known: dict[int, str] = {}
        self.ids = self.do(self._begin())

    async def _begin(self) -> list[UUID]:
        users = [new_id() for _ in range(WALLETS)]
        for user in users:
            await fund(self.database, user, START)
        async with self.database.transaction() as session:
            await accounts.open_accounts(session, [accounts.fees("EUR")])
        async with self.database.reading() as reader:
            self.fees_before = await self._fees(reader)
        return [*await open_wallets(self.database, *users), accounts.fees("EUR").id, new_id()]

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.runner.run(run())

    def teardown(self) -> None:
        self.do(self.database.close())
        self.runner.close()

    def request(self, asked: Asked) -> TransferRequest:
        entries = tuple(NewEntry(self.ids[who], amount, asked.currency) for who, amount in asked.entries)
        return TransferRequest(uuid5(self.space, str(asked.name)), "move", "", entries)

    async def book(self, batch: Sequence[Asked]) -> list[OneAnswer]:
        return told(await book(self.database, *map(self.request, batch)))

    @rule(batch=BATCH)
    def a_batch(self, batch: list[Asked]) -> None:
        assert self.do(self.book(batch)) == [self.model.post(asked) for asked in batch]

    @rule(batches=st.lists(BATCH, min_size=2, max_size=3))
    def batches_at_once(self, batches: list[list[Asked]]) -> None:
        """What comes out must be what one after the other would have given, in some order."""

        async def at_once() -> list[list[OneAnswer]]:
            return list(await asyncio.gather(*map(self.book, batches)))

        answers = self.do(at_once())
        balances = self.do(self._balances())
        for order in permutations(range(len(batches))):
            model = self.model.copy()
            expected = {index: [model.post(asked) for asked in batches[index]] for index in order}
            if [expected[index] for index in range(len(batches))] == answers and model.balances == balances:
                self.model = model
                return
        raise AssertionError(f"no order of {batches} gives {answers} and {balances}")

    @rule(batch=BATCH)
    def callers_at_once(self, batch: list[Asked]) -> None:
        """Who asks in the same moment is answered as a batch in the order of asking."""

        async def at_once() -> list[Answer]:
            group = GroupCommit(self.database, SystemClock())
            return list(await asyncio.gather(*(group.post(Posting(self.request(a), the_answer)) for a in batch)))

        assert told(self.do(at_once())) == [self.model.post(asked) for asked in batch]

    @rule(batch=BATCH)
    def a_crash_before_the_commit(self, batch: list[Asked]) -> None:
        async def crash() -> None:
            async with self.database.transaction() as session:
                await post(session, list(map(self.request, batch)), at=now())
                raise Crash

        with pytest.raises(Crash):
            self.do(crash())

    @rule(batch=BATCH)
    def a_commit_whose_answer_is_lost(self, batch: list[Asked]) -> None:
        self.do(self.book(batch))
        first = [self.model.post(asked) for asked in batch]
        again = self.do(self.book(batch))
        assert again == [self.model.post(asked) for asked in batch]
        assert [(outcome, missing) for outcome, _, missing in again] == [(o, m) for o, _, m in first]

    @rule(who=st.integers(0, WALLETS - 1), status=st.sampled_from(("open", "open", "frozen", "closed")))
    def a_status(self, who: int, status: str) -> None:
        async def change() -> None:
            async with self.database.transaction() as session:
                sql = text("UPDATE account SET status = :status WHERE id = :id")
                await session.execute(sql, {"status": status, "id": self.ids[who]})

        self.do(change())
        self.model.status[who] = status

    @rule()
    def a_roll_up(self) -> None:
        self.do(self._in_a_transaction(roll_up))

    @rule()
    def a_block(self) -> None:
        for _ in range(2):
            self.do(self._in_a_transaction(self.closer.sweep))

    async def _in_a_transaction(self, work: Callable[[Any], Awaitable[object]]) -> None:
        async with self.database.transaction() as session:
            await work(session)

    @invariant()
    def the_books_are_right(self) -> None:
        if not hasattr(self, "ids"):
            return
        assert self.do(self._balances()) == self.model.balances
        assert self.do(violations(self.database)) == []
        assert isinstance(self.do(self._chain()), Sound)

    async def _balances(self) -> list[int]:
        async with self.database.reading() as reader:
            rows = await reader.execute(text("SELECT id, balance FROM account"))
            known = {row.id: row.balance for row in rows}
            fees = await self._fees(reader) - self.fees_before
        return [*(known[wallet] for wallet in self.ids[:WALLETS]), fees]

    async def _fees(self, reader: Any) -> int:
        sql = text("""SELECT balance + (SELECT coalesce(sum(amount), 0) FROM unrolled WHERE account_id = :id)
            FROM account WHERE id = :id""")
        return int(await reader.scalar(sql, {"id": accounts.fees("EUR").id}))

    async def _chain(self) -> object:
        async with self.database.reading() as reader:
            found = await verify(reader, self.known)
            self.known |= {b.number: b.hash.hex() for b in await reader.scalars(select(Block))}
            return found


async def test_the_ledger_does_what_the_model_does(postgres: EmbeddedServer) -> None:
    LedgerMachine.urls = await fresh_database(postgres, "payment")
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, LedgerMachine, settings=bounds)
    await drop_database(postgres, LedgerMachine.urls)
