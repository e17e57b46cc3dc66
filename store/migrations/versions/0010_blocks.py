"""Who does not want to be written to by whom."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("blocker_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("blocker_id <> blocked_id", name="ck_block_two_people"),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name="pk_block"),
    )
    op.execute(f"REVOKE UPDATE, TRUNCATE ON block FROM {app_role('store')}")


def downgrade() -> None:
    op.drop_table("block")
