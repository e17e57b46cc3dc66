"""Languages, attributes and search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""The languages that PostgreSQL has a stemmer for, by ISO 639 code."""

FOLD_TEXT = r"""
CREATE FUNCTION fold_text(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  replace(replace(replace(translate(
    regexp_replace(normalize(lower(input COLLATE "pg_c_utf8"), NFKD), '[\u0300-\u036f]', '', 'g'),
    'øłđðħıŧ', 'olddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
  '[^[:alnum:]]+', ' ', 'g')
"""
"""Words as search compares them before stemming: small letters without accents, punctuation gone.
`COLLATE pg_c_utf8` makes it the same on every machine, whatever its locale."""

ATTRIBUTE_TEXT = """
CREATE FUNCTION attribute_text(attributes jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(string_agg(value, ' '), '') FROM jsonb_each_text(attributes))
"""

LISTING_TAGS = """
CREATE FUNCTION listing_tags(category_path text, condition text, language text, country text, pictured boolean,
  attributes jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY['category=' || split_part(category_path, '/', -1), 'condition=' || condition, 'language=' || language]
  || ARRAY(SELECT 'under=' || slug FROM unnest(string_to_array(category_path, '/')) AS slug)
  || CASE WHEN country = '' THEN '{}'::text[] ELSE ARRAY['country=' || country] END
  || CASE WHEN pictured THEN ARRAY['pictured=yes'] ELSE '{}'::text[] END
  || ARRAY(SELECT 'attribute.' || key || '=' || (value #>> '{}') FROM jsonb_each(attributes)
           WHERE jsonb_typeof(value) = 'string')
"""
"""Everything that filters compare for equality, in one array: one index finds any combination of them, and counting
them all is one pass."""

CATEGORY_PATH = """
CREATE FUNCTION note_category_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.category_path := coalesce((SELECT path FROM category WHERE slug = NEW.category), NEW.category);
  RETURN NEW;
END $$
"""
"""Keeps `listing.category_path` true, whoever writes the category; a category's own path never changes."""

BY_TIME = ["published_at DESC", "id DESC"]
ORDERS = {
    "newest": BY_TIME,
    "price": ["price", "id"],
    "category_newest": ["category", *BY_TIME],
    "category_price": ["category", "price", "id"],
}
BEFORE_INCLUDED = {
    "newest": ["price", "condition"],
    "price": ["condition"],
    "category_newest": ["price", "condition"],
    "category_price": [],
}
COMPARED = ["condition", "language", "seller_country"]
NOW_INCLUDED = {name: COMPARED if "price" in name else ["price", *COMPARED] for name in ORDERS}
"""What browsing compares beside an order's keys: with it an index alone answers."""

VACUUMED = ("autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_scale_factor")
"""Index-only scans want a table that is vacuumed more often than after a fifth of it has changed."""

LISTING_BANDS = """
CREATE FUNCTION listing_bands(price bigint, published_at timestamptz) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['price=' || length(price::text) || ':' || left(price::text, 2)]
  || CASE WHEN published_at IS NULL THEN '{}'::text[]
     ELSE ARRAY['day=' || ((published_at AT TIME ZONE 'UTC')::date - date '1970-01-01')] END
"""
"""Where a listing stands in the orders of price and time, coarsely (`catalogue.search.bands`)."""

TITLE = "setweight(to_tsvector(search_config(language), fold_text(title)), 'A')"
ATTRIBUTES = "setweight(to_tsvector(search_config(language), fold_text(attribute_text(attributes))), 'B')"
DESCRIPTION = "setweight(to_tsvector(search_config(language), fold_text(description)), 'C')"
SELLER = "setweight(to_tsvector(search_config(language), fold_text(seller_name)), 'D')"

SEARCH_QUERY = """
CREATE FUNCTION search_query(wanted text[], unwanted text[], languages text[]) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  config regconfig;
  part text;
  one tsquery;
  words tsquery;
  asked text[] := '{}';
  found tsquery;
  avoided tsquery;
BEGIN
  FOR config IN SELECT DISTINCT search_config(code) FROM unnest(languages) AS code LOOP
    words := NULL;
    FOREACH part IN ARRAY wanted LOOP
      one := phraseto_tsquery(config, fold_text(part));
      IF numnode(one) > 0 THEN
        words := coalesce(words && one, one);
      END IF;
    END LOOP;
    IF words IS NOT NULL AND words::text <> ALL (asked) THEN
      asked := asked || words::text;
      found := coalesce(found || words, words);
    END IF;
    FOREACH part IN ARRAY unwanted LOOP
      one := phraseto_tsquery(config, fold_text(part));
      IF numnode(one) > 0 AND one::text <> ALL (asked) THEN
        asked := asked || one::text;
        avoided := coalesce(avoided || one, one);
      END IF;
    END LOOP;
  END LOOP;
  RETURN coalesce(found && !!avoided, found);
END $$
"""
"""All that is wanted, as one of the languages stems it, and nothing that is unwanted as any of them does; each part may be
a phrase of several words. Languages that agree on the stems are asked once. NULL, which finds nothing, if no word is
wanted."""

PICTURED = """
CREATE FUNCTION note_pictured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE listing SET pictured = NOT pictured
  WHERE id IN (SELECT listing_id FROM touched)
    AND pictured <> EXISTS (SELECT FROM listing_picture WHERE listing_id = listing.id);
  RETURN NULL;
END $$
"""
"""Keeps `listing.pictured` true to what is there, whoever adds and takes away pictures."""


def upgrade() -> None:
    _languages()
    for function in (FOLD_TEXT, ATTRIBUTE_TEXT, LISTING_TAGS, LISTING_BANDS, CATEGORY_PATH, SEARCH_QUERY, PICTURED):
        op.execute(function)
    _listing()
    for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER pictured_{event.lower()} AFTER {event} ON listing_picture "
            f"REFERENCING {rows} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_pictured()"
        )
    _tables()


def downgrade() -> None:
    for table in ("category_attribute", "search_word", "search_vocabulary", "listing_price"):
        op.drop_table(table)
    for event in ("insert", "delete"):
        op.execute(f"DROP TRIGGER pictured_{event} ON listing_picture")
    op.execute("DROP FUNCTION note_pictured()")
    op.execute("DROP TRIGGER category_path ON listing")
    op.execute("DROP FUNCTION note_category_path()")
    op.drop_index("ix_listing_found", "listing")
    op.drop_index("ix_listing_language", "listing")
    op.execute(f"ALTER TABLE listing RESET ({', '.join(VACUUMED)})")
    _orders(BEFORE_INCLUDED)
    for column in ("tags", "bands", "head", "words", "attributes", "seller_name", "seller_country", "pictured", "category_path"):
        op.drop_column("listing", column)
    folded = "to_tsvector('simple', fold_words({}))"
    old = {"title_words": folded.format("title"), "words": folded.format("title || ' ' || description")}
    for name, made in old.items():
        op.execute(f"ALTER TABLE listing ADD COLUMN {name} tsvector GENERATED ALWAYS AS ({made}) STORED NOT NULL")
        op.create_index(
            f"ix_listing_{name}", "listing", [name], postgresql_using="gin", postgresql_where=sa.text("on_sale")
        )
    op.execute("DROP FUNCTION listing_bands(bigint, timestamptz)")
    op.execute("DROP FUNCTION listing_tags(text, text, text, text, boolean, jsonb)")
    op.execute("DROP FUNCTION attribute_text(jsonb)")
    op.execute("DROP FUNCTION search_query(text[], text[], text[])")
    op.execute("DROP FUNCTION fold_text(text)")
    op.execute("DROP FUNCTION search_config(text)")
    for stemmer in STEMMERS.values():
        op.execute(f"DROP TEXT SEARCH CONFIGURATION souk_{stemmer}")
        op.execute(f"DROP TEXT SEARCH DICTIONARY souk_{stemmer}")


def _languages() -> None:
    """A configuration per language. No stop words: what one language leaves out is a word of another, and people quote
    whole phrases."""
    for stemmer in STEMMERS.values():
        op.execute(f"CREATE TEXT SEARCH DICTIONARY souk_{stemmer} (TEMPLATE = snowball, LANGUAGE = {stemmer})")
        op.execute(f"CREATE TEXT SEARCH CONFIGURATION souk_{stemmer} (COPY = pg_catalog.simple)")
        op.execute(
            f"ALTER TEXT SEARCH CONFIGURATION souk_{stemmer} ALTER MAPPING FOR asciiword, word WITH souk_{stemmer}"
        )
    cases = " ".join(f"WHEN '{code}' THEN 'souk_{stemmer}'::regconfig" for code, stemmer in STEMMERS.items())
    op.execute(
        "CREATE FUNCTION search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        f"RETURN CASE language {cases} ELSE 'pg_catalog.simple'::regconfig END"
    )


def _listing() -> None:
    op.drop_index("ix_listing_title_words", "listing")
    op.drop_index("ix_listing_words", "listing")
    op.drop_column("listing", "title_words")
    op.drop_column("listing", "words")
    for column in (
        sa.Column("attributes", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seller_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seller_country", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("pictured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("category_path", sa.Text(), server_default=sa.text("''"), nullable=False),
    ):
        op.add_column("listing", column)
    op.execute("UPDATE listing SET category_path = path FROM category WHERE category.slug = listing.category")
    op.execute(
        "CREATE TRIGGER category_path BEFORE INSERT OR UPDATE OF category ON listing "
        "FOR EACH ROW EXECUTE FUNCTION note_category_path()"
    )
    op.execute(
        "UPDATE listing SET seller_name = display_name, seller_country = country FROM seller "
        "WHERE seller.id = listing.seller_id"
    )
    op.execute("UPDATE listing SET pictured = true WHERE id IN (SELECT listing_id FROM listing_picture)")
    op.execute(
        f"""
        ALTER TABLE listing
        ADD COLUMN tags text[] GENERATED ALWAYS AS
          (listing_tags(category_path, condition, language, seller_country, pictured, attributes)) STORED NOT NULL,
        ADD COLUMN bands text[] GENERATED ALWAYS AS (listing_bands(price, published_at)) STORED NOT NULL,
        ADD COLUMN head tsvector GENERATED ALWAYS AS ({TITLE} || {ATTRIBUTES}) STORED NOT NULL,
        ADD COLUMN words tsvector GENERATED ALWAYS AS ({TITLE} || {ATTRIBUTES} || {DESCRIPTION} || {SELLER})
          STORED NOT NULL,
        ALTER COLUMN words SET STATISTICS 1000, ALTER COLUMN head SET STATISTICS 1000, ALTER COLUMN tags SET STATISTICS 1000,
        ALTER COLUMN bands SET STATISTICS 1000
        """
    )
    _orders(NOW_INCLUDED)
    op.execute(f"ALTER TABLE listing SET ({', '.join(f'{name} = 0.02' for name in VACUUMED)})")
    op.create_index("ix_listing_language", "listing", ["language"], postgresql_where=sa.text("on_sale"))
    op.create_index(
        "ix_listing_found",
        "listing",
        ["words", "head", "tags", "bands"],
        postgresql_using="gin",
        postgresql_where=sa.text("on_sale"),
    )


def _orders(included: dict[str, list[str]]) -> None:
    """The orders' indexes again, with these columns beside their keys."""
    for name, keys in ORDERS.items():
        op.drop_index(f"ix_listing_{name}", "listing")
        op.create_index(
            f"ix_listing_{name}",
            "listing",
            [sa.text(key) for key in keys],
            postgresql_where=sa.text("on_sale"),
            postgresql_include=included[name],
        )


def _tables() -> None:
    op.create_table(
        "category_attribute",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("options", ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('choice', 'text', 'number')", name="ck_category_attribute_kind_known"),
        sa.ForeignKeyConstraint(
            ["category"], ["category.slug"], name="fk_category_attribute_category", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("category", "key", name="pk_category_attribute"),
    )
    op.create_table(
        "listing_price",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price > 0", name="ck_listing_price_price_positive"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_listing_price_listing_id"),
        sa.PrimaryKeyConstraint("listing_id", "until", name="pk_listing_price"),
    )
    op.create_table(
        "search_word",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('words', 'seller')", name="ck_search_word_kind_known"),
        sa.PrimaryKeyConstraint("kind", "word", "value", name="pk_search_word"),
    )
    op.create_table(
        "search_vocabulary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_vocabulary"),
    )
    op.execute("INSERT INTO search_vocabulary (id, built_at) VALUES (1, '1970-01-01T00:00:00Z')")
