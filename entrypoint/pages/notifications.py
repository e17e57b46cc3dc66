"""What happened, for whoever is logged in."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.notifications import notifications
from entrypoint.pages.asking import asker
from entrypoint.pages.inputs import form_of
from entrypoint.web.frame import PageRequest, page, redirect

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
}


@get("/notifications")
async def show(request: PageRequest, before: UUID | None = None) -> Response[Any]:
    """The list, newest first."""
    ask = asker(request)
    async with ask.parts.kernel.database.reading() as reader:
        listed = await notifications.list_of(reader, ask.user.id, ask.visit.reader, before=before, limit=PAGE)
    context = {
        "active": "notifications",
        "items": [{"item": item, "glyph": GLYPHS.get(item.kind, "info")} for item in listed.items],
        "unread_count": listed.unread,
        "newest": listed.items[0].id if listed.items and before is None else None,
        "first": "/notifications" if before else "",
        "next": f"/notifications?before={listed.next_cursor}" if listed.next_cursor else "",
    }
    return await page(request, "pages/notifications/notifications.html", context)


@post("/notifications/read")
async def mark_read(request: PageRequest) -> Response[Any]:
    """Mark as read what was on the page, not what came since."""
    ask, form = asker(request), await form_of(request)
    up_to = form.uuid("up_to")
    async with ask.parts.kernel.database.transaction() as session:
        await notifications.mark_read(session, ask.user.id, ask.parts.kernel.clock.now(), up_to=up_to)
    return redirect("/notifications")


ROUTES = [show, mark_read]
