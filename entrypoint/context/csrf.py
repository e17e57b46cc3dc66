"""Against forged requests: a form must carry the token of the page it came from, and come from our own pages.

ASVS 5.0 V3.5.1. `/api/v1` takes bearer tokens only, never cookies, so it needs none of this.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.handlers import BaseRouteHandler

from entrypoint.context.request_context import CSRF_FIELD, Connection, context_of, require_user
from souk.errors import Forbidden, InvalidInput

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")

CSRF_HEADER = "x-csrf-token"
"""Where scripts may put the token instead."""


class ForeignForm(Forbidden):
    """A request that changes something did not come from one of our own pages."""

    title = "This form is out of date"


async def check_form(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard of all pages: refuse an unsafe request without the right token, or from elsewhere.

    A handler with `opt={"members_only": True}` takes large forms: visitors are sent to log in before one is read. One
    with `opt={"signed_link": True}` is proof enough by its address, which holds a token that we signed and mailed.
    """
    if connection.scope.get("method") in SAFE_METHODS or handler.opt.get("signed_link"):
        return
    ctx = context_of(connection)
    if not _from_here(connection, ctx.parts.settings.public_url):
        raise ForeignForm("The request came from another site. Nothing was changed.", code="form-of-another-site")
    if handler.opt.get("members_only"):
        require_user(connection)
    request: Request[Any, Any, Any] = (
        Request(connection.scope, connection.receive) if not isinstance(connection, Request) else connection
    )
    given = request.headers.get(CSRF_HEADER) or await _token_in(request)
    if not isinstance(given, str) or not ctx.is_csrf_token(given):
        raise ForeignForm(
            "The page had been open for too long. Nothing was changed; go back, reload it and try again.",
            code="form-too-old",
        )


async def _token_in(request: Request[Any, Any, Any]) -> object:
    try:
        return (await request.form()).get(CSRF_FIELD, "")
    except (UnicodeDecodeError, LookupError) as wrong:  # a multipart form in another encoding than it says
        raise InvalidInput("form", "It cannot be read. Nothing was changed.", code="form-unreadable") from wrong


def _from_here(connection: Connection, public_url: str) -> bool:
    """What the browser itself says about where the request comes from; old ones say nothing and have the token only."""
    headers = connection.headers
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin == public_url.rstrip("/") or host_in(origin) == headers.get("host", "")


def host_in(url: str) -> str | None:
    """The host (and port) that an address names; None if it names none or is no address."""
    try:
        return urlsplit(url).netloc or None
    except ValueError:
        return None
