"""Documents of the payment service, passed on to the browser."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from entrypoint.pages.asking import Asker
from souk.errors import NotFound
from souk.http.client import LONG_ANSWER_S_MAX, Refused

PASSED_ON = ("content-type", "content-disposition", "etag", "cache-control")
"""Headers of a document that reach the browser."""


async def passed_on(
    ask: Asker, path: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
) -> Response[bytes]:
    """The document at a path of the payment service; raises what it refuses."""
    answer = await ask.parts.clients.payment.send(
        "GET", path, identity=ask.identity, headers=headers, params=params, seconds_max=LONG_ANSWER_S_MAX
    )
    if answer.status == 404:
        raise NotFound("There is no such document among yours.")
    if answer.status == 422:
        raise Refused(422, answer.json())
    if answer.status >= 400:
        raise Refused(answer.status, {"title": "Not available just now", "detail": "Try again in a moment."})
    sent = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    kind = sent.pop("content-type", "application/octet-stream")
    return Response(answer.body, status_code=answer.status, media_type=kind, headers=sent)
