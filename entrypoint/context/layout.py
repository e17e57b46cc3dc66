"""`page`: renders a template inside the frame, with the numbers that stand in it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import MediaType, Request, Response
from litestar.response import Redirect
from sqlalchemy import select

from entrypoint.clients.fallbacks import tolerated
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.inbox import inbox
from entrypoint.notifications import groups
from entrypoint.web.etags import is_known, weak_etag
from entrypoint.web.kept_pages import digest_of
from entrypoint.web.templates import render
from souk.database import Statement

PageRequest = Request[Any, Any, Any]
Numbers = dict[str, Any]

_UNREAD: Statement[Any] = Statement(
    select(groups.UNREAD.scalar_subquery().label("unread_count"), inbox.UNREAD.scalar_subquery().label("message_count"))
)
"""What the bell and the inbox count, asked for together."""


async def render_page(
    request: PageRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> Response[str]:
    """Answer with a page.

    `context` may set `active`, `category`, `q`, and also `available` (Money), `cart_count`, `unread_count` or `message_count` where the
    handler knows them already: what is given is not asked for again.
    """
    ctx, given = context_of(request), context or {}
    numbers = await _numbers(ctx, set(given))
    return _respond(request, ctx, template, numbers | given, status)


async def render_kept(
    request: PageRequest,
    template: str,
    content: Any,
    make: Callable[[], Awaitable[dict[str, Any]]],
    *,
    personal: bool = False,
) -> Response[Any]:
    """Answer with a page of which `content` (structs, lists, texts) and its address say all that differs from time to time.

    `make` gives the context. A visitor gets the page as it was rendered when its content was the same last; nothing is
    kept if `content` is None. A visitor's browser may keep it and ask whether it is still the same, unless it is `personal`.
    """
    ctx = context_of(request)
    if ctx.user is not None or content is None or ctx.waiting:
        return await render_page(request, template, await make())
    parts, reader = ctx.parts, ctx.reader
    await parts.categories.fresh()
    frame = (_here(request), reader.language, reader.formats, reader.today, ctx.theme, parts.arriving)
    digest = digest_of(template, content, frame, parts.categories.digest.hex())
    token_field = ctx.csrf_input()
    etag = "" if personal else weak_etag(digest, ctx.secret.encode())  # the token is good for this browser only
    if etag and is_known(etag, request.headers.get("if-none-match", "")):
        return _answer(b"", 304, etag)
    html = parts.pages.find(digest, token_field)
    if html is None:
        context = _framed(request, ctx, await make()) | {"csrf_input": lambda: parts.pages.token_field}
        html = parts.pages.keep(digest, render(parts.templates, reader, template, context), token_field)
    return _answer(html, 200, etag)


def render_page_without_numbers(
    request: PageRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> Response[str]:
    """`page` for parts of pages, which have no frame, and for error handlers, which cannot wait for anything."""
    return _respond(request, context_of(request), template, context, status)


def redirect(to: str) -> Redirect:
    """After a form: go to a page of ours with GET (303)."""
    return Redirect(to, status_code=303)


def safe_next(target: str | None, default: str = "/") -> str:
    """Where to go after logging in: only a path of ours, never another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(char in target for char in "\\\r\n\t\x00"):
        return default
    return target


def _respond(
    request: PageRequest, ctx: RequestContext, template: str, context: dict[str, Any], status: int
) -> Response[str]:
    html = render(ctx.parts.templates, ctx.reader, template, _framed(request, ctx, context, refused=status >= 400))
    return _answer(html, status)


def _framed(
    request: PageRequest, ctx: RequestContext, context: dict[str, Any], *, refused: bool = False
) -> dict[str, Any]:
    """The context, with what the frame shows."""
    parts = ctx.parts
    own = {
        "user": ctx.user,
        "csrf_input": ctx.csrf_input,
        "theme": ctx.theme,
        "locale": ctx.reader.language,
        "locales": parts.languages.choices,
        "categories": parts.categories.roots,
        "refused": refused,
        "request_path": _here(request),
        "arriving": ctx.reader.number(parts.arriving.left) if parts.arriving.left else "",
        "past": parts.arriving.past,
        "flashes": ctx.take_flashes() if _is_opened(request) else [],
    }
    hidden = own.keys() & context.keys()
    assert not hidden, f"the context would hide what the frame shows: {hidden}"
    amount = context.get("available")
    shown = context if amount is None or isinstance(amount, str) else context | {"available": ctx.reader.money(amount)}
    return own | {"cart_count": 0, "unread_count": 0, "message_count": 0, "category": "", "q": "", "active": ""} | shown


def _answer(html: str | bytes, status: int, etag: str = "") -> Response[Any]:
    headers = {"cache-control": "private, no-store", "vary": "Cookie, Accept-Language"}
    if etag:
        headers |= {"cache-control": "private, no-cache", "etag": etag}
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def _is_opened(request: PageRequest) -> bool:
    """Whether the browser opens the page. What a script fetches meanwhile, to take a part of it, shows no messages: they
    wait for the page that the user goes to. (Fetch Metadata; who does not tell opens pages.)"""
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _here(request: PageRequest) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.url.path}?{query}" if query else request.url.path


async def _numbers(ctx: RequestContext, given: set[str]) -> dict[str, Any]:
    """What the frame shows: categories for all; for users their balance, cart and news. All asked for at once."""
    asked: list[Awaitable[Numbers | None]] = []
    if ctx.user is not None:
        wanted = {("available",): _available, ("cart_count",): _cart_count, ("unread_count", "message_count"): _unread}
        asked = [tolerated(names[0], ask(ctx), None) for names, ask in wanted.items() if not given.issuperset(names)]
    _, found = await asyncio.gather(ctx.parts.categories.fresh(), asyncio.gather(*asked))
    return {name: number for numbers in found if numbers is not None for name, number in numbers.items()}


async def _available(ctx: RequestContext) -> Numbers:
    return {"available": await ctx.parts.clients.payment.get_balance(ctx.identity)}


async def _cart_count(ctx: RequestContext) -> Numbers:
    return {"cart_count": await ctx.parts.clients.store.count_cart_units(ctx.identity)}


async def _unread(ctx: RequestContext) -> Numbers:
    [row] = await _UNREAD.once(ctx.parts.kernel.database, user_id=ctx.identity.user())
    return {"unread_count": row.unread_count, "message_count": row.message_count}
