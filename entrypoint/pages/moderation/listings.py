"""Reporting a listing, answering a takedown, and the moderators' queue."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import RequestContext
from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.cards import N_, listing_href, shot
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.moderation.cases import LABELS, moderator_of, options, queue_page, reason_of, said_and_done
from souk.contracts.catalogue.events import ReportReason
from souk.contracts.catalogue.listings import Listing
from souk.contracts.catalogue.moderation import (
    REPORT_CHARS_MAX,
    Case,
    CasePage,
    CaseStory,
    Decision,
    NewAppeal,
    NewReport,
    Takedown,
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


async def takedown_of(ctx: RequestContext, listing: Listing) -> dict[str, Any]:
    """Why the visitor's own listing is hidden, for `pages/moderation/takedown.html`."""
    path = f"/listings/{listing.id}/takedown"
    found = await ctx.parts.clients.catalogue.get(path, Takedown, identity=ctx.identity)
    return {"reason": ctx.reader.gettext(REASONS[found.reason]), "text": found.text, "appeal": found.appeal}


@get("/listings/{listing_id:uuid}/report")
async def report_form(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Say what is wrong with a listing."""
    return await _report_page(request, asker(request), listing_id, Form({}))


@post("/listings/{listing_id:uuid}/report")
async def report(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Send the report."""
    ask, form = asker(request), await form_of(request)
    reason = reason_of(ask, form, REASONS)
    if reason is None:
        return await _report_page(request, ask, listing_id, form)
    new = NewReport(reason=reason, text=form.text("text")[:REPORT_CHARS_MAX])
    path = f"/listings/{listing_id}/reports"
    try:
        await ask.parts.clients.catalogue.call("POST", path, type(None), identity=ask.identity, json=new)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused, LABELS)
        return await _report_page(request, ask, listing_id, form)
    ask.ctx.flash("success", ask.words("Thank you. A moderator looks at it."))
    return redirect(listing_href(listing_id))


@post("/listings/{listing_id:uuid}/appeal")
async def appeal(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Ask for a takedown to be looked at again."""
    ask, form = asker(request), await form_of(request)
    new, path = NewAppeal(text=form.text("text")[:REPORT_CHARS_MAX]), f"/listings/{listing_id}/appeals"
    try:
        await ask.parts.clients.catalogue.post(path, Takedown, identity=ask.identity, json=new)
    except RuleBroken as refused:
        if refused.status in (403, 404) or refused.status >= 500:
            raise
        errors = refused.fields.get("errors") or [{}]
        ask.ctx.flash("danger", errors[0].get("message") or refused.message)
    else:
        ask.ctx.flash("success", ask.words("Sent. You are told what the moderators decide."))
    return redirect(listing_href(listing_id))


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """Listings that wait for a moderator, the longest first."""

    async def waiting(ask: Asker, params: dict[str, Any]) -> CasePage:
        return await ask.parts.clients.catalogue.get(
            "/moderation/cases", CasePage, identity=ask.identity, params=params
        )

    return await queue_page(request, HERE, "pages/moderation/queue.html", waiting, _shown)


@get("/moderation/{listing_id:uuid}")
async def show_case(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """One case: what it is about, what was said and done, and the decision."""
    return await _case_page(request, moderator_of(request), listing_id, Form({}))


@post("/moderation/{listing_id:uuid}")
async def decide(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Hide, restore, or leave it as it is."""
    ask, form = moderator_of(request), await form_of(request)
    action = next((one for one in ("hide", "restore", "leave") if one == form.text("action")), None)
    reason = reason_of(ask, form, REASONS) if action == "hide" else None
    if action is None or (action == "hide" and reason is None):
        return await _case_page(request, ask, listing_id, form)
    decision = Decision(action=action, reason=reason, text=form.text("text")[:REPORT_CHARS_MAX])
    path = f"/moderation/cases/{listing_id}/decisions"
    try:
        await ask.parts.clients.catalogue.post(path, CaseStory, identity=ask.identity, json=decision)
    except RuleBroken as refused:
        if refused.status == 404 or refused.status >= 500:
            raise
        form.blame(refused, LABELS)
        return await _case_page(request, ask, listing_id, form)
    ask.ctx.flash("success", ask.words("Decided. The seller is told if it concerns them."))
    return redirect(HERE)


async def _report_page(request: PageRequest, ask: Asker, listing_id: UUID, form: Form) -> Response[Any]:
    listing = await ask.parts.clients.catalogue.get(f"/listings/{listing_id}", Listing, identity=ask.identity)
    if listing.seller.id == ask.user.id:
        return redirect(listing_href(listing.id, listing.slug))
    context = {
        "listing": listing,
        "href": listing_href(listing.id, listing.slug),
        "form": form,
        "reasons": options(ask, REASONS),
        "text_max": REPORT_CHARS_MAX,
    }
    return await render_page(request, "pages/moderation/report.html", context, status=form.status)


async def _case_page(request: PageRequest, ask: Asker, listing_id: UUID, form: Form) -> Response[Any]:
    catalogue = ask.parts.clients.catalogue
    story = await catalogue.get(f"/moderation/cases/{listing_id}", CaseStory, identity=ask.identity)
    listing = await catalogue.get(f"/listings/{listing_id}", Listing, identity=ask.identity)
    context = {
        "active": "moderation",
        "case": _shown(ask, story.case),
        "listing": listing,
        "pictures": [shot(picture) for picture in listing.pictures],
        "reasons": options(ask, REASONS),
        "text_max": REPORT_CHARS_MAX,
        "form": form,
        **await said_and_done(ask, story, REASONS, ACTIONS),
    }
    return await render_page(request, "pages/moderation/case.html", context, status=form.status)


def _shown(ask: Asker, case: Case) -> dict[str, Any]:
    listing = case.listing
    return {
        "id": listing.id,
        "title": listing.title,
        "seller": listing.seller_name,
        "price": ask.ctx.reader.money(listing.price),
        "picture": shot(listing.picture),
        "status": listing.status,
        "reports": case.reports,
        "waiting_since": case.waiting_since,
        "appeal": case.appeal,
        "reason": ask.words(REASONS[case.reason]) if case.reason else "",
    }


ROUTES = [report_form, report, appeal, queue, show_case, decide]
