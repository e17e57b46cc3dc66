"""Pictures that a file of listings names: by address, or out of a ZIP that came with it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("pictures", "pictures_done", "pictures_failed"):
        op.add_column("listing_import", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        op.alter_column("listing_import", name, server_default=None)
    op.add_column("listing_import", sa.Column("pictures_turn_at", sa.DateTime(timezone=True)))
    op.add_column("listing_import", sa.Column("files", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("listing_import", "files", server_default=None)
    op.create_check_constraint(
        op.f("ck_listing_import_pictures_counted_once"),
        "listing_import",
        "pictures_done + pictures_failed <= pictures",
    )
    op.create_index(
        "ix_listing_import_pictures_turn_at",
        "listing_import",
        ["pictures_turn_at"],
        postgresql_where="pictures_turn_at IS NOT NULL",
    )
    op.create_table(
        "listing_import_picture",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("sources", JSONB(), nullable=False),
        sa.Column("errors", JSONB(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["listing_import.id"],
            name=op.f("fk_listing_import_picture_import_id_listing_import"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_import_picture_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_listing_import_picture"),
    )
    op.create_index(
        "ix_listing_import_picture_due",
        "listing_import_picture",
        ["import_id", "due"],
        postgresql_where="due IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_table("listing_import_picture")
    op.drop_index("ix_listing_import_pictures_turn_at", "listing_import")
    op.drop_constraint("ck_listing_import_pictures_counted_once", "listing_import")
    for name in ("files", "pictures_turn_at", "pictures_failed", "pictures_done", "pictures"):
        op.drop_column("listing_import", name)
