"""Billing details: whom an order's invoice names, if not whoever the parcel goes to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("billing", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "billing")
