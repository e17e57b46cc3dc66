"""Listings as they are stored, with the indexes that browsing walks."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base
from souk.contracts.catalogue.listings import Condition


def _words_of(source: str, weight: str) -> str:
    return f"setweight(to_tsvector(search_config(language), fold_text({source})), '{weight}')"


TITLE = _words_of("title", "A")
ATTRIBUTES = _words_of("attribute_text(attributes)", "B")
DESCRIPTION = _words_of("description", "C")
SELLER = _words_of("seller_name", "D")


COMPARED = ["condition", "language", "seller_country", "accepts_offers", "seller_rating"]
"""What browsing compares beside an order's keys: with it an index alone answers."""


KeptStatus = Literal["draft", "published", "withdrawn", "hidden"]
"""`hidden` by a moderator; a published one with nothing available is told as `sold`."""


class ListingRow(Base):
    """Something a seller offers."""

    __tablename__ = "listing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seller_id: Mapped[UUID]
    slug: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    price: Mapped[int] = mapped_column(BigInteger)
    """For one unit, in minor units of `currency`."""
    currency: Mapped[str]
    category: Mapped[str] = mapped_column(ForeignKey("category.slug"))
    condition: Mapped[Condition]
    language: Mapped[str]
    quantity: Mapped[int]
    """Units listed: those available, reserved and sold."""
    available: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default=text("0"))
    sold: Mapped[int] = mapped_column(server_default=text("0"))
    status: Mapped[KeptStatus] = mapped_column(server_default=text("'draft'"))
    on_sale: Mapped[bool] = mapped_column(
        Computed("status = 'published' AND available > 0 AND NOT seller_suspended", persisted=True)
    )
    """Whether browsing finds it. A column of its own, so that a change of `available` that leaves some
    touches no index (a heap-only update)."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts every change, of words and of stock alike."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    """When it was first published; publishing it again does not put it on top again."""
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """What the category asks for (size, brand …): texts, and numbers for attributes that are numbers."""
    accepts_offers: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether buyers may offer another price."""
    posted: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether it is sent; else it is only picked up."""
    pick_up: Mapped[str] = mapped_column(server_default=text("''"))
    """Where it can be picked up; empty if it cannot."""
    delivery_profile_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery_profile.id"))
    """What postage costs; None: it is included, to everywhere."""
    seller_name: Mapped[str] = mapped_column(server_default=text("''"))
    seller_country: Mapped[str] = mapped_column(server_default=text("''"))
    """Copies of what is known of the seller, so that one index finds everything (`catalogue.sellers` keeps them)."""
    seller_rating: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Another: the highest rating filters ask for that the seller reaches, in half stars; 0 if they reach none."""
    seller_suspended: Mapped[bool] = mapped_column(server_default=text("false"))
    """Another: while operators suspend the seller, nothing of theirs is on sale."""
    category_path: Mapped[str] = mapped_column(server_default=text("''"))
    """The category's path, which a trigger looks up."""
    pictured: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it shows a picture; a trigger of `listing_picture` keeps it."""
    tags: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        Computed(
            "listing_tags(category_path, condition, language, seller_country, pictured, attributes, accepts_offers, "
            "seller_rating)",
            persisted=True,
        ),
        deferred=True,
    )
    """What filters compare for equality, as `name=value`; `under=` is each category from the root to its own, and
    `rating=` each rating that its seller reaches."""
    bands: Mapped[list[str]] = mapped_column(
        ARRAY(Text), Computed("listing_bands(price, published_at)", persisted=True), deferred=True
    )
    """Its place in the orders of price and time, coarsely, see `catalogue.search.bands`."""
    head: Mapped[str] = mapped_column(TSVECTOR, Computed(f"{TITLE} || {ATTRIBUTES}", persisted=True), deferred=True)
    """The words of the title (weight A) and of the attributes (B)."""
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(f"{TITLE} || {ATTRIBUTES} || {DESCRIPTION} || {SELLER}", persisted=True), deferred=True
    )
    """All words: also of the description (C) and the seller's name (D)."""

    __table_args__ = (
        CheckConstraint("quantity = available + reserved + sold", name="units_add_up"),
        CheckConstraint("available >= 0 AND reserved >= 0 AND sold >= 0", name="units_not_negative"),
        CheckConstraint("quantity > 0", name="something_listed"),
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("status IN ('draft', 'published', 'withdrawn', 'hidden')", name="status_known"),
        CheckConstraint("status = 'draft' OR published_at IS NOT NULL", name="published_once"),
        CheckConstraint("posted OR pick_up <> ''", name="a_way"),
        CheckConstraint("posted OR delivery_profile_id IS NULL", name="postage_if_posted"),
        Index(
            "ix_listing_delivery_profile_id",
            "delivery_profile_id",
            postgresql_where=text("delivery_profile_id IS NOT NULL"),
        ),
        Index(
            "ix_listing_newest",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text("on_sale"),
            postgresql_include=["price", *COMPARED],
        ),
        Index(
            "ix_listing_price",
            "price",
            "id",
            postgresql_where=text("on_sale"),
            postgresql_include=COMPARED,
        ),
        Index(
            "ix_listing_category_newest",
            "category",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text("on_sale"),
            postgresql_include=["price", *COMPARED],
        ),
        Index(
            "ix_listing_category_price",
            "category",
            "price",
            "id",
            postgresql_where=text("on_sale"),
            postgresql_include=COMPARED,
        ),
        Index(
            "ix_listing_seller_newest",
            "seller_id",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text("on_sale"),
        ),
        Index("ix_listing_seller_created", "seller_id", text("created_at DESC"), text("id DESC")),
        Index("ix_listing_language", "language", postgresql_where=text("on_sale")),
        Index(
            "ix_listing_found",
            "words",
            "head",
            "tags",
            "bands",
            text("listing_forms(title, attributes, language)"),
            postgresql_using="gin",
            postgresql_where=text("on_sale"),
        ),
        # Index-only scans want a table that is vacuumed more often than after a fifth of it has changed.
        {
            "postgresql_with": {
                "fillfactor": "85",
                "autovacuum_vacuum_scale_factor": "0.02",
                "autovacuum_vacuum_insert_scale_factor": "0.02",
            }
        },
    )


class ListingPriceRow(Base):
    """What a listing cost before; one row for each change, none for a price that never changed."""

    __tablename__ = "listing_price"

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    price: Mapped[int] = mapped_column(BigInteger)
    """Until then, in minor units of the listing's currency."""

    __table_args__ = (CheckConstraint("price > 0", name="price_positive"),)
