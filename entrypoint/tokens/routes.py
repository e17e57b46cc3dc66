"""Tokens over the API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, delete, get, post

from entrypoint.context.parts import parts_of
from entrypoint.context.sign_in import prove
from entrypoint.tokens import tokens
from entrypoint.tokens.tokens import IssuedToken, NewToken, Token
from souk.database import ReadSession, Session
from souk.http.identity import Identity
from souk.http.kernel import Kernel


class TokenRoutes(Controller):
    """Bearer tokens for this API."""

    path = "/tokens"
    tags = ["Tokens"]  # noqa: RUF012 - Litestar's way of naming the group

    @post(operation_id="issueToken", summary="Get a token with your email address and password")
    async def issue(self, request: Request[Any, Any, Any], data: NewToken) -> IssuedToken:
        """A token for the header `Authorization: Bearer …`. It is shown this once, and ends when you change your password."""
        user_id = await prove(request, data.email, data.password)
        parts = parts_of(request)
        async with parts.kernel.database.transaction() as session:
            return await tokens.issue(session, parts.settings, user_id, data.name, parts.kernel.clock.now())

    @get(operation_id="listTokens", summary="Your tokens")
    async def list_own(self, identity: Identity, reader: ReadSession, kernel: Kernel) -> list[Token]:
        """The caller's tokens, newest first; never the secrets themselves."""
        return await tokens.list_of(reader, identity.user(), kernel.clock.now())

    @delete("/{token_id:uuid}", operation_id="revokeToken", summary="Revoke a token")
    async def revoke(self, identity: Identity, session: Session, kernel: Kernel, token_id: UUID) -> None:
        """End one of the caller's tokens at once."""
        await tokens.revoke(session, identity.user(), token_id, kernel.clock.now())
