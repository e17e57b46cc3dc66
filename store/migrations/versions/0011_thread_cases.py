"""Threads that are reported, what moderators decided about them, and the record of it."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("thread_report", "thread_case", "thread_record")


def upgrade() -> None:
    op.add_column("thread", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("thread", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("thread", "version", server_default=None)
    op.create_table(
        "thread_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_thread_report_thread_id"),
        sa.PrimaryKeyConstraint("id", name="pk_thread_report"),
        sa.UniqueConstraint("thread_id", "reporter_id", name="uq_thread_report_thread_id_reporter_id"),
    )
    op.create_index("ix_thread_report_reporter_id", "thread_report", ["reporter_id", "created_at"])
    op.create_table(
        "thread_case",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_thread_case_thread_id"),
        sa.PrimaryKeyConstraint("thread_id", name="pk_thread_case"),
    )
    waiting = sa.text("waiting_since IS NOT NULL")
    op.create_index("ix_thread_case_waiting", "thread_case", ["waiting_since", "thread_id"], postgresql_where=waiting)
    op.create_table(
        "thread_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action IN ('reported', 'closed', 'reopened', 'dismissed')", name="ck_thread_record_action"
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_thread_record_thread_id"),
        sa.PrimaryKeyConstraint("id", name="pk_thread_record"),
    )
    op.create_index("ix_thread_record_thread_id", "thread_record", ["thread_id", "id"])
    app = app_role("store")
    op.execute(f"REVOKE UPDATE, DELETE ON thread_report, thread_record FROM {app}")
    op.execute(f"REVOKE DELETE ON thread_case FROM {app}")
    op.execute(f"REVOKE TRUNCATE ON {', '.join(TABLES)} FROM {app}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("thread", "version")
    op.drop_column("thread", "closed_at")
