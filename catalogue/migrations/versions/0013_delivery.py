"""Price lists for postage, and how each listing gets to its buyer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rates", JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_profile")),
    )
    op.create_index("ix_delivery_profile_seller_id", "delivery_profile", ["seller_id", "name"])
    op.add_column("listing", sa.Column("posted", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("listing", sa.Column("pick_up", sa.Text(), nullable=False, server_default=""))
    op.add_column("listing", sa.Column("delivery_profile_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_listing_delivery_profile_id_delivery_profile"),
        "listing",
        "delivery_profile",
        ["delivery_profile_id"],
        ["id"],
    )
    op.create_check_constraint(op.f("ck_listing_a_way"), "listing", "posted OR pick_up <> ''")
    op.create_check_constraint(
        op.f("ck_listing_postage_if_posted"), "listing", "posted OR delivery_profile_id IS NULL"
    )
    op.create_index(
        "ix_listing_delivery_profile_id",
        "listing",
        ["delivery_profile_id"],
        postgresql_where="delivery_profile_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index("ix_listing_delivery_profile_id", "listing")
    for name in ("postage_if_posted", "a_way"):
        op.drop_constraint(f"ck_listing_{name}", "listing")
    for name in ("delivery_profile_id", "pick_up", "posted"):
        op.drop_column("listing", name)
    op.drop_table("delivery_profile")
