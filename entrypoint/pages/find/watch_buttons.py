"""The hearts on cards: which listings of a page are watched, known or asked at once."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from entrypoint.context.request_context import RequestContext
from souk.errors import RuleBroken


async def mark(ctx: RequestContext, *grids: list[dict[str, Any]]) -> None:
    """`put_hearts`, where it must be asked which of a page's listings the visitor watches: one call for them all, and none
    for visitors."""
    put_hearts(ctx, await watched_of(ctx, {card["id"] for grid in grids for card in grid}), *grids)


def put_hearts(ctx: RequestContext, watched: Collection[UUID], *grids: list[dict[str, Any]]) -> None:
    """Put a heart on the cards of a page, filled where the visitor watches the listing; those of visitors lead to the login.
    Nobody watches what is their own, or begins to watch what is sold."""
    for card in (card for grid in grids for card in grid):
        if ctx.user is None or card["seller_id"] != ctx.user.id:
            card["heart"] = "on" if card["id"] in watched else "" if card["sold"] else "off"


async def watched_of(ctx: RequestContext, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these the visitor watches; none, while that cannot be found out."""
    wanted = list(ids)
    if ctx.user is None or not wanted:
        return set()
    try:
        return set(await ctx.parts.clients.catalogue.list_watched_ids(ctx.identity, wanted))
    except RuleBroken:
        return set()
