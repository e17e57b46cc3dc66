"""Reviews: writing and answering them on an order's page, and reading those of a seller."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import rating
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend
from entrypoint.pages.forms import SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.orders.orders import order_page
from entrypoint.pages.orders.review_views import shown
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.store.reviews import REVIEW_CHARS_MAX, NewReview, NewReviewAnswer, ReviewSummary
from souk.errors import RuleBroken
from souk.http.client import Refused

PAGE = 20

NEWEST = 3
"""Reviews on a seller's own page; all are on the page of their reviews."""

ReviewText = Annotated[str, Meta(max_length=REVIEW_CHARS_MAX), Label(N_("Text")), Mend(TOO_LONG, REVIEW_CHARS_MAX)]


class ReviewEntry(Fields, frozen=True, kw_only=True):
    """How it went."""

    stars: Annotated[Literal["1", "2", "3", "4", "5"], Label(N_("Stars")), Mend(N_("Choose from one to five stars."))]
    text: ReviewText = ""


class ReviewAnswerEntry(Fields, frozen=True, kw_only=True):
    """What the seller says to a review."""

    text: Annotated[ReviewText, Meta(min_length=1), Mend(N_("Write what you want to say to it."))]


@post("/orders/{order_id:uuid}/review")
async def write(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The buyer says how it went, or changes it."""
    member, form = member_context(request), await form_of(request, ReviewEntry)
    if form.entry is None:
        return await order_page(request, member, order_id, form)
    try:
        new = NewReview(stars=int(form.entry.stars), text=form.entry.text)
        await member.store.review_order(member.identity, order_id, new)
    except RuleBroken as refusal:
        return await _refused(request, member, order_id, form, refusal)
    member.ctx.flash("success", member.gettext("Thank you. Everybody can read your review now."))
    return redirect(f"/orders/{order_id}#review")


@post("/orders/{order_id:uuid}/answer")
async def answer(request: PageRequest, order_id: UUID) -> Response[Any]:
    """The seller answers the order's review, or changes the answer."""
    member, form = member_context(request), await form_of(request, ReviewAnswerEntry)
    order = await member.store.get_order(member.identity, order_id)
    if order.review is None:
        member.ctx.flash("warning", member.gettext("There is no review to answer."))
        return redirect(f"/orders/{order_id}")
    if form.entry is None:
        return await order_page(request, member, order_id, form)
    try:
        await member.store.answer_review(member.identity, order.review.id, NewReviewAnswer(text=form.entry.text))
    except RuleBroken as refusal:
        return await _refused(request, member, order_id, form, refusal)
    member.ctx.flash("success", member.gettext("Your answer stands below the review."))
    return redirect(f"/orders/{order_id}#review")


@get("/sellers/{seller_id:uuid}/reviews")
async def of_seller(request: PageRequest, seller_id: UUID, stars: str = "", cursor: str = "") -> Response[Any]:
    """What buyers say of a seller, newest first."""
    ctx = context_of(request)
    seller = await ctx.parts.clients.catalogue.get_seller(seller_id)
    here, chosen = f"/sellers/{seller_id}/reviews", int(stars) if stars in ("1", "2", "3", "4", "5") else None
    try:
        found = await ctx.parts.clients.store.list_reviews(
            ctx.identity, seller_id, stars=chosen, cursor=cursor or None, limit=PAGE
        )
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return redirect(here)
    following = _query(stars=chosen, cursor=found.next_cursor)
    context = {
        "seller": seller,
        "name": seller.display_name or ctx.reader.gettext("A seller"),
        "own": ctx.user is not None and ctx.user.id == seller_id,
        "stars": chosen,
        "rated": rated(ctx.reader, found.summary, here, chosen),
        "reviews": [shown(ctx.reader, review) for review in found.items],
        "here": here,
        "first": here + _query(stars=chosen) if cursor else "",
        "next": here + following if found.next_cursor else "",
    }
    return await render_page(request, "pages/orders/reviews.html", context)


async def newest(ctx: RequestContext, seller_id: UUID) -> dict[str, Any] | None:
    """The newest reviews of a seller, for `pages/orders/reviews_section.html`; None while the store does not answer."""
    found = await or_none(ctx.parts.clients.store.list_reviews(ctx.identity, seller_id, limit=NEWEST))
    if found is None:
        return None
    return {
        "rated": rated(ctx.reader, found.summary, f"/sellers/{seller_id}/reviews"),
        "newest": [shown(ctx.reader, review) for review in found.items],
        "more": found.next_cursor is not None,
    }


def rated(reader: Reader, summary: ReviewSummary, path: str, chosen: int | None = None) -> dict[str, Any]:
    """What the reviews of a seller add up to, for the macro `distribution`."""
    most = max(summary.counts, default=0)
    average = rating(reader, summary.reviews, summary.stars)
    return {
        "count": summary.reviews,
        "average": average["average"] if average else "",
        "bars": [
            {
                "stars": stars,
                "count": count,
                "width": round(100 * count / most, 1) if most else 0,
                "href": path + _query(stars=stars),
                "current": stars == chosen,
            }
            for stars, count in reversed(list(enumerate(summary.counts, start=1)))
        ],
    }


async def _refused(
    request: PageRequest, member: MemberContext, order_id: UUID, form: SentForm[Any], refusal: RuleBroken
) -> Response[Any]:
    if refusal.status == 404 or refusal.status >= 500:
        raise refusal
    form.blame(refusal)
    return await order_page(request, member, order_id, form)


def _query(**params: Any) -> str:
    known = {name: str(value) for name, value in params.items() if value}
    return f"?{urlencode(known)}" if known else ""


ROUTES = [write, answer, of_seller]
