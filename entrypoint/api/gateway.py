"""Passes public API requests on to the service that owns them, for whoever the bearer token names."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import UUID

from litestar import HttpMethod, Request, Response, get, route

from entrypoint.api.identity import api_identity
from entrypoint.context.parts import Parts, parts_of
from entrypoint.openapi.openapi import owner_of
from entrypoint.web.etags import is_known, weak_etag
from souk.errors import InvalidInput, NotFound, RuleBroken, Unavailable
from souk.http.answers import Answer
from souk.http.client import ANSWER_S_MAX, LONG_ANSWER_S_MAX

PREFIX = "/api/v1"

OWNERS = {
    "listings": "catalogue",
    "categories": "catalogue",
    "sellers": "catalogue",
    "suggestions": "catalogue",
    "pictures": "catalogue",
    "me/listings": "catalogue",
    "me/watches": "catalogue",
    "me/searches": "catalogue",
    "me/delivery-profiles": "catalogue",
    "me/imports": "catalogue",
    "moderation": "catalogue",
    "cart": "store",
    "purchases": "store",
    "orders": "store",
    "reviews": "store",
    "sellers/*/reviews": "store",
    "moderation/reviews": "store",
    "moderation/threads": "store",
    "moderation/problems": "store",
    "problems": "store",
    "offers": "store",
    "threads": "store",
    "wallet": "payment",
    "wallets": "payment",
    "issuances": "payment",
    "invoices": "payment",
    "me/legal-profile": "payment",
    "proof": "payment",
    "terms": "payment",
}
"""Which service owns the paths that begin so; `*` stands for any one part, and the longest beginning counts.

Nothing else is passed on: no `/internal`, `/health`, `/metrics`.
"""

BODY_BYTES_MAX = 256 * 1024
UPLOAD_BYTES_MAX = 80 * 1024 * 1024
"""A request that uploads pictures."""

SENT_HEADERS = ("content-type", "accept", "accept-language", "idempotency-key", "if-none-match", "if-match")
RETURNED_HEADERS = (
    "content-type",
    "content-language",
    "content-disposition",
    "etag",
    "cache-control",
    "retry-after",
    "allow",
    "last-modified",
)
METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]

_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}")
"""What a path's part may be: ids, slugs and file names; so no dots that climb, no escapes, no separators."""

_UPLOAD = re.compile(r"/listings/[^/]+/pictures|/me/imports(/with-pictures)?")
_FILE = re.compile(r"/(pdf|xml|archive|export|journal)$|\.(csv|pdf)$")
"""What is drawn or put together when it is asked for."""

_CART_LINE = re.compile(r"/cart/lines/([^/]+)")


class TooLarge(RuleBroken):
    """A request's body is larger than its route takes."""

    status = 413
    title = "That is too large"


def target_of(path: str) -> tuple[str, str]:
    """The service and its own path for a public one (without the prefix, decoded); raises NotFound."""
    segments = path.strip("/").split("/")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise NotFound("There is nothing at this address.", code="nothing-here")
    owner = owner_of(path, OWNERS)
    if owner is None:
        raise NotFound("There is nothing at this address.", code="nothing-here")
    return owner, "/" + "/".join(quote(segment) for segment in segments)


PATHS = [path for prefix in OWNERS if "*" not in prefix for path in (f"/{prefix}", f"/{prefix}/{{rest:path}}")]


@route(PATHS, http_method=METHODS, include_in_schema=False, request_max_body_size=UPLOAD_BYTES_MAX)
async def forward(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Pass a request on and its answer back."""
    parts = parts_of(request)
    service, path = target_of(request.url.path.removeprefix(PREFIX))
    identity = await api_identity(request)
    upload = request.method == HttpMethod.POST and _UPLOAD.fullmatch(path) is not None
    if upload:
        # Before 80 MB are read; and what is kept for ever must not come without end.
        await parts.limits.hit((parts.rules.upload, f"user {identity.user()}"))
    async with _room(parts, upload):
        answer = await parts.clients.by_name(service).calls.send(
            request.method,
            path,
            identity=identity,
            headers={name: request.headers[name] for name in SENT_HEADERS if name in request.headers},
            params=_query(request),
            content=await _body(request, UPLOAD_BYTES_MAX if upload else BODY_BYTES_MAX),
            seconds_max=LONG_ANSWER_S_MAX if upload or _FILE.search(path) else ANSWER_S_MAX,
        )
    if answer.status == 201 and (line := _CART_LINE.fullmatch(path)):
        # Sellers' insights count it as the pages do; a change of the quantity is answered with 200.
        parts.view_counts.put_in_cart(UUID(line[1]))
    response = _response(answer)
    if identity.user_id is None and request.method == HttpMethod.GET and answer.status == 200:
        _let_it_be_known(request, response, answer.body)
    return response


@get("/pictures/{name:str}", include_in_schema=False)
async def picture(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """A listing's picture for pages; its name changes with its content, so browsers may keep it for ever."""
    if not _SEGMENT.fullmatch(name):
        raise NotFound("There is no such picture.", code="unknown-picture")
    headers = {key: request.headers[key] for key in ("if-none-match",) if key in request.headers}
    answer = await parts_of(request).clients.catalogue.calls.send("GET", f"/pictures/{name}", headers=headers)
    response = _response(answer)
    if answer.status in (200, 304):
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
    return response


@asynccontextmanager
async def _room(parts: Parts, upload: bool) -> AsyncIterator[None]:
    """Uploads are held in memory, so only a few are taken at a time."""
    if not upload:
        yield
        return
    if parts.uploads.locked():
        raise Unavailable(
            "Many pictures are being uploaded just now. Nothing was changed; try again in a moment.",
            code="many-uploads",
        )
    async with parts.uploads:
        yield


async def _body(request: Request[Any, Any, Any], limit: int) -> bytes | None:
    if request.method == HttpMethod.GET:
        return None
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise TooLarge("At most {most} KB can be sent here. Nothing was changed.", most=limit // 1024)
    return bytes(content)


def _query(request: Request[Any, Any, Any]) -> list[tuple[str, Any]]:
    try:
        return parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as wrong:
        raise InvalidInput("query", "This is not valid UTF-8.", code="not-utf-8") from wrong


def _response(answer: Answer) -> Response[bytes]:
    headers = {name: answer.headers[name] for name in RETURNED_HEADERS if name in answer.headers}
    if "location" in answer.headers:
        headers["location"] = _location(answer.headers["location"])
    if answer.status == 401:
        headers["www-authenticate"] = 'Bearer realm="souk"'
    content = b"" if answer.status in (204, 304) else answer.body
    kind = headers.pop("content-type", "application/octet-stream")
    return Response(content, status_code=answer.status, headers=headers, media_type=kind)


def _let_it_be_known(request: Request[Any, Any, Any], response: Response[bytes], body: bytes) -> None:
    """What everybody is told may be kept by whoever asks first whether it is still so; 304 says yes."""
    etag = response.headers.setdefault("etag", weak_etag(body))
    response.headers.setdefault("cache-control", "no-cache")
    response.headers["vary"] = "Authorization, Accept-Language"
    if is_known(etag, request.headers.get("if-none-match", "")):
        response.content, response.status_code = b"", 304


def _location(location: str) -> str:
    """A service knows only its own paths; callers know them below the prefix."""
    parts = urlsplit(location)
    query = f"?{parts.query}" if parts.query else ""
    return f"{PREFIX}{parts.path}{query}"
