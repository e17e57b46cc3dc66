"""The route that serves static files."""

from typing import Any

from litestar import Request, Response, get

from entrypoint.context.parts import parts_of
from entrypoint.web.etags import is_known
from entrypoint.web.packing import accepts_gzip
from souk.errors import NotFound

KEPT = {
    True: "public, max-age=31536000, immutable",
    False: "no-cache",
    None: "public, max-age=300",
}
"""By whether the name has the hash of the content, another version's, or none: then the ETag answers in a few bytes."""


@get("/static/{name:path}", include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """A stylesheet, script or picture of the pages."""
    try:
        asset, exact = parts_of(request).assets.find(name.lstrip("/"))
    except FileNotFoundError as unknown:
        raise NotFound("There is no such file.", code="unknown-file") from unknown
    packed = asset.packed if accepts_gzip(request.headers.get("accept-encoding", "")) else None
    plain, small = f'"{asset.hash}"', f'"{asset.hash}-gzip"'  # a strong one names the very bytes
    headers = {"cache-control": KEPT[exact], "etag": plain if packed is None else small}
    if asset.packed is not None:
        headers["vary"] = "accept-encoding"
    held = request.headers.get("if-none-match", "")
    if same := next((etag for etag in (plain, small) if is_known(etag, held)), None):
        return Response(b"", status_code=304, headers=headers | {"etag": same})
    if packed is not None:
        headers["content-encoding"] = "gzip"
    return Response(packed or asset.content, headers=headers, media_type=asset.kind)
