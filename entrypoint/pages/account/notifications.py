"""What happened, for whoever is logged in."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page, safe_next
from entrypoint.notifications import groups, notifications
from entrypoint.pages.fields import Fields
from entrypoint.pages.forms import form_of
from entrypoint.pages.member_context import MemberContext, member_context
from souk.contracts.store.orders import OrderSummary

PAGE = 30

GLYPHS = {
    "sold": "tag",
    "paid": "lock",
    "shipped": "truck",
    "delivered": "box",
    "cancelled": "x",
    "completed": "wallet",
    "invoice": "receipt",
    "credit_note": "receipt",
    "cheaper": "heart",
    "back": "heart",
    "money_waits": "clock",
    "money_waits_for_you": "wallet",
    "money_returned": "wallet",
    "found": "search",
    "found_by_many": "search",
    "listing_hidden": "alert",
    "listing_restored": "check",
    "listing_upheld": "alert",
    "review_written": "star",
    "review_changed": "star",
    "review_answered": "star",
    "review_removed": "alert",
    "review_restored": "check",
    "answer_removed": "alert",
    "answer_restored": "check",
    "message_waits": "message",
    "thread_closed": "alert",
    "thread_reopened": "check",
}


class ReadEntry(Fields, frozen=True, kw_only=True):
    """What was read: up to one notice, of one order or of all."""

    up_to: UUID | None
    order: UUID | None
    next: str = ""


@get("/notifications")
async def show(request: PageRequest, before: str = "") -> Response[Any]:
    """The list, newest first."""
    member = member_context(request)
    async with member.parts.kernel.database.reading() as reader:
        listed = await groups.page_of(reader, member.user.id, member.ctx.reader, before=before or None, limit=PAGE)
    orders = await _orders(member, [group.order_id for group in listed.groups if group.order_id])
    context = {
        "active": "notifications",
        "items": [
            {
                "group": group,
                "item": group.latest,
                "glyph": GLYPHS.get(group.latest.kind, "info"),
                "order": orders.get(group.order_id),
            }
            for group in listed.groups
        ],
        "unread_count": listed.unread,
        "newest": listed.groups[0].latest.id if listed.groups and not before else None,
        "first": "/notifications" if before else "",
        "next": f"/notifications?before={listed.next_cursor}" if listed.next_cursor else "",
    }
    return await render_page(request, "pages/account/notifications.html", context)


@post("/notifications/read")
async def mark_read(request: PageRequest) -> Response[Any]:
    """Mark as read what was on the page, not what came since: all of it, or what is about one order."""
    member, form = member_context(request), await form_of(request, ReadEntry)
    entry, now = form.entered, member.parts.kernel.clock.now()
    async with member.parts.kernel.database.transaction() as session:
        await notifications.mark_read(session, member.user.id, now, up_to=entry.up_to, order_id=entry.order)
    return redirect(safe_next(entry.next, "/notifications"))


async def _orders(member: MemberContext, ids: list[UUID]) -> dict[UUID | None, OrderSummary]:
    """The orders that a page is about, in one call; none while the store does not answer: the words are there without."""
    if not ids:
        return {}
    found = await or_none(member.store.list_orders_by_id(member.identity, ids))
    return {order.id: order for order in found or []}


ROUTES = [show, mark_read]
