"""What else there is of a kind: for a listing that is gone, and for one that is not quite right."""

from typing import Any
from uuid import UUID

from catalogue.categories.categories import CategoryTree
from catalogue.listings.rules import UnknownListing
from catalogue.listings.views import cards_of
from souk.contracts.catalogue.listings import ListingCard
from souk.database import Database, Statement

SIMILAR_MAX = 8
NEAREST_MAX = 300
"""The newest listings of a category that are compared; of the category above, so many of each below it."""

SIMILAR = """
    SELECT near.id FROM unnest(CAST(:categories AS text[])) AS branch (slug), LATERAL (
        SELECT id, head, language, published_at FROM listing
        WHERE on_sale AND category = branch.slug AND id <> :id
        ORDER BY published_at DESC, id DESC LIMIT :nearest
    ) AS near
    ORDER BY ts_rank(near.head, CAST(:words AS tsquery)) * CASE WHEN near.language = :language THEN 2 ELSE 1 END DESC,
        near.published_at DESC, near.id DESC
    LIMIT :most
"""

WORDS = """
    SELECT category, language, status,
        (SELECT string_agg(quote_literal(lexeme), ' | ') FROM unnest(head)) AS words
    FROM listing WHERE id = :id
"""


_SIMILAR: Statement[Any] = Statement(SIMILAR)
_WORDS: Statement[Any] = Statement(WORDS)


async def similar_to(database: Database, listing_id: UUID, tree: CategoryTree) -> list[ListingCard]:
    """Of the same category, those with the most words of title and attributes in common; of the one above it too, if
    that gives too few. Raises UnknownListing."""
    row = await _WORDS.one(database, id=listing_id)
    if row is None or row.status in ("draft", "hidden"):
        raise UnknownListing("There is no such listing.")
    found: list[UUID] = []
    for category in reversed(tree.path(row.category)[-2:]):
        near = await _SIMILAR.once(
            database,
            categories=tree.subtree(category.slug),
            id=listing_id,
            nearest=NEAREST_MAX,
            words=row.words or "",
            language=row.language,
            most=SIMILAR_MAX,
        )
        found += [each.id for each in near if each.id not in found]
        if len(found) >= SIMILAR_MAX // 2:
            break
    return await cards_of(database, found[:SIMILAR_MAX]) if found else []
