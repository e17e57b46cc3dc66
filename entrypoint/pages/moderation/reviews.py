"""Reporting a review, and the moderators' queue of reviews."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import Fields, Label, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.moderation.cases import (
    CHOOSE_A_REASON,
    CaseText,
    history_of,
    moderator_of,
    options,
    queue_page,
)
from entrypoint.pages.orders.review_views import REASONS, shown
from entrypoint.web.marking import N_
from souk.contracts.store.events import ReviewPart, ReviewRemovalReason
from souk.contracts.store.reviews import (
    REVIEW_REPORT_CHARS_MAX,
    NewReviewReport,
    ReviewCase,
    ReviewCasePage,
    ReviewDecision,
)
from souk.errors import RuleBroken

HERE = "/moderation/reviews"

EXCERPT_CHARS = 160
"""So much of a review stands in the queue."""

Choice = Literal["remove", "restore", "remove-answer", "restore-answer", "leave"]

ACTIONS = {
    "reported": N_("Reported"),
    "removed": N_("Removed"),
    "restored": N_("Restored"),
    "dismissed": N_("Left as it is"),
    "answer_removed": N_("Answer removed"),
    "answer_restored": N_("Answer restored"),
}
DECISIONS: dict[Choice, tuple[Literal["remove", "restore", "leave"], ReviewPart]] = {
    "remove": ("remove", "review"),
    "restore": ("restore", "review"),
    "remove-answer": ("remove", "answer"),
    "restore-answer": ("restore", "answer"),
    "leave": ("leave", "review"),
}
"""By the button's value."""


class ReviewReportEntry(Fields, frozen=True, kw_only=True):
    """What is wrong with a review."""

    reason: Annotated[ReviewRemovalReason, Label(N_("Reason")), CHOOSE_A_REASON]
    text: CaseText = ""


class ReviewDecisionEntry(Fields, frozen=True, kw_only=True):
    """What becomes of a review or its answer."""

    action: Annotated[Choice, Label(N_("Decision"))]
    reason: Annotated[
        ReviewRemovalReason | None, Label(N_("Reason")), When("action", "remove", "remove-answer"), CHOOSE_A_REASON
    ] = None
    text: CaseText = ""


@get("/reviews/{review_id:uuid}/report")
async def report_form(request: PageRequest, review_id: UUID) -> Response[Any]:
    """Say what is wrong with a review."""
    return await _report_page(request, member_context(request), review_id, Form({}))


@post("/reviews/{review_id:uuid}/report")
async def report(request: PageRequest, review_id: UUID) -> Response[Any]:
    """Send the report."""
    member, form = member_context(request), await form_of(request, ReviewReportEntry)
    review = await member.store.get_review(member.identity, review_id)
    if form.entry is None:
        return await _report_page(request, member, review_id, form)
    new = NewReviewReport(reason=form.entry.reason, text=form.entry.text)
    try:
        await member.store.report_review(member.identity, review_id, new)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _report_page(request, member, review_id, form)
    member.ctx.flash("success", member.gettext("Thank you. A moderator looks at it."))
    return redirect(f"/sellers/{review.seller_id}/reviews")


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """Reviews that wait for a moderator, the longest first."""

    async def waiting(member: MemberContext, limit: int, cursor: str | None) -> ReviewCasePage:
        return await member.store.list_review_cases(member.identity, limit, cursor)

    return await queue_page(request, HERE, "pages/moderation/reviews.html", waiting, _shown)


@get("/moderation/reviews/{review_id:uuid}")
async def show_case(request: PageRequest, review_id: UUID) -> Response[Any]:
    """One case: the review, what was said and done about it, and the decision."""
    return await _case_page(request, moderator_of(request), review_id, Form({}))


@post("/moderation/reviews/{review_id:uuid}")
async def decide(request: PageRequest, review_id: UUID) -> Response[Any]:
    """Remove it or its answer, restore that, or leave it as it is."""
    member, form = moderator_of(request), await form_of(request, ReviewDecisionEntry)
    entry = form.entry
    if entry is None:
        return await _case_page(request, member, review_id, form)
    action, about = DECISIONS[entry.action]
    decision = ReviewDecision(action=action, about=about, reason=entry.reason, text=entry.text)
    try:
        await member.store.decide_review_case(member.identity, review_id, decision)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _case_page(request, member, review_id, form)
    member.ctx.flash("success", member.gettext("Decided. Whoever wrote it is told if it concerns them."))
    return redirect(HERE)


async def _report_page(request: PageRequest, member: MemberContext, review_id: UUID, form: Form) -> Response[Any]:
    review = await member.store.get_review(member.identity, review_id)
    context = {
        "review": shown(member.ctx.reader, review),
        "back": f"/sellers/{review.seller_id}/reviews",
        "form": form,
        "reasons": options(member, REASONS),
        "text_max": REVIEW_REPORT_CHARS_MAX,
    }
    return await render_page(request, "pages/moderation/review_report.html", context, status=form.status)


async def _case_page(request: PageRequest, member: MemberContext, review_id: UUID, form: Form) -> Response[Any]:
    story = await member.store.get_review_case(member.identity, review_id)
    context = {
        "active": "moderation",
        "case": _shown(member, story.case),
        "reasons": options(member, REASONS),
        "text_max": REVIEW_REPORT_CHARS_MAX,
        "form": form,
        **await history_of(member, story, REASONS, ACTIONS),
    }
    return await render_page(request, "pages/moderation/review_case.html", context, status=form.status)


def _shown(member: MemberContext, case: ReviewCase) -> dict[str, Any]:
    text = " ".join(case.review.text.split())
    return {
        "review": shown(member.ctx.reader, case.review),
        "excerpt": text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…",
        "seller": case.seller_name,
        "order_id": case.order_id,
        "waiting_since": case.waiting_since,
        "reports": case.reports,
    }


ROUTES = [report_form, report, queue, show_case, decide]
