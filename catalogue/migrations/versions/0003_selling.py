"""Watching, importing, moderating and looking at how listings do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSQUERY
from souk.database.provision import app_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _watching()
    _searches()
    _moderation()
    _importing()
    _pictures()
    _insights()


def downgrade() -> None:
    for column in ("stored", "kept", "used_at"):
        op.drop_column("picture_file", column)
    for column in ("small", "medium", "large"):
        op.drop_index(f"ix_picture_file_{column}", "picture_file")
    for table in ("listing_day", "picture_garbage", "listing_import_line", "listing_import", "search_match", "saved_search", "watch", "moderation_record", "moderation_case", "report"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("UPDATE listing SET status = 'withdrawn' WHERE status = 'hidden'")
    op.drop_constraint("ck_listing_status_known", "listing")
    op.create_check_constraint(
        op.f("ck_listing_status_known"), "listing", "status IN ('draft', 'published', 'withdrawn')"
    )


def _watching() -> None:
    op.create_table(
        "watch",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("first_price", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("back_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_watch_listing_id"),
        sa.PrimaryKeyConstraint("user_id", "listing_id", name="pk_watch"),
    )
    op.create_index("ix_watch_listing", "watch", ["listing_id", "user_id"])
    op.create_index(
        "ix_watch_recent", "watch", ["user_id", sa.text("created_at DESC"), sa.text("listing_id DESC")]
    )
    op.create_index("ix_watch_ending", "watch", ["user_id", "ends_at", "listing_id"])
    op.create_index("ix_watch_ends_at", "watch", ["ends_at"])


def _searches() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("q", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("price_min", sa.BigInteger(), nullable=True),
        sa.Column("price_max", sa.BigInteger(), nullable=True),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("facets", JSONB(), nullable=False),
        sa.Column("query", TSQUERY(), nullable=True),
        sa.Column("anchors", ARRAY(sa.TEXT()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["category.slug"], name="fk_saved_search_category"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_search"),
    )
    op.create_index("ix_saved_search_user_id", "saved_search", ["user_id", "id"])
    op.create_index("ix_saved_search_anchors", "saved_search", ["anchors"], postgresql_using="gin")
    op.create_index(
        "ix_saved_search_wordless",
        "saved_search",
        [sa.text("coalesce(category, '')")],
        postgresql_where=sa.text("anchors = '{}'"),
    )
    op.create_table(
        "search_match",
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name="fk_search_match_search_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_search_match_listing_id"),
        sa.PrimaryKeyConstraint("search_id", "listing_id", name="pk_search_match"),
    )
    op.create_index("ix_search_match_recent", "search_match", ["search_id", "matched_at"])
    op.create_index("ix_search_match_matched_at", "search_match", ["matched_at"])


APPEND_ONLY = f"""
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON moderation_record FROM "{app_role("catalogue")}";
"""


def _moderation() -> None:
    op.drop_constraint("ck_listing_status_known", "listing")
    op.create_check_constraint(
        op.f("ck_listing_status_known"), "listing", "status IN ('draft', 'published', 'withdrawn', 'hidden')"
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_report_listing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("listing_id", "reporter_id", name="uq_report_listing_id_reporter_id"),
    )
    op.create_index("ix_report_reporter_id", "report", ["reporter_id", "created_at"])
    op.create_table(
        "moderation_case",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status_before IN ('published', 'withdrawn')", name="ck_moderation_case_status_before_known"
        ),
        sa.CheckConstraint(
            "status_before IS NULL OR reason IS NOT NULL", name="ck_moderation_case_hidden_for_a_reason"
        ),
        sa.CheckConstraint(
            "appeal IS NULL OR status_before IS NOT NULL", name="ck_moderation_case_appeal_against_hiding"
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_moderation_case_listing_id"),
        sa.PrimaryKeyConstraint("listing_id", name="pk_moderation_case"),
    )
    op.create_index(
        "ix_moderation_case_waiting",
        "moderation_case",
        ["waiting_since", "listing_id"],
        postgresql_where=sa.text("waiting_since IS NOT NULL"),
    )
    op.create_table(
        "moderation_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action IN ('reported', 'hidden', 'restored', 'dismissed', 'upheld', 'appealed')",
            name="ck_moderation_record_action_known",
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_moderation_record_listing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_record"),
    )
    op.create_index("ix_moderation_record_listing_id", "moderation_record", ["listing_id", "id"])
    for statement in APPEND_ONLY.split(";\n\n"):
        op.execute(statement)


def _importing() -> None:
    op.create_table(
        "listing_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'cancelled')", name="ck_listing_import_status_known"),
        sa.CheckConstraint(
            "done <= rows AND made + changed + failed <= done", name="ck_listing_import_rows_counted_once"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_listing_import"),
    )
    op.create_index("ix_listing_import_seller_id", "listing_import", ["seller_id", "id"])
    op.create_index(
        "ix_listing_import_waiting", "listing_import", ["id"], postgresql_where=sa.text("status = 'waiting'")
    )
    op.create_index("ix_listing_import_created_at", "listing_import", ["created_at"])
    op.create_table(
        "listing_import_line",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("entries", JSONB(), nullable=False),
        sa.Column("errors", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["listing_import.id"], name="fk_listing_import_line_import_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_listing_import_line"),
    )


def _pictures() -> None:
    op.add_column("picture_file", sa.Column("stored", sa.Boolean(), nullable=True))
    op.add_column("picture_file", sa.Column("kept", sa.Boolean(), nullable=True))
    op.add_column("picture_file", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody knows of the pictures that are there whether buyers saw them, so all of them stay.
    op.execute("UPDATE picture_file SET stored = true, kept = true, used_at = created_at")
    for column in ("stored", "kept", "used_at"):
        op.alter_column("picture_file", column, nullable=False)
    for column in ("small", "medium", "large"):
        op.create_index(f"ix_picture_file_{column}", "picture_file", [column])
    op.create_index(
        "ix_picture_file_used_at", "picture_file", ["used_at"], postgresql_where=sa.text("NOT kept")
    )
    op.create_table(
        "picture_garbage",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_picture_garbage"),
    )
    op.create_index("ix_picture_garbage_since", "picture_garbage", ["since"])


def _insights() -> None:
    op.create_table(
        "listing_day",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("cart_adds", sa.Integer(), nullable=False),
        sa.CheckConstraint("views >= 0 AND cart_adds >= 0", name="ck_listing_day_counts_not_negative"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_listing_day_listing_id"),
        sa.PrimaryKeyConstraint("listing_id", "day", name="pk_listing_day"),
    )
    op.create_index("ix_listing_day_day", "listing_day", ["day"])
