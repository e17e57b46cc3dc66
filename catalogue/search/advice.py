"""What sellers are advised while they write: a category that fits the title, and what similar things were sold for."""

from typing import cast

from sqlalchemy import text

from catalogue.search.query import read_words
from souk.contracts.catalogue.listings import Advice, PriceRange
from souk.database import AnySession
from souk.errors import InvalidInput
from souk.money import Money

NEAREST_MAX = 60
"""Listings whose titles say the same that are looked at."""

SALES_MAX = 200
SALES_MIN = 3
"""Fewer sales tell nothing of a price."""

SHARE_MIN = 0.4
"""A category is proposed if at least so much of what was found stands in it."""

_CATEGORY = text("""
    SELECT category, count(*) AS found, sum(count(*)) OVER () AS of_all FROM (
        SELECT category FROM listing WHERE on_sale AND head @@ CAST(:query AS tsquery) LIMIT :most
    ) AS near GROUP BY category ORDER BY found DESC, category LIMIT 1
""")

_PRICES = text("""
    SELECT count(*) AS sales,
        percentile_disc(0.25) WITHIN GROUP (ORDER BY price) AS low,
        percentile_disc(0.75) WITHIN GROUP (ORDER BY price) AS high
    FROM (
        SELECT listing.price FROM reservation JOIN listing ON listing.id = reservation.listing_id
        WHERE reservation.status = 'sold' AND listing.category = :category
            AND (CAST(:query AS text) IS NULL OR listing.head @@ CAST(CAST(:query AS text) AS tsquery))
        ORDER BY reservation.sold_at DESC LIMIT :most
    ) AS sales
""")


async def advise(session: AnySession, title: str, category: str | None, language: str, currency: str) -> Advice:
    """Advice for a title in a language; what nothing is known of is None."""
    alternatives = await _alternatives(session, title, language)
    proposed = None
    for query in alternatives:
        row = (await session.execute(_CATEGORY, {"query": query, "most": NEAREST_MAX})).one_or_none()
        if row is not None and row.found >= SHARE_MIN * float(row.of_all):
            proposed = cast(str, row.category)
            break
    return Advice(category=proposed, price=await _price(session, category or proposed, alternatives, currency))


async def _price(
    session: AnySession, category: str | None, alternatives: list[str], currency: str
) -> PriceRange | None:
    """What things with such titles were sold for, or else anything of the category."""
    if category is None:
        return None
    for query in (*alternatives, None):
        row = (await session.execute(_PRICES, {"query": query, "category": category, "most": SALES_MAX})).one()
        if row.sales >= SALES_MIN:
            return PriceRange(low=Money(row.low, currency), high=Money(row.high, currency), sales=row.sales)
    return None


async def _alternatives(session: AnySession, title: str, language: str) -> list[str]:
    """The title as ever looser searches: all its words, its last two, its last (what a thing is stands there), its first."""
    try:
        words = [word for word in read_words(title).wanted if any(character.isalnum() for character in word)]
    except InvalidInput:
        return []
    tries = [words, words[-2:], words[-1:], words[:1]]
    query = text("SELECT CAST(search_query(CAST(:wanted AS text[]), '{}', ARRAY[CAST(:language AS text)]) AS text)")
    found = [
        await session.scalar(query, {"wanted": some, "language": language})
        for number, some in enumerate(tries)
        if some and some not in tries[:number]
    ]
    return [one for one in found if one]
