"""What else there is of a kind: for a listing that is gone, and for one that is not quite right."""

import time
from collections.abc import Sequence
from typing import Any
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

_KEPT = Recent[tuple[UUID, str], tuple[tuple[UUID, ...], float]](KEPT_MAX)

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
    return (await similar_in(database, row.category, listing_id, tree))[0]


async def similar_in(
    database: Database, category: str, listing_id: UUID, tree: CategoryTree, others: Sequence[UUID] = ()
) -> tuple[list[ListingCard], list[ListingCard]]:
    """What is like a listing of this category, and besides the cards of some `others`.

    Which listings are alike is found anew every `KEPT_S` seconds; what they cost, and whether they are on sale, each time.
    """
    kept, until = _KEPT.get((listing_id, category)) or ((), 0.0)
    if time.monotonic() < until:
        cards = {each.id: each for each in await cards_of(database, [*kept, *others])} if kept or others else {}
        alike = [cards[each] for each in kept if each in cards and cards[each].available]
        return alike, [cards[each] for each in others if each in cards]
    alike = await _alike(database, category, listing_id, tree)
    _KEPT.put((listing_id, category), (tuple(each.id for each in alike), time.monotonic() + KEPT_S))
    return alike, await cards_of(database, others) if others else []


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
