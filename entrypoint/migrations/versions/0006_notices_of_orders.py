"""Notices know the order that they are about, so that those of one order stand together."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "the order that it is about: its notifications stand together"
    op.add_column("notification", sa.Column("order_id", sa.Uuid(), nullable=True, comment=comment))
    op.execute("""
        UPDATE notification SET order_id = CAST(substring(link FROM 9 FOR 36) AS uuid)
        WHERE link ~ '^/orders/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
    """)
    op.create_index(
        "ix_notification_order",
        "notification",
        ["user_id", "order_id", "id"],
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_notification_order", "notification")
    op.drop_column("notification", "order_id")
