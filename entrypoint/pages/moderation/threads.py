"""Reporting a thread of messages, and the moderators' queue of threads."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.moderation.cases import CHOOSE_A_REASON, history_of, moderator_of, options, queue_page
from entrypoint.web.marking import N_
from souk.contracts.store.messages import (
    THREAD_REPORT_CHARS_MAX,
    NewThreadReport,
    ThreadCase,
    ThreadCasePage,
    ThreadDecision,
)
from souk.contracts.store.thread_events import ThreadReportReason
from souk.errors import RuleBroken

HERE = "/moderation/threads"

REASONS: dict[ThreadReportReason, str] = {
    "away": N_("It leads the payment away from this shop"),
    "fraud": N_("It looks like fraud"),
    "offensive": N_("It is offensive"),
    "advertising": N_("It is advertising"),
    "other": N_("Something else"),
}
ACTIONS = {
    "reported": N_("Reported"),
    "closed": N_("Closed"),
    "reopened": N_("Opened again"),
    "dismissed": N_("Left as it is"),
}

ThreadText = Annotated[
    str, Meta(max_length=THREAD_REPORT_CHARS_MAX), Label(N_("Text")), Mend(TOO_LONG, THREAD_REPORT_CHARS_MAX)
]


class ThreadReportEntry(Fields, frozen=True, kw_only=True):
    """What is wrong with a thread."""

    reason: Annotated[ThreadReportReason, Label(N_("Reason")), CHOOSE_A_REASON]
    text: ThreadText = ""


class ThreadDecisionEntry(Fields, frozen=True, kw_only=True):
    """What becomes of a thread."""

    action: Annotated[Literal["close", "reopen", "leave"], Label(N_("Decision"))]
    reason: Annotated[ThreadReportReason | None, Label(N_("Reason")), When("action", "close"), CHOOSE_A_REASON] = None
    text: ThreadText = ""


@get("/messages/{thread_id:uuid}/report")
async def report_form(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Say what is wrong with a thread."""
    return await _report_page(request, member_context(request), thread_id, Form({}))


@post("/messages/{thread_id:uuid}/report")
async def report(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Send the report."""
    member, form = member_context(request), await form_of(request, ThreadReportEntry)
    if form.entry is None:
        return await _report_page(request, member, thread_id, form)
    try:
        new = NewThreadReport(reason=form.entry.reason, text=form.entry.text)
        await member.store.report_thread(member.identity, thread_id, new)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _report_page(request, member, thread_id, form)
    member.ctx.flash("success", member.gettext("Thank you. A moderator looks at it."))
    return redirect(f"/messages/{thread_id}")


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """Threads that wait for a moderator, the longest first."""

    async def waiting(member: MemberContext, limit: int, cursor: str | None) -> ThreadCasePage:
        return await member.store.list_thread_cases(member.identity, limit, cursor)

    return await queue_page(request, HERE, "pages/moderation/threads.html", waiting, _shown)


@get("/moderation/threads/{thread_id:uuid}")
async def show_case(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """One case: what the two wrote, what was said and done about it, and the decision."""
    return await _case_page(request, moderator_of(request), thread_id, Form({}))


@post("/moderation/threads/{thread_id:uuid}")
async def decide(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Close it, open it again, or leave it as it is."""
    member, form = moderator_of(request), await form_of(request, ThreadDecisionEntry)
    entry = form.entry
    if entry is None:
        return await _case_page(request, member, thread_id, form)
    decision = ThreadDecision(action=entry.action, reason=entry.reason, text=entry.text)
    try:
        await member.store.decide_thread_case(member.identity, thread_id, decision)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _case_page(request, member, thread_id, form)
    member.ctx.flash("success", member.gettext("Decided. The two are told if it concerns them."))
    return redirect(HERE)


async def _report_page(request: PageRequest, member: MemberContext, thread_id: UUID, form: Form) -> Response[Any]:
    thread = (await member.store.get_thread(member.identity, thread_id, limit=1)).thread
    context = {
        "active": "messages",
        "thread": thread,
        "other": thread.seller_name if thread.role == "buyer" else thread.buyer_name,
        "back": f"/messages/{thread_id}",
        "form": form,
        "reasons": options(member, REASONS),
        "text_max": THREAD_REPORT_CHARS_MAX,
    }
    return await render_page(request, "pages/moderation/thread_report.html", context, status=form.status)


async def _case_page(request: PageRequest, member: MemberContext, thread_id: UUID, form: Form) -> Response[Any]:
    story = await member.store.get_thread_case(member.identity, thread_id)
    writers = {"buyer": story.case.buyer_name, "seller": story.case.seller_name}
    context = {
        "active": "moderation",
        "case": _shown(member, story.case),
        "messages": [{"message": one, "writer": writers[one.by]} for one in story.messages],
        "reasons": options(member, REASONS),
        "text_max": THREAD_REPORT_CHARS_MAX,
        "form": form,
        **await history_of(member, story, REASONS, ACTIONS),
    }
    return await render_page(request, "pages/moderation/thread_case.html", context, status=form.status)


def _shown(_: MemberContext, case: ThreadCase) -> dict[str, Any]:
    return {
        "id": case.thread_id,
        "title": case.title,
        "listing": f"/listings/{case.listing_id}",
        "buyer": case.buyer_name,
        "seller": case.seller_name,
        "closed": case.closed,
        "waiting_since": case.waiting_since,
        "reports": case.reports,
    }


ROUTES = [report_form, report, queue, show_case, decide]
