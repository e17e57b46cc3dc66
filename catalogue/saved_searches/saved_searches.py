"""Saving searches. Each function runs inside the caller's transaction."""

import re
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, TEXT, bindparam, delete, func, select, text, update
from sqlalchemy import cast as cast_in_sql
from sqlalchemy.dialects.postgresql import TSQUERY, insert

from catalogue.categories.categories import CategoryTree
from catalogue.saved_searches.matching import MATCHES_KEPT
from catalogue.saved_searches.tables import SavedSearchRow, SearchMatchRow
from catalogue.search.filters import Range, range_text, read_attributes
from catalogue.search.query import read_words
from catalogue.search.relaxed_query import all_of, read_parts, read_unwanted
from catalogue.texts import plain_text
from souk.contracts.catalogue.listings import Condition, Rating
from souk.contracts.catalogue.saved_searches import NewSavedSearch, SavedSearch, SearchFilters
from souk.database import AnySession, Session
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.ids import new_id

SEARCHES_PER_USER_MAX = 50

_LEXEME = re.compile(r"'([^']+)'")
"""A word in a tsquery as text."""

LANGUAGES = [
    *("ar", "ca", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr", "ga", "hi", "hu", "hy", "id", "it", "lt", "nb"),
    *("ne", "nl", "pt", "ro", "ru", "sr", "sv", "ta", "tr", "yi", "und"),
]
"""Languages that words are stemmed in, for nobody knows in which the next listing is; `und` is any other."""


class TooManySearches(RuleBroken):
    """A user may save only so many searches."""

    title = "You have too many saved searches"


class SearchSavedAlready(RuleBroken):
    """One of the user's saved searches looks for the same."""

    title = "You save this search already"
    members = ("name",)


class UnknownSearch(NotFound):
    """There is no such saved search, or it is another user's."""


class SearchIdTaken(RuleBroken):
    """The id that the caller brought belongs to another saved search."""

    title = "That id is taken"


async def save(session: Session, user_id: UUID, new: NewSavedSearch, *, tree: CategoryTree, now: datetime) -> UUID:
    """Save a search and give back its id; asked again with the same id, nothing happens twice.

    Raises InvalidInput, SearchIdTaken, SearchSavedAlready and TooManySearches.
    """
    if new.id is not None and new.id.version != 7:
        raise InvalidInput("id", "Bring a UUID of version 7, or none.", code="unusable-id")
    row = _row(new.filters, tree) | {"id": new.id or new_id(), "user_id": user_id, "created_at": now}
    row |= {"name": clean_name(new.name)} | await _understood(session, row["q"])
    # One at a time for one user, so that the limit holds.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"search {user_id}", 0))))
    await _require_new(session, row)
    made: UUID | None = await session.scalar(
        insert(SavedSearchRow).values(row).on_conflict_do_nothing().returning(SavedSearchRow.id)
    )
    if made is None:
        owner = await session.scalar(select(SavedSearchRow.user_id).where(SavedSearchRow.id == row["id"]))
        if owner != user_id:
            raise SearchIdTaken("Another saved search has that id. Bring a new one.")
        return cast(UUID, row["id"])
    how_many = select(func.count()).select_from(SavedSearchRow).where(SavedSearchRow.user_id == user_id)
    if (await session.scalar(how_many) or 0) > SEARCHES_PER_USER_MAX:
        raise TooManySearches(
            "You may save {most} searches. Delete one first; this was not saved.", most=SEARCHES_PER_USER_MAX
        )
    return made


async def rename(session: Session, user_id: UUID, search_id: UUID, name: str) -> None:
    """Give it another name. Raises UnknownSearch and InvalidInput."""
    own = update(SavedSearchRow).where(SavedSearchRow.id == search_id, SavedSearchRow.user_id == user_id)
    if await session.scalar(own.values(name=clean_name(name)).returning(SavedSearchRow.id)) is None:
        raise UnknownSearch("You have no such saved search.")


async def forget(session: Session, user_id: UUID, search_id: UUID) -> None:
    """Delete it; nothing happens if it is not there."""
    await session.execute(
        delete(SavedSearchRow).where(SavedSearchRow.id == search_id, SavedSearchRow.user_id == user_id)
    )


async def list_of(session: AnySession, user_id: UUID, *, now: datetime, only: UUID | None = None) -> list[SavedSearch]:
    """All of a user's saved searches, the newest first; or one of them."""
    recent = (
        select(
            SearchMatchRow.search_id,
            func.count().label("matches"),
            func.max(SearchMatchRow.matched_at).label("matched_at"),
        )
        .where(SearchMatchRow.matched_at > now - MATCHES_KEPT, SearchMatchRow.search_id == SavedSearchRow.id)
        .group_by(SearchMatchRow.search_id)
        .lateral("recent")
    )
    query = (
        select(SavedSearchRow, func.coalesce(recent.c.matches, 0), recent.c.matched_at)
        .outerjoin(recent, text("true"))
        .where(SavedSearchRow.user_id == user_id)
        .order_by(SavedSearchRow.id.desc())
    )
    if only is not None:
        query = query.where(SavedSearchRow.id == only)
    return [_told(row, matches, matched_at) for row, matches, matched_at in await session.execute(query)]


async def one(session: AnySession, user_id: UUID, search_id: UUID, *, now: datetime) -> SavedSearch:
    """One of a user's saved searches; raises UnknownSearch."""
    found = await list_of(session, user_id, now=now, only=search_id)
    if not found:
        raise UnknownSearch("You have no such saved search.")
    return found[0]


def clean_name(name: str) -> str:
    """The name on one line; raises InvalidInput if there is none."""
    tidy = " ".join(plain_text("name", name).split())
    if not tidy:
        raise InvalidInput("name", "Give the search a name.", code="search-name-needed")
    return tidy


LOOKED_FOR = ("category", "price_min", "price_max", "seller_id", "facets", "ranges", "query")
"""What two searches for the same have in common; words count as search understands them."""


async def _require_new(session: Session, row: dict[str, Any]) -> None:
    same = (getattr(SavedSearchRow, name).is_not_distinct_from(row[name]) for name in LOOKED_FOR)
    query = select(SavedSearchRow.name).where(
        SavedSearchRow.user_id == row["user_id"], SavedSearchRow.id != row["id"], *same
    )
    name = await session.scalar(query.limit(1))
    if name is not None:
        raise SearchSavedAlready("You save this search already, as “{name}”. It was not saved again.", name=name)


def _row(filters: SearchFilters, tree: CategoryTree) -> dict[str, Any]:
    if filters.category:
        tree.get(filters.category)
    low, high = filters.price_min, filters.price_max
    if low is not None and high is not None and low > high:
        raise InvalidInput("price_max", "The highest price is below the lowest.", code="prices-crossed")
    facets: dict[str, list[str]] = {
        "condition": list(filters.condition),
        "language": filters.language,
        "country": filters.country,
        "pictured": ["yes"] if filters.pictured else [],
        "offers": ["yes"] if filters.accepts_offers else [],
        "rating": [filters.rating_min] if filters.rating_min else [],
    }
    attributes = read_attributes(filters.attribute, tree, filters.category)
    facets |= {f"attribute.{key}": list(values) for key, values in attributes["attributes"]}
    if any(limits.low > limits.high for _, limits in attributes["ranges"]):
        raise InvalidInput("attribute", "The highest number is below the lowest.", code="numbers-crossed")
    row: dict[str, Any] = {
        "q": " ".join((filters.q or "").split()) or None,
        "category": filters.category or None,
        "price_min": low or None,
        "price_max": high,
        "seller_id": filters.seller,
        "facets": {name: sorted(set(values)) for name, values in facets.items() if values},
        "ranges": {key: [limits.low, limits.high] for key, limits in attributes["ranges"]},
    }
    if not any(value is not None and value != {} for value in row.values()):
        raise InvalidInput(
            "filters",
            "Narrow the search down first: by words, a category, a price or a condition.",
            code="search-too-wide",
        )
    return row


async def _understood(session: Session, typed: str | None) -> dict[str, Any]:
    """The words as a query in every language, and its anchors; raises InvalidInput if no word is left of them."""
    if typed is None:
        return {"query": None, "forms": None, "unwanted": None, "anchors": []}
    words = read_words(typed)
    parts = await read_parts(session, words, LANGUAGES)
    unwanted = await read_unwanted(session, words, LANGUAGES)
    forms = all_of(parts, unwanted, begun=False).forms if parts else None
    longest = max((part.forms or "" for part in parts), key=len, default="") if forms else ""
    understood = text("""
        SELECT CAST(search_query(:wanted, :unwanted, :languages) AS text) AS query, ARRAY(
            SELECT DISTINCT anchor FROM (
                SELECT DISTINCT ON (code) stem AS anchor
                FROM unnest(:languages) AS code, unnest(:wanted) AS part,
                    unnest(tsvector_to_array(to_tsvector(search_config(code), fold_text(part)))) AS stem
                ORDER BY code, length(stem) DESC, stem
            ) AS longest
        ) AS anchors
    """).bindparams(*(bindparam(name, type_=ARRAY(TEXT)) for name in ("wanted", "unwanted", "languages")))
    values = {"wanted": list(words.wanted), "unwanted": list(words.unwanted), "languages": LANGUAGES}
    row = (await session.execute(understood, values)).one()
    if not row.anchors:
        raise InvalidInput("q", "Search for at least one word or number.", code="search-word-needed")
    return {
        "query": cast_in_sql(row.query, TSQUERY),
        "forms": cast_in_sql(forms, TSQUERY),
        "unwanted": cast_in_sql(unwanted, TSQUERY),
        "anchors": sorted({*row.anchors, *_LEXEME.findall(longest)}),
    }


def _told(row: SavedSearchRow, matches: int, matched_at: datetime | None) -> SavedSearch:
    return SavedSearch(
        id=row.id,
        name=row.name,
        filters=SearchFilters(
            q=row.q,
            category=row.category,
            price_min=row.price_min,
            price_max=row.price_max,
            condition=cast(list[Condition], row.facets.get("condition", [])),
            language=row.facets.get("language", []),
            country=row.facets.get("country", []),
            pictured=bool(row.facets.get("pictured")),
            attribute=[
                f"{name.removeprefix('attribute.')}:{value}"
                for name, values in row.facets.items()
                if name.startswith("attribute.")
                for value in values
            ]
            + [range_text(key, Range(low, high)) for key, (low, high) in sorted(row.ranges.items())],
            seller=row.seller_id,
            accepts_offers=bool(row.facets.get("offers")),
            rating_min=cast(Rating | None, next(iter(row.facets.get("rating", [])), None)),
        ),
        created_at=row.created_at,
        matches=matches,
        matched_at=matched_at,
    )
