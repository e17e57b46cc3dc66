"""How services call each other: the same client over the network and, embedded, straight into the other app."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

import httpx
import msgspec
import structlog
from litestar.types import ASGIApp
from opentelemetry.trace import SpanKind

from souk.errors import RuleBroken
from souk.http.answers import Answer, Body, Params, RawHeaders, headers_of, query_of
from souk.http.breaker import Breaker, unavailable
from souk.http.identity import Identity, Signer
from souk.http.in_process import InProcess
from souk.http.middleware import ABOUT, REQUEST_ID
from souk.observability.log_fields import decoded, note, note_cause
from souk.observability.tracing import span, traceparent_of

ANSWER_S_MAX = 8.0
"""How long a service may take to answer another."""

LONG_ANSWER_S_MAX = 30.0
"""The same for what is large or has to be drawn: pictures, files, documents."""

CONNECT_S_MAX = 2.0

CONNECTIONS_MAX = 100

BODY_METHODS = ("POST", "PUT", "PATCH")
"""Methods of which a service expects to be told how long the body is, even if there is none (RFC 9110, section 8.6)."""

FORM_HEADERS = ("content-type", "content-length", "transfer-encoding")

T = TypeVar("T")


class Refused(RuleBroken):
    """Another service refused: its problem details, passed on as they are."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        known = ("type", "title", "status", "detail", "code", "params")
        self._rule = _rule(problem) or "refused"
        super().__init__(str(problem.get("detail", "")), code=str(problem.get("code", "")))
        self.status = status  # type: ignore[misc]
        self.title = str(problem.get("title", "Refused"))  # type: ignore[misc]
        self.params = dict(problem.get("params", {}))
        self.fields = {name: value for name, value in problem.items() if name not in known}

    @property
    def rule(self) -> str:
        return self._rule


class Network:
    """Asks whatever listens at a URL; connections are kept and used again."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(None, connect=CONNECT_S_MAX),  # `send` bounds the whole
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
        )

    async def ask(self, method: str, path: str, query: str, headers: RawHeaders, body: Body) -> Answer:
        """The answer; raises httpx.HTTPError if none comes."""
        target = f"{path}?{query}" if query else path
        came = await self._http.request(method, target, headers=headers, content=body or None)
        return Answer(came.status_code, headers_of(came.headers.raw), came.content)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()


class ServiceClient:
    """Calls one other service as this service, for a user or for nobody."""

    def __init__(self, service: str, signer: Signer, *, url: str = "", app: ASGIApp | None = None) -> None:
        """`app` calls it in this process; otherwise it is reached at `url`."""
        self.service = service
        self._signer = signer
        self._breaker = Breaker(service)
        self._peer = Network(url) if app is None else InProcess(app)

    async def close(self) -> None:
        """Give the connections back."""
        if isinstance(self._peer, Network):
            await self._peer.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        identity: Identity | None = None,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        content: bytes | None = None,
        json: Any = None,
        files: Any = None,
        seconds_max: float = ANSWER_S_MAX,
    ) -> Answer:
        """Send a request and give back whatever came; raises Unavailable if nothing did in so many seconds.

        `path` stands as in an address: what is not plain in it is escaped. `files` are sent as a form, as httpx takes
        them.
        """
        self._breaker.admit()
        sent = dict(headers or {})
        body: Body
        if files is not None:
            form = httpx.Request(method, "http://form", files=files)
            sent |= {name: form.headers[name] for name in FORM_HEADERS if name in form.headers}
            body = aiter(cast(httpx.AsyncByteStream, form.stream))
        else:
            body = content or b"" if json is None else msgspec.json.encode(json)
            if json is not None:
                sent["content-type"] = "application/json"
            if body or method in BODY_METHODS:
                sent["content-length"] = str(len(body))
        user_id: UUID | None = identity.user_id if identity else None
        roles = identity.roles if identity else frozenset[str]()
        sent["authorization"] = f"Bearer {self._signer.token(self.service, user_id, roles)}"
        sent[REQUEST_ID] = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        with span(f"{method} {self.service}", service=self._signer.service, kind=SpanKind.CLIENT) as calling:
            sent["traceparent"] = traceparent_of(calling)
            calling.set_attributes({"http.request.method": method, "url.path": path, "server.address": self.service})
            # As bytes, for what a browser sent may be more than ASCII (RFC 9110, section 5.5).
            raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()]
            try:
                async with asyncio.timeout(seconds_max):
                    answer = await self._peer.ask(method, path, query_of(params), raw, body)
            except (TimeoutError, httpx.HTTPError) as failure:
                if isinstance(failure, TimeoutError | httpx.TimeoutException):
                    self._breaker.silent()
                note_cause(f"{self.service}: {type(failure).__name__}")
                raise unavailable(self.service) from failure
            self._breaker.answered()
            calling.set_attribute("http.response.status_code", answer.status)
            if ABOUT in answer.headers:
                note(decoded(answer.headers[ABOUT]))
            if answer.status >= 500:
                note_cause(f"{self.service}: {_rule(_problem(answer)) or answer.status}")
            return answer

    async def call(self, method: str, path: str, expect: type[T], **request: Any) -> T:
        """Send a request and decode its answer; a refusal is raised as Refused with the other's problem details."""
        answer = await self.send(method, path, **request)
        check(answer)
        if expect is type(None):
            return None
        return msgspec.json.decode(answer.body, type=expect)

    async def get(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with GET."""
        return await self.call("GET", path, expect, **request)

    async def post(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with POST."""
        return await self.call("POST", path, expect, **request)

    async def put(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with PUT."""
        return await self.call("PUT", path, expect, **request)

    async def patch(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with PATCH."""
        return await self.call("PATCH", path, expect, **request)

    async def delete(self, path: str, **request: Any) -> None:
        """`call` with DELETE, of which nothing is answered."""
        await self.call("DELETE", path, type(None), **request)


def check(answer: Answer) -> None:
    """Raises Refused, with the other's problem details, unless it did what it was asked."""
    if answer.status >= 400:
        raise Refused(answer.status, _problem(answer))


def _rule(problem: Mapping[str, Any]) -> str:
    """The name of the rule that a problem's type is."""
    return str(problem.get("type", "")).rsplit("/", 1)[-1]


def _problem(answer: Answer) -> dict[str, Any]:
    try:
        problem = answer.json()
    except msgspec.DecodeError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": "The answer could not be read."}
