"""The route that serves static files."""

from typing import Any

from litestar import Request, Response, get

from entrypoint.parts import parts_of

FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
"""For names without a hash, such as modules that import each other; after it, the ETag answers in a few bytes."""


@get("/static/{name:path}", include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """A stylesheet, script or picture of the pages."""
    asset = parts_of(request).assets.get(name.lstrip("/"))
    known = request.query_params.get("v") == asset.hash
    etag = f'"{asset.hash}"'
    headers = {"cache-control": FOREVER if known else SHORT, "etag": etag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    packed = asset.packed if "gzip" in request.headers.get("accept-encoding", "") else None
    if packed is not None:
        headers["content-encoding"] = "gzip"
    return Response(packed or asset.content, headers=headers, media_type=asset.kind)
