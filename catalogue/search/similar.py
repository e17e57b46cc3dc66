"""What else there is of a kind: for a listing that is gone, and for one that is not quite right."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, column, select, text

from catalogue.categories.categories import CategoryTree
from catalogue.listings.rules import UnknownListing
from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, card, cards_of, cards_query
from souk.contracts.catalogue.listings import ListingCard
from souk.database import Database, Statement
from souk.recent import Recent

SIMILAR_MAX = 8
NEAREST_MAX = 300
"""The newest listings of a category that are compared; of the category above, so many of each below it."""

KEPT_S = 60.0
KEPT_MAX = 10_000
"""Listings of which it is kept in memory which others are like them, some 600 bytes each."""


class Alike(NamedTuple):
    """Which listings are like one that is in this category, found a while ago."""

    category: str
    ids: tuple[UUID, ...]
    until: float

    def among(self, cards: Mapping[UUID, ListingCard]) -> list[ListingCard]:
        """Those of them that are on sale now, out of the cards of all that are."""
        return [cards[each] for each in self.ids if each in cards and cards[each].available]


_KEPT = Recent[UUID, Alike](KEPT_MAX)

SIMILAR = """
    WITH this AS MATERIALIZED (
        SELECT language, coalesce((SELECT string_agg(quote_literal(lexeme), ' | ') FROM unnest(head)), '')::tsquery AS words
        FROM listing WHERE id = :id
    )
    SELECT near.id, row_number() OVER (
        ORDER BY ts_rank(near.head, this.words) * CASE WHEN near.language = this.language THEN 2 ELSE 1 END DESC,
            near.published_at DESC, near.id DESC
    ) AS place
    FROM this, unnest(CAST(:categories AS text[])) AS branch (slug), LATERAL (
        SELECT id, head, language, published_at FROM listing
        WHERE on_sale AND category = branch.slug AND id <> :id
        ORDER BY published_at DESC, id DESC LIMIT :nearest
    ) AS near
    ORDER BY place LIMIT :most
"""

_near = text(SIMILAR).columns(column("id", Uuid()), column("place", BigInteger())).subquery("near")
_SIMILAR: Statement[Any] = Statement(
    cards_query(
        select(*CARD_COLUMNS, _near.c.place).join(_near, ListingRow.id == _near.c.id), lambda columns: [columns.place]
    )
)
_CATEGORY: Statement[ListingRow] = Statement(
    select(ListingRow.category, ListingRow.status).where(ListingRow.id == bindparam("id"))
)


async def similar_to(database: Database, listing_id: UUID, tree: CategoryTree) -> list[ListingCard]:
    """What is like a listing. Raises UnknownListing."""
    row = await _CATEGORY.one(database, id=listing_id)
    if row is None or row.status in ("draft", "hidden"):
        raise UnknownListing("There is no such listing.")
    known = kept(listing_id)
    if known is None or known.category != row.category:
        return await find_similar(database, row.category, listing_id, tree)
    return known.among({each.id: each for each in await cards_of(database, known.ids)} if known.ids else {})


def kept(listing_id: UUID) -> Alike | None:
    """What `find_similar` found within the last `KEPT_S` seconds, if it is kept. What these listings cost, and whether they
    are on sale, is not."""
    known = _KEPT.get(listing_id)
    return known if known is not None and time.monotonic() < known.until else None


async def find_similar(database: Database, category: str, listing_id: UUID, tree: CategoryTree) -> list[ListingCard]:
    """What is like a listing of this category, found anew."""
    alike = await _alike(database, category, listing_id, tree)
    _KEPT.put(listing_id, Alike(category, tuple(each.id for each in alike), time.monotonic() + KEPT_S))
    return alike


async def _alike(database: Database, category: str, listing_id: UUID, tree: CategoryTree) -> list[ListingCard]:
    """Of a listing's category, those with the most words of title and attributes in common with it; of the one above it
    too, if that gives too few."""
    found: dict[UUID, ListingCard] = {}
    for each in reversed(tree.path(category)[-2:]):
        rows = await _SIMILAR.once(
            database, categories=tree.subtree(each.slug), id=listing_id, nearest=NEAREST_MAX, most=SIMILAR_MAX
        )
        found |= {row.id: card(row) for row in rows if row.id not in found}
        if len(found) >= SIMILAR_MAX // 2:
            break
    return [*found.values()][:SIMILAR_MAX]
