"""How far users have read their threads of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thread_mark",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("last_message", sa.Integer(), nullable=False, comment="the number of the last message to this user"),
        sa.Column("seen_up_to", sa.Integer(), nullable=False, comment="the number of the last one that they have seen"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_thread_mark_user_id"),
        sa.PrimaryKeyConstraint("user_id", "thread_id", name="pk_thread_mark"),
    )
    op.create_index(
        "ix_thread_mark_unread", "thread_mark", ["user_id"], postgresql_where=sa.text("last_message > seen_up_to")
    )


def downgrade() -> None:
    op.drop_table("thread_mark")
