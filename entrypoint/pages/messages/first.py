"""A first message, about a listing or an order. Where the two have a thread about it already, it is shown instead."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.cards import listing_href, shot
from entrypoint.pages.forms import Form
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.messages.writing import empty_form, send, thread_href
from souk.contracts.store.messages import MESSAGE_CHARS_MAX, NewThread


@get("/listings/{listing_id:uuid}/question")
async def ask_form(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Ask a seller about a listing."""
    return await _ask_page(request, member_context(request), listing_id, empty_form())


@post("/listings/{listing_id:uuid}/question")
async def ask(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Send the question."""
    member = member_context(request)
    return await send(
        request,
        lambda entry: member.store.open_thread(
            member.identity, NewThread(listing_id=listing_id, text=entry.text), entry.key
        ),
        lambda form: _ask_page(request, member, listing_id, form),
    )


@get("/orders/{order_id:uuid}/messages")
async def order_form(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Write to the other side of an order."""
    return await _order_page(request, member_context(request), order_id, empty_form())


@post("/orders/{order_id:uuid}/messages")
async def write_about_order(request: PageRequest, order_id: UUID) -> Response[Any]:
    """Send it."""
    member = member_context(request)
    return await send(
        request,
        lambda entry: member.store.open_thread(
            member.identity, NewThread(order_id=order_id, text=entry.text), entry.key
        ),
        lambda form: _order_page(request, member, order_id, form),
    )


async def _ask_page(request: PageRequest, member: MemberContext, listing_id: UUID, form: Form) -> Response[Any]:
    known = await member.store.list_threads(member.identity, listing_id=listing_id, limit=100)
    mine = next((thread for thread in known.items if thread.role == "buyer"), None)
    if mine is not None and not form.errors and not form.notice:
        return redirect(thread_href(mine))
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    if listing.seller.id == member.user.id:
        return redirect("/messages")
    context = {
        "action": f"/listings/{listing_id}/question",
        "title": listing.title,
        "href": listing_href(listing.id, listing.slug),
        "picture": shot(listing.pictures[0]) if listing.pictures else None,
        "price": listing.price,
        "other": listing.seller.display_name,
    }
    return await _page(request, context, form)


async def _order_page(request: PageRequest, member: MemberContext, order_id: UUID, form: Form) -> Response[Any]:
    order = await member.store.get_order(member.identity, order_id)
    if member.user.id not in (order.buyer_id, order.seller_id):
        return redirect(f"/orders/{order_id}")
    known = await member.store.list_threads(member.identity, order_id=order_id, limit=1)
    if known.items and not form.errors and not form.notice:
        return redirect(thread_href(known.items[0]))
    line = order.lines[0]
    context = {
        "action": f"/orders/{order_id}/messages",
        "title": line.title,
        "href": f"/orders/{order_id}",
        "picture": {"src": f"/pictures/{line.picture}"} if line.picture else None,
        "number": order.number,
        "other": order.buyer_name if order.seller_id == member.user.id else order.seller_name,
    }
    return await _page(request, context, form)


async def _page(request: PageRequest, context: dict[str, Any], form: Form) -> Response[Any]:
    context |= {"active": "messages", "form": form, "text_max": MESSAGE_CHARS_MAX}
    return await render_page(request, "pages/messages/first.html", context, status=form.status)


ROUTES = [ask_form, ask, order_form, write_about_order]
