"""The inbox, and a thread in it."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.accounts.names import initials
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.notifications import notifications
from entrypoint.pages.cards import listing_href
from entrypoint.pages.forms import Form
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.messages.links import linked
from entrypoint.pages.messages.writing import empty_form, send, thread_href
from entrypoint.web.marking import N_
from souk.contracts.catalogue.listings import Listing
from souk.contracts.store.messages import MESSAGE_CHARS_MAX, NewMessage, Thread, ThreadMessages, Warned
from souk.errors import RuleBroken

HERE = "/messages"
PAGE = 20
MESSAGES = 50
"""Messages that a page of a thread shows."""

WARNINGS: dict[Warned, str] = {
    "payment": N_("Pay only here: what you pay otherwise is not held for you, and nobody can bring it back."),
    "iban": N_("A bank account: what you pay to it is not held for you, and nobody can bring it back."),
    "phone": N_("A telephone number: what you agree on outside of this shop, nobody here can see or help with."),
    "email": N_("A mail address: what you agree on outside of this shop, nobody here can see or help with."),
    "elsewhere": N_("Another messenger: what you agree on outside of this shop, nobody here can see or help with."),
    "link": N_("A link that leads away: never enter your password or pay there."),
}
"""What stands beside a message of the other's; of several the first one is enough."""

ORDER_ACTIONS = {
    ("buyer", "shipped"): N_("Confirm it arrived"),
    ("seller", "paid"): N_("Send it"),
}
"""What somebody has to do about an order, by their role and its status: done on the order's page."""


@get(HERE)
async def show_inbox(request: PageRequest, cursor: str | None = None) -> Response[Any]:
    """Who wrote about what, the newest on top."""
    member = member_context(request)
    listed = await member.store.list_threads(member.identity, limit=PAGE, cursor=cursor or None)
    context = {
        "active": "messages",
        "threads": [_row(member, thread) for thread in listed.items],
        "first": HERE if cursor else "",
        "next": f"{HERE}?cursor={listed.next_cursor}" if listed.next_cursor else "",
        "message_count": listed.unread,
        "since": _since(member),
    }
    return await render_page(request, "pages/messages/inbox.html", context)


@get("/messages/{thread_id:uuid}")
async def show_thread(request: PageRequest, thread_id: UUID, before: str | None = None) -> Response[Any]:
    """What the two wrote; whoever opens it has seen what is new."""
    return await _thread_page(request, member_context(request), thread_id, empty_form(), before or None)


@post("/messages/{thread_id:uuid}")
async def write(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Send another message."""
    member = member_context(request)
    return await send(
        request,
        lambda entry: member.store.send_message(member.identity, thread_id, NewMessage(text=entry.text), entry.key),
        lambda form: _thread_page(request, member, thread_id, form, None),
    )


@post("/messages/{thread_id:uuid}/block")
async def block(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Let nobody write between the two."""
    member = member_context(request)
    await member.store.block_other(member.identity, thread_id)
    member.ctx.flash("success", member.gettext("Blocked. Neither of you can write to the other now; orders go on."))
    return redirect(f"{HERE}/{thread_id}")


@post("/messages/{thread_id:uuid}/block/removal")
async def unblock(request: PageRequest, thread_id: UUID) -> Response[Any]:
    """Take that back."""
    member = member_context(request)
    await member.store.unblock_other(member.identity, thread_id)
    member.ctx.flash("success", member.gettext("You can write to each other again."))
    return redirect(f"{HERE}/{thread_id}")


async def _thread_page(
    request: PageRequest, member: MemberContext, thread_id: UUID, form: Form, before: str | None
) -> Response[Any]:
    since = _since(member)
    found, listed = await asyncio.gather(
        member.store.get_thread(member.identity, thread_id, limit=MESSAGES, before=before),
        member.store.list_threads(member.identity, limit=PAGE),
    )
    thread, unread = found.thread, listed.unread
    if thread.unread and before is None:
        await _see(member, thread)
        unread -= 1
    listing = await _listing(member, thread.listing_id)
    context = {
        "active": "messages",
        "thread": thread,
        "other": _other(thread),
        "other_initials": initials(_other(thread)),
        "about": _about(member, found, listing),
        "days": _days(member, found),
        "seen": found.seen_by_other >= thread.messages and thread.last_by == thread.role and before is None,
        "blocked": found.blocked,
        "earlier": f"{HERE}/{thread_id}?before={found.next_cursor}" if found.next_cursor else "",
        "newest": thread_href(thread) if before else "",
        "threads": [_row(member, each, current=thread_id) for each in listed.items],
        "form": form,
        "text_max": MESSAGE_CHARS_MAX,
        "message_count": unread,
        "since": since,
    }
    return await render_page(request, "pages/messages/thread.html", context, status=form.status)


async def _see(member: MemberContext, thread: Thread) -> None:
    """The reader has seen what is there; the notice that said so is read."""
    await member.store.see_thread(member.identity, thread.id, thread.messages)
    async with member.parts.kernel.database.transaction() as session:
        await notifications.mark_read(
            session, member.user.id, member.parts.kernel.clock.now(), link=f"{HERE}/{thread.id}"
        )


async def _listing(member: MemberContext, listing_id: UUID) -> Listing | None:
    """The listing as it is now; None if it is gone, or the catalogue does not answer."""
    try:
        return await member.catalogue.get_listing(member.identity, listing_id)
    except RuleBroken:
        return None


def _about(member: MemberContext, found: ThreadMessages, listing: Listing | None) -> dict[str, Any]:
    """What stands on top: the thing, what it costs, and the one thing to do about it."""
    thread, order = found.thread, found.order
    on_sale = listing is not None and listing.status == "published" and listing.available > 0
    href = listing_href(listing.id, listing.slug) if listing else ""
    action, target = "", ""
    if order is not None:
        action = ORDER_ACTIONS.get((thread.role, order.status), N_("See the order"))
        target = f"/orders/{order.id}"
    elif on_sale and thread.role == "buyer":
        action, target = N_("Buy or make an offer") if listing and listing.accepts_offers else N_("Buy"), href
    return {
        "title": listing.title if listing else thread.title,
        "href": href,
        "picture": {"src": f"/pictures/{thread.picture}"} if thread.picture else None,
        "price": listing.price if listing and on_sale else None,
        "gone": not on_sale and order is None,
        "order": order,
        "action": member.gettext(action) if action else "",
        "target": target,
    }


def _days(member: MemberContext, found: ThreadMessages) -> list[dict[str, Any]]:
    """The messages by the days on which they came, as the reader's calendar has them."""
    reader, days = member.ctx.reader, list[dict[str, Any]]()
    for message in found.items:
        day = reader.date(message.at)
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "messages": []})
        own = message.by == found.thread.role
        warned = next((WARNINGS[kind] for kind in WARNINGS if kind in message.warnings and not own), "")
        shown = {"message": message, "own": own, "parts": linked(message.text)}
        days[-1]["messages"].append(shown | {"warning": reader.gettext(warned) if warned else ""})
    return days


def _row(member: MemberContext, thread: Thread, *, current: UUID | None = None) -> dict[str, Any]:
    """A thread in the list."""
    is_here = thread.id == current
    return {
        "href": thread_href(thread),
        "title": thread.title,
        "picture": f"/pictures/{thread.picture}" if thread.picture else "",
        "other": _other(thread),
        "text": thread.last_text,
        "own": thread.last_by == thread.role,
        "at": thread.last_at,
        "unread": 0 if is_here else thread.unread,
        "current": is_here,
    }


def _other(thread: Thread) -> str:
    return thread.seller_name if thread.role == "buyer" else thread.buyer_name


def _since(member: MemberContext) -> str:
    return f"{member.parts.kernel.clock.now().timestamp():.3f}"


ROUTES = [show_inbox, show_thread, write, block, unblock]
