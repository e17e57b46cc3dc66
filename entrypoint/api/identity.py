"""Who an API request is made for. Only bearer tokens count here; cookies are not looked at (RFC 6750)."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from entrypoint.context.parts import parts_of
from entrypoint.tokens import tokens
from entrypoint.web.client_address import at_place
from souk.errors import Unauthenticated
from souk.http.identity import Identity

TOKEN_CHARS_MAX = 200

Connection = ASGIConnection[Any, Any, Any, Any]


async def limit_requests(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard of the API: a user, or a place without a valid token, may ask only so often."""
    parts = parts_of(connection)
    try:
        identity = await api_identity(connection)
    except Unauthenticated:
        await _spend_at_place(connection)
        raise
    if identity.user_id:
        await parts.limits.spend(parts.rules.api, f"user {identity.user_id}")
    else:
        await _spend_at_place(connection)


async def _spend_at_place(connection: Connection) -> None:
    parts = parts_of(connection)
    for rule, place in at_place(parts.rules.api, connection):
        await parts.limits.spend(rule, f"place {place}")


async def api_identity(connection: Connection) -> Identity:
    """The token's user, or a visitor without an Authorization header; raises Unauthenticated for a bad one."""
    known = connection.scope["state"].get("identity")
    if isinstance(known, Identity):
        return known
    identity = Identity(service="entrypoint")
    header = connection.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARS_MAX:
            raise Unauthenticated(
                "Send the header `Authorization: Bearer <token>` with a token of POST /api/v1/tokens.",
                code="token-needed",
            )
        parts = parts_of(connection)
        identity = await tokens.identify(
            parts.kernel.database, parts.remembered, token.strip(), parts.kernel.clock.now()
        )
    connection.scope["state"]["identity"] = identity
    return identity
