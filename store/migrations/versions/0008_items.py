"""Purchases of one listing by itself, past the cart."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("purchase", sa.Column("listing_id", sa.Uuid(), nullable=True))
    op.add_column("purchase", sa.Column("quantity", sa.Integer(), nullable=True))
    op.create_check_constraint(
        "ck_purchase_item", "purchase", "(listing_id IS NULL) = (quantity IS NULL) AND quantity >= 1"
    )


def downgrade() -> None:
    op.drop_constraint("ck_purchase_item", "purchase")
    op.drop_column("purchase", "quantity")
    op.drop_column("purchase", "listing_id")
