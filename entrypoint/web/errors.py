"""Errors: problem details for programs; for people, the same words on a page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.response import Redirect
from structlog.contextvars import get_contextvars

from entrypoint.web.csrf import host_in
from entrypoint.web.frame import page_without_numbers, safe_next
from entrypoint.web.visits import visit_of
from souk.errors import Unauthenticated
from souk.http.problems import EXCEPTION_HANDLERS

FOR_PROGRAMS = ("/api/", "/internal/", "/health/", "/metrics", "/schema", "/static/", "/pictures/", "/live")
"""Paths whose errors are problem details, whatever the caller accepts."""

WORDS = {
    400: ("This request was not understood", "Something in the address or the form does not fit."),
    404: ("There is no such page", "The address may be mistyped, or what was here is gone."),
    405: ("There is no such page", "This address takes no request of that kind."),
    413: ("That is too large", "Send less at once."),
}
"""What a page says where Litestar itself refused, in words a buyer understands."""

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


def _return_to(request: Request[Any, Any, Any]) -> str:
    """The page that was asked for; after a form, the page it was on."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return safe_next(request.url.path + (f"?{query}" if query else ""))
    referer = request.headers.get("referer", "")
    return safe_next(urlsplit(referer).path if host_in(referer) == request.headers.get("host", "") else "/")


def _error_page(request: Request[Any, Any, Any], error: Any, problem: Response[bytes]) -> Response[str]:
    body = msgspec.json.decode(problem.content)
    status = problem.status_code or 500
    title, detail = body["title"], body.get("detail", "")
    if not hasattr(error, "fields") and status in WORDS:
        title, detail = WORDS[status]
    reader = visit_of(request).reader
    context: dict[str, Any] = {
        "status": status,
        "title": reader.gettext(title),
        "detail": reader.gettext(detail),
        "unchanged": "",
        "next_steps": [],
        "reference": _request_id() if status >= 500 else "",
    }
    return page_without_numbers(request, "error.html", context, status=status)


def _request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


HANDLERS: dict[Any, Any] = {kind: _answer(base) for kind, base in EXCEPTION_HANDLERS.items()}
