"""What is charged for sending an order, given back of it, and where its lines are picked up."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("orders", "refund"):
        op.add_column(table, sa.Column("postage", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_check_constraint("ck_orders_postage", "orders", "postage >= 0 AND postage < amount")
    op.create_check_constraint("ck_refund_postage", "refund", "postage BETWEEN 0 AND amount")
    op.add_column("order_line", sa.Column("pick_up", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("order_line", "pick_up")
    for table in ("refund", "orders"):
        op.drop_constraint(f"ck_{table}_postage", table)
        op.drop_column(table, "postage")
