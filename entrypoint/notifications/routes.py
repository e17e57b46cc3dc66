"""Notifications over the API."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import Parameter

from entrypoint.context.parts import parts_of
from entrypoint.notifications import notifications
from entrypoint.notifications.notifications import NotificationPage
from souk.database import ReadSession, Session
from souk.http.identity import Identity
from souk.http.kernel import Kernel
from souk.paging import CURSOR_CHARS_MAX, PAGE_MAX


class ReadUpTo(msgspec.Struct, frozen=True, kw_only=True):
    """Which notifications have been read."""

    up_to: UUID | None = None
    """The newest one that was seen; left out: all."""


class NotificationRoutes(Controller):
    """What happened to the caller's orders."""

    path = "/notifications"
    tags = ["Notifications"]  # noqa: RUF012 - Litestar's way of naming the group

    @get(operation_id="listNotifications", summary="What happened, newest first")
    async def list_own(
        self,
        request: Request[Any, Any, Any],
        identity: Identity,
        reader: ReadSession,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = 30,
        before: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
    ) -> NotificationPage:
        """The caller's notifications, with how many are unread."""
        language = parts_of(request).languages.reader("", request.headers.get("accept-language", ""))
        return await notifications.list_of(reader, identity.user(), language, before=before, limit=limit)

    @post("/read", operation_id="markNotificationsRead", summary="Mark as read", status_code=204)
    async def mark_read(self, identity: Identity, session: Session, kernel: Kernel, data: ReadUpTo) -> None:
        """Mark the caller's notifications as read: all, or up to one of them."""
        await notifications.mark_read(session, identity.user(), kernel.clock.now(), up_to=data.up_to)
