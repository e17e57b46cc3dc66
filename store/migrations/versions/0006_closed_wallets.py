"""Whose wallet is closed: nothing can be paid into it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wallet_state",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_wallet_state"),
    )


def downgrade() -> None:
    op.drop_table("wallet_state")
