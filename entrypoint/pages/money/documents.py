"""Documents of the payment service, passed on to the browser."""

from litestar import Response

from souk.errors import NotFound
from souk.http.answers import Answer
from souk.http.client import Refused

PASSED_ON = ("content-type", "content-disposition", "etag", "cache-control")
"""Headers of a document that reach the browser."""


def passed_on(answer: Answer) -> Response[bytes]:
    """The document that was answered; raises what was refused."""
    if answer.status == 404:
        raise NotFound("There is no such document among yours.", code="document-not-yours")
    if answer.status == 422:
        raise Refused(422, answer.json())
    if answer.status >= 400:
        raise Refused(
            answer.status,
            {"title": "Not available just now", "detail": "Try again in a moment.", "code": "unavailable"},
        )
    sent = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    kind = sent.pop("content-type", "application/octet-stream")
    return Response(answer.body, status_code=answer.status, media_type=kind, headers=sent)
