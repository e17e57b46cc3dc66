"""Which saved searches a new listing is found by: the search turned around.

One statement for a batch of listings. A listing's words lead over an index to the searches that need one of them (their
`anchors`), its categories to those without words; only these few are compared in full. So the cost follows what matches,
not how many searches are saved.

A listing is compared when it is published, as it and its seller are then. A seller who is rated better later has nothing
new on sale: telling of it would be telling of their whole stock at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import TextClause, text

from catalogue.saved_searches.tables import SearchMatchRow
from souk.clock import Clock
from souk.contracts.catalogue.events import SearchMatched
from souk.database import Session
from souk.database.forgetting import forget_due
from souk.money import Money

TOLD_PER_SEARCH_MAX = 20
"""Listings that a user is told of for one search in `TOLD_WITHIN`; a search for everything must not drown its user."""

TOLD_WITHIN = timedelta(days=1)

MATCHES_KEPT = timedelta(days=30)
SWEEP_MAX = 1000

_MATCH = text("""
WITH fresh AS (
    SELECT listing.id, seller_id, title, price, currency, tags, attributes, words, published_at,
        string_to_array(category.path, '/') AS categories, listing_forms(title, attributes, language) AS forms
    FROM listing JOIN category ON category.slug = listing.category
    WHERE listing.id = ANY(CAST(:ids AS uuid[])) AND on_sale
), near AS (
    SELECT fresh.id, search.id AS search_id FROM fresh
    JOIN saved_search AS search ON search.anchors && (tsvector_to_array(fresh.words) || tsvector_to_array(fresh.forms))
    UNION ALL
    SELECT fresh.id, search.id FROM fresh
    CROSS JOIN LATERAL unnest(array_prepend('', categories)) AS place (category)
    JOIN saved_search AS search ON search.anchors = '{}' AND coalesce(search.category, '') = place.category
), found AS (
    SELECT search.id AS search_id, search.user_id, search.name,
        fresh.id AS listing_id, fresh.title, fresh.price, fresh.currency, fresh.published_at
    FROM near JOIN fresh USING (id) JOIN saved_search AS search ON search.id = near.search_id
    WHERE (search.query IS NULL OR fresh.words @@ search.query
            OR (fresh.forms @@ search.forms AND NOT coalesce(fresh.words @@ search.unwanted, false)))
        AND (search.category IS NULL OR search.category = ANY(fresh.categories))
        AND fresh.price BETWEEN coalesce(search.price_min, 0) AND coalesce(search.price_max, fresh.price)
        AND NOT EXISTS (
            SELECT FROM jsonb_each(search.facets) AS facet (name, chosen)
            WHERE NOT fresh.tags && ARRAY(SELECT facet.name || '=' || one FROM jsonb_array_elements_text(chosen) AS one)
        )
        -- As JSON, where a text is less than every number, so that only numbers are in a range.
        AND NOT EXISTS (
            SELECT FROM jsonb_each(search.ranges) AS asked (key, ends)
            WHERE NOT coalesce(fresh.attributes -> asked.key BETWEEN asked.ends -> 0 AND asked.ends -> 1, false)
        )
        AND (search.seller_id IS NULL OR search.seller_id = fresh.seller_id)
        AND search.user_id <> fresh.seller_id
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY search_id ORDER BY published_at, listing_id) AS place
    FROM found
), told AS (
    INSERT INTO search_match (search_id, listing_id, matched_at)
    SELECT search_id, listing_id, :now FROM ranked
    WHERE place <= :most AND place + (
        SELECT count(*) FROM search_match AS before
        WHERE before.search_id = ranked.search_id AND before.matched_at > :since
    ) <= :most
    ORDER BY search_id, listing_id
    ON CONFLICT DO NOTHING
    RETURNING search_id, listing_id
)
SELECT found.* FROM found JOIN told USING (search_id, listing_id) ORDER BY search_id, listing_id
""")


def explained() -> TextClause:
    """The statement as `EXPLAIN` takes it, for the test and the bench that look at its plan."""
    return text(f"EXPLAIN {_MATCH.text}")


async def match(session: Session, listing_ids: Iterable[UUID], *, now: datetime) -> list[SearchMatched]:
    """Who is to be told of these new listings: each user once for a listing, by all their searches that found it.

    What was told once is not told again.
    """
    values = {
        "ids": sorted(set(listing_ids)),
        "now": now,
        "since": now - TOLD_WITHIN,
        "most": TOLD_PER_SEARCH_MAX,
    }
    rows = list(await session.execute(_MATCH, values))
    rows.sort(key=lambda row: (row.user_id, row.listing_id))
    told = (list(group) for _, group in groupby(rows, key=lambda row: (row.user_id, row.listing_id)))
    return [
        SearchMatched(
            search_id=first.search_id,
            user_id=first.user_id,
            name=first.name,
            other_names=[row.name for row in others],
            listing_id=first.listing_id,
            title=first.title,
            price=Money(first.price, first.currency),
        )
        for first, *others in told
    ]


class Sweep:
    """Forgets what searches found long ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(
            session, SearchMatchRow, SearchMatchRow.matched_at <= self._clock.now() - MATCHES_KEPT, most=SWEEP_MAX
        )
