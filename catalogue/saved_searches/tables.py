"""Saved searches, and what they found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TSQUERY
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class SavedSearchRow(Base):
    """A search that its user is told of. What is NULL does not matter."""

    __tablename__ = "saved_search"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    name: Mapped[str]
    q: Mapped[str | None]
    category: Mapped[str | None] = mapped_column(ForeignKey("category.slug"))
    price_min: Mapped[int | None] = mapped_column(BigInteger)
    price_max: Mapped[int | None] = mapped_column(BigInteger)
    seller_id: Mapped[UUID | None]
    facets: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    """By facet the values that were chosen, of which a listing must have one: `{"condition": ["good", "fair"]}`."""
    ranges: Mapped[dict[str, list[float]]] = mapped_column(JSONB)
    """By attribute the lowest and the highest number that a listing may have there: `{"year": [1950, 1980]}`."""
    query: Mapped[str | None] = mapped_column(TSQUERY)
    """The words as search understands them, in every language."""
    forms: Mapped[str | None] = mapped_column(TSQUERY)
    """All words in other forms, over `listing_forms`; NULL if they are meant as they are."""
    unwanted: Mapped[str | None] = mapped_column(TSQUERY)
    """What a listing that has them in other forms must not have; `query` holds it already."""
    anchors: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """For each language one word that a listing must have, the longest, and all forms of the longest part, of which it must
    have one; empty without words. A new listing's words and forms lead to the few searches that have one of them as anchor, so
    the others need not be looked at."""
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_saved_search_user_id", "user_id", "id"),
        Index("ix_saved_search_anchors", "anchors", postgresql_using="gin"),
        Index("ix_saved_search_wordless", text("coalesce(category, '')"), postgresql_where=text("anchors = '{}'")),
    )


class SearchMatchRow(Base):
    """A listing that a saved search found and its user was told of."""

    __tablename__ = "search_match"

    search_id: Mapped[UUID] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    matched_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_search_match_recent", "search_id", "matched_at"),
        Index("ix_search_match_matched_at", "matched_at"),
    )
