"""Saved searches with ranges of numbers, and claims on files that are being deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("picture_garbage", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("saved_search", sa.Column("ranges", JSONB(), server_default="{}", nullable=False))
    op.alter_column("saved_search", "ranges", server_default=None)


def downgrade() -> None:
    # A search without its ranges would tell of what nobody asked for.
    op.execute("DELETE FROM saved_search WHERE ranges <> '{}'")
    op.drop_column("saved_search", "ranges")
    op.drop_column("picture_garbage", "claimed_until")
