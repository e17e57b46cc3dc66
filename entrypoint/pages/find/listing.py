"""One listing: what a buyer decides on."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.response import Redirect
from markupsafe import Markup

from entrypoint.accounts.names import initials
from entrypoint.context.layout import PageRequest, render_kept
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.buy.offers import agreed, own_offer
from entrypoint.pages.cards import cards, condition_name, listing_href, picture_href, rating, shot
from entrypoint.pages.find.gone_listing import missing_listing
from entrypoint.pages.find.recently_viewed import recently_viewed_by, remember
from entrypoint.pages.find.watch_buttons import put_hearts
from entrypoint.pages.moderation.listings import takedown_of
from entrypoint.pages.postage import free_from_words, postage_words
from entrypoint.pages.words import country_name, language_name, month_text
from entrypoint.web.client_address import client_address
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.listings import Listing, ShownListing
from souk.contracts.store.carts import UNITS_MAX
from souk.contracts.store.offers import Offer
from souk.errors import NotFound
from souk.http.client import Refused
from souk.money import exponent

PLOT_WIDTH, PLOT_HEIGHT, PLOT_EDGE = 320, 72, 4

DESCRIPTION_SHOWN = 160
"""Characters of the description that search engines and link previews get."""

UUID_CHARS = 36

SCHEMA_CONDITIONS = {
    "new": "NewCondition",
    "like_new": "UsedCondition",
    "good": "UsedCondition",
    "fair": "UsedCondition",
    "for_parts": "DamagedCondition",
}


@get("/listings/{ref:str}")
async def show_listing(request: PageRequest, ref: str) -> Response[Any]:
    """A listing. Its address is the id and, after a hyphen, the title; any other title leads to the right one."""
    ctx = context_of(request)
    listing_id = id_in(ref)
    try:
        before = [each for each in recently_viewed_by(request) if each != listing_id]
        shown = await ctx.parts.clients.catalogue.show_listing(ctx.identity, listing_id, before)
    except Refused as refused:
        if refused.status != NotFound.status:
            raise
        return await missing_listing(request, listing_id, ref[UUID_CHARS + 1 :])
    listing = shown.listing
    canonical = listing_href(listing.id, listing.slug)
    if request.url.path != canonical:
        return Redirect(canonical, status_code=302)  # titles change, so this must not be remembered for ever
    if ctx.user is None or ctx.user.id != listing.seller.id:
        agent = request.headers.get("user-agent", "")
        place = client_address(request)
        ctx.parts.view_counts.viewed(listing.id, str(ctx.user.id) if ctx.user else f"{place} {agent}", agent)
    offer = await own_offer(ctx, listing)
    remember(ctx, listing.id, before)
    # The plot of a price's changes ends now, and is drawn anew every hour.
    until = ctx.reader.now.isoformat(timespec="hours") if listing.past_prices else ""
    return await render_kept(
        request,
        "pages/find/listing.html",
        (shown, until),
        lambda: _context(ctx, shown, offer),
        personal=bool(shown.seen),
    )


def id_in(ref: str) -> UUID:
    """The id at the start of an address's last part; raises NotFound."""
    try:
        listing_id = UUID(ref[:UUID_CHARS])
    except ValueError:
        listing_id = None
    if listing_id is None or str(listing_id) != ref[:UUID_CHARS].lower() or ref[UUID_CHARS:][:1] not in ("", "-"):
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    return listing_id


async def _context(ctx: RequestContext, shown: ShownListing, offer: Offer | None) -> dict[str, Any]:
    reader, listing, seller = ctx.reader, shown.listing, shown.listing.seller
    own = ctx.user is not None and ctx.user.id == seller.id
    on_sale = listing.status == "published"
    similar, seen = cards(reader, shown.similar), cards(reader, shown.seen)
    put_hearts(ctx, shown.watched, similar, seen)
    root = ctx.parts.settings.public_url.rstrip("/")
    pictures = [shot(picture) for picture in listing.pictures]
    return {
        "active": "listings" if own else "browse",
        "category": listing.category_path[0].slug if listing.category_path else "",
        "listing": listing,
        "own": own,
        "on_sale": on_sale,
        "price": reader.money(listing.price),
        "postage": postage_words(reader, listing.delivery, listing.price, seller.country),
        "postage_free_from": free_from_words(reader, listing.delivery, seller.country),
        "condition": condition_name(reader, listing.condition),
        "pictures": pictures,
        "seller_name": seller.display_name or reader.gettext("A seller"),
        "seller_initials": initials(seller.display_name) or "?",
        "country": country_name(reader, seller.country),
        "since": month_text(reader, seller.since),
        "rating": rating(reader, seller.reviews, seller.stars),
        "language_name": language_name(reader, listing.language) if listing.language != reader.language else "",
        "units_max": min(listing.available, UNITS_MAX),
        "watched": listing.id in shown.watched,
        "offer": offer,
        "agreed": agreed(offer, listing) if on_sale else None,
        "takedown": await takedown_of(ctx, listing) if own and listing.status == "hidden" else None,
        "similar": similar,
        "seen": seen,
        "attributes": _attributes(listing),
        "history": price_history(reader, listing, ctx.parts.kernel.clock.now()),
        "canonical": root + listing_href(listing.id, listing.slug),
        "root": root,
        "summary": " ".join(listing.description.split())[:DESCRIPTION_SHOWN],
        "price_decimal": f"{listing.price.decimal():.{exponent(listing.price.currency)}f}",
        "structured": _structured(listing, root) if on_sale or listing.status == "sold" else "",
    }


def _attributes(listing: Listing) -> list[dict[str, str]]:
    """What the category asks for, in its order, as far as the listing says it."""
    asked = listing.category_path[-1].attributes if listing.category_path else []
    return [
        {"label": each.name, "value": f"{listing.attributes[each.key]} {each.unit}".strip()}
        for each in asked
        if each.key in listing.attributes
    ]


def price_history(reader: Reader, listing: Listing, now: datetime) -> dict[str, Any] | None:
    """The prices as a step line, and in words; None for a price that never changed."""
    if not listing.past_prices:
        return None
    begin = min(listing.published_at or listing.created_at, listing.past_prices[0].until)
    prices = [past.price.amount for past in listing.past_prices] + [listing.price.amount]
    ends = [past.until for past in listing.past_prices] + [now]
    span = max((ends[-1] - begin).total_seconds(), 1)
    low, high = min(prices), max(prices)
    points: list[tuple[float, float]] = []
    start = begin
    for price, end in zip(prices, ends, strict=True):
        y = PLOT_EDGE + (high - price) / max(high - low, 1) * (PLOT_HEIGHT - 2 * PLOT_EDGE)
        points += [((moment - begin).total_seconds() / span * PLOT_WIDTH, y) for moment in (start, end)]
        start = end
    money = [reader.money(past.price) for past in listing.past_prices]
    return {
        "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        "box": f"0 0 {PLOT_WIDTH} {PLOT_HEIGHT}",
        "was": [{"price": text, "until": past.until} for text, past in zip(money, listing.past_prices, strict=True)],
    }


def _structured(listing: Listing, root: str) -> Markup:
    """schema.org's Product as JSON-LD. A data block is not run, so the content security policy lets it be."""
    address = root + listing_href(listing.id, listing.slug)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "description": listing.description,
        "url": address,
        "category": " > ".join(category.name for category in listing.category_path),
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": f"{listing.price.decimal():f}",
            "priceCurrency": listing.price.currency,
            "itemCondition": f"https://schema.org/{SCHEMA_CONDITIONS[listing.condition]}",
            "availability": f"https://schema.org/{'InStock' if listing.available else 'SoldOut'}",
            "seller": {"@type": "Person", "name": listing.seller.display_name},
        },
    }
    if listing.pictures:  # an empty list is a fault to search engines
        data["image"] = [root + picture_href(picture.large) for picture in listing.pictures]
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":  # so that nobody's text can end the element
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped just above


ROUTES = [show_listing]
