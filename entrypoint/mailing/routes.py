"""What comes by email, over the API."""

from typing import Any

from litestar import Controller, Request, get, post, put

from entrypoint.context.parts import parts_of
from entrypoint.context.proof_links import send_link
from entrypoint.mailing import mailing
from entrypoint.mailing.mailing import Mailbox, MailChoices
from entrypoint.web.reader import Reader
from souk.database import ReadSession, Session
from souk.http.identity import Identity


class MailRoutes(Controller):
    """Which notices the caller gets by email."""

    path = "/me/mail"
    tags = ["Notifications"]  # noqa: RUF012 - Litestar's way of naming the group

    @get(operation_id="getMail", summary="What comes by email")
    async def read(self, identity: Identity, reader: ReadSession) -> Mailbox:
        """What the caller chose, and whether they confirmed their address."""
        return await mailing.mailbox_of(reader, identity.user())

    @put(operation_id="chooseMail", summary="Choose what comes by email")
    async def choose(
        self, request: Request[Any, Any, Any], identity: Identity, session: Session, data: MailChoices
    ) -> Mailbox:
        """Set which notices come by email. Nothing comes before the address is confirmed."""
        mailing.require_mail(parts_of(request).settings)
        await mailing.choose(session, identity.user(), data, _reader(request))
        return await mailing.mailbox_of(session, identity.user())

    @post("/confirmation", operation_id="confirmMail", summary="Ask for a link to confirm the address", status_code=202)
    async def confirmation(self, request: Request[Any, Any, Any], identity: Identity) -> None:
        """Send a link to the caller's address; opened, it proves that the address is theirs."""
        await send_link(parts_of(request), identity.user(), _reader(request))


def _reader(request: Request[Any, Any, Any]) -> Reader:
    return parts_of(request).languages.reader("", request.headers.get("accept-language", ""))
