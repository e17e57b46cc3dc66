"""What moderators decide."""

from litestar.types import ControllerRouterHandler

from entrypoint.pages.moderation import listings, problems, reviews, threads

ROUTES: list[ControllerRouterHandler] = [
    *listings.ROUTES,
    *reviews.ROUTES,
    *threads.ROUTES,
    *problems.ROUTES,
]
