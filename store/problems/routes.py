"""Problems of orders over HTTP: for buyers, sellers and moderators."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.problems import (
    NewProblem,
    OrderProblem,
    ProblemAnswer,
    ProblemCase,
    ProblemDecision,
    ProblemPage,
    ProblemProposal,
)
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.idempotency import key_parameter, read_key
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.problems import judging
from store.problems.problems import Problems

MODERATORS = ("moderator", "admin")


@get(
    "/orders/{order_id:uuid}/problems",
    tags=["Problems"],
    operation_id="listProblems",
    summary="What was wrong with an order",
)
async def of_order(identity: Identity, problems: Problems, reader: ReadSession, order_id: UUID) -> list[OrderProblem]:
    """The newest first, with all that happened, what silence does, and what you may do now."""
    return await problems.of_order(reader, identity, order_id)


@post(
    "/orders/{order_id:uuid}/problems",
    tags=["Problems"],
    operation_id="openProblem",
    summary="Say that something is wrong",
    responses={200: ResponseSpec(OrderProblem, description="It was said before with this key")},
)
async def open_problem(
    *,
    kernel: Kernel,
    identity: Identity,
    problems: Problems,
    session: Session,
    order_id: UUID,
    data: NewProblem,
    key: Annotated[str, key_parameter("Names the problem, so that it is opened once.")],
) -> Response[OrderProblem]:
    """For the buyer of a shipped order: its money rests until that is settled. The seller has some days to answer."""
    problem, news = await problems.open(session, identity, order_id, read_key(key), data)
    kernel.outbox.emit(session, *news)
    return Response(problem, status_code=201 if news else 200)


class ProblemRoutes(Controller):
    """For buyers and sellers alike."""

    path = "/problems"
    tags = ("Problems",)

    @post(
        "/{problem_id:uuid}/proposals",
        status_code=200,
        operation_id="proposeEnd",
        summary="Propose how much goes back",
    )
    async def propose(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        problems: Problems,
        session: Session,
        problem_id: UUID,
        data: ProblemProposal,
    ) -> OrderProblem:
        """For either side at first, then for whoever must answer; silence of the other accepts it. Safe to repeat."""
        problem, news = await problems.propose(session, identity.user(), problem_id, data)
        kernel.outbox.emit(session, *news)
        return problem

    @post("/{problem_id:uuid}/acceptance", status_code=200, operation_id="acceptEnd", summary="Accept the proposal")
    async def accept(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        problems: Problems,
        session: Session,
        problem_id: UUID,
        data: ProblemAnswer,
    ) -> OrderProblem:
        """For the side that must answer: it is done at once. Safe to repeat."""
        problem, news = await problems.answer(session, identity.user(), problem_id, "accept", data)
        kernel.outbox.emit(session, *news)
        return problem

    @post(
        "/{problem_id:uuid}/refusal",
        status_code=200,
        operation_id="declineEnd",
        summary="Decline: let a moderator decide",
    )
    async def decline(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        problems: Problems,
        session: Session,
        problem_id: UUID,
        data: ProblemAnswer,
    ) -> OrderProblem:
        """For the side that must answer. Safe to repeat."""
        problem, news = await problems.answer(session, identity.user(), problem_id, "decline", data)
        kernel.outbox.emit(session, *news)
        return problem

    @post("/{problem_id:uuid}/withdrawal", status_code=200, operation_id="withdrawProblem", summary="Withdraw it")
    async def withdraw(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        problems: Problems,
        session: Session,
        problem_id: UUID,
        data: ProblemAnswer,
    ) -> OrderProblem:
        """For the buyer, until somebody has decided: the order goes on as before. Safe to repeat."""
        problem, news = await problems.answer(session, identity.user(), problem_id, "withdraw", data)
        kernel.outbox.emit(session, *news)
        return problem

    @post(
        "/{problem_id:uuid}/appeal",
        status_code=200,
        operation_id="appealDecision",
        summary="Ask for another moderator",
    )
    async def appeal(
        self,
        *,
        kernel: Kernel,
        identity: Identity,
        problems: Problems,
        session: Session,
        problem_id: UUID,
        data: ProblemAnswer,
    ) -> OrderProblem:
        """For either side, once, for some days after a decision. Safe to repeat."""
        problem, news = await problems.answer(session, identity.user(), problem_id, "appeal", data)
        kernel.outbox.emit(session, *news)
        return problem


@get(
    "/moderation/problems",
    tags=["Moderation"],
    operation_id="listProblemCases",
    summary="Problems that wait for a moderator",
)
async def queue(
    identity: Identity,
    reader: ReadSession,
    cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = PAGE,
) -> ProblemPage:
    """What the two did not settle, the longest waiting first. For moderators."""
    return await judging.queue(reader, identity.require_role(*MODERATORS), cursor=cursor, limit=limit)


@get(
    "/moderation/problems/{problem_id:uuid}",
    tags=["Moderation"],
    operation_id="getProblemCase",
    summary="One problem",
)
async def case(identity: Identity, reader: ReadSession, problem_id: UUID) -> ProblemCase:
    """What was bought, said and proposed. For moderators."""
    return await judging.case(reader, identity.require_role(*MODERATORS), problem_id)


@post(
    "/moderation/problems/{problem_id:uuid}/decisions",
    status_code=200,
    tags=["Moderation"],
    operation_id="decideProblem",
    summary="Decide what goes back",
)
async def decide(
    *, kernel: Kernel, identity: Identity, problems: Problems, session: Session, problem_id: UUID, data: ProblemDecision
) -> ProblemCase:
    """For moderators who are neither side. The two may appeal for some days; another moderator decides that, at once
    and for good. Safe to repeat."""
    moderator_id = identity.require_role(*MODERATORS)
    kernel.outbox.emit(session, *await judging.decide(session, problems, moderator_id, problem_id, data))
    session.expire_all()
    return await judging.case(session, moderator_id, problem_id)


ROUTES = (of_order, open_problem, ProblemRoutes, queue, case, decide)
