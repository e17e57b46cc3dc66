"""The stream that pages listen to."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.params import Parameter
from litestar.response import Stream as StreamResponse

from entrypoint.context.parts import parts_of
from entrypoint.context.request_context import open_context, require_user

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@get("/live", guards=[open_context], include_in_schema=False)
async def live(
    request: Request[Any, Any, Any],
    purchase: UUID | None = None,
    order: UUID | None = None,
    thread: UUID | None = None,
    since: Annotated[float, Parameter(ge=0)] = 0.0,
) -> StreamResponse:
    """Server-sent events for whoever is logged in: an unnamed event says that something changed.

    `purchase`, `order` and `thread` narrow it to one of the user's own. `since` is the Unix time at which the page was made:
    what changed before the stream was open comes too.
    """
    user = require_user(request)
    asked = (("purchase", purchase), ("order", order), ("thread", thread))
    topics = {name: str(topic) for name, topic in asked if topic is not None}
    hub = parts_of(request).live
    hub.admit(user.id)

    async def text() -> AsyncIterator[str]:
        async with hub.stream(user.id, topics, since) as stream:
            async for part in stream.text():
                yield part

    return StreamResponse(text(), media_type="text/event-stream", headers=HEADERS)
