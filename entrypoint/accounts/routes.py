"""Accounts over the API."""

from typing import Any

from litestar import Controller, Request, get, patch, post

from entrypoint.accounts import accounts
from entrypoint.accounts.accounts import NewUser, UserChanges
from entrypoint.context.request_context import accepted_languages
from entrypoint.context.sign_in import sign_up
from souk.contracts.entrypoint.users import User
from souk.database import ReadSession, Session
from souk.http.identity import Identity
from souk.http.kernel import Kernel
from souk.languages import document_language


class AccountRoutes(Controller):
    """The caller's own account."""

    tags = ["Account"]  # noqa: RUF012 - Litestar's way of naming the group

    @post("/users", operation_id="registerUser", summary="Open an account")
    async def register(self, request: Request[Any, Any, Any], data: NewUser) -> User:
        """Open an account. Get a token with `POST /api/v1/tokens` next."""
        return await sign_up(request, data)

    @get("/me", operation_id="getMe", summary="Your account")
    async def me(self, identity: Identity, reader: ReadSession) -> User:
        """The account that the token belongs to."""
        return await accounts.get(reader, identity.user())

    @patch("/me", operation_id="changeMe", summary="Change your account")
    async def change(
        self, request: Request[Any, Any, Any], identity: Identity, session: Session, kernel: Kernel, data: UserChanges
    ) -> User:
        """Change what others see of you; a field left out stays as it is."""
        language = document_language(accepted_languages(request))
        user, news = await accounts.change(session, identity.user(), data, language)
        kernel.outbox.emit(session, *news)
        return user
