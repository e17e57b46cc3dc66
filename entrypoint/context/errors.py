"""Errors: problem details for programs; for people, the same words on a page."""

import html
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import MediaType, Request, Response
from litestar.response import Redirect
from structlog.contextvars import get_contextvars

from entrypoint.context.csrf import host_in
from entrypoint.context.layout import render_page_without_numbers, safe_next
from entrypoint.context.request_context import SESSION, RequestContext, context_of
from entrypoint.refusals.refusals import message_of, sentence
from entrypoint.web.cookies import cookie_name
from entrypoint.web.marking import N_
from souk.errors import RuleBroken, Unauthenticated
from souk.http.problems import EXCEPTION_HANDLERS
from souk.observability.logging import get_logger

FOR_PROGRAMS = ("/api/", "/internal/", "/health/", "/metrics", "/schema", "/static/", "/pictures/", "/live")
"""Paths whose errors are problem details, whatever the caller accepts."""

WORDS = {
    400: (N_("This request was not understood"), N_("Something in the address or the form does not fit.")),
    403: (
        N_("You may not do this"),
        N_("It is for others only, or the page you came from is out of date. Nothing was changed."),
    ),
    404: (N_("There is no such page"), N_("The address may be mistyped, or what was here is gone.")),
    405: (N_("There is no such page"), N_("This address takes no request of that kind.")),
    413: (
        N_("That is too large"),
        N_("Nothing was taken. Go back and send less at once: fewer pictures, or smaller ones."),
    ),
    429: (N_("Too many tries"), N_("Nothing was changed.")),
}
"""What a page says where Litestar itself refused, in words a buyer understands."""

BARE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Something broke · Souk</title><link rel="stylesheet" href="/static/css/souk.css"></head>
<body><main class="page container"><div class="stack stack--loose narrow">
<h1>Something broke</h1>
<p>The fault is ours and has been noted. Nothing was charged. Load the page again in a minute.</p>
<form class="hero-search" role="search" action="/browse" method="get"><input class="input" type="search" name="q" aria-label="Search all listings" maxlength="200"> <button class="button button--primary">Find it</button></form>
<p><a href="/">Go to the front page</a></p>
<p>If you write to us, quote <code>{reference}</code></p>
</div></main></body></html>
"""
"""What is said if even the page that says it cannot be rendered: no template, no catalog, nobody asked."""

Handler = Callable[[Request[Any, Any, Any], Any], Response[bytes]]


def _answer(base: Handler) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    def handler(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        problem = base(request, error)
        headers = _headers(request, error, problem)
        if request.url.path.startswith(FOR_PROGRAMS) or not _wants_page(request):
            problem.headers |= headers
            return problem
        if isinstance(error, Unauthenticated):
            return Redirect(f"/login?next={quote(_return_to(request))}", status_code=303)
        response = _error_page(request, error, problem)
        response.headers |= headers
        return response

    return handler


def _wants_page(request: Request[Any, Any, Any]) -> bool:
    accept = request.headers.get("accept", "*/*")
    return "text/html" in accept or "*/*" in accept


def _headers(request: Request[Any, Any, Any], error: Any, problem: Response[bytes]) -> dict[str, str]:
    headers = {name: value for name, value in problem.headers.items() if name in ("retry-after", "allow")}
    seconds = getattr(error, "fields", {}).get("retry_after")
    if seconds:
        headers["retry-after"] = str(seconds)
    if problem.status_code == 401 and request.url.path.startswith("/api/"):
        headers["www-authenticate"] = 'Bearer realm="souk"'
    return headers


def _came_from(request: Request[Any, Any, Any]) -> str:
    """The page of ours that led here; empty if the browser names none."""
    referer = request.headers.get("referer", "")
    if host_in(referer) != request.headers.get("host", ""):
        return ""
    found = urlsplit(referer)
    return safe_next(found.path + (f"?{found.query}" if found.query else ""), "")


def _return_to(request: Request[Any, Any, Any]) -> str:
    """The page that was asked for; after a form, the page it was on."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return safe_next(request.url.path + (f"?{query}" if query else ""))
    return _came_from(request).partition("?")[0] or "/"


def error_context(request: Request[Any, Any, Any], status: int, title: str, detail: str) -> dict[str, Any]:
    """What `error.html` shows: where one goes on from here, and for what passes when to come again."""
    back = _came_from(request)
    return {
        "status": status,
        "title": title,
        "detail": detail,
        "back": back if back != request.url.path else "",
        "again": _return_to(request) if request.method in ("GET", "HEAD") else "",
        "wait": "",
        "reference": "",
        "similar": [],
        "looked_for": "",
    }


def _error_page(request: Request[Any, Any, Any], error: Any, problem: Response[bytes]) -> Response[str]:
    status = problem.status_code or 500
    try:
        return _rendered(request, error, problem, status)
    except Exception as failure:  # whatever broke may be what renders pages
        if status < 500:
            raise
        get_logger("entrypoint").error("error page failed", path=request.url.path, exc_info=failure)
        text = BARE.replace("{reference}", html.escape(_request_id()))
        headers = {"cache-control": "no-store"}
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def _rendered(request: Request[Any, Any, Any], error: Any, problem: Response[bytes], status: int) -> Response[str]:
    """The page in the reader's frame. It asks nobody for anything: what is broken may be whoever would be asked."""
    body = msgspec.json.decode(problem.content)
    title, detail = body["title"], body.get("detail", "")
    ctx = context_of(request)
    reader = ctx.reader
    if isinstance(error, RuleBroken):
        detail = message_of(reader, error)
    elif status in WORDS:
        title, detail = WORDS[status][0], reader.gettext(WORDS[status][1])
    else:
        detail = sentence(reader, body["code"], body["params"]) or detail
    context = error_context(request, status, reader.gettext(title), detail)
    seconds = _headers(request, error, problem).get("retry-after", "") if status in (429, 503) else ""
    if seconds.isdigit():
        context["wait"] = reader.gettext("Try again in {time}.").format(time=reader.lasting(int(seconds)))
    if status in (429, 503):
        context["unchanged"] = "" if request.method in ("GET", "HEAD") else reader.gettext("Nothing was changed.")
    context["again"] = context["again"] if status >= 500 or status == 429 else ""
    context["reference"] = _request_id() if status >= 500 else ""
    context["unsure"] = _unsure(request, ctx)
    return render_page_without_numbers(request, "error.html", context, status=status)


def _unsure(request: Request[Any, Any, Any], ctx: RequestContext) -> bool:
    """Whether somebody may be logged in whom this request could not look up. Forms of the page are theirs all the same."""
    token = request.cookies.get(cookie_name(SESSION, secure=ctx.secure), "")
    if ctx.user is not None or not token:
        return False
    ctx.secret = token
    return True


def _request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


HANDLERS: dict[Any, Any] = {kind: _answer(base) for kind, base in EXCEPTION_HANDLERS.items()}
