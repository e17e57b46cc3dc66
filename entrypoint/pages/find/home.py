"""The first page: find something, or start to sell."""

import asyncio
from statistics import median
from typing import Any
from uuid import UUID

from litestar import Response, get

from entrypoint.clients.catalogue import Filters
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, render_kept
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import cards, shot
from entrypoint.pages.find.recently_viewed import recently_viewed_by, viewed_cards
from entrypoint.pages.find.watch_buttons import mark
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.listings import PRICE_MAX, ListingPage
from souk.money import Money

NEWEST = 12
NEAR = 8
"""Listings shown near somebody's price."""

NEAR_FROM, NEAR_TO = 70, 140
"""What counts as near, in percent of the price in the middle."""

ORDERS_LOOKED_AT = 10


@get("/")
async def home(request: PageRequest) -> Response[str]:
    """Search, categories, what is new, and for people who are logged in what is near their price."""
    ctx = context_of(request)
    await ctx.parts.categories.fresh()
    roots = ctx.parts.categories.roots
    pictures, newest, (near, around), seen = await asyncio.gather(
        ctx.parts.tiles.pictures(roots),
        _listings(ctx, NEWEST),
        _near_your_price(ctx),
        viewed_cards(ctx, recently_viewed_by(request)),
    )

    async def make() -> dict[str, Any]:
        new, again = cards(ctx.reader, newest.items if newest else []), cards(ctx.reader, seen)
        await mark(ctx, near, again, new)
        return {
            "active": "home",
            "tiles": [_tile(category, shot(pictures.get(category.slug)), ctx) for category in roots],
            "newest": new,
            "newest_pictures": [shot(card.picture) for card in (newest.items if newest else []) if card.picture][:3],
            "unreachable": newest is None,
            "near": near,
            "near_href": around,
            "seen": again,
            "public_url": ctx.parts.settings.public_url.rstrip("/"),
        }

    return await render_kept(request, "pages/find/home.html", (pictures, newest, seen), make, personal=bool(seen))


def _tile(category: Category, picture: dict[str, Any] | None, ctx: RequestContext) -> dict[str, Any]:
    return {
        "name": category.name,
        "href": f"/browse?category={category.slug}",
        "note": ctx.reader.number(category.listings) if category.listings else "",
        "picture": picture and {"src": picture["thumb"], "colour": picture["colour"], "avif": picture["avif_thumb"]},
    }


async def _listings(ctx: RequestContext, limit: int, filters: Filters = ()) -> ListingPage | None:
    return await or_none(ctx.parts.clients.catalogue.list_listings(ctx.identity, filters, limit=limit))


async def _near_your_price(ctx: RequestContext) -> tuple[list[dict[str, Any]], str]:
    """Listings around the middle of the prices in somebody's cart and of their latest orders, and where there are more.

    Nothing for visitors, nor where there is nothing to go by.
    """
    if ctx.user is None:
        return [], ""
    prices, in_cart = await _prices(ctx)
    if not prices:
        return [], ""
    middle = int(median(prices))
    low, high = max(1, middle * NEAR_FROM // 100), min(PRICE_MAX, max(middle * NEAR_TO // 100, 1))
    found = await _listings(ctx, 3 * NEAR, [("price_min", low), ("price_max", high)])
    others = [
        card for card in (found.items if found else []) if card.seller_id != ctx.user.id and card.id not in in_cart
    ][:NEAR]
    currency = ctx.parts.settings.currency
    href = "/browse?price_min={:f}&price_max={:f}".format(*(Money(v, currency).decimal() for v in (low, high)))
    return cards(ctx.reader, others), href


async def _prices(ctx: RequestContext) -> tuple[list[int], set[UUID]]:
    """What one of each costs that is in the cart, and what the latest orders cost a unit; and what is in the cart."""
    store, identity = ctx.parts.clients.store, ctx.identity
    cart, orders = await asyncio.gather(
        or_none(store.get_cart(identity)),
        or_none(store.list_orders(identity, "buyer", limit=ORDERS_LOOKED_AT)),
    )
    lines = [line for line in cart.lines if line.state != "gone"] if cart else []
    paid = [order.amount.amount // max(order.units, 1) for order in orders.items] if orders else []
    return [line.price_now.amount for line in lines] + paid, {line.listing_id for line in lines}


ROUTES = [home]
