"""Reporting a listing, answering a takedown, and the moderators' queue."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import RequestContext
from entrypoint.pages.cards import listing_href, shot
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
from entrypoint.web.marking import N_
from souk.contracts.catalogue.events import ReportReason
from souk.contracts.catalogue.listings import Listing
from souk.contracts.catalogue.moderation import (
    REPORT_CHARS_MAX,
    Case,
    CasePage,
    Decision,
    NewAppeal,
    NewReport,
)
from souk.errors import RuleBroken

HERE = "/moderation"

REASONS: dict[ReportReason, str] = {
    "prohibited": N_("It may not be sold here"),
    "counterfeit": N_("It is a counterfeit"),
    "misleading": N_("The description is misleading"),
    "offensive": N_("It is offensive"),
    "fraud": N_("It looks like fraud"),
    "wrong_category": N_("It is in the wrong category"),
    "other": N_("Something else"),
}
ACTIONS = {
    "reported": N_("Reported"),
    "hidden": N_("Hidden"),
    "restored": N_("Restored"),
    "dismissed": N_("Left on sale"),
    "upheld": N_("Left hidden"),
    "appealed": N_("Appealed"),
}


class ReportEntry(Fields, frozen=True, kw_only=True):
    """What is wrong with a listing."""

    reason: Annotated[ReportReason, Label(N_("Reason")), CHOOSE_A_REASON]
    text: CaseText = ""


class AppealEntry(Fields, frozen=True, kw_only=True):
    """Why a listing should be back."""

    text: CaseText = ""


class DecisionEntry(Fields, frozen=True, kw_only=True):
    """What becomes of a listing."""

    action: Annotated[Literal["hide", "restore", "leave"], Label(N_("Decision"))]
    reason: Annotated[ReportReason | None, Label(N_("Reason")), When("action", "hide"), CHOOSE_A_REASON] = None
    text: CaseText = ""


async def takedown_of(ctx: RequestContext, listing: Listing) -> dict[str, Any]:
    """Why the visitor's own listing is hidden, for `pages/moderation/takedown.html`."""
    found = await ctx.parts.clients.catalogue.get_takedown(ctx.identity, listing.id)
    return {"reason": ctx.reader.gettext(REASONS[found.reason]), "text": found.text, "appeal": found.appeal}


@get("/listings/{listing_id:uuid}/report")
async def report_form(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Say what is wrong with a listing."""
    return await _report_page(request, member_context(request), listing_id, Form({}))


@post("/listings/{listing_id:uuid}/report")
async def report(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Send the report."""
    member, form = member_context(request), await form_of(request, ReportEntry)
    if form.entry is None:
        return await _report_page(request, member, listing_id, form)
    new = NewReport(reason=form.entry.reason, text=form.entry.text)
    try:
        await member.catalogue.report_listing(member.identity, listing_id, new)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _report_page(request, member, listing_id, form)
    member.ctx.flash("success", member.gettext("Thank you. A moderator looks at it."))
    return redirect(listing_href(listing_id))


@post("/listings/{listing_id:uuid}/appeal")
async def appeal(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Ask for a takedown to be looked at again."""
    member, form = member_context(request), await form_of(request, AppealEntry)
    if form.entry is None:
        return await _appeal_page(request, member, listing_id, form)
    try:
        await member.catalogue.appeal(member.identity, listing_id, NewAppeal(text=form.entry.text))
    except RuleBroken as refused:
        if refused.status in (403, 404) or refused.status >= 500:
            raise
        form.blame(refused)
        if form.errors:
            return await _appeal_page(request, member, listing_id, form)
        member.ctx.flash("danger", form.notice)
    else:
        member.ctx.flash("success", member.gettext("Sent. You are told what the moderators decide."))
    return redirect(listing_href(listing_id))


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """Listings that wait for a moderator, the longest first."""

    async def waiting(member: MemberContext, limit: int, cursor: str | None) -> CasePage:
        return await member.catalogue.list_cases(member.identity, limit, cursor)

    return await queue_page(request, HERE, "pages/moderation/queue.html", waiting, _shown)


@get("/moderation/{listing_id:uuid}")
async def show_case(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """One case: what it is about, what was said and done, and the decision."""
    return await _case_page(request, moderator_of(request), listing_id, Form({}))


@post("/moderation/{listing_id:uuid}")
async def decide(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Hide, restore, or leave it as it is."""
    member, form = moderator_of(request), await form_of(request, DecisionEntry)
    entry = form.entry
    if entry is None:
        return await _case_page(request, member, listing_id, form)
    decision = Decision(action=entry.action, reason=entry.reason, text=entry.text)
    try:
        await member.catalogue.decide_case(member.identity, listing_id, decision)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused)
        return await _case_page(request, member, listing_id, form)
    member.ctx.flash("success", member.gettext("Decided. The seller is told if it concerns them."))
    return redirect(HERE)


async def _report_page(request: PageRequest, member: MemberContext, listing_id: UUID, form: Form) -> Response[Any]:
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    if listing.seller.id == member.user.id:
        return redirect(listing_href(listing.id, listing.slug))
    context = {
        "listing": listing,
        "href": listing_href(listing.id, listing.slug),
        "form": form,
        "reasons": options(member, REASONS),
        "text_max": REPORT_CHARS_MAX,
    }
    return await render_page(request, "pages/moderation/report.html", context, status=form.status)


async def _appeal_page(request: PageRequest, member: MemberContext, listing_id: UUID, form: Form) -> Response[Any]:
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    context = {
        "active": "listings",
        "listing": listing,
        "href": listing_href(listing.id, listing.slug),
        "takedown": await takedown_of(member.ctx, listing),
        "form": form,
    }
    return await render_page(request, "pages/moderation/appeal.html", context, status=form.status)


async def _case_page(request: PageRequest, member: MemberContext, listing_id: UUID, form: Form) -> Response[Any]:
    story = await member.catalogue.get_case(member.identity, listing_id)
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    context = {
        "active": "moderation",
        "case": _shown(member, story.case),
        "listing": listing,
        "pictures": [shot(picture) for picture in listing.pictures],
        "reasons": options(member, REASONS),
        "text_max": REPORT_CHARS_MAX,
        "form": form,
        **await history_of(member, story, REASONS, ACTIONS),
    }
    return await render_page(request, "pages/moderation/case.html", context, status=form.status)


def _shown(member: MemberContext, case: Case) -> dict[str, Any]:
    listing = case.listing
    return {
        "id": listing.id,
        "title": listing.title,
        "seller": listing.seller_name,
        "price": member.ctx.reader.money(listing.price),
        "picture": shot(listing.picture),
        "status": listing.status,
        "reports": case.reports,
        "waiting_since": case.waiting_since,
        "appeal": case.appeal,
        "reason": member.gettext(REASONS[case.reason]) if case.reason else "",
    }


ROUTES = [report_form, report, appeal, queue, show_case, decide]
