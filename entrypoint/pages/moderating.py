"""Reporting a listing, answering a takedown, and the moderators' queue."""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from entrypoint.accounts import accounts
from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.cards import N_, listing_href, shot
from entrypoint.pages.inputs import Form, form_of
from entrypoint.web.frame import PageRequest, page, redirect
from entrypoint.web.visits import Visit, current_user
from souk.contracts.catalogue import (
    REPORT_CHARS_MAX,
    Case,
    CasePage,
    CaseStory,
    Decision,
    Listing,
    NewAppeal,
    NewReport,
    ReportReason,
    Takedown,
)
from souk.contracts.store import ReviewCaseStory
from souk.errors import NotFound, RuleBroken
from souk.http.client import Refused

HERE = "/moderation"
PAGE_SIZE = 24
MODERATORS = frozenset({"moderator", "admin"})

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
LABELS = {"reason": "Reason", "text": "Text", "action": "Decision"}


async def takedown_of(visit: Visit, listing: Listing) -> dict[str, Any]:
    """Why the visitor's own listing is hidden, for `pages/moderation/takedown.html`."""
    path = f"/listings/{listing.id}/takedown"
    found = await visit.parts.clients.catalogue.get(path, Takedown, identity=visit.identity)
    return {"reason": visit.reader.gettext(REASONS[found.reason]), "text": found.text, "appeal": found.appeal}


@get("/listings/{listing_id:uuid}/report")
async def report_form(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Say what is wrong with a listing."""
    return await _report_page(request, asker(request), listing_id, Form({}))


@post("/listings/{listing_id:uuid}/report")
async def report(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Send the report."""
    ask, form = asker(request), await form_of(request)
    reason = _reason(ask, form)
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
    ask.visit.flash("success", ask.words("Thank you. A moderator looks at it."))
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
        ask.visit.flash("danger", errors[0].get("message") or refused.message)
    else:
        ask.visit.flash("success", ask.words("Sent. You are told what the moderators decide."))
    return redirect(listing_href(listing_id))


@get(HERE)
async def queue(request: PageRequest) -> Response[Any]:
    """What waits for a moderator, the longest first."""
    ask = moderator_of(request)
    cursor = str(request.query_params.get("cursor") or "")
    params = {"limit": PAGE_SIZE} | ({"cursor": cursor} if cursor else {})
    get_page = ask.parts.clients.catalogue.get
    try:
        found = await get_page("/moderation/cases", CasePage, identity=ask.identity, params=params)
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return redirect(HERE)
    context = {
        "active": "moderation",
        "cases": [_shown(ask, case) for case in found.items],
        "next": f"{HERE}?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else "",
    }
    return await page(request, "pages/moderation/queue.html", context)


@get("/moderation/{listing_id:uuid}")
async def show_case(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """One case: what it is about, what was said and done, and the decision."""
    return await _case_page(request, moderator_of(request), listing_id, Form({}))


@post("/moderation/{listing_id:uuid}")
async def decide(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Hide, restore, or leave it as it is."""
    ask, form = moderator_of(request), await form_of(request)
    action = next((one for one in ("hide", "restore", "leave") if one == form.text("action")), None)
    reason = _reason(ask, form) if action == "hide" else None
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
    ask.visit.flash("success", ask.words("Decided. The seller is told if it concerns them."))
    return redirect(HERE)


def moderator_of(request: PageRequest) -> Asker:
    """The moderator who asks; for everybody else these pages do not exist."""
    user = current_user(request)
    if user is None or not user.roles & MODERATORS:
        raise NotFound("The address may be mistyped, or what was here is gone.")
    return asker(request)


def _reason(ask: Asker, form: Form) -> ReportReason | None:
    reason = next((one for one in get_args(ReportReason) if one == form.text("reason")), None)
    if reason is None:
        form.refuse("reason", ask.words("Choose a reason."))
    return reason


def _options(ask: Asker) -> list[dict[str, str]]:
    return [{"value": value, "label": ask.words(label)} for value, label in REASONS.items()]


async def _report_page(request: PageRequest, ask: Asker, listing_id: UUID, form: Form) -> Response[Any]:
    listing = await ask.parts.clients.catalogue.get(f"/listings/{listing_id}", Listing, identity=ask.identity)
    if listing.seller.id == ask.user.id:
        return redirect(listing_href(listing.id, listing.slug))
    context = {
        "listing": listing,
        "href": listing_href(listing.id, listing.slug),
        "form": form,
        "reasons": _options(ask),
        "text_max": REPORT_CHARS_MAX,
    }
    return await page(request, "pages/moderation/report.html", context, status=form.status)


async def _case_page(request: PageRequest, ask: Asker, listing_id: UUID, form: Form) -> Response[Any]:
    catalogue = ask.parts.clients.catalogue
    story = await catalogue.get(f"/moderation/cases/{listing_id}", CaseStory, identity=ask.identity)
    listing = await catalogue.get(f"/listings/{listing_id}", Listing, identity=ask.identity)
    context = {
        "active": "moderation",
        "case": _shown(ask, story.case),
        "listing": listing,
        "pictures": [shot(picture) for picture in listing.pictures],
        "reasons": _options(ask),
        "text_max": REPORT_CHARS_MAX,
        "form": form,
        **await said_and_done(ask, story, REASONS, ACTIONS),
    }
    return await page(request, "pages/moderation/case.html", context, status=form.status)


async def said_and_done(
    ask: Asker, story: CaseStory | ReviewCaseStory, reasons: Mapping[Any, str], actions: Mapping[str, str]
) -> dict[str, Any]:
    """The reports of a case and what was done about it, for `moderation/story.html`."""
    async with ask.parts.kernel.database.reading() as reader:
        people = await accounts.names_of(reader, {record.actor_id for record in story.records})
    return {
        "reports": [
            {"reason": ask.words(reasons[one.reason]), "text": one.text, "at": one.created_at} for one in story.reports
        ],
        "records": [
            {
                "what": ask.words(actions[one.action]),
                "who": people.get(one.actor_id, ask.words("Somebody")),
                "reason": ask.words(reasons[one.reason]) if one.reason else "",
                "text": one.text,
                "at": one.created_at,
            }
            for one in story.records
        ],
    }


def _shown(ask: Asker, case: Case) -> dict[str, Any]:
    listing = case.listing
    return {
        "id": listing.id,
        "title": listing.title,
        "seller": listing.seller_name,
        "price": ask.visit.reader.money(listing.price),
        "picture": shot(listing.picture),
        "status": listing.status,
        "reports": case.reports,
        "waiting_since": case.waiting_since,
        "appeal": case.appeal,
        "reason": ask.words(REASONS[case.reason]) if case.reason else "",
    }


ROUTES = [report_form, report, appeal, queue, show_case, decide]
