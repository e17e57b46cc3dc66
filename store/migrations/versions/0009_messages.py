"""Threads of messages between two people."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("thread", "thread_side", "message")


def upgrade() -> None:
    _thread()
    _sides()
    op.create_table(
        "message",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("by IN ('buyer', 'seller')", name="ck_message_by"),
        sa.CheckConstraint("number > 0", name="ck_message_number"),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_message_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("thread_id", "number", name="pk_message"),
        sa.UniqueConstraint("id", name="uq_message_id"),
    )
    app = app_role("store")
    op.execute(f"REVOKE UPDATE ON message FROM {app}")
    op.execute(f"REVOKE TRUNCATE ON {', '.join(TABLES)} FROM {app}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _thread() -> None:
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("last_by", sa.Text(), nullable=False),
        sa.Column("last_words", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("buyer_id <> seller_id", name="ck_thread_two_people"),
        sa.CheckConstraint("messages > 0", name="ck_thread_messages"),
        sa.CheckConstraint("in_a_row BETWEEN 1 AND messages", name="ck_thread_in_a_row"),
        sa.CheckConstraint("last_by IN ('buyer', 'seller')", name="ck_thread_last_by"),
        sa.PrimaryKeyConstraint("id", name="pk_thread"),
        sa.UniqueConstraint("listing_id", "buyer_id", name="uq_thread_listing_id_buyer_id"),
    )
    op.create_index("ix_thread_buyer", "thread", ["buyer_id", "opened_at"])


def _sides() -> None:
    op.create_table(
        "thread_side",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("seen_up_to", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("side IN ('buyer', 'seller')", name="ck_thread_side_side"),
        sa.CheckConstraint("seen_up_to >= 0 AND unread >= 0", name="ck_thread_side_counts"),
        sa.CheckConstraint("remind_at IS NULL OR unread > 0", name="ck_thread_side_reminded_of_something"),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_thread_side_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("thread_id", "user_id", name="pk_thread_side"),
    )
    op.create_index("ix_thread_side_inbox", "thread_side", ["user_id", "last_at", "thread_id"])
    op.create_index("ix_thread_side_unread", "thread_side", ["user_id"], postgresql_where=sa.text("unread > 0"))
    op.create_index(
        "ix_thread_side_due", "thread_side", ["remind_at"], postgresql_where=sa.text("remind_at IS NOT NULL")
    )
