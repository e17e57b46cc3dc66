"""Notices by email."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a link to confirm the address was last queued",
        ),
        *(sa.Column(group, sa.Boolean(), nullable=False) for group in ("orders", "watching", "searches")),
        sa.Column("locale", sa.Text(), nullable=False, comment="how the user reads: en-GB"),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="before this no mail with notices is made",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailbox_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it may be tried (again); also how long who tries it has claimed it",
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True, comment="NULL while it is to be sent"),
        sa.CheckConstraint("kind IN ('notices', 'confirmation')", name=op.f("ck_mail_kind_known")),
        sa.CheckConstraint("outcome IN ('sent', 'given_up', 'withdrawn')", name=op.f("ck_mail_outcome_known")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index("ix_mail_due_at", "mail", ["due_at"], postgresql_where=sa.text("outcome IS NULL"))
    op.create_index("ix_mail_created_at", "mail", ["created_at"])
    by_mail: sa.Column[bool] = sa.Column(
        "by_mail",
        sa.Boolean(),
        server_default="false",
        nullable=False,
        comment="whether the user wanted it by email when it was made",
    )
    mail_id: sa.Column[UUID] = sa.Column(
        "mail_id", sa.Uuid(), nullable=True, comment="the mail that tells of it; mails are forgotten sooner"
    )
    op.add_column("notification", by_mail)
    op.alter_column("notification", "by_mail", server_default=None)
    op.add_column("notification", mail_id)
    op.create_index(
        "ix_notification_mail_id", "notification", ["mail_id"], postgresql_where=sa.text("mail_id IS NOT NULL")
    )
    op.create_index(
        "ix_notification_waiting",
        "notification",
        ["user_id", "created_at"],
        postgresql_where=sa.text("by_mail AND mail_id IS NULL"),
    )


def downgrade() -> None:
    for index in ("ix_notification_waiting", "ix_notification_mail_id"):
        op.drop_index(index, "notification")
    for column in ("mail_id", "by_mail"):
        op.drop_column("notification", column)
    op.drop_table("mail")
    op.drop_table("mailbox")
