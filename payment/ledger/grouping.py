"""Group commit: transfers that callers ask for at the same time share one transaction, and with it one wait for the disk.

Nobody waits for company. A transfer that comes alone is posted at once; those that come while others are being
committed form the next group. A route brings its transfer with the rows that belong to it, see `Posting`:

    receipt = await group.post(Posting(request, finish, check, opens=(wallet,), counts_for=user_id))
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from asyncpg import CannotConnectNowError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from payment.ledger.accounts import AccountSpec, open_accounts
from payment.ledger.ledger import Answer, TransferRequest, existing_transfers, lock_accounts, post
from souk.clock import Clock
from souk.database import Database, Session
from souk.errors import RuleBroken, Unavailable
from souk.events import News, Outbox

GROUP_MAX = 100
"""Transfers in one group."""

GROUPS_AT_ONCE = 2
"""Groups of one instance under way together: one is computed while the other waits for the disk."""

WAITING_MAX = 1000
"""Transfers that wait for a group; one more is refused."""

ResultT = TypeVar("ResultT")


class LedgerBusy(Unavailable):
    """More transfers wait than the ledger takes on, or it is shutting down; nothing was moved."""

    title = "Busy just now"


@dataclass(frozen=True, slots=True)
class Finished(Generic[ResultT]):
    """A transfer with all that belongs to it."""

    result: ResultT
    """What the caller gets."""
    news: Sequence[News] = ()
    """What others must know, which is emitted in the transfer's transaction."""


@dataclass(frozen=True, slots=True)
class Posting(Generic[ResultT]):
    """One caller's transfer, and what is checked before and written with it in the same transaction.

    The transaction is shared: the hooks write through the session that they are given, touch nothing that is not the
    caller's own, and may run a second time in another transaction if the first one failed as a whole.
    """

    request: TransferRequest
    finish: Callable[[Session, Answer], Awaitable[Finished[ResultT] | RuleBroken]]
    """Writes what belongs to the transfer and makes the caller's result, whatever the answer is: accepted, declined,
    a conflict, or a duplicate of what was written before. A rule that it returns as broken is raised to the caller
    with everything committed, so a decline is remembered; raising it undoes the transfer as if never asked for, and
    costs the neighbours a second try."""
    check: Callable[[Session], Awaitable[None]] | None = None
    """Raises RuleBroken if the transfer may not be asked for now, e.g. over a limit. It runs while the transfer's
    accounts are locked, and never for a transfer that was asked before: that one gets its first answer."""
    opens: Sequence[AccountSpec] = ()
    """Accounts to open if they are not open yet."""
    counts_for: UUID | None = None
    """Whose limit `check` counts against: two of the same never share a group, so each sees what the other wrote."""


async def the_answer(_: Session, answer: Answer) -> Finished[Answer]:
    """`finish` of a transfer that nothing else belongs to."""
    return Finished(answer)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    posting: Posting[Any]
    done: asyncio.Future[Any]
    context: Context = field(default_factory=copy_context)
    """The caller's, so that what the hooks log and tell belongs to the caller's request and trace."""

    def run(self, hook: Awaitable[Any]) -> Awaitable[Any]:
        return asyncio.create_task(cast(Coroutine[Any, Any, Any], hook), context=self.context)

    def settle(self, outcome: Any) -> None:
        if self.done.done():
            return  # the caller has gone
        if isinstance(outcome, BaseException):
            self.done.set_exception(outcome)
        else:
            self.done.set_result(outcome)


class GroupCommit:
    """Posts for all callers of one instance. Needs no start: groups form while there is somebody to post for."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox | None = None) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox or Outbox(database.service, clock)
        self._waiting: deque[_Waiting] = deque()
        self._working = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def post(self, posting: Posting[ResultT]) -> ResultT:
        """Post one transfer; returns what its `finish` made once everything is committed.

        Raises LedgerBusy, what `check` or `finish` raised, or what the database did. Cancelling gives up the answer,
        not the transfer, unless it has not been begun.
        """
        if self._closed:
            raise LedgerBusy("The ledger is closing; nothing was moved. Try again in a moment.", code="ledger-closing")
        if len(self._waiting) >= WAITING_MAX:
            raise LedgerBusy("Too many transfers wait; nothing was moved. Try again in a moment.", code="ledger-busy")
        waiting = _Waiting(posting, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working < GROUPS_AT_ONCE:
            self._working += 1
            task = asyncio.create_task(self._work(), context=Context())  # it outlives the caller
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        result: ResultT = await waiting.done
        return result

    async def close(self) -> None:
        """Take nothing more, and finish what waits."""
        self._closed = True
        await asyncio.gather(*self._tasks)

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._settle(self._take())
        finally:
            self._working -= 1

    def _take(self) -> list[_Waiting]:
        """The next group, in the order of arrival; who cannot share it stays at the head of the line."""
        group: list[_Waiting] = []
        counted: set[UUID] = set()
        next_time: list[_Waiting] = []
        while self._waiting and len(group) < GROUP_MAX:
            waiting = self._waiting.popleft()
            name = waiting.posting.counts_for
            if name in counted:
                next_time.append(waiting)
            elif not waiting.done.cancelled():
                group.append(waiting)
                if name is not None:
                    counted.add(name)
        self._waiting.extendleft(reversed(next_time))
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        """Post together; if that fails, each alone, so that a bad one fails only itself. Everybody is answered."""
        stopped = LedgerBusy(
            "The ledger was stopped. Ask again: with the same id it is done once.", code="ledger-stopped"
        )
        outcomes: list[Any] = [stopped] * len(group)
        try:
            outcomes = await self._try(group)
            if len(group) > 1 and isinstance(outcomes[0], _Failed):
                outcomes = await self._one_by_one(group)
        finally:
            for waiting, outcome in zip(group, outcomes, strict=True):
                waiting.settle(outcome.why if isinstance(outcome, _Failed) else outcome)

    async def _one_by_one(self, group: Sequence[_Waiting]) -> list[Any]:
        outcomes: list[Any] = []
        for waiting in group:
            if outcomes and isinstance(outcomes[-1], _Failed) and _fails_all(outcomes[-1].why):
                outcomes.append(outcomes[-1])
            else:
                outcomes += await self._try([waiting])
        return outcomes

    async def _try(self, group: Sequence[_Waiting]) -> list[Any]:
        """Each one's result, or the rule it broke; for all of them `_Failed` if the transaction was not committed."""
        try:
            async with self._database.transaction() as session:
                return await self._together(session, group)
        except Exception as failure:
            return [_Failed(failure)] * len(group)

    async def _together(self, session: Session, group: Sequence[_Waiting]) -> list[Any]:
        await open_accounts(session, [spec for waiting in group for spec in waiting.posting.opens])
        refused = await self._refused(session, group)
        going = [waiting for waiting in group if waiting not in refused]
        at = group[0].context.run(self._clock.now)  # as the first of them tells the time
        answers = await post(session, [waiting.posting.request for waiting in going], at=at)
        results: dict[_Waiting, Any] = {**refused}
        for waiting, answer in zip(going, answers, strict=True):
            finished = await waiting.run(waiting.posting.finish(session, answer))
            results[waiting] = finished.result if isinstance(finished, Finished) else finished
            if isinstance(finished, Finished) and finished.news:
                waiting.context.run(self._outbox.emit, session, *finished.news)
        return [results[waiting] for waiting in group]

    async def _refused(self, session: Session, group: Sequence[_Waiting]) -> dict[_Waiting, RuleBroken]:
        """Those whose check says no. All accounts of the group are locked first, as `post` would, in one order."""
        if all(waiting.posting.check is None for waiting in group):
            return {}
        requests = [waiting.posting.request for waiting in group]
        await lock_accounts(session, requests)
        known = await existing_transfers(session, requests)
        refused: dict[_Waiting, RuleBroken] = {}
        for waiting in group:
            check = waiting.posting.check
            if check is not None and waiting.posting.request.id not in known:
                try:
                    await waiting.run(check(session))
                except RuleBroken as broken:
                    refused[waiting] = broken
        return refused


@dataclass(frozen=True, slots=True)
class _Failed:
    """The transaction came to nothing, or nobody knows what it came to; asking again is safe either way."""

    why: Exception


def _fails_all(failure: Exception) -> bool:
    """The database cannot be reached: the next try would only wait for the same."""
    if isinstance(failure, DBAPIError):
        refused = getattr(failure.orig, "sqlstate", "") == CannotConnectNowError.sqlstate
        return failure.connection_invalidated or refused
    return isinstance(failure, OSError | PoolTimeout)
