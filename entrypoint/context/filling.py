"""A shop that is open while it is being filled: how many listings are still to come, and whether people may act yet."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from entrypoint.context.parts import parts_of
from souk.errors import Unavailable

LOOKING = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS = ("/login", "/logout", "/theme", "/language", "/api/v1/tokens")
"""What changes only what belongs to the visitor's browser."""

TRY_AGAIN_S = 20


class NotOpenYet(Unavailable):
    """The past of a demo shop is being told: who acted now would act before it is over."""

    title = "The shop is being filled"
    members = ("retry_after",)


async def only_look(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard of pages and of the API: while a past is told, people may look around; raises NotOpenYet for all else."""
    if not parts_of(connection).arriving.past:
        return
    if connection.scope.get("method") not in LOOKING and not connection.url.path.startswith(OPEN_PATHS):
        raise NotOpenYet(
            "The demo's past is still being told. Nothing was changed; try again in half a minute.",
            retry_after=TRY_AGAIN_S,
        )
