"""The moderators' queue of problems of orders, and what they decide."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import Fields, Label, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.pages.moderation.cases import CHOOSE_A_REASON, moderator_of, options, queue_page
from entrypoint.pages.orders.problem_sentences import GROUNDS, shown
from entrypoint.pages.orders.problems import CHOOSE, Back, ProblemText, Version, back_of, backs
from entrypoint.web.marking import N_
from souk.contracts.store.problem_events import ProblemGround
from souk.contracts.store.problems import (
    PROBLEM_CHARS_MAX,
    PROBLEM_CHARS_MIN,
    OrderProblem,
    ProblemDecision,
    ProblemPage,
)
from souk.errors import RuleBroken
from souk.money import Money

HERE = "/moderation/problems"


class ProblemDecisionEntry(Fields, frozen=True, kw_only=True):
    """What goes back, and why."""

    back: Annotated[Back, Label(N_("What should go back to the buyer?")), CHOOSE]
    amount: Annotated[Money | None, Label(N_("Amount")), When("back", "part")] = None
    ground: Annotated[ProblemGround, Label(N_("Reason")), CHOOSE_A_REASON]
    text: ProblemText = ""
    version: Version = 1


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """Problems that wait for a moderator, the longest first."""

    async def waiting(member: MemberContext, limit: int, cursor: str | None) -> ProblemPage:
        return await member.store.list_problem_cases(member.identity, limit, cursor)

    return await queue_page(request, HERE, "pages/moderation/problems.html", waiting, _shown)


@get("/moderation/problems/{problem_id:uuid}")
async def show_case(request: PageRequest, problem_id: UUID) -> Response[Any]:
    """One problem: what was bought, what both said and proposed, and the decision."""
    return await _case_page(request, moderator_of(request), problem_id, Form({}))


@post("/moderation/problems/{problem_id:uuid}")
async def decide(request: PageRequest, problem_id: UUID) -> Response[Any]:
    """Say what goes back."""
    member, form = moderator_of(request), await form_of(request, ProblemDecisionEntry)
    entry = form.entry
    if entry is None:
        return await _case_page(request, member, problem_id, form)
    case = await member.store.get_problem_case(member.identity, problem_id)
    amount = back_of(member, form, entry.back, entry.amount, case.problem)
    if amount is None:
        return await _case_page(request, member, problem_id, form)
    decision = ProblemDecision(version=entry.version, amount=amount, ground=entry.ground, text=entry.text)
    try:
        await member.store.decide_problem(member.identity, problem_id, decision)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _case_page(request, member, problem_id, form)
    member.ctx.flash("success", member.gettext("Decided. Both sides are told."))
    return redirect(HERE)


async def _case_page(request: PageRequest, member: MemberContext, problem_id: UUID, form: Form) -> Response[Any]:
    case = await member.store.get_problem_case(member.identity, problem_id)
    context = {
        "active": "moderation",
        "case": case,
        "shown": shown(case.problem, None, member.ctx.reader),
        "grounds": options(member, GROUNDS),
        "backs": backs(member),
        "currency": member.currency,
        "chars_min": PROBLEM_CHARS_MIN,
        "chars_max": PROBLEM_CHARS_MAX,
        "form": form,
    }
    return await render_page(request, "pages/moderation/problem_case.html", context, status=form.status)


def _shown(member: MemberContext, problem: OrderProblem) -> dict[str, Any]:
    return shown(problem, None, member.ctx.reader)


ROUTES = [queue, show_case, decide]
