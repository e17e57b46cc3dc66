"""The API's document, and a page to read it and try it."""

from typing import Any

from litestar import MediaType, Request, Response, get

from entrypoint.context.parts import parts_of

SWAGGER = "vendor/swagger-ui"

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>API · Souk</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="{icon}" type="image/svg+xml">
  <link rel="stylesheet" href="{css}">
</head>
<body>
  <main id="swagger-ui"><noscript>The document itself: <a href="/api/openapi.json">/api/openapi.json</a></noscript></main>
  <script src="{bundle}"></script>
  <script src="{start}" type="module"></script>
</body>
</html>
"""


@get("/api/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The whole public API as OpenAPI 3.1."""
    content = await parts_of(request).document.json(request.app.openapi_schema.to_schema())
    return Response(content, media_type=MediaType.JSON, headers={"cache-control": "public, max-age=60"})


@get("/api/docs", include_in_schema=False)
async def docs(request: Request[Any, Any, Any]) -> Response[str]:
    """The API's document to read and try; works under the shop's strict content security policy."""
    url = parts_of(request).assets.url
    html = PAGE.format(
        icon=url("img/favicon.svg"),
        css=url(f"{SWAGGER}/swagger-ui.css"),
        bundle=url(f"{SWAGGER}/swagger-ui-bundle.js"),
        start=url(f"{SWAGGER}/start.js"),
    )
    return Response(html, media_type=MediaType.HTML)
