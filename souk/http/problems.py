"""Errors as RFC 9457 problem details, for every service and the public API alike."""

import errno
import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from souk.errors import RuleBroken, fault
from souk.observability.log_fields import note_cause
from souk.observability.logging import get_logger

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "https://souk.example/problems/"

TRANSIENT_SQLSTATES = ("08", "25P03", "25P04", "40001", "40P01", "53", "55P03", "57", "58")
"""How SQLSTATEs begin after which trying again may work: connection lost, a transaction
that took too long, serialization failure, deadlock, no disk, memory or connection left, a lock or a statement that took
too long, shut-down, a file that could not be read."""

TRANSIENT_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""No room on the disk, no file handle or memory left."""


MISSING = re.compile(r"Missing required (?:header|query|cookie) parameter '([^']+)'")
"""How Litestar says that something was not sent at all."""


def problem(status: int, title: str, detail: str, rule: str, **fields: Any) -> Response[bytes]:
    """A problem response; `fields` are its extension members, `code` among them unless it is the rule's name."""
    body = {"type": f"{TYPE_PREFIX}{rule}", "title": title, "status": status, "detail": detail}
    body |= {"code": rule, "params": {}} | fields
    headers = {"retry-after": "1"} if status in (429, 503) else {}
    return Response(msgspec.json.encode(body), status_code=status, media_type=CONTENT_TYPE, headers=headers)


def rule_broken(request: Request[Any, Any, Any], error: RuleBroken) -> Response[bytes]:
    """A broken rule, in its own words."""
    if error.status >= 500:
        note_cause(error.message)
    request.state.problem = error.rule
    said = {"code": error.code, "params": error.params}
    return problem(error.status, error.title, error.message, error.rule, **said, **error.fields)


def bad_request(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Input that does not fit the route's types: each field with what is expected."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [_error(item) | _header(request, item) for item in extra if isinstance(item, dict)]
    if missing := MISSING.match(str(error.detail)):
        errors = [fault(missing[1], "is needed", code="needed")]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors) or str(error.detail)
    request.state.problem = "invalid-input"
    return problem(400, "Check what you sent", detail, "invalid-input", errors=errors)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar itself refuses: no such route, method, media type, too large."""
    code = re.sub(r"[^a-z]+", "-", type(error).__name__.removesuffix("Exception").lower()).strip("-")
    if error.status_code >= 500:
        return internal_error(request, error)
    request.state.problem = code
    response = problem(error.status_code, str(error.detail) or "Refused", str(error.detail), code)
    if allowed := (error.headers or {}).get("allow"):
        # Whatever is read can be asked for without its content (RFC 9110, section 9.3.2).
        response.headers["allow"] = allowed.replace("GET", "GET, HEAD")
    return response


def passes(error: DBAPIError) -> bool:
    """The trouble is the server's or the connection's and passes; it is not what was asked."""
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return state.startswith(TRANSIENT_SQLSTATES) or error.connection_invalidated


def database_error(request: Request[Any, Any, Any], error: DBAPIError) -> Response[bytes]:
    """Passing trouble in the database is 503 (nothing was changed, try again); values it cannot hold are 400."""
    if passes(error):
        return _unavailable(request, error)
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state.startswith("22"):  # data exception, e.g. a NUL in text or a number out of range
        request.state.problem = "invalid-input"
        return problem(400, "Check what you sent", "A value cannot be stored; nothing was changed.", "invalid-input")
    return internal_error(request, error)


def system_error(request: Request[Any, Any, Any], error: OSError) -> Response[bytes]:
    """Passing trouble of the machine or of a connection is 503; whatever else the system refuses is a fault of ours."""
    if isinstance(error, ConnectionError | TimeoutError) or error.errno in TRANSIENT_ERRNOS:
        return _unavailable(request, error)
    return internal_error(request, error)


def _unavailable(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    note_cause(_cause(error))
    get_logger(request.app.state.kernel.service).warning(
        "database busy", path=request.url.path, error=repr(error)[:500]
    )
    request.state.problem = "unavailable"
    return problem(503, "Busy just now", "Nothing was changed. Try again in a moment.", "unavailable")


def internal_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged in full, told without details."""
    note_cause(_cause(error), instead=True)
    get_logger(request.app.state.kernel.service).error(
        "unhandled error", path=request.url.path, method=request.method, exc_info=error
    )
    request.state.problem = "internal"
    return problem(500, "Something broke", "The fault is ours and has been noted. Nothing was charged.", "internal")


def _cause(error: BaseException) -> str:
    """The kind of error; of the database its driver's own, which SQLAlchemy wraps."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return f"database: {type(error.orig.__cause__ or error.orig).__name__}"
    kind = type(error).__name__
    return f"database: {kind}" if isinstance(error, PoolTimeout) else kind


def _error(item: dict[str, Any]) -> dict[str, Any]:
    message, key = str(item.get("message", "")), str(item.get("key", ""))
    inside = _field_in(message)
    return fault(inside if key in ("", "data") and inside else key, "{problem}", code="malformed", problem=message)


def _header(request: Request[Any, Any, Any], item: dict[str, Any]) -> dict[str, str]:
    """The header that a wrong parameter came in, as the caller knows it; empty if it came otherwise."""
    if getattr(item.get("source"), "value", "") != "header":
        return {}
    parameter = request.route_handler.parsed_fn_signature.parameters.get(str(item.get("key")))
    name = getattr(parameter and parameter.kwarg_definition, "header", None)
    return {"field": name} if name else {}


def _field_in(message: str) -> str:
    """The field that msgspec names in its message, e.g. "Expected `int` - at `$.quantity`"."""
    found = re.search(r"`\$\.?([^`]*)`", message) or re.search(r"field `([^`]+)`", message)
    return found.group(1) if found else ""


EXCEPTION_HANDLERS: dict[Any, Any] = {
    RuleBroken: rule_broken,
    ValidationException: bad_request,
    HTTPException: http_error,
    DBAPIError: database_error,
    PoolTimeout: _unavailable,
    OSError: system_error,
    Exception: internal_error,
}
