"""Offers: naming a price for a listing, answering one, and buying at what was agreed on."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import RequestContext
from entrypoint.pages.buy.offer_sentences import sentence
from entrypoint.pages.cards import listing_href, shot
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend, Units
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.contracts.catalogue.listings import Listing
from souk.contracts.store.carts import UNITS_MAX
from souk.contracts.store.events import Side
from souk.contracts.store.offers import Counteroffer, NewOffer, Offer, OfferAnswer
from souk.errors import RuleBroken
from souk.ids import new_id
from souk.money import Money

HERE = "/offers"
PAGE = 20
WAITING_MAX = 100
"""What waits for somebody is shown all at once, so many at most."""

MESSAGE_CHARS_MAX = 500
NO_ROUND = 99
"""No price of an offer has this number: of forms that somebody changed."""

Round = Annotated[int, Meta(ge=1, le=NO_ROUND)]
Message = Annotated[
    str,
    Meta(max_length=MESSAGE_CHARS_MAX),
    Label(N_("Message")),
    Mend(TOO_LONG, MESSAGE_CHARS_MAX),
]


class CounterofferEntry(Fields, frozen=True, kw_only=True):
    """Another price for one."""

    price: Annotated[Money, Label(N_("Price of one"))]
    message: Message = ""
    round: Round = NO_ROUND
    """Which price it answers."""


class OfferEntry(Fields, frozen=True, kw_only=True):
    """A price for one, and how many."""

    price: Annotated[Money, Label(N_("Price of one"))]
    quantity: Annotated[Units, Label(N_("How many"))] = 1
    message: Message = ""
    id: UUID | None = None
    """The offer's, so that a second click makes the same."""


class OfferAnswerEntry(Fields, frozen=True, kw_only=True):
    """The price that is answered, and the page to come back to."""

    round: Round = NO_ROUND
    role: Side = "buyer"


DONE = {
    "acceptance": N_("Agreed."),
    "refusal": N_("Declined. They have been told."),
    "withdrawal": N_("Withdrawn. They have been told."),
}


async def own_offer(ctx: RequestContext, listing: Listing) -> Offer | None:
    """The visitor's latest offer for a listing, if it is not over; none while that cannot be found out.

    Asked for whether or not the listing takes offers now: what was agreed on before holds.
    """
    if ctx.user is None or ctx.user.id == listing.seller.id:
        return None
    store = ctx.parts.clients.store
    found = await or_none(store.list_offers(ctx.identity, "buyer", listing_id=listing.id, limit=1))
    now = ctx.parts.kernel.clock.now()
    live = (offer for offer in found.items if offer.deadline and offer.deadline > now) if found else ()
    return next((offer for offer in live if offer.status in ("open", "accepted")), None)


def agreed(offer: Offer | None, listing: Listing) -> Offer | None:
    """The offer, if the listing costs its buyer the agreed price: then that is what they are to pay, wherever they buy.

    The store decides it once more, from its own rows, when something is put into a cart or paid.
    """
    if offer is None or offer.status != "accepted" or offer.quantity > listing.available:
        return None
    return offer if offer.price.amount < listing.price.amount else None


@get(HERE)
async def show(request: PageRequest, role: str = "", cursor: str | None = None) -> Response[Any]:
    """What the user offered and what was offered to them; what waits for them is on top."""
    member = member_context(request)
    made, got = await asyncio.gather(_waiting(member, "buyer"), _waiting(member, "seller"))
    side: Side = "seller" if role == "seller" or (not role and got and not made) else "buyer"
    listed = await member.store.list_offers(member.identity, side, waiting=False, limit=PAGE, cursor=cursor or None)
    waiting = {"buyer": made, "seller": got}[side]
    following = urlencode({"role": side, "cursor": listed.next_cursor or ""})
    context = {
        "active": "offers",
        "side": side,
        "waiting": [] if cursor else [_shown(member, offer, side) for offer in waiting],
        "offers": [_shown(member, offer, side) for offer in listed.items],
        "tabs_shown": [
            _tab(member, member.gettext("I made"), "buyer", side, made),
            _tab(member, member.gettext("For my listings"), "seller", side, got),
        ],
        "first": f"{HERE}?role={side}" if cursor else "",
        "next": f"{HERE}?{following}" if listed.next_cursor else "",
    }
    return await render_page(request, "pages/buy/offers.html", context)


@get("/listings/{listing_id:uuid}/offer")
async def offer_form(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Name a price."""
    return await _offer_page(request, member_context(request), listing_id, Form({"id": str(new_id())}))


@post("/listings/{listing_id:uuid}/offer")
async def make(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Send it. The form's id makes a second click the same offer."""
    member, form = member_context(request), await form_of(request, OfferEntry)
    entry = form.entry
    if entry is None:
        return await _offer_page(request, member, listing_id, form)
    new = NewOffer(
        listing_id=listing_id, price=entry.price, quantity=entry.quantity, message=entry.message, id=entry.id
    )
    try:
        await member.store.make_offer(member.identity, new)
    except RuleBroken as refusal:
        if "offer_id" in refusal.fields:
            member.ctx.flash("warning", member.message_of(refusal))
            return redirect(f"{HERE}?role=buyer#offer-{UUID(refusal.fields['offer_id'])}")
        form.blame(refusal)
        return await _offer_page(request, member, listing_id, form)
    member.ctx.flash("success", member.gettext("Your offer is sent. You are told what the seller answers."))
    return redirect(f"{HERE}?role=buyer")


@get("/offers/{offer_id:uuid}/counteroffer")
async def counter_form(request: PageRequest, offer_id: UUID) -> Response[Any]:
    """Name another price."""
    return await _counter_page(request, member_context(request), offer_id, Form({}))


@post("/offers/{offer_id:uuid}/counteroffer")
async def counter(request: PageRequest, offer_id: UUID) -> Response[Any]:
    """Send it."""
    member, form = member_context(request), await form_of(request, CounterofferEntry)
    entry = form.entry
    if entry is None:
        return await _counter_page(request, member, offer_id, form)
    new = Counteroffer(round=entry.round, price=entry.price, message=entry.message)
    try:
        offer = await member.store.counter_offer(member.identity, offer_id, new)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal)
        return await _counter_page(request, member, offer_id, form)
    member.ctx.flash("success", member.gettext("Your price is sent. You are told what they answer."))
    return redirect(f"{HERE}?role={_side(member, offer)}")


@post("/offers/{offer_id:uuid}/acceptance")
async def accept(request: PageRequest, offer_id: UUID) -> Response[Any]:
    """Agree to the price that was shown."""
    return await _answer(request, offer_id, "acceptance")


@post("/offers/{offer_id:uuid}/refusal")
async def decline(request: PageRequest, offer_id: UUID) -> Response[Any]:
    """Refuse it."""
    return await _answer(request, offer_id, "refusal")


@post("/offers/{offer_id:uuid}/withdrawal")
async def withdraw(request: PageRequest, offer_id: UUID) -> Response[Any]:
    """Take it back."""
    return await _answer(request, offer_id, "withdrawal")


async def _answer(request: PageRequest, offer_id: UUID, action: str) -> Response[Any]:
    """Do it and come back to the offers; a refusal is told there."""
    member, form = member_context(request), await form_of(request, OfferAnswerEntry)
    entry, store = form.entered, member.store
    answers = {"acceptance": store.accept_offer, "refusal": store.decline_offer, "withdrawal": store.withdraw_offer}
    try:
        await answers[action](member.identity, offer_id, OfferAnswer(round=entry.round))
    except RuleBroken as refusal:
        if refusal.status == 404 or refusal.status >= 500:
            raise
        member.ctx.flash("danger", member.message_of(refusal))
    else:
        member.ctx.flash("success", member.gettext(DONE[action]))
    return redirect(f"{HERE}?role={entry.role}#offer-{offer_id}")


async def _offer_page(request: PageRequest, member: MemberContext, listing_id: UUID, form: Form) -> Response[Any]:
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    href = listing_href(listing.id, listing.slug)
    can_be_offered = listing.accepts_offers and listing.available > 0 and listing.status == "published"
    if not can_be_offered or listing.seller.id == member.user.id:
        if form.notice:
            member.ctx.flash("warning", form.notice)
        return redirect(href)
    mine = await own_offer(member.ctx, listing)
    if mine is not None and not form.errors:
        member.ctx.flash("info", member.gettext("You have an offer for this listing already."))
        return redirect(f"{HERE}?role=buyer#offer-{mine.id}")
    context = {
        "active": "browse",
        "listing": listing,
        "href": href,
        "picture": shot(listing.pictures[0]) if listing.pictures else None,
        "units_max": min(listing.available, UNITS_MAX),
        "currency": member.currency,
        "message_max": MESSAGE_CHARS_MAX,
        "form": form,
    }
    return await render_page(request, "pages/buy/offer.html", context, status=form.status)


async def _counter_page(request: PageRequest, member: MemberContext, offer_id: UUID, form: Form) -> Response[Any]:
    offer = await member.store.get_offer(member.identity, offer_id)
    side = _side(member, offer)
    if "counter" not in offer.actions:
        member.ctx.flash("warning", form.notice or member.gettext("No other price can be named for this offer now."))
        return redirect(f"{HERE}?role={side}#offer-{offer.id}")
    context = {
        "active": "offers",
        "shown": _shown(member, offer, side),
        "currency": member.currency,
        "message_max": MESSAGE_CHARS_MAX,
        "form": form,
    }
    return await render_page(request, "pages/buy/counter.html", context, status=form.status)


def _shown(member: MemberContext, offer: Offer, side: Side) -> dict[str, Any]:
    """An offer as the templates take it."""
    other = offer.seller_name if side == "buyer" else offer.buyer_name
    return {
        "offer": offer,
        "side": side,
        "other": other,
        "mine": offer.turn == side,
        "sentence": sentence(offer, side, member.ctx.reader),
        "total": member.ctx.reader.money(offer.price * offer.quantity),
        "named": ("" if offer.quantity == 1 else f"{offer.quantity} × ") + member.ctx.reader.money(offer.price),
        "rounds": [{"round": each, "own": each.by == side} for each in offer.rounds],
    }


async def _waiting(member: MemberContext, side: Side) -> list[Offer]:
    """What waits for the user, what ends first on top."""
    found = (await member.store.list_offers(member.identity, side, waiting=True, limit=WAITING_MAX)).items
    return sorted(found, key=lambda offer: offer.deadline or offer.made_at)


def _tab(member: MemberContext, label: str, side: Side, current: Side, waiting: list[Offer]) -> dict[str, Any]:
    count = member.ctx.reader.number(len(waiting)) if waiting else ""
    return {"label": label, "href": f"{HERE}?role={side}", "current": side == current, "count": count}


def _side(member: MemberContext, offer: Offer) -> Side:
    return "seller" if offer.seller_id == member.user.id else "buyer"


ROUTES = [show, offer_form, make, counter_form, counter, accept, decline, withdraw]
