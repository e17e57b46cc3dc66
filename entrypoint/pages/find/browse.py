"""Finding things: the page of results, with filters that are kept in its address."""

import asyncio
from dataclasses import replace
from typing import Any

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_kept, render_page
from entrypoint.context.request_context import RequestContext, context_of
from entrypoint.pages.cards import cards
from entrypoint.pages.find.filters import (
    PLOT_HEIGHT,
    PLOT_WIDTH,
    filter_groups,
    price_plot,
    within_options,
    yes_count,
)
from entrypoint.pages.find.filters import chips as chips_of
from entrypoint.pages.find.search_query import Asked, Search, read_search, understand
from entrypoint.pages.find.watch_buttons import put_hearts
from entrypoint.refusals.refusals import message_of
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.listings import ListingPage, Seller
from souk.contracts.catalogue.search import Facets, ShownResults, Sort
from souk.errors import RuleBroken
from souk.http.client import Refused

PAGE_SIZE = 24

TEMPLATE = "pages/find/browse.html"

SORTS: dict[Sort, str] = {
    "relevance": N_("Best match"),
    "newest": N_("Newest"),
    "price_up": N_("Lowest price"),
    "price_down": N_("Highest price"),
}


Try = tuple[str, list[tuple[str, Any]], "Search"]
"""What is left out, how the catalogue is asked then, and where the results are."""


@get("/browse")
async def browse(request: PageRequest) -> Response[str]:
    """Listings on sale, narrowed down."""
    ctx = context_of(request)
    categories = await ctx.parts.categories.needed()
    by_slug = {category.slug: category for category in categories}
    search = read_search(request.query_params)
    asked = understand(search, ctx.parts.settings.currency, by_slug, ctx.reader)
    shown = await find(ctx, asked)

    async def make() -> dict[str, Any]:
        listings = cards(ctx.reader, shown.page.items)
        put_hearts(ctx, shown.watched, listings)
        return _context(ctx, asked, by_slug, shown) | {"listings": listings}

    if asked.errors:
        return await render_page(request, TEMPLATE, await make(), status=422)
    if not shown.page.items:
        return await render_page(request, TEMPLATE, await make() | {"ways_out": await _ways_out(ctx, asked)})
    return await render_kept(request, TEMPLATE, shown, make)


def _context(ctx: RequestContext, asked: Asked, by_slug: dict[str, Category], shown: ShownResults) -> dict[str, Any]:
    """What the page shows beside the listings."""
    found, seller, facets = shown.page, shown.seller, shown.facets
    search, currency = asked.search, ctx.parts.settings.currency
    return {
        "active": "browse",
        "category": _root(by_slug, search.category),
        "q": search.q,
        "search": search,
        "errors": asked.errors,
        "title": _title(ctx.reader, search, by_slug, seller),
        "total": total_text(ctx.reader, found),
        "found": found,
        "next": replace(search, cursor=found.next_cursor).href() if found.next_cursor else "",
        "first": replace(search, cursor="").href() if search.cursor else "",
        "chips": chips_of(ctx.reader, asked, by_slug, seller, currency),
        "category_links": _category_links(asked, by_slug, facets, ctx.reader),
        "groups": filter_groups(ctx.reader, asked, facets, by_slug),
        "pictured_count": yes_count(ctx.reader, facets, "pictured"),
        "offers_count": yes_count(ctx.reader, facets, "offers"),
        "within_options": within_options(ctx.reader),
        "plot": price_plot(ctx.reader, search, facets, currency),
        "plot_box": f"0 0 {PLOT_WIDTH} {PLOT_HEIGHT}",
        "meant": {"words": found.did_you_mean, "href": replace(search, q=found.did_you_mean, cursor="").href()}
        if found.did_you_mean
        else None,
        "sorts": sorts_for(ctx.reader, search),
        "canonical": _canonical(ctx, search),
    }


async def find(ctx: RequestContext, asked: Asked) -> ShownResults:
    """Ask the catalogue. A cursor that leads nowhere shows the first page, and what cannot be searched nothing."""
    try:
        return await ctx.parts.clients.catalogue.show_results(ctx.identity, asked.params, limit=PAGE_SIZE)
    except Refused as refused:
        if refused.status >= 500:
            raise
        if not asked.search.cursor:
            asked.errors["q"] = message_of(ctx.reader, refused)
            nothing = ListingPage(items=[], next_cursor=None, total=0, total_exact_max=0)
            return ShownResults(page=nothing, facets=None, seller=None, watched=[])
    asked.errors["cursor"] = ctx.reader.gettext("That page cannot be found any more, so this is the first.")
    first = replace(asked.search, cursor="")
    start = Asked(first, [pair for pair in asked.params if pair[0] != "cursor"], asked.errors)
    asked.search, asked.params = start.search, start.params
    return await find(ctx, start)


def total_text(reader: Reader, found: ListingPage) -> str:
    """How many there are, in words."""
    if found.total > found.total_exact_max:
        return reader.gettext("over %s listings") % reader.number(found.total_exact_max)
    return reader.translations.ngettext("%s listing", "%s listings", found.total) % reader.number(found.total)


def _title(reader: Reader, search: Search, by_slug: dict[str, Category], seller: Seller | None) -> str:
    where = by_slug[search.category].name if search.category else ""
    if seller and not search.q and not where:
        return reader.gettext("From %s") % seller.display_name
    if search.q:
        return (
            reader.gettext("“%(words)s” in %(category)s") % {"words": search.q, "category": where}
            if where
            else (f"“{search.q}”")
        )
    return where or reader.gettext("Everything on sale")


async def _ways_out(ctx: RequestContext, asked: Asked) -> list[dict[str, Any]]:
    """For each filter in force, what would be found without it; only what helps."""
    plain = replace(asked.search, cursor="")
    without: dict[str, tuple[tuple[str, ...], Search]] = {
        name: ((name,), replace(plain, **{name: ""}))  # type: ignore[arg-type]
        for name in ("q", "price_min", "price_max", "seller")
    }
    without |= {
        "category": (("category", "attribute"), replace(plain, category="", attributes=(), numbers=())),
        "condition": (("condition",), replace(plain, conditions=())),
        "language": (("language",), replace(plain, languages=())),
        "country": (("country",), replace(plain, countries=())),
        "attribute": (("attribute",), replace(plain, attributes=(), numbers=())),
        "pictured": (("pictured",), replace(plain, pictured="")),
        "accepts_offers": (("accepts_offers",), replace(plain, offers="")),
        "rating_min": (("rating_min",), replace(plain, rating="")),
        "within_days": (("within_days",), replace(plain, within="")),
    }
    in_force = {name for name, _ in asked.params}
    tries: list[Try] = [
        (name, [pair for pair in asked.params if pair[0] not in (*dropped, "cursor")], search)
        for name, (dropped, search) in without.items()
        if name in in_force
    ]
    labels = _way_out_words(ctx.reader)
    return await _helpful(ctx, tries, labels) or await _helpful(ctx, _alone(plain, asked), labels)


def _alone(plain: Search, asked: Asked) -> list[Try]:
    """The words alone, and the category alone: for when leaving out one filter does not help."""
    named = {"q": Search(q=plain.q), "category": Search(category=plain.category)}
    return [
        (f"{name} alone", [pair for pair in asked.params if pair[0] in (name, "sort")], search)
        for name, search in named.items()
        if getattr(plain, name)
    ]


async def _helpful(ctx: RequestContext, tries: list[Try], labels: dict[str, str]) -> list[dict[str, Any]]:
    found = await asyncio.gather(*(_tried(ctx, params) for _, params, _ in tries))
    ways = [
        {"label": labels[name], "total": total_text(ctx.reader, page), "count": page.total, "href": search.href()}
        for (name, _, search), page in zip(tries, found, strict=True)
        if page is not None and page.total
    ]
    return sorted(ways, key=lambda way: -int(way["count"]))


async def _tried(ctx: RequestContext, params: list[tuple[str, Any]]) -> ListingPage | None:
    plain = [("sort", "newest") if name == "sort" else (name, value) for name, value in params]
    try:
        return await ctx.parts.clients.catalogue.list_listings(ctx.identity, plain, limit=1)
    except RuleBroken:
        return None


def _way_out_words(reader: Reader) -> dict[str, str]:
    return {
        "q": reader.gettext("Without the words"),
        "category": reader.gettext("In all categories"),
        "price_min": reader.gettext("Without the lowest price"),
        "price_max": reader.gettext("Without the highest price"),
        "seller": reader.gettext("From all sellers"),
        "condition": reader.gettext("In any condition"),
        "language": reader.gettext("In any language"),
        "country": reader.gettext("From anywhere"),
        "attribute": reader.gettext("Without the details"),
        "pictured": reader.gettext("Also without pictures"),
        "accepts_offers": reader.gettext("Also at a fixed price"),
        "rating_min": reader.gettext("However the seller is rated"),
        "within_days": reader.gettext("Listed at any time"),
        "q alone": reader.gettext("Only the words"),
        "category alone": reader.gettext("Only the category"),
    }


def _category_links(
    asked: Asked, by_slug: dict[str, Category], facets: Facets | None, reader: Reader
) -> dict[str, Any]:
    """The way up from the category in force, and what is below it, with how much is found there."""
    search = replace(asked.search, cursor="")
    plain = replace(search, attributes=(), numbers=())
    narrowed = {name for name, _ in asked.params} - {"category", "sort", "cursor"}
    counts = _category_counts(by_slug, facets) if narrowed and facets else {}

    def count(category: Category) -> str:
        if not narrowed:
            return reader.number(category.listings)
        number = reader.number(counts.get(category.slug, 0))
        return "" if facets is None else number if facets.complete else reader.gettext("%s+") % number

    def link(category: Category, *, counted: bool) -> dict[str, Any]:
        return {
            "label": category.name,
            "href": replace(plain, category=category.slug).href(),
            "current": category.slug == search.category,
            "count": count(category) if counted else "",
        }

    above: list[Category] = []
    here = by_slug.get(search.category)
    while here is not None:
        above.insert(0, here)
        here = by_slug.get(here.parent or "")
    below = [one for one in by_slug.values() if one.parent == (search.category or None) and one.listings]
    if narrowed and facets is not None and facets.complete:
        below = [one for one in below if counts.get(one.slug)]
    return {
        "all": replace(plain, category="").href(),
        "above": [link(c, counted=c.slug == search.category or not narrowed) for c in above],
        "below": [link(c, counted=True) for c in below],
    }


def _category_counts(by_slug: dict[str, Category], facets: Facets) -> dict[str, int]:
    """Listings found in each category and below it."""
    counts: dict[str, int] = {}
    for one in next((facet.values for facet in facets.facets if facet.name == "category"), []):
        slug: str | None = one.value
        while slug and slug in by_slug:
            counts[slug] = counts.get(slug, 0) + one.listings
            slug = by_slug[slug].parent
    return counts


def sorts_for(reader: Reader, search: Search) -> list[dict[str, str]]:
    """The orders to choose from; the best match needs words."""
    return [
        {"value": value, "label": reader.gettext(label)}
        for value, label in SORTS.items()
        if search.q or value != "relevance"
    ]


def _root(by_slug: dict[str, Category], slug: str) -> str:
    """The main category above this one, which the frame marks."""
    while slug and by_slug[slug].parent:
        slug = by_slug[slug].parent or ""
    return slug


def _canonical(ctx: RequestContext, search: Search) -> str:
    """The address that search engines should know: without filters that only narrow."""
    return ctx.parts.settings.public_url.rstrip("/") + Search(q=search.q, category=search.category).href()


ROUTES = [browse]
