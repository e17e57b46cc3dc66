"""All tables of the catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FOLD_WORDS = r"""
CREATE FUNCTION fold_words(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN
  regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(translate(
      regexp_replace(normalize(lower(input COLLATE "pg_c_utf8"), NFKD), '[\u0300-\u036f]', '', 'g'),
      'øłđðħıŧ', 'olddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    '[^[:alnum:]]+', ' ', 'g'),
    '(\w(ss|x|ch|sh))es\M', '\1', 'g'),
    '(\w{2})ies?\M', '\1y', 'g'),
    '(\w{2}[a-rt-z0-9])s\M', '\1', 'g')
"""
"""Words as search compares them: small letters without accents, punctuation gone, plural endings cut as English
has them (lamp = lamps, battery = batteries). What it cuts wrongly it cuts alike from listings and from queries.
`COLLATE pg_c_utf8` makes it the same on every machine, whatever its locale."""


def upgrade() -> None:
    op.execute(FOLD_WORDS)
    _before_listings()
    _listings()
    _after_listings()
    _events()


def downgrade() -> None:
    for table in ("outbox", "inbox", "dead_letter", "reservation", "listing_picture", "listing"):
        op.drop_table(table)
    for table in ("seller", "picture_file", "held_purchase", "category"):
        op.drop_table(table)
    op.execute("DROP FUNCTION fold_words(text)")


def _before_listings() -> None:
    op.create_table(
        "category",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["category.slug"], name="fk_category_parent"),
        sa.PrimaryKeyConstraint("slug", name="pk_category"),
    )
    op.create_table(
        "held_purchase",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('reserved', 'rejected')", name="ck_held_purchase_answer_known"),
        sa.PrimaryKeyConstraint("purchase_id", name="pk_held_purchase"),
    )
    op.create_table(
        "picture_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("small", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("large", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_picture_file"),
        sa.UniqueConstraint("content_hash", name="uq_picture_file_content_hash"),
    )
    op.create_table(
        "seller",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seller"),
    )


def _listings() -> None:
    op.create_table(
        "listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sold", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column(
            "on_sale",
            sa.Boolean(),
            sa.Computed("status = 'published' AND available > 0", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "title_words",
            TSVECTOR(),
            sa.Computed("to_tsvector('simple', fold_words(title))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "words",
            TSVECTOR(),
            sa.Computed("to_tsvector('simple', fold_words(title || ' ' || description))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("status = 'draft' OR published_at IS NOT NULL", name="ck_listing_published_once"),
        sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name="ck_listing_status_known"),
        sa.CheckConstraint("available >= 0 AND reserved >= 0 AND sold >= 0", name="ck_listing_units_not_negative"),
        sa.CheckConstraint("price > 0", name="ck_listing_price_positive"),
        sa.CheckConstraint("quantity = available + reserved + sold", name="ck_listing_units_add_up"),
        sa.CheckConstraint("quantity > 0", name="ck_listing_something_listed"),
        sa.ForeignKeyConstraint(["category"], ["category.slug"], name="fk_listing_category"),
        sa.PrimaryKeyConstraint("id", name="pk_listing"),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "ix_listing_category_newest",
        "listing",
        ["category", sa.text("published_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("on_sale"),
        postgresql_include=["price", "condition"],
    )
    op.create_index(
        "ix_listing_category_price",
        "listing",
        ["category", "price", "id"],
        unique=False,
        postgresql_where=sa.text("on_sale"),
    )
    op.create_index(
        "ix_listing_newest",
        "listing",
        [sa.text("published_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("on_sale"),
        postgresql_include=["price", "condition"],
    )
    op.create_index(
        "ix_listing_price",
        "listing",
        ["price", "id"],
        unique=False,
        postgresql_where=sa.text("on_sale"),
        postgresql_include=["condition"],
    )
    op.create_index(
        "ix_listing_seller_created",
        "listing",
        ["seller_id", sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_listing_seller_newest",
        "listing",
        ["seller_id", sa.text("published_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("on_sale"),
    )
    op.create_index(
        "ix_listing_title_words",
        "listing",
        ["title_words"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("on_sale"),
    )
    op.create_index(
        "ix_listing_words",
        "listing",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("on_sale"),
    )


def _after_listings() -> None:
    op.create_table(
        "listing_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.CheckConstraint("position >= 0", name="ck_listing_picture_position_not_negative"),
        sa.ForeignKeyConstraint(["file_id"], ["picture_file.id"], name="fk_listing_picture_file_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_listing_picture_listing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_listing_picture"),
        sa.UniqueConstraint("listing_id", "file_id", name="uq_listing_picture_listing_id_file_id"),
        sa.UniqueConstraint(
            "listing_id",
            "position",
            deferrable=True,
            initially="IMMEDIATE",
            name="uq_listing_picture_listing_id_position",
        ),
    )
    op.create_index("ix_listing_picture_file_id", "listing_picture", ["file_id"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('reserved', 'sold', 'released', 'returned')", name="ck_reservation_status_known"
        ),
        sa.CheckConstraint("quantity > 0", name="ck_reservation_quantity_positive"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_reservation_listing_id"),
        sa.ForeignKeyConstraint(["purchase_id"], ["held_purchase.purchase_id"], name="fk_reservation_purchase_id"),
        sa.PrimaryKeyConstraint("purchase_id", "listing_id", name="pk_reservation"),
    )
    op.create_index("ix_reservation_listing_id", "reservation", ["listing_id"], unique=False)
    op.create_index("ix_reservation_order_id", "reservation", ["order_id"], unique=False)


def _events() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter"),
        sa.UniqueConstraint("consumer", "event_id", name="uq_dead_letter_consumer_event_id"),
    )
    op.create_index(
        "ix_dead_letter_waiting",
        "dead_letter",
        ["died_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the CloudEvent as JSON"),
        sa.Column(
            "target",
            sa.Text(),
            nullable=True,
            comment="one consumer's name when a dead letter is replayed, else NULL: everybody",
        ),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), server_default=sa.text("'-infinity'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_pending", "outbox", ["id"], unique=False, postgresql_where=sa.text("status = 'pending'"))
    op.create_index(
        "ix_outbox_published_at",
        "outbox",
        ["published_at"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
