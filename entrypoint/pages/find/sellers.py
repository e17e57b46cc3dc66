"""A seller's page."""

import asyncio
from dataclasses import replace
from uuid import UUID

from litestar import Response, get

from entrypoint.accounts.names import initials
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.request_context import context_of
from entrypoint.pages.cards import cards, rating
from entrypoint.pages.find.browse import find, sorts_for, total_text
from entrypoint.pages.find.search_query import Search, read_search, understand
from entrypoint.pages.find.watch_buttons import put_hearts
from entrypoint.pages.orders.reviews import newest
from entrypoint.pages.words import country_name, month_text


@get("/sellers/{seller_id:uuid}")
async def show_seller(request: PageRequest, seller_id: UUID) -> Response[str]:
    """A seller, and what they have on sale."""
    ctx = context_of(request)
    sent = read_search(request.query_params)
    wanted = Search(seller=str(seller_id), sort=sent.sort, cursor=sent.cursor)
    asked = understand(wanted, ctx.parts.settings.currency, {}, ctx.reader)
    shown, reviews = await asyncio.gather(find(ctx, asked), newest(ctx, seller_id))
    found, seller = shown.page, shown.seller or await ctx.parts.clients.catalogue.get_seller(seller_id)
    listings = cards(ctx.reader, found.items, seller=False)
    put_hearts(ctx, shown.watched, listings)
    here = f"/sellers/{seller_id}"
    own = replace(asked.search, seller="")
    context = {
        "seller": seller,
        "seller_initials": initials(seller.display_name) or "?",
        "country": country_name(ctx.reader, seller.country),
        "since": month_text(ctx.reader, seller.since),
        "rating": rating(ctx.reader, seller.reviews, seller.stars),
        "own": ctx.user is not None and ctx.user.id == seller_id,
        "errors": asked.errors,
        "total": total_text(ctx.reader, found),
        "listings": listings,
        "search": asked.search,
        "sorts": sorts_for(ctx.reader, asked.search),
        "next": replace(own, cursor=found.next_cursor).href(here) if found.next_cursor else "",
        "first": replace(own, cursor="").href(here) if own.cursor else "",
        "here": here,
        "reviews": reviews,
    }
    return await render_page(request, "pages/find/seller.html", context, status=422 if asked.errors else 200)


ROUTES = [show_seller]
