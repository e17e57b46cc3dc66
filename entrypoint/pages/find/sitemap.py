"""What search engines are told: which pages there are, and which to leave alone."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from litestar import Response, get

from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import listing_href
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.listings import SITEMAP_LISTINGS
from souk.errors import NotFound

XML = "application/xml"
NAME = re.compile(r"(?P<slug>[a-z0-9-]+)(\.(?P<page>[1-9][0-9]{0,4}))?\.xml")
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


def _root(ctx: RequestContext) -> str:
    return ctx.parts.settings.public_url.rstrip("/")


@get("/robots.txt", media_type="text/plain")
async def robots(request: PageRequest) -> str:
    """What search engines should leave alone, and where they find the rest."""
    sitemap = f"Sitemap: {_root(context_of(request))}/sitemap.xml"
    return "\n".join(["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "Disallow: /api/v1/", sitemap, ""])


@get("/sitemap.xml")
async def sitemap(request: PageRequest) -> Response[str]:
    """The list of sitemaps: as many for each category as its listings need (sitemaps.org, protocol 0.9)."""
    ctx = context_of(request)
    categories = await ctx.parts.categories.needed()
    last, root = sitemaps(categories), _root(ctx)
    filled = [each.slug for each in categories if each.listings]
    places = [f"{root}/sitemaps/{slug}.{page}.xml" for slug in filled for page in range(1, last[slug] + 1)]
    listed = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>" for place in places)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>')


@get("/sitemaps/{name:str}")
async def category_sitemap(request: PageRequest, name: str) -> Response[str]:
    """A part of a category's listings; the first names also the category's page."""
    ctx = context_of(request)
    found = NAME.fullmatch(name)
    slug, page = (found["slug"], int(found["page"] or 1)) if found else ("", 1)
    if page > sitemaps(await ctx.parts.categories.needed()).get(slug, 0):
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    entries = await ctx.parts.clients.catalogue.list_sitemap_entries(slug, page)
    root = _root(ctx)
    listed = "".join(
        f"<url><loc>{escape(root + listing_href(each.id, each.slug))}</loc>"
        f"<lastmod>{each.changed_at.date().isoformat()}</lastmod></url>"
        for each in entries
    )
    here = f"<url><loc>{escape(root)}/browse?category={escape(slug)}</loc></url>" if page == 1 else ""
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{here}{listed}</urlset>')


def sitemaps(categories: Sequence[Category]) -> dict[str, int]:
    """How many sitemaps each category has, at least one. What stands below a category is in sitemaps of its own."""
    own = {each.slug: each.listings for each in categories}
    for each in categories:
        if each.parent is not None:
            own[each.parent] -= each.listings
    return {each.slug: max(1, -(-own[each.slug] // SITEMAP_LISTINGS)) for each in categories}


def _xml(content: str) -> Response[str]:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{content}\n', media_type=XML, headers=CACHE)


ROUTES = [robots, sitemap, category_sitemap]
