"""What search engines are told: which pages there are, and which to leave alone."""

from xml.sax.saxutils import escape

from litestar import Response, get

from entrypoint.pages.cards import listing_href
from entrypoint.web.frame import PageRequest
from entrypoint.web.visits import Visit, visit_of
from souk.contracts.catalogue import SitemapEntry
from souk.errors import NotFound

XML = "application/xml"
CACHE = {"cache-control": "public, max-age=3600"}
PRIVATE = (
    "/cart",
    "/checkout",
    "/orders",
    "/sales",
    "/wallet",
    "/account",
    "/notifications",
    "/purchases",
    "/admin",
)
"""Pages that are only for one person."""


def _root(visit: Visit) -> str:
    return visit.parts.settings.public_url.rstrip("/")


@get("/robots.txt", media_type="text/plain")
async def robots(request: PageRequest) -> str:
    """What search engines should leave alone, and where they find the rest."""
    sitemap = f"Sitemap: {_root(visit_of(request))}/sitemap.xml"
    return "\n".join(["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "Disallow: /api/v1/", sitemap, ""])


@get("/sitemap.xml")
async def sitemap(request: PageRequest) -> Response[str]:
    """The list of sitemaps: one for each category that has listings (sitemaps.org, protocol 0.9)."""
    visit = visit_of(request)
    categories = await visit.parts.categories.fresh()
    places = [f"{_root(visit)}/sitemaps/{each.slug}.xml" for each in categories if each.listings]
    listed = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>" for place in places)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>')


@get("/sitemaps/{name:str}")
async def category_sitemap(request: PageRequest, name: str) -> Response[str]:
    """A category's page, and its newest listings."""
    visit = visit_of(request)
    slug = name.removesuffix(".xml")
    known = {each.slug for each in await visit.parts.categories.fresh()}
    if slug not in known or not name.endswith(".xml"):
        raise NotFound("The address may be mistyped, or what was here is gone.")
    params = {"category": slug}
    entries = await visit.parts.clients.catalogue.get("/internal/sitemap", list[SitemapEntry], params=params)
    root = _root(visit)
    listed = "".join(
        f"<url><loc>{escape(root + listing_href(each.id, each.slug))}</loc>"
        f"<lastmod>{each.changed_at.date().isoformat()}</lastmod></url>"
        for each in entries
    )
    here = f"<url><loc>{escape(root)}/browse?category={escape(slug)}</loc></url>"
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{here}{listed}</urlset>')


def _xml(content: str) -> Response[str]:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{content}\n', media_type=XML, headers=CACHE)


ROUTES = [robots, sitemap, category_sitemap]
