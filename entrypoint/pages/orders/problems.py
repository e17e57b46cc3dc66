"""What is wrong with an order: saying so, and settling it."""

from collections.abc import Awaitable
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import TAMPERED, TOO_LONG, Fields, Label, Mend, When
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.orders.problem_sentences import KINDS, shown
from entrypoint.web.marking import N_
from souk.contracts.store.events import Side
from souk.contracts.store.orders import Order
from souk.contracts.store.problem_events import ProblemKind
from souk.contracts.store.problems import (
    PROBLEM_CHARS_MAX,
    PROBLEM_CHARS_MIN,
    NewProblem,
    OrderProblem,
    ProblemAnswer,
    ProblemProposal,
)
from souk.errors import RuleBroken
from souk.money import Money

Back = Literal["nothing", "part", "everything"]

BACK: dict[Back, str] = {
    "part": N_("A part"),
    "everything": N_("Everything"),
    "nothing": N_("Nothing"),
}

CHOOSE = Mend(N_("Choose one."))

ProblemText = Annotated[str, Meta(max_length=PROBLEM_CHARS_MAX), Label(N_("Text")), Mend(TOO_LONG, PROBLEM_CHARS_MAX)]
Version = Annotated[int, Meta(ge=1, le=1_000_000), Mend(TAMPERED)]


class ProblemEntry(Fields, frozen=True, kw_only=True):
    """What is wrong."""

    kind: Annotated[ProblemKind, Label(N_("What is wrong?")), CHOOSE]
    text: ProblemText = ""
    key: UUID | None = None
    """So that a second click says the same."""


class ProposalEntry(Fields, frozen=True, kw_only=True):
    """How much should go back."""

    back: Annotated[Back, Label(N_("What should go back to the buyer?")), CHOOSE]
    amount: Annotated[Money | None, Label(N_("Amount")), When("back", "part")] = None
    text: ProblemText = ""
    version: Version = 1


class ProblemAnswerEntry(Fields, frozen=True, kw_only=True):
    """An answer to the problem as it was seen."""

    text: ProblemText = ""
    version: Version = 1


DONE = {
    "acceptance": N_("Agreed. The money is on its way."),
    "refusal": N_("A moderator decides now. You are told."),
    "withdrawal": N_("Taken back. The order goes on as before."),
    "appeal": N_("Another moderator decides now. You are told."),
}


@get("/orders/{order_id:uuid}/problem")
async def show(request: PageRequest, order_id: UUID) -> Response[Any]:
    """What is wrong, what is proposed, and what happens by silence; or the form to say so."""
    return await _page(request, member_context(request), order_id, Form({"key": str(uuid4())}))


@post("/orders/{order_id:uuid}/problem")
async def open_problem(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Say that something is wrong. The form's key makes a second click the same."""
    member, form = member_context(request), await form_of(request, ProblemEntry)
    if form.entry is None:
        return await _page(request, member, order_id, form)
    new, key = NewProblem(kind=form.entry.kind, text=form.entry.text), form.entry.key or uuid4()
    doing = member.store.open_problem(member.identity, order_id, new, key)
    done = member.gettext("The money rests until this is settled. The seller has been told.")
    return await _done(request, order_id, doing, form, done)


@post("/orders/{order_id:uuid}/problem/proposal")
async def propose(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Say how much should go back."""
    member, form = member_context(request), await form_of(request, ProposalEntry)
    problem, entry = await _newest(member, order_id), form.entry
    if problem is None:
        return redirect(f"/orders/{order_id}/problem")
    amount = back_of(member, form, entry.back, entry.amount, problem) if entry else None
    if entry is None or amount is None:
        return await _page(request, member, order_id, form)
    new = ProblemProposal(version=entry.version, amount=amount, text=entry.text)
    done = member.gettext("Your proposal is sent. You are told what they answer.")
    return await _done(request, order_id, member.store.propose_end(member.identity, problem.id, new), form, done)


@post("/orders/{order_id:uuid}/problem/acceptance")
async def accept(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Agree to what was proposed."""
    return await _answer(request, order_id, "acceptance")


@post("/orders/{order_id:uuid}/problem/refusal")
async def decline(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Let a moderator decide."""
    return await _answer(request, order_id, "refusal")


@post("/orders/{order_id:uuid}/problem/withdrawal")
async def withdraw(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Take it back that something is wrong."""
    return await _answer(request, order_id, "withdrawal")


@post("/orders/{order_id:uuid}/problem/appeal")
async def appeal(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Ask for another moderator."""
    return await _answer(request, order_id, "appeal")


def back_of(member: MemberContext, form: Form, back: Back, amount: Money | None, problem: OrderProblem) -> Money | None:
    """What a form says should go back; None with an error in the form if it is a part that was not named."""
    if back == "part" and amount is None:
        form.refuse("amount", member.gettext("Say how much."))
    return {"nothing": problem.held * 0, "everything": problem.held, "part": amount}[back]


async def _answer(request: PageRequest, order_id: UUID, what: str) -> Response[Any]:
    member, form = member_context(request), await form_of(request, ProblemAnswerEntry)
    problem, entry, store = await _newest(member, order_id), form.entry, member.store
    if problem is None:
        return redirect(f"/orders/{order_id}/problem")
    if entry is None:
        return await _page(request, member, order_id, form)
    answers = {
        "acceptance": store.accept_end,
        "refusal": store.decline_end,
        "withdrawal": store.withdraw_problem,
        "appeal": store.appeal_decision,
    }
    doing = answers[what](member.identity, problem.id, ProblemAnswer(version=entry.version, text=entry.text))
    return await _done(request, order_id, doing, form, member.gettext(DONE[what]))


async def _done(
    request: PageRequest, order_id: UUID, doing: Awaitable[OrderProblem], form: SentForm[Any], done: str
) -> Response[Any]:
    """Do it and come back; a refusal is shown beside its field."""
    member = member_context(request)
    try:
        await doing
    except RuleBroken as refusal:
        if refusal.status in (403, 404) or refusal.status >= 500:
            raise
        form.blame(refusal)
        return await _page(request, member, order_id, form)
    member.ctx.flash("success", done)
    return redirect(f"/orders/{order_id}/problem")


async def _newest(member: MemberContext, order_id: UUID) -> OrderProblem | None:
    return next(iter(await member.store.list_problems(member.identity, order_id)), None)


async def _page(request: PageRequest, member: MemberContext, order_id: UUID, form: Form) -> Response[Any]:
    since = member.parts.kernel.clock.now().timestamp()
    order = await member.store.get_order(member.identity, order_id)
    problem = await _newest(member, order_id)
    side = _side(member, order)
    opening = "problem" in order.actions
    if problem is None and not opening:
        member.ctx.flash("warning", form.notice or member.gettext("Nothing is said to be wrong with this order."))
        return redirect(f"/orders/{order_id}")
    context = {
        "active": "sales" if side == "seller" else "orders",
        "order": order,
        "since": f"{since:.3f}",
        "side": side,
        "other": order.buyer_name if side == "seller" else order.seller_name,
        "opening": opening,
        "shown": shown(problem, side, member.ctx.reader) if problem else None,
        "kinds": [{"value": value, "label": member.gettext(label)} for value, label in KINDS.items()],
        "backs": backs(member),
        "currency": member.currency,
        "chars_min": PROBLEM_CHARS_MIN,
        "chars_max": PROBLEM_CHARS_MAX,
        "form": form,
    }
    return await render_page(request, "pages/orders/problem.html", context, status=form.status)


def backs(member: MemberContext) -> list[dict[str, str]]:
    """What may go back, to choose from."""
    return [{"value": value, "label": member.gettext(label)} for value, label in BACK.items()]


def _side(member: MemberContext, order: Order) -> Side | None:
    sides: dict[UUID, Side] = {order.buyer_id: "buyer", order.seller_id: "seller"}
    return sides.get(member.user.id)


ROUTES = [show, open_problem, propose, accept, decline, withdraw, appeal]
