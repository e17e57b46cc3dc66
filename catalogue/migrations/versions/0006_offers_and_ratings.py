"""Listings that take offers, and how sellers are rated; and bands of more than one width."""

import sqlalchemy as sa
from alembic import op
from souk.database.migrations import vacuum_afterwards

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LISTING_TAGS = """
CREATE FUNCTION listing_tags(category_path text, condition text, language text, country text, pictured boolean,
  attributes jsonb, accepts_offers boolean, seller_rating smallint) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN listing_tags(category_path, condition, language, country, pictured, attributes)
  || CASE WHEN accepts_offers THEN ARRAY['offers=yes'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 6 THEN ARRAY['rating=3'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 8 THEN ARRAY['rating=4'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 9 THEN ARRAY['rating=4.5'] ELSE '{}'::text[] END
"""
"""The tags of before, and those of offers and ratings: `rating=` is each that the seller reaches, as `under=` is each
category above."""

BANDS_OF = """
CREATE FUNCTION bands_of(name text, widest int, place int) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY[name || ':' || widest || '=' || place / widest, name || '\\:10=' || place / 10, name || '\\:1=' || place]
"""

LISTING_BANDS = """
CREATE OR REPLACE FUNCTION listing_bands(price bigint, published_at timestamptz) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN bands_of('price', 90, 90 * (length(price::text) - 1) + left(price::text || '0', 2)::int - 10)
  || CASE WHEN published_at IS NULL THEN '{}'::text[]
     ELSE bands_of('day', 100, (published_at AT TIME ZONE 'UTC')::date - date '1970-01-01') END
"""
"""Where a listing stands in the orders of price and time (`catalogue.search.bands`): so a range is few bands."""

LISTING_BANDS_BEFORE = """
CREATE OR REPLACE FUNCTION listing_bands(price bigint, published_at timestamptz) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['price=' || length(price::text) || ':' || left(price::text, 2)]
  || CASE WHEN published_at IS NULL THEN '{}'::text[]
     ELSE ARRAY['day=' || ((published_at AT TIME ZONE 'UTC')::date - date '1970-01-01')] END
"""

RATING = """
smallint GENERATED ALWAYS AS (CASE WHEN reviews = 0 THEN 0 WHEN 2 * stars >= 9 * reviews THEN 9
  WHEN stars >= 4 * reviews THEN 8 WHEN stars >= 3 * reviews THEN 6 ELSE 0 END) STORED NOT NULL
"""
"""The highest of 3, 4 and 4.5 stars that a seller reaches on average, in half stars."""

BEFORE = "listing_tags(category_path, condition, language, seller_country, pictured, attributes)"
NOW = BEFORE.removesuffix(")") + ", accepts_offers, seller_rating)"


BY_TIME = ["published_at DESC", "id DESC"]
ORDERS = {
    "newest": BY_TIME,
    "price": ["price", "id"],
    "category_newest": ["category", *BY_TIME],
    "category_price": ["category", "price", "id"],
}
COMPARED = ["condition", "language", "seller_country"]
"""What browsing compared so far beside an order's keys."""


def upgrade() -> None:
    for column in ("reviews", "stars", "rated_version"):
        op.add_column("seller", sa.Column(column, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(f"ALTER TABLE seller ADD COLUMN rating {RATING}")
    op.add_column("listing", sa.Column("accepts_offers", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("listing", sa.Column("seller_rating", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(LISTING_TAGS)
    op.execute(BANDS_OF)
    op.execute(LISTING_BANDS)
    _tagged(NOW, [*COMPARED, "accepts_offers", "seller_rating"])


def downgrade() -> None:
    # A search without its rating or its offers would tell of what nobody asked for.
    op.execute("DELETE FROM saved_search WHERE facets ?| ARRAY['offers', 'rating']")
    op.execute(LISTING_BANDS_BEFORE)
    _tagged(BEFORE, COMPARED)
    op.execute("DROP FUNCTION bands_of(text, int, int)")
    op.execute("DROP FUNCTION listing_tags(text, text, text, text, boolean, jsonb, boolean, smallint)")
    for column in ("accepts_offers", "seller_rating"):
        op.drop_column("listing", column)
    for column in ("rating", "reviews", "stars", "rated_version"):
        op.drop_column("seller", column)


def _tagged(made: str, compared: list[str]) -> None:
    """Writes the table anew, with what its other generated columns hold already, and its indexes: a million listings take
    about two minutes. PostgreSQL forgets how frequent the tags are, on which the plan of every search depends, so they
    are looked at before anybody searches."""
    for name in ORDERS:
        op.drop_index(f"ix_listing_{name}", "listing")
    op.execute(
        f"""
        ALTER TABLE listing ALTER COLUMN tags SET EXPRESSION AS ({made}),
        ALTER COLUMN bands SET EXPRESSION AS (listing_bands(price, published_at))
        """
    )
    for name, keys in ORDERS.items():
        op.create_index(
            f"ix_listing_{name}",
            "listing",
            [sa.text(key) for key in keys],
            postgresql_where=sa.text("on_sale"),
            postgresql_include=compared if "price" in name else ["price", *compared],
        )
    op.execute("ANALYZE listing")
    vacuum_afterwards("listing")
