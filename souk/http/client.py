"""How services call each other: the same client over the network and, embedded, straight into the other app."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
import structlog
from litestar import Litestar
from opentelemetry.trace import SpanKind

from souk.errors import RuleBroken
from souk.http.breaker import Breaker, unavailable
from souk.http.identity import Identity, Signer
from souk.http.middleware import ABOUT, REQUEST_ID
from souk.observability.log_fields import decoded, note, note_cause
from souk.observability.tracing import span, traceparent_of

ANSWER_S_MAX = 8.0
"""How long a service may take to answer another."""

LONG_ANSWER_S_MAX = 30.0
"""The same for what is large or has to be drawn: pictures, files, documents."""

CONNECT_S_MAX = 2.0

CONNECTIONS_MAX = 100

T = TypeVar("T")


class Refused(RuleBroken):
    """Another service refused: its problem details, passed on as they are."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        known = ("type", "title", "status", "detail")
        super().__init__(str(problem.get("detail", "")), **{k: v for k, v in problem.items() if k not in known})
        self.status = status  # type: ignore[misc]
        self.title = str(problem.get("title", "Refused"))  # type: ignore[misc]
        self._code = _code(problem) or "refused"

    @property
    def code(self) -> str:
        return self._code


class ServiceClient:
    """Calls one other service as this service, for a user or for nobody."""

    def __init__(self, service: str, signer: Signer, *, url: str = "", app: Litestar | None = None) -> None:
        """`app` calls it in this process; otherwise it is reached at `url`."""
        self.service = service
        self._signer = signer
        self._breaker = Breaker(service)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False) if app is not None else None  # type: ignore[arg-type]
        self._http = httpx.AsyncClient(
            base_url="http://embedded" if app is not None else url,
            transport=transport,
            timeout=httpx.Timeout(None, connect=CONNECT_S_MAX),  # `send` bounds the whole
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        identity: Identity | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | list[tuple[str, Any]] | None = None,
        content: bytes | None = None,
        json: Any = None,
        files: Any = None,
        data: Mapping[str, Any] | None = None,
        seconds_max: float = ANSWER_S_MAX,
    ) -> httpx.Response:
        """Send a request and give back whatever came; raises Unavailable if nothing did in so many seconds."""
        self._breaker.admit()
        user_id: UUID | None = identity.user_id if identity else None
        roles = identity.roles if identity else frozenset[str]()
        sent = {
            **(headers or {}),
            "authorization": f"Bearer {self._signer.token(self.service, user_id, roles)}",
            REQUEST_ID: str(structlog.contextvars.get_contextvars().get("request_id", "")),
        }
        if json is not None:
            content = msgspec.json.encode(json)
            sent["content-type"] = "application/json"
        with span(f"{method} {self.service}", service=self._signer.service, kind=SpanKind.CLIENT) as calling:
            sent["traceparent"] = traceparent_of(calling)
            calling.set_attributes({"http.request.method": method, "url.path": path, "server.address": self.service})
            # As bytes, for what a browser sent may be more than ASCII (RFC 9110, section 5.5).
            raw = {name.encode(): value.encode("latin-1") for name, value in sent.items()}
            try:
                async with asyncio.timeout(seconds_max):
                    response = await self._http.request(
                        method, path, headers=raw, params=params, content=content, files=files, data=data
                    )
            except (TimeoutError, httpx.HTTPError) as failure:
                if isinstance(failure, TimeoutError | httpx.TimeoutException):
                    self._breaker.silent()
                note_cause(f"{self.service}: {type(failure).__name__}")
                raise unavailable(self.service) from failure
            self._breaker.answered()
            calling.set_attribute("http.response.status_code", response.status_code)
            note(decoded(response.headers.get(ABOUT, "")))
            if response.status_code >= 500:
                note_cause(f"{self.service}: {_code(_problem(response)) or response.status_code}")
            return response

    async def call(self, method: str, path: str, expect: type[T], **request: Any) -> T:
        """Send a request and decode its answer; a refusal is raised as Refused with the other's problem details."""
        response = await self.send(method, path, **request)
        if response.status_code >= 400:
            raise Refused(response.status_code, _problem(response))
        if expect is type(None):
            return None
        return msgspec.json.decode(response.content, type=expect)

    async def get(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with GET."""
        return await self.call("GET", path, expect, **request)

    async def post(self, path: str, expect: type[T], **request: Any) -> T:
        """`call` with POST."""
        return await self.call("POST", path, expect, **request)


def _code(problem: Mapping[str, Any]) -> str:
    """The name of the rule that a problem's type is."""
    return str(problem.get("type", "")).rsplit("/", 1)[-1]


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": "The answer could not be read."}
