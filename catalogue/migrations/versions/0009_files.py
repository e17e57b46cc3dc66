"""Files of any shape: what their columns are for, whose turn it is, and what was assumed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Files that wait while this runs have Souk's own headings.
OWN = """
    jsonb_build_object('columns', (
        SELECT jsonb_object_agg(name, name) FROM unnest(ARRAY['id', 'title', 'description', 'price', 'category', 'condition',
            'quantity', 'language', 'attributes', 'accepts_offers', 'status']) AS name
    ))
"""


def upgrade() -> None:
    op.add_column("listing_import", sa.Column("turn_at", sa.DateTime(timezone=True)))
    op.add_column("listing_import", sa.Column("columns", JSONB(), nullable=False, server_default="[]"))
    op.add_column("listing_import", sa.Column("mapping", JSONB()))
    op.add_column("listing_import", sa.Column("notes", JSONB(), nullable=False, server_default="[]"))
    op.execute(f"UPDATE listing_import SET turn_at = created_at, mapping = {OWN}")
    op.alter_column("listing_import", "turn_at", nullable=False)
    op.alter_column("listing_import", "columns", server_default=None)
    op.alter_column("listing_import", "notes", server_default=None)
    op.drop_constraint("ck_listing_import_status_known", "listing_import")
    op.create_check_constraint(
        op.f("ck_listing_import_status_known"),
        "listing_import",
        "status IN ('mapping', 'waiting', 'done', 'cancelled')",
    )
    op.create_check_constraint(
        op.f("ck_listing_import_mapped_before_done"),
        "listing_import",
        "mapping IS NOT NULL OR status IN ('mapping', 'cancelled')",
    )
    op.drop_index("ix_listing_import_waiting", "listing_import")
    op.create_index(
        "ix_listing_import_waiting", "listing_import", ["turn_at", "id"], postgresql_where="status = 'waiting'"
    )
    op.create_table(
        "listing_import_mapping",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("headings", sa.Text(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seller_id", "headings", name="pk_listing_import_mapping"),
    )


def downgrade() -> None:
    op.drop_table("listing_import_mapping")
    op.drop_index("ix_listing_import_waiting", "listing_import")
    op.create_index("ix_listing_import_waiting", "listing_import", ["id"], postgresql_where="status = 'waiting'")
    op.drop_constraint("ck_listing_import_mapped_before_done", "listing_import")
    op.execute("DELETE FROM listing_import WHERE status = 'mapping'")
    op.drop_constraint("ck_listing_import_status_known", "listing_import")
    op.create_check_constraint(
        op.f("ck_listing_import_status_known"), "listing_import", "status IN ('waiting', 'done', 'cancelled')"
    )
    for column in ("notes", "mapping", "columns", "turn_at"):
        op.drop_column("listing_import", column)
