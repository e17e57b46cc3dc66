"""How one's listing does."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.cards import listing_href
from entrypoint.pages.member_context import member_context
from entrypoint.pages.sell.own_listing import own_listing
from souk.contracts.catalogue.listings import InsightDay

PERIODS = (7, 30, 90)
WIDTH, HEIGHT = 300, 60
"""Of a plot, in its own units."""

GAP = 0.2
"""The share of a column that stays empty."""


@get("/listings/{listing_id:uuid}/insights")
async def show(request: PageRequest, listing_id: UUID) -> Response[Any]:
    """Views, watchers, cart adds and sales, day by day."""
    member = member_context(request)
    sent = str(request.query_params.get("days") or "")
    days = next((period for period in PERIODS if str(period) == sent), 30)
    listing = await own_listing(member, listing_id)
    found = await member.catalogue.get_insights(member.identity, listing_id, days)
    reader, here = member.ctx.reader, f"/listings/{listing_id}/insights"
    titles = {
        "views": member.gettext("Views"),
        "watchers": member.gettext("New watchers"),
        "cart_adds": member.gettext("Put into carts"),
        "sales": member.gettext("Units sold"),
    }
    totals = {name: sum(getattr(day, name) for day in found.days) for name in titles}
    context = {
        "active": "listings",
        "listing": listing,
        "href": listing_href(listing.id, listing.slug),
        "tabs_shown": [
            {
                "label": reader.translations.ngettext("%s day", "%s days", period) % period,
                "href": f"{here}?days={period}",
                "current": period == days,
            }
            for period in PERIODS
        ],
        "plots": [
            {"title": title, "total": reader.number(totals[name]), **_plot(found.days, name)}
            for name, title in titles.items()
        ],
        "box": f"0 0 {WIDTH} {HEIGHT}",
        "first": found.days[0].day,
        "last": found.days[-1].day,
        "watching": reader.number(found.watching),
        "conversion": _percent(totals["sales"], totals["views"]),
        "days": [day for day in reversed(found.days) if any(getattr(day, name) for name in titles)],
        "anything": any(totals.values()),
    }
    return await render_page(request, "pages/sell/insights.html", context)


def _plot(days: list[InsightDay], name: str) -> dict[str, Any]:
    """Columns as an SVG path, and the highest of them."""
    values = [getattr(day, name) for day in days]
    most = max(values)
    step = WIDTH / len(values)
    parts = [
        f"M{number * step + step * GAP / 2:.1f} {HEIGHT}v{-value * HEIGHT / most:.1f}h{step * (1 - GAP):.1f}V{HEIGHT}z"
        for number, value in enumerate(values)
        if value
    ]
    return {"path": "".join(parts), "most": most}


def _percent(part: int, whole: int) -> str:
    """Sales per hundred views, with one digit behind the point; nothing without views."""
    return f"{min(100.0, 100 * part / whole):.1f} %" if whole else ""


ROUTES = [show]
