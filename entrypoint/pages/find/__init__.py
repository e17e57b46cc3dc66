"""Finding things: the front page, browsing, a listing, sellers, watching, saved searches."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.find import browse, home, listing, saved_searches, sellers, sitemap, watchlist

ROUTES: list[ControllerRouterHandler] = [
    *browse.ROUTES,
    *home.ROUTES,
    *listing.ROUTES,
    *saved_searches.ROUTES,
    *sellers.ROUTES,
    *sitemap.ROUTES,
    *watchlist.ROUTES,
]
